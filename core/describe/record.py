"""One record, whole: every field of it with a word for what it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from core.describe.headline import when
from core.describe.values import KINDS, is_both, is_sentence, seal_of, shown
from core.ledger.records.entry import Entry
from core.ledger.records.records import Kind
from core.text import T, Text, plain


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record: what it is called, or its name in the record where nobody has a word for it; its value."""

    label: Text | str
    value: str


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that belong together."""

    title: Text
    fields: tuple[Field, ...]


_HAPPENED: Final = T("What happened")
_PHONE: Final = T("The phone")
_WHEN: Final = T("When and where")
_POLICY: Final = T("The policy")
_RECORD: Final = T("The entry itself")

#: Which fields of a leaf are about what; all others are about the record itself.
_GROUPS: Final[Mapping[str, Text]] = {
    "seq": _WHEN,
    "type": _HAPPENED,
    "body": _HAPPENED,
    "device": _PHONE,
    "time": _WHEN,
    "desk": _WHEN,
    "officer": _WHEN,
    "visit": _WHEN,
    "practice": _WHEN,
    "policy": _POLICY,
}

#: What the fields are called, by their path, in the order in which they are shown.
_LABELS: Final[Mapping[str, Text]] = {
    "type": T("Kind of entry"),
    "body.verdict": T("Verdict"),
    "body.product": T("Product"),
    "body.strength": T("What the policy says"),
    "body.match": T("How sure"),
    "body.excepted.until": T("Excepted until"),
    "body.excepted.authority": T("Exception granted by"),
    "body.excepted.reference": T("Reference of the exception"),
    "body.excepted.entry": T("Granted in entry"),
    "body.excepted": T("Exception"),
    "body.until": T("Until"),
    "body.reference": T("Reference"),
    "body.grant": T("Exception of entry"),
    "body.maker": T("Maker"),
    "body.model": T("Model"),
    "body.serial": T("Serial number"),
    "body.serial.sha256": T("Sealed serial number"),
    "body.tag": T("Asset tag"),
    "body.tag.sha256": T("Sealed asset tag"),
    "body.trust": T("Why it is believed"),
    "body.layers.id": T("Made of"),
    "body.layers.version": T("Version of that part"),
    "body.layers.source": T("File of that part"),
    "body.layers.trust": T("Why that part is believed"),
    "body.layers.sha256": T("Hash of that part"),
    "body.layers": T("Made of"),
    "body.id": T("Policy"),
    "body.version": T("Version"),
    "body.versions.root": T("Version of the root"),
    "body.versions.targets": T("Version of the list of policies"),
    "body.versions.snapshot": T("Version of the snapshot"),
    "body.versions.timestamp": T("Version of the time stamp"),
    "body.expires": T("Valid until"),
    "body.keys": T("Root keys"),
    "body.online_keys": T("Keys of snapshot and time stamp"),
    "body.pinned": T("Hash of the root file"),
    "body.sha256": T("Hash of the file"),
    "policy.unsigned": T("Not signed by anybody"),
    "policy.expired": T("The policy was valid until"),
    "body.why": T("Why"),
    "body.act": T("Step"),
    "body.label": T("Name on the screen"),
    "body.package": T("Package"),
    "body.version_name": T("Version"),
    "body.version_code": T("Version code"),
    "body.profile": T("Profile number"),
    "body.profile.kind": T("Profile"),
    "body.profile.id": T("Profile number"),
    "body.outcome": T("Result"),
    "body.means": T("In words"),
    "body.answer": T("What the phone said"),
    "body.intent": T("Announced in entry"),
    "body.finding": T("Because of entry"),
    "body.removal": T("Takes back the step of entry"),
    "body.sentence": T("Problem"),
    "body.next_step": T("What to do"),
    "body.detail": T("What the machine said"),
    "body.detail.sha256": T("Sealed words of the machine"),
    "body.code": T("Code of the problem"),
    "body.state": T("State of the phone"),
    "body.how": T("How it was reached"),
    "body.counts.products": T("Banned apps"),
    "body.counts.bans": T("Banned apps, counted in each profile"),
    "body.counts.excepted": T("Banned apps that an exception allows"),
    "body.counts.suspected": T("Apps that may be banned ones"),
    "body.counts.findings": T("Apps that a rule names"),
    "body.counts.apps": T("Apps read"),
    "body.counts.profiles": T("Profiles"),
    "body.counts.profiles_read": T("Profiles that were read"),
    "body.took_ms": T("Time taken"),
    "body.counts.gaps": T("Items that could not be checked"),
    "body.gaps.what": T("What could not be checked"),
    "body.gaps.how": T("How to check it"),
    "body.gaps.profile": T("Profile number"),
    "body.gaps": T("What could not be checked"),
    "body.contained": T("Switched off for good"),
    "body.can_start": T("Can be started"),
    "body.system": T("Came with the phone"),
    "body.installer": T("Installed by"),
    "body.signers": T("Signed with"),
    "body.rule": T("Rule"),
    "body.evidence.kind": T("What matched"),
    "body.evidence.value": T("Matching value"),
    "body.evidence.confidence": T("Known from"),
    "body.evidence.source": T("Sources"),
    "body.title": T("Title"),
    "body.issued": T("Issued"),
    "body.rules": T("Rules"),
    "body.source": T("File"),
    "body.size": T("Entries covered"),
    "body.authority": T("Time-stamping authority"),
    "body.time": T("Time in the time stamp"),
    "body.checked": T("Signature checked"),
    "body.format": T("Form"),
    "body.records": T("Entries"),
    "body.chosen": T("Which entries"),
    "body.values": T("Personal values"),
    "body.reason": T("Reason"),
    "body.consent": T("With the person’s consent"),
    "body.origin": T("Name of the log"),
    "body.other_size": T("Entries covered before"),
    "body.cosigners": T("Keys of the other desks"),
    "body.root": T("Hash over the entries"),
    "body.other_root": T("Hash over the entries before"),
    "body.key": T("Key"),
    "body.identity": T("Identity key"),
    "body.epoch": T("Key of the next seal"),
    "body.cosigner": T("Key for cosigning"),
    "body.token": T("Hash of the time stamp"),
    "device.maker": T("Maker"),
    "device.model": T("Model"),
    "device.platform": T("System"),
    "device.os": T("System version"),
    "device.serial": T("Serial number"),
    "device.tag": T("Asset tag"),
    "device.holder": T("Holder"),
    "device.imei": T("IMEI"),
    "seq": T("Entry number"),
    "time": T("Date and time"),
    "desk": T("Desk"),
    "officer": T("Officer"),
    "visit": T("Visit"),
    "practice": T("Practice"),
    "policy.id": T("Policy"),
    "policy.version": T("Version of the policy"),
    "policy.sha256": T("Hash of the policy file"),
    "app.version": T("Version of Fanion"),
    "v": T("Form of the entry"),
    "mono_ms": T("Counter of the computer (ms)"),
    "boot": T("Start of the computer"),
    "session": T("Run of Fanion"),
    "device.serial.sha256": T("Sealed serial number"),
    "device.tag.sha256": T("Sealed asset tag"),
    "device.holder.sha256": T("Sealed name of the holder"),
    "device.imei.sha256": T("Sealed IMEI"),
}
#: Names of fields that mean something else in records of one kind.
_SPECIAL: Final[Mapping[str, Mapping[str, Text]]] = {
    Kind.PROGRAM_START: {
        "body.system": T("Operating system"),
        "body.utc_offset_minutes": T("Distance from UTC"),
    },
    Kind.EXCEPTION_GRANTED: {"body.authority": T("Granted by")},
}


def fields(entry: Entry) -> tuple[Group, ...]:
    """Every field of a record in words, in the language in use: what happened first, what only an auditor needs last.

    A field that this version does not know is shown by its name in the record: none is left out.
    """
    groups: dict[Text, list[Field]] = {title: [] for title in (_HAPPENED, _PHONE, _WHEN, _POLICY, _RECORD)}
    proofs: list[Field] = []
    for path, name, value in _parts(entry.leaf):
        group, label = groups[_GROUPS.get(path.partition(".")[0], _RECORD)], _label(entry, path, name)
        if _is_said_otherwise(path, value):
            continue
        if path == "time":
            group.append(Field(label, when(entry)))
            proofs.append(Field(T("Exact time"), shown(path, value)))
        elif (seal := seal_of(value)) is not None:
            opened = entry.openings.get(seal)
            group.append(Field(label, str(T("erased")) if opened is None else shown(path, opened)))
            proofs.append(Field(_label(entry, f"{path}.sha256", f"{name}.sha256"), plain(seal)))
        else:
            group.append(Field(label, shown(path if isinstance(label, Text) else "", value)))
    proofs.append(Field(T("Hash of the entry"), entry.leaf_hash.hex()))
    groups[_RECORD] += proofs
    return tuple(Group(title, tuple(found)) for title, found in groups.items() if found)


def _is_said_otherwise(path: str, value: object) -> bool:
    """A record without a phone, a policy or a visit needs no line for it, nor a finding that nothing excepts, nor a
    policy that is one file; that no gap is listed, their number tells.

    The kind of a record with nothing in its body says everything.
    """
    if value is None:
        return path in ("device", "policy", "visit", "body.excepted")
    return (value == () and path in ("body.gaps", "body.layers")) or (value == {} and path == "body")


def _label(entry: Entry, path: str, name: str) -> Text | str:
    if path.startswith("body.") and entry.kind not in KINDS:
        return name
    special = _SPECIAL.get(entry.kind, {}).get(path)
    return special or _LABELS.get(path) or name


def _ranks() -> dict[str, int]:
    """Where a field stands among its neighbours: by the first label that begins with its path."""
    ranks: dict[str, int] = {}
    for rank, path in enumerate(_LABELS):
        parts = path.split(".")
        for length in range(1, len(parts) + 1):
            ranks.setdefault(".".join(parts[:length]), rank)
    return ranks


_RANKS: Final = _ranks()
#: Characters of a field's name in a record that are shown; of a longer one, its end.
_NAME_LIMIT: Final = 200


def _parts(leaf: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Everything in a record that is shown as one value, with its path and with its name, which counts in lists too.

    Not recursive: somebody's record may be nested more deeply than Python can follow.
    """
    waiting: list[tuple[str, str, Any]] = [("", "", leaf)]
    while waiting:
        path, name, value = waiting.pop()
        if isinstance(value, Mapping) and value and not (is_sentence(value) or is_both(value) or seal_of(value)):
            paths = [(_joined(path, plain(str(key))), _joined(name, plain(str(key))), v) for key, v in value.items()]
            paths.sort(key=lambda part: _RANKS.get(part[0], len(_RANKS)))
            waiting += reversed(paths)
        elif isinstance(value, list | tuple) and any(isinstance(v, Mapping | list | tuple) for v in value):
            waiting += reversed([(path, _joined(name, f"[{i}]", ""), v) for i, v in enumerate(value)])
        else:
            yield path, name, value


def _joined(start: str, end: str, dot: str = ".") -> str:
    whole = f"{start}{dot}{end}" if start else end
    return whole if len(whole) <= _NAME_LIMIT else f"…{whole[1 - _NAME_LIMIT :]}"
