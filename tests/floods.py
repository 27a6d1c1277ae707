"""The hostile practice phone's list without an end, for what is not about how much of it is read."""

from __future__ import annotations

import pytest

from core.phones.android.link.link import AdbLink


def shorten(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer without an end is given up after 256 KiB instead of 64 MiB."""
    monkeypatch.setattr(AdbLink.run, "__defaults__", (2**18,))
