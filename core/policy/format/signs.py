"""By what an app is recognised, as a policy file says it: the form of an app's id, of its maker's certificate, of its
code, its name on the screen and its maker's team. Rules have all of them, and what holds other apps has some."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from core.policy.format.checks import FormatFault, fitting, one_of, path_text, prose, table, texts, yes_or_no
from core.policy.format.lines import Path
from core.policy.format.tables import APP_IDS, CONFIDENCES, DIGESTS, PLATFORMS, is_app_id
from core.text import T, plain

_SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
URL: Final = re.compile(r"https://[!-~]+")
#: As Android prints it: Integer.toHexString, so without zeros in front.
_HASH: Final = re.compile(r"0|[1-9a-f][0-9a-f]{0,7}")
# At least two parts: a prefix of one, such as "com.", would match apps of any maker.
_CLASSES: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z_$][A-Za-z0-9_$]*){2,}\.?")
#: Where a file is in an app's archive: for any processor, or at one place.
_FILE: Final = re.compile(r"(lib/\*/)?[A-Za-z0-9_][A-Za-z0-9_.+-]*(/[A-Za-z0-9_][A-Za-z0-9_.+-]*)*")
_TEAM: Final = re.compile(r"[A-Z0-9]{10}")
_TEAM_PREFIX: Final = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.")


def both_languages(value: object, path: Path) -> Iterator[FormatFault]:
    if isinstance(value, str):
        message = T("“{key}” must be given in two languages, as “{key}.en” and “{key}.fr”.", key=path_text(path))
        yield FormatFault(path, message)
    else:
        yield from _TEXT(value, path)


def app(value: object, path: Path) -> Iterator[FormatFault]:
    yield from _APP(value, path)
    if not isinstance(value, dict):
        return
    platform, id = value.get("platform"), value.get("id")
    if not isinstance(platform, str) or not isinstance(id, str) or platform not in APP_IDS:
        return
    if not is_app_id(id, platform):
        message = T("“{id}” is not an id that an app can have on {platform}.", id=plain(id), platform=platform)
        yield FormatFault((*path, "id"), message)


def _text_of_any_form(value: object, path: Path) -> Iterator[FormatFault]:
    """The form of an app's id depends on its platform, which :func:`app` looks at."""
    if not isinstance(value, str):
        yield from prose(value, path)


def signer(value: object, path: Path) -> Iterator[FormatFault]:
    yield from _SIGNER(value, path)
    if isinstance(value, dict) and not any(name in value for name in (*DIGESTS, "hash")):
        names = ", ".join((*DIGESTS, "hash"))
        yield FormatFault(path, T("a signer must have at least one of these: {names}.", names=names))


slug = fitting(_SLUG, T("may have only small letters, digits, and single hyphens between them."))

#: What every sign of an app has.
SUPPORT: Final = {"confidence": one_of(*CONFIDENCES), "source": prose}
_TEXT: Final = table(T("a text in two languages"), {"en": prose, "fr": prose})

_APP: Final = table(
    T("an app"),
    {
        "platform": one_of(*PLATFORMS),
        "id": _text_of_any_form,
        "product": both_languages,
        **SUPPORT,
    },
    optional={"store": fitting(URL, T("must be an address that begins with https://."))},
)

_SIGNER: Final = table(
    T("a signer"),
    {"signs": texts(_text_of_any_form), **SUPPORT},
    optional={
        **{
            name: fitting(
                re.compile(rf"[0-9a-f]{{{digits}}}"),
                T("must have {digits} hexadecimal digits in small letters, and nothing between them.", digits=digits),
            )
            for name, digits in DIGESTS.items()
        },
        "shared": yes_or_no,
        "hash": fitting(_HASH, T("must be the short code that Android prints: at most 8 hexadecimal digits.")),
    },
)

_CODE: Final = {
    "prefix": fitting(_CLASSES, T("must be a class, or a package of at least three parts with a full stop behind it.")),
    **SUPPORT,
}
_ALSO_IN: Final = {"also_in": texts(fitting(APP_IDS["android"], T("is no id that an Android app can have.")))}
CODE: Final = table(T("a code prefix"), _CODE, optional={**_ALSO_IN, "inside": yes_or_no})
#: An app with such a class can hold others, by whatever name: none is excepted.
CODE_OF_CONTAINER: Final = table(T("a code prefix"), _CODE)
FILE: Final = table(
    T("a file"),
    {
        "name": fitting(
            _FILE, T("must be where a file is in an app’s archive, such as assets/a.bin or lib/*/liba.so.")
        ),
        **SUPPORT,
    },
    optional=_ALSO_IN,
)

LABEL: Final = table(T("a label"), {"text": prose, "source": prose})

TEAM: Final = table(
    T("a team"),
    {
        "id": fitting(_TEAM, T("must be an Apple team id: 10 capital letters and digits.")),
        "prefix": fitting(_TEAM_PREFIX, T("must be the beginning of a bundle id, with a full stop behind it.")),
        **SUPPORT,
    },
)
