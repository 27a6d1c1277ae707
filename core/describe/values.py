"""One value of a record in words. Nothing that may stand in a record makes this fail, or fill the memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from string import Formatter
from typing import Any, Final

from core import value_names
from core.ledger.records.entry import Entry
from core.ledger.records.leaf import commitment
from core.ledger.records.records import Kind
from core.ledger.records.sentences import as_text
from core.phones.driver import Outcome
from core.text import LANGUAGES, Bilingual, T, Text, Value, plain

#: What a record is about, by its kind.
KINDS: Final[Mapping[str, Text]] = {
    Kind.PROGRAM_START: T("Fanion was started"),
    Kind.PHONE_SEEN: T("A phone was connected"),
    Kind.PHONE_LABELLED: T("The phone was labelled"),
    Kind.CHECK_STARTED: T("A check began"),
    Kind.CHECK_ENDED: T("A check ended"),
    Kind.FINDING: T("An app was found"),
    Kind.REMOVAL_INTENDED: T("A removal step was about to be taken"),
    Kind.REMOVAL_OUTCOME: T("Result of a removal step"),
    Kind.UNDO_INTENDED: T("An undo step was about to be taken"),
    Kind.UNDO_OUTCOME: T("Result of an undo step"),
    Kind.POLICY_LOADED: T("A policy was loaded"),
    Kind.PROBLEM: T("A problem was met"),
    Kind.LOG_BEGUN: T("The log is sealed from here on"),
    Kind.KEY_NEXT: T("The key of the next seal was announced"),
    Kind.KEYS_REPLACED: T("The keys of the log were replaced"),
    Kind.OUTSIDE_COPY: T("A checkpoint left this computer"),
    Kind.EXPORTED: T("Entries were exported"),
    Kind.ERASED: T("Personal values were erased"),
    Kind.COSIGNED: T("The log of another desk was cosigned"),
    Kind.COSIGNATURES: T("Other desks have cosigned this log"),
    Kind.FORK_SEEN: T("The log of another desk does not fit what was seen of it before"),
    Kind.TIMESTAMPED: T("A time stamp was attached"),
    Kind.POLICY_ACCEPTED: T("A signed policy was accepted"),
    Kind.POLICY_REFUSED: T("A policy was refused"),
    Kind.EXCEPTION_GRANTED: T("An exception was granted"),
    Kind.EXCEPTION_REVOKED: T("An exception was withdrawn"),
}

#: By what way a checkpoint leaves.
WAYS: Final[Mapping[str, Text]] = {
    "receipt": T("on a receipt"),
    "folder": T("in a folder or on a USB key"),
    "day-close": T("on the page of a day"),
    "timestamp": T("in a time stamp"),
}
#: In what form records are exported.
FORMATS: Final[Mapping[str, Text]] = {
    "csv": T("table (CSV)"),
    "jsonl": T("exact entries (JSON lines)"),
    "ocsf": T("security events (OCSF)"),
    "parquet": T("table (Parquet)"),
}

#: What a phone's answer to a step comes to.
OUTCOMES: Final[Mapping[str, Text]] = {
    Outcome.DONE: T("done, as the phone says"),
    Outcome.NOT_THERE: T("the app was not there"),
    Outcome.ADMIN: T("refused: the app is a device administrator"),
    Outcome.OWNER: T("refused: the organisation that manages the phone does not allow it"),
    Outcome.RESTRICTED: T("refused: the profile’s restrictions do not allow it"),
    Outcome.PROTECTED: T("refused: the phone protects this app"),
    Outcome.PROFILE_CLOSED: T("not possible: the profile is closed to this computer"),
    Outcome.UNSUPPORTED: T("not possible: this phone does not know the command"),
    Outcome.REFUSED: T("refused"),
    Outcome.NOT_TAKEN: T("not carried out: it was another phone"),
    Outcome.CAME_BACK: T("done, as the phone said, but the app is still there"),
    Outcome.UNKNOWN: T("not known"),
}

#: The words for values that are words of ours, by the path of the field.
_WORDS: Final[Mapping[str, Mapping[Any, Text]]] = {
    "type": KINDS,
    "body.verdict": value_names.VERDICTS,
    "body.strength": value_names.STRENGTHS,
    "body.act": value_names.ACTS,
    "body.outcome": OUTCOMES,
    "body.profile.kind": value_names.PROFILES,
    "body.evidence.kind": value_names.EVIDENCE,
    "body.match": value_names.MATCHES,
    "body.trust": value_names.TRUST,
    "body.layers.trust": value_names.TRUST,
    "body.evidence.confidence": value_names.CONFIDENCES,
    "body.can_start": {
        "off": T("no: it is switched off"),
        "suspended": T("no: it is suspended"),
    },
    "body.state": {"ready": T("ready to be read")},
    "body.how": WAYS,
    "body.format": FORMATS,
}
#: Names that are the same in every language.
_NAMES: Final = {"android": "Android"}

#: Characters of one value that are shown; a phone's longest answer and a problem's detail are shorter.
_VALUE_LIMIT: Final = 4_000
_NO_BREAK: Final = "\N{NO-BREAK SPACE}"


def at(leaf: Any, path: str) -> Any:
    """The value at `path`, such as ``body.counts.apps``; None where there is none."""
    for name in path.split("."):
        leaf = leaf.get(name) if isinstance(leaf, Mapping) else None
    return leaf


def said(entry: Entry, path: str) -> str:
    """The value at `path` as it is shown; nothing where there is none."""
    value = at(entry.leaf, path)
    return "" if value is None or value == "" else shown(path, value)


def shown(path: str, value: Any) -> str:
    """One value as it is shown: plain text of bounded length, in the language in use."""
    said: Value
    match value:
        case None:
            said = T("the whole phone") if path == "body.gaps.profile" else T("nothing")
        case bool():
            said = T("yes") if value else T("no")
        case "":
            said = T("nothing")
        case str() if path in _WORDS:
            said = _WORDS[path].get(value, value)
        case str() if path == "device.platform":
            said = _NAMES.get(value, value)
        case int() if path in _NUMBERS and abs(value) < 2**53:
            said = _NUMBERS[path](value)
        case Mapping() if is_sentence(value):
            said = sentence_of(value)
        case Mapping() if is_both(value):
            said = Bilingual(value["en"], value["fr"])
        case list() | tuple():
            said = ", ".join(shown(path, inner) for inner in value) if value else T("nothing")
        case Mapping():
            said = T("nothing")
        case _:
            said = str(value)
    return tidy(str(said))


def tidy(text: str, limit: int = _VALUE_LIMIT) -> str:
    """`text` as it may be shown on one line: as `core.text.plain` leaves it, but with the no-break spaces of French."""
    whole = " / ".join(part for part in text.splitlines() if part)
    cut = whole if len(whole) <= limit else f"{whole[: limit - 1]}…"
    return _NO_BREAK.join(plain(part, limit) for part in cut.split(_NO_BREAK))


def _utc_offset(minutes: int) -> str:
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}"


#: The numbers that are shown otherwise than as they are.
_NUMBERS: Final[Mapping[str, Callable[[int], Value]]] = {
    "body.took_ms": lambda milliseconds: T("{seconds} s", seconds=milliseconds / 1000),
    "body.utc_offset_minutes": _utc_offset,
}


def is_both(value: Mapping[str, Any]) -> bool:
    """Whether `value` is a text that has both languages."""
    return value.keys() == {"en", "fr"} and all(isinstance(text, str) for text in value.values())


def seal_of(value: Any) -> str | None:
    """The commitment in hex, if `value` is what stands for a personal value."""
    return commitment(value) if isinstance(value, Mapping) and isinstance(value.get("sha256"), str) else None


def is_sentence(value: Mapping[str, Any]) -> bool:
    """Whether `value` has the parts of a sentence; what they say is looked at when it is shown."""
    return (
        {"code", "en", "values"} <= value.keys() <= {"code", "en", "values", "plural", "count"}
        and isinstance(value["en"], str)
        and isinstance(value["code"], str)
        and isinstance(value["values"], Mapping)
    )


def sentence_of(kept: Mapping[str, Any]) -> Value:
    """The sentence of a record; its English as it stands there, where its parts are not those that Fanion writes."""
    if not _is_small(kept):
        return str(kept["en"])
    try:
        sentence = as_text(kept)
        for language in LANGUAGES:
            sentence.in_language(language)
    except (LookupError, ValueError, TypeError, AttributeError, RecursionError):
        return str(kept["en"])
    return sentence


def _is_small(kept: Mapping[str, Any], depth: int = 3) -> bool:
    """Whether a sentence is of the size of ours: sentences in sentences can be made to fill any memory."""
    try:
        patterns = (str(kept.get("code")), str(kept.get("plural", "")))
        places = max(sum(name is not None for _, name, _, _ in Formatter().parse(p)) for p in patterns)
    except ValueError:
        return False
    inner = kept.get("values")
    sentences = [v for v in inner.values() if isinstance(v, Mapping)] if isinstance(inner, Mapping) else []
    return places <= 8 and depth > 0 and all(_is_small(v, depth - 1) for v in sentences)
