"""Disks that fail, for everything that writes."""

from __future__ import annotations

from tests.unit.ledger.conftest import make_read_only as make_read_only
from tests.unit.ledger.conftest import small_disk as small_disk
