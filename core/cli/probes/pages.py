"""Whether pages for paper can be made."""

from __future__ import annotations

from typing import Final

import typst

from core.cli.probes import Lacking, again
from core.desk.desk import Desk
from core.text import T, Text

_PAGE: Final = b'#set document(title: "Fanion")\n#set page(width: 60mm, height: 20mm)\nFanion'


def pages(desk: Desk) -> Text:
    """A page is made in memory, as receipts are."""
    pdf = typst.compile(_PAGE, format="pdf")
    if not isinstance(pdf, bytes) or not pdf.startswith(b"%PDF-"):
        raise Lacking(T("A page cannot be made: receipts and reports would fail."), again())
    return T("a PDF can be made ({name} {version})", name="typst", version=getattr(typst, "__version__", "?"))
