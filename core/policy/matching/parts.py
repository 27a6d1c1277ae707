"""Parts that the makers of banned products give to other makers, and that are in the apps of many: their names are no
sign of the product, whatever a policy says of the package that they are in."""

from __future__ import annotations

from typing import Final

#: Classes by the package that they are in. Looked up in what uses them in public code: WeChat's OpenSDK, in its present
#: and its earlier form (log in, share, pay); TikTok's OpenSDK and Douyin's; Kaspersky Mobile Security SDK, and the
#: components that come with it (``com.kaspersky.components.urlchecker``).
CLASSES: Final = (
    "com.tencent.mm.opensdk.",
    "com.tencent.mm.sdk.openapi.",
    "com.tencent.mm.sdk.modelbase.",
    "com.tencent.mm.sdk.modelmsg.",
    "com.tencent.mm.sdk.modelpay.",
    "com.tencent.mm.sdk.constants.",
    "com.tencent.mm.algorithm.",
    "com.tiktok.open.sdk.",
    "com.bytedance.sdk.open.",
    "com.kavsdk.",
    "com.kaspersky.components.",
)
#: Files in the archive: Kaspersky's engine, as it is in the SDK and in the maker's own apps.
FILES: Final = ("lib/*/libkavsdk.so",)
