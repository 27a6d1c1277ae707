"""What every event of the schema has, as :mod:`core.reports.ocsf.ocsf` and :mod:`core.reports.ocsf.ocsf_visit` make
them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeAlias

from core import describe
from core.ledger.records import Entry
from core.model import platforms
from core.text import Text, plain

Event: TypeAlias = dict[str, Any]
#: A number of the schema with its caption.
Choice: TypeAlias = tuple[int, str]
VERSION: Final = "1.8.0"
#: Characters of one text.
TEXT_LIMIT: Final = 4_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
UNKNOWN: Final = (0, "Unknown")
OTHER: Final = (99, "Other")
INFORMATIONAL: Final = (1, "Informational")
LOW: Final = (2, "Low")
MEDIUM: Final = (3, "Medium")
HIGH: Final = (4, "High")
SUCCESS: Final = (1, "Success")
FAILURE: Final = (2, "Failure")
RESTORE: Final = (3, "Restore")
#: A system that is no platform of its own here.
_IPADOS: Final = {"ipados": (302, "iPadOS")}


def event(entry: Entry, origin: str, category: Choice, class_: Choice, activity: Choice) -> Event:
    """The fields that every event has: class and activity, when, who, and which phone."""
    user = text_of(entry.officer)
    return {
        "category_uid": category[0],
        "category_name": category[1],
        "class_uid": class_[0],
        "class_name": class_[1],
        "activity_id": activity[0],
        "activity_name": activity[1],
        "type_uid": class_[0] * 100 + activity[0],
        "type_name": f"{class_[1]}: {activity[1]}",
        "time": time_of(entry),
        "metadata": compact(
            version=VERSION,
            product=compact(name="Fanion", uid="fanion", version=text_of(entry.app_version)),
            profiles=["host"],
            uid=uid_of(entry, origin),
            original_event_uid=str(entry.seq),
            sequence=entry.seq,
            correlation_uid=text_of(entry.visit or ""),
            log_name=plain(origin, TEXT_LIMIT),
            event_code=plain(entry.kind),
            original_time=entry.time.isoformat(timespec="milliseconds"),
            labels=["practice"] if entry.practice is not False else None,
        ),
        "actor": compact(app_name="Fanion", user={"name": user, "type_id": 1, "type": "User"} if user else None),
        "device": _device(entry),
    }


def _device(entry: Entry) -> Event | None:
    """The phone, as far as it may be told: nothing that tells it from another one of its model."""
    device = entry.device
    if device is None:
        return None
    platform = text_of(device.platform)
    platform_facts = platforms.of(platform.lower())
    id, name = _IPADOS.get(
        platform.lower(), (platform_facts.ocsf, platform_facts.system if platform_facts.ocsf else platform or "Unknown")
    )
    return compact(
        type_id=5,
        type="Mobile",
        name=describe.maker_and_model(entry) or "Unknown",
        model=text_of(device.model),
        vendor_name=text_of(device.maker),
        os=compact(name=name, type_id=id, type=name if id else "Unknown", version=text_of(device.os)),
    )


def unmapped(entry: Entry, origin: str, **fields: object) -> Event:
    """What the schema has no place for; first of all, what leads back to the record."""
    return compact(
        **step_of(entry, origin),
        leaf_hash=entry.leaf_hash.hex(),
        practice=entry.practice is not False,
        desk=text_of(entry.desk),
        place=text_of(entry.place) or None,
        **fields,
    )


def step_of(entry: Entry, origin: str) -> Event:
    return {"origin": plain(origin, TEXT_LIMIT), "seq": entry.seq}


def uid_of(entry: Entry, origin: str) -> str:
    return f"{plain(origin, TEXT_LIMIT)}#{entry.seq}"


def choice(name: str, choice: Choice, caption: str = "") -> Event:
    return {f"{name}_id": choice[0], name: caption or choice[1]}


def compact(**fields: Any) -> Event:
    """These fields without those that are None, empty text or an empty list."""
    return {name: value for name, value in fields.items() if value is not None and value != "" and value != []}


def text_of(value: str) -> str:
    return plain(str(value), TEXT_LIMIT)


def english(sentence: Text) -> str:
    return text_of(sentence.in_language("en"))


def time_of(entry: Entry) -> int:
    """The time of a record in milliseconds since 1970."""
    return (entry.time - _EPOCH) // timedelta(milliseconds=1)
