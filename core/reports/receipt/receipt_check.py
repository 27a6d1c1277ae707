"""Whether a receipt says what the records say that it is about.

The proof in a receipt shows that a record is in the log, and nothing of what the page around it says. So the page is
made anew, by the code that made it, out of the records that are sealed, and compared: word by word, and how it is
drawn. What a visit has had since is left out: it is made as it was at each time since the check, until one fits.
A value that was erased meanwhile is taken from the page that is compared, and told. A page of another form, which
another version made in other words, has to have the same verdict, names, numbers and times.
"""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta, timezone, tzinfo
from typing import Any, Final

from core import describe, value_names
from core.ledger.records import CheckEnded, Entry, Kind
from core.ledger.tlog.notes import Proof
from core.ledger.verify.faults import Compared, ComparedReceipt
from core.model import Verdict
from core.reports.page import Attached, typeset
from core.reports.receipt.pdf_text import PdfText, read_pdf
from core.reports.receipt.receipt import BESIDE, OTHERS, PERSONAL, labelled, receipt_page
from core.reports.receipt.story import CheckRecords, recorded_zone
from core.text import LANGUAGES, Language, T, Text, plain

#: What every version has attached of a visit.
_ALWAYS: Final = frozenset(BESIDE[:6])
#: The next records of a visit up to which a receipt may have been made; differences that are told; texts of a page that
#: are compared one by one; characters of one that are told.
_MADE_AT: Final = 40
_TOLD: Final = 20
_ITEMS: Final = 3_000
_SAID: Final = 120
#: Findings of a page of another form that are looked for: it shows those that it has room for.
_FINDINGS: Final = 6
#: What the row of a finding has that is the same in every language.
_OF_A_FINDING: Final = ("package", "version")
_OFFSET: Final = re.compile(r"\(UTC([+-])([0-9]{2}):([0-9]{2})\)")
_SEQ: Final = re.compile(rb'"seq":([0-9]{1,15}),')
_TITLE: Final = T("Receipt of a phone check")
_ORDERS: Final[tuple[tuple[Language, ...], ...]] = (("en",), ("fr",), ("en", "fr"), ("fr", "en"))


@dataclass(frozen=True, slots=True)
class _Until:
    """The records as they were when the last one was number `last`."""

    records: CheckRecords
    last: int

    def of_visit(self, visit: str) -> Sequence[Entry]:
        return [entry for entry in self.records.of_visit(visit) if entry.seq <= self.last]

    def entries_numbered(self, numbers: Sequence[int]) -> Sequence[Entry]:
        return self.records.entries_numbered([number for number in numbers if number <= self.last])

    def newest(self, limit: int, before: int | None = None, kind: Kind | None = None) -> Sequence[Entry]:
        return self.records.newest(limit, before, kind)


@dataclass(frozen=True, slots=True)
class _Reprint:
    """A receipt that was made anew: its words, what is attached to it, and what its page then says."""

    page: Mapping[str, Any]
    attached: Sequence[Attached]
    pdf: bytes
    text: PdfText

    @property
    def other_records(self) -> list[bytes]:
        """The other records of the visit, as they are attached."""
        return next(
            (attachment.data.encode().splitlines() for attachment in self.attached if attachment.name == OTHERS), []
        )


def compare_receipt(
    name: str, data: bytes, proof: Proof, records: CheckRecords, check: Entry, *, complete: bool = True
) -> ComparedReceipt:
    """Compare the PDF of a receipt with the records that it is about. `check` is the record that `proof` proves.

    Unless the records are `complete`, one that is not there is no difference. Raises LedgerProblem, PageProblem.
    """
    if not isinstance(check.record, CheckEnded):
        objection = T("It is about entry {entry}, which is no end of a check.", entry=check.seq)
        return ComparedReceipt(name, check.seq, Compared.NOTHING, (objection,))
    receipt = read_pdf(data)
    languages = _languages(receipt)
    if not languages:
        return ComparedReceipt(name, check.seq, Compared.NOTHING)
    personal = _erased(receipt, records, check, languages)
    reprint = _closest(receipt, data, proof, records, check, languages, personal)
    attached = _attached(receipt, reprint, records, check, complete=complete)
    unknown = tuple(PERSONAL[key] for key in personal)
    same_form = reprint.text.marks == receipt.marks
    differences: list[Text] = []
    if reprint.pdf == data:
        compared = Compared.WHOLE
    elif list(map(_squashed, reprint.text.items)) == list(map(_squashed, receipt.items)):
        compared = Compared.WORDS
        if reprint.text.drawing == receipt.drawing:
            compared = Compared.WHOLE
        elif same_form:
            differences = [T("Its page is drawn otherwise than the entries give it, though the words are the same.")]
    elif same_form and complete:
        compared, differences = Compared.WORDS, list(_word_differences(receipt, reprint, check.seq))
    else:
        compared, differences = Compared.VALUES, list(_value_differences(receipt, reprint, check, languages))
    if compared is not Compared.WHOLE or reprint.pdf != data:
        compared = Compared.NOTHING if receipt.unclear else compared
    return ComparedReceipt(name, check.seq, compared, (*differences, *attached)[:_TOLD], unknown)


def _languages(receipt: PdfText) -> tuple[Language, ...]:
    """The languages of a page, in their order; none where it says nothing that can be read."""
    titles: dict[str, Language] = {_squashed(_TITLE.in_language(language)): language for language in LANGUAGES}
    order = tuple(titles[item] for item in map(_squashed, receipt.items) if item in titles)
    if order in _ORDERS:
        return order
    return LANGUAGES if receipt.items else ()


def _erased(receipt: PdfText, records: CheckRecords, check: Entry, languages: Sequence[Language]) -> dict[str, str]:
    """The personal values that the page has, and that are not to be had from the log now, by their fields."""
    if describe.verdict(check) is Verdict.GREEN:
        return {}
    device, labelled_device = check.device, labelled(records, check).device
    values = {
        "serial": device.serial if device is not None else None,
        "tag": labelled_device.tag if labelled_device is not None else None,
        "holder": labelled_device.holder if labelled_device is not None else None,
    }
    erased = _squashed("".join(T("erased").in_language(language) for language in languages))
    erased_keys = [key for key, value in values.items() if value is not None and value.value is None]
    printed = {key: _beside(PERSONAL[key], receipt, languages) for key in erased_keys}
    return {key: text for key, text in printed.items() if text and _squashed(text) != erased}


def _beside(label: Text, receipt: PdfText, languages: Sequence[Language]) -> str:
    """What a page has beside a label; nothing where the label is not there."""
    words = [f"/ {label.in_language(language)}" for language in languages]
    heads = {_squashed(label.in_language(language)) for language in languages} | set(map(_squashed, words))
    ends = {_squashed(other_label.in_language(language)) for other_label in _LABELS for language in languages} | {
        "SHA-256"
    }
    items = [(item, _squashed(item).lstrip("/")) for item in receipt.items]
    at = next((n for n, (_, squashed) in enumerate(items) if squashed in heads), None)
    if at is None:
        return ""
    rest = itertools.dropwhile(lambda pair: pair[1] in heads or not pair[1], items[at:])
    return " ".join(item for item, _ in itertools.takewhile(lambda pair: pair[1] not in ends, rest))


#: What may stand behind a fact.
_LABELS: Final[tuple[Text, ...]] = (
    *PERSONAL.values(),
    *(T("Desk"), T("Place of the desk"), T("Officer"), T("Read"), T("System"), T("Phone health")),
    *(T("On the phone"), T("Handing back"), T("Policy"), T("Checked at"), T("Reinstalling")),
    T("Can it come back?"),  # as earlier versions printed it
)


def _closest(
    receipt: PdfText,
    data: bytes,
    proof: Proof,
    records: CheckRecords,
    check: Entry,
    languages: tuple[Language, ...],
    personal: Mapping[str, str],
) -> _Reprint:
    """The receipt made anew as it was at that time since the check at which it is the most like the one brought."""
    visit = records.of_visit(check.visit) if check.visit else [check]
    times = [check.seq, *[entry.seq for entry in visit if entry.seq > check.seq][:_MADE_AT]]
    where = None if recorded_zone(records, check) is not None else _offset(receipt)
    best: _Reprint | None = None
    before: tuple[dict[str, Any], list[Attached]] | None = None
    least = 0
    for last in times:
        page, attached = receipt_page(_Until(records, last), check, proof, languages, personal, where)
        if before == (page, attached):
            continue
        before = page, attached
        pdf = typeset("receipt", page, time=check.time, languages=languages, attached=attached)
        reprint = _Reprint(page, attached, pdf, read_pdf(pdf))
        if pdf == data:
            return reprint
        other_texts = set(reprint.text.items) ^ set(receipt.items)
        other_leaves = set(reprint.other_records) ^ set(_leaves(receipt, check))
        odd = len(other_texts) + len(other_leaves)
        if best is None or odd < least:
            best, least = reprint, odd
    if best is None:
        raise ValueError("a check has a time")
    return best


def _offset(receipt: PdfText) -> tzinfo | None:
    """The local time of a page, where the log does not say what it was."""
    zone_match = next((match for item in receipt.items if (match := _OFFSET.search(item))), None)
    if zone_match is None or int(zone_match[2]) > 23 or int(zone_match[3]) > 59:
        return None
    offset = timedelta(hours=int(zone_match[2]), minutes=int(zone_match[3]))
    return timezone(-offset if zone_match[1] == "-" else offset)


# What is attached


def _leaves(receipt: PdfText, check: Entry) -> list[bytes]:
    """The records that are attached to a receipt, but for the check's own."""
    lines = (line for content in receipt.attached for line in content.splitlines())
    return [line for line in lines if line.startswith(b"{") and line != check.exact]


def _attached(
    receipt: PdfText, reprint: _Reprint, records: CheckRecords, check: Entry, *, complete: bool
) -> Iterator[Text]:
    """What is wrong with the other records of the visit that a receipt has attached."""
    lines = _leaves(receipt, check)
    numbered = {int(match[1]): line for line in lines if (match := _SEQ.search(line))}
    if len(numbered) != len(lines):
        yield T("Entries are attached to it that are none, or that stand there twice.")
    entries = {entry.seq: entry for entry in records.entries_numbered(sorted(numbered))}
    for number, line in sorted(numbered.items()):
        entry = entries.get(number)
        if entry is None and complete:
            yield T("Entry {entry}, which is attached to it, is not in the log.", entry=number)
        elif entry is not None and entry.exact != line:
            yield T("Entry {entry}, as it is attached to it, is not the one in the log.", entry=number)
        elif entry is not None and entry.visit != check.visit:
            yield T("Entry {entry}, which is attached to it, is of another visit.", entry=number)
    same_form = reprint.text.marks == receipt.marks
    for line in reprint.other_records:
        match = _SEQ.search(line)
        number = int(match[1]) if match is not None else 0
        (entry,) = records.entries_numbered([number]) or (None,)
        if entry is None or number in numbered or number > check.seq:
            continue
        if same_form or entry.kind in _ALWAYS:
            yield T(
                "Entry {entry} of the visit is not attached to it: {kind}.", entry=number, kind=describe.kind(entry)
            )


# What the page says


def _word_differences(receipt: PdfText, reprint: _Reprint, entry: int) -> Iterator[Text]:
    """What a page says otherwise, line by line."""
    receipt_items, reprint_items = receipt.items[:_ITEMS], reprint.text.items[:_ITEMS]
    matcher = difflib.SequenceMatcher(
        None, [*map(_squashed, reprint_items)], [*map(_squashed, receipt_items)], autojunk=False
    )
    for tag, first, last, begin, end in matcher.get_opcodes():
        if tag == "equal":
            continue
        for expected, actual in itertools.zip_longest(reprint_items[first:last], receipt_items[begin:end]):
            yield _otherwise(actual, expected, entry)


def _otherwise(actual: str | None, expected: str | None, entry: int) -> Text:
    if actual is None:
        return T("The receipt does not say “{known}”; entry {entry} does.", known=_excerpt(expected), entry=entry)
    if expected is None:
        return T("The receipt says “{said}”; entry {entry} does not.", said=_excerpt(actual), entry=entry)
    return T(
        "The receipt says “{said}”; entry {entry} says “{known}”.",
        said=_excerpt(actual),
        known=_excerpt(expected),
        entry=entry,
    )


def _value_differences(
    receipt: PdfText, reprint: _Reprint, check: Entry, languages: Sequence[Language]
) -> Iterator[Text]:
    """What a page of another form says otherwise of the verdict, of names, numbers and times."""
    entry, items = check.seq, [*map(_squashed, receipt.items)]
    whole = "".join(items)
    verdict = describe.verdict(check)
    for language in languages:
        words = {colour: word.in_language(language) for colour, word in value_names.VERDICTS.items()}
        wrong_words = [word for colour, word in words.items() if colour is not verdict and _squashed(word) in items]
        if verdict is not None and _squashed(words[verdict]) not in items:
            yield _otherwise(next(iter(wrong_words), None), words[verdict], entry)
        else:
            yield from (_otherwise(word, None, entry) for word in wrong_words)
    nothing_found = [label for _, label in reprint.page["labels"]["nothing_found"]]
    # Earlier versions had no app there that was found before and is gone.
    found_rows = [row for row in reprint.page["found"] if not row["gone"]]
    if found_rows:
        yield from (_otherwise(words, None, entry) for words in nothing_found if _squashed(words) in whole)
    practice = [words for _, words in reprint.page["labels"]["practice_short"]]
    across = {item.casefold() for item in items}
    if reprint.page["practice"] and not any(_squashed(words).casefold() in across for words in practice):
        yield _otherwise(None, practice[0], entry)
    if str(entry) not in items:
        yield _otherwise(None, str(entry), entry)
    values: list[str] = [reprint.page["at"], reprint.page["policy_id"], reprint.page["policy_hash"]]
    values += [fact["seal"] for fact in reprint.page["facts"] if fact["seal"]]
    if len(found_rows) <= _FINDINGS:
        values += [row[name] for row in found_rows for name in _OF_A_FINDING]
    yield from (_otherwise(None, value, entry) for value in values if _squashed(value) not in whole)
    for label, value in _names_on_page(reprint):
        actual = _beside(label, receipt, LANGUAGES)
        if not (_squashed(actual).startswith(_squashed(value)) if actual else _squashed(value) in whole):
            yield _otherwise(actual or None, value, entry)


#: Facts of a page whose values are names.
_NAMED: Final[tuple[Text, ...]] = (*PERSONAL.values(), T("Desk"), T("Place of the desk"), T("Officer"))


def _names_on_page(reprint: _Reprint) -> Iterator[tuple[Text, str]]:
    """The names on a page, each with its label; not what is said in words instead of a serial number."""
    labels = {label.in_language(language): label for label in _NAMED for language in LANGUAGES}
    for fact in reprint.page["facts"]:
        label = labels.get(fact["label"][0][1])
        (_, value), *extra_values = fact["value"]
        in_words = label is PERSONAL["serial"] and reprint.page["verdict"] == Verdict.GREEN
        if label is not None and not in_words and not extra_values:
            yield label, value


def _squashed(text: str) -> str:
    """A text without what a page may have between its letters, where a line is broken."""
    return "".join(text.replace("\N{ZERO WIDTH SPACE}", "").split())


def _excerpt(text: str | None) -> str:
    return plain(" ".join((text or "").replace("\N{ZERO WIDTH SPACE}", "").split()), _SAID)
