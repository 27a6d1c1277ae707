"""What draws a page: typst, which sets it, and segno, which makes its codes. Both take long to load, so that
:mod:`core.reports.page` loads this module with the first page or code."""

from __future__ import annotations

from functools import cached_property

import segno
import typst


class PagePrograms:
    """The two programs, ready to use."""

    @cached_property
    def compiler(self) -> typst.Compiler:
        """Typst with its own fonts and no others."""
        return typst.Compiler(ignore_system_fonts=True)

    def qr(self, text: str) -> segno.QRCode:
        """A QR code at error level M, which survives a smudge. Raises ValueError for more than 2,331 bytes."""
        return segno.make_qr(text.encode(), error="m", boost_error=False)
