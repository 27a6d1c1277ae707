"""The keys by which this computer signs the lists of files of head office's stores, and knows them: beside its data."""

from __future__ import annotations

from pathlib import Path

from core.desk.desk import Desk
from core.head_office.store.list_signature import StoreKeys
from core.head_office.store.store_files import read_signed


def store_keys(desk: Desk) -> StoreKeys:
    """The keys for stores that are kept with the desk's data."""
    return StoreKeys(desk.data / "store-keys")


def require_signed(desk: Desk, store: Path) -> None:
    """Refuse a store whose list of files another program has changed, before it is asked.

    Raises ListNotSigned, StoreProblem.
    """
    read_signed(store, store_keys(desk))
