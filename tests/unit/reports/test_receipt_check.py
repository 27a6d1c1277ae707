"""A receipt is compared with what it is about: no other word, name, number, colour or missing entry goes through."""

from __future__ import annotations

import io
import json
import re
import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pypdfium2  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ledger.records import Entry
from core.ledger.verify.faults import Compared, ComparedReceipt
from core.model import Labels, Profile, ProfileKind
from core.phones.driver import Outcome
from core.reports.page import Attached, typeset
from core.reports.receipt.pdf_text import read_pdf
from core.reports.receipt.receipt import make_receipt, receipt_page
from core.reports.receipt.receipt_check import compare_receipt
from core.text import LANGUAGES, Language
from tests.examples import examples
from tests.unit.reports.conftest import GAP, RETURNS, SERIAL, Desk, MakeDesk, finding

WORK = Profile(10, "", ProfileKind.WORK)
LABELS = Labels("TB-114", "Zoé Tremblay", "")
Change = Callable[[dict[str, Any]], object]


def red(desk: Desk) -> Entry:
    """A check that finds one app, after one that found two and a removal."""
    desk.visit().label(LABELS)
    desk.check(finding("Kaspersky", "com.kms.free"), finding(profile=WORK))
    desk.remove("com.kms.free")
    desk.remove("com.tencent.mm", outcome=Outcome.OWNER)
    return desk.check(finding(profile=WORK), returns=RETURNS)


def compared(desk: Desk, check: Entry, pdf: bytes) -> ComparedReceipt:
    return compare_receipt("r.pdf", pdf, desk.ledger.proof(check.seq), desk.ledger, check)


def told(one: ComparedReceipt) -> str:
    return "\n".join(map(str, one.differences))


def forged(
    desk: Desk,
    check: Entry,
    change: Change,
    languages: tuple[Language, ...] = ("en",),
    attach: Callable[[list[Attached]], list[Attached]] = lambda files: files,
) -> bytes:
    """A page with other words around a true proof, set by the very program that sets true ones."""
    page, attached = receipt_page(desk.ledger, check, desk.ledger.proof(check.seq), languages)
    page = json.loads(json.dumps(page))
    change(page)
    return typeset("receipt", page, time=check.time, languages=languages, attached=attach(attached))


@pytest.mark.slow
@pytest.mark.parametrize("languages", [("en",), ("fr",), ("en", "fr"), ("fr", "en")])
def test_a_receipt_says_what_its_entries_say(desk: Desk, languages: tuple[Language, ...]) -> None:
    for check in (red(desk), desk.visit().check(), desk.check(gaps=(GAP,))):
        one = compared(desk, check, make_receipt(desk.ledger, check.seq, languages).pdf)
        assert one == ComparedReceipt("r.pdf", check.seq, Compared.WHOLE)


def word(of: str) -> list[list[str]]:
    return [["en", of]]


def first_fact(page: dict[str, Any], label: str) -> dict[str, Any]:
    return next(fact for fact in page["facts"] if fact["label"][0][1] == label)


FORGERIES: dict[str, tuple[Change, str]] = {
    "verdict": (
        lambda page: page.update(verdict="green", word=word("Green")),
        "The receipt says “Green”; entry {n} says “Red”.",
    ),
    "headline": (
        lambda page: page.update(headline=word("No banned app was found.")),
        "The receipt says “No banned app was found.”; "
        "entry {n} says “2 banned apps were found: 1 removed and 1 still there.”.",
    ),
    "finding left out": (
        lambda page: page.update(found=[], counts=page["counts"] | {"found": 0}),
        "The receipt says “No app that the policy names was found.”",
    ),
    "name of an app": (
        lambda page: page["found"][0].update(app=word("Pocket Notes"), package="com.pocket.notes"),
        "The receipt says “com.pocket.notes”; entry {n} says “com.tencent.mm”.",
    ),
    "serial number": (
        lambda page: first_fact(page, "Serial number").update(value=word("OTHER123")),
        f"The receipt says “OTHER123”; entry {{n}} says “{SERIAL}”.",
    ),
    "holder": (
        lambda page: first_fact(page, "Holder").update(value=word("A. Nother")),
        "The receipt says “A. Nother”; entry {n} says “Zoé Tremblay”.",
    ),
    "officer": (
        lambda page: first_fact(page, "Officer").update(value=word("B. Lee")),
        "The receipt says “B. Lee”; entry {n} says “A. Roy”.",
    ),
    "time": (lambda page: page.update(at="2026-01-01 00:00:00 UTC"), "The receipt says “2026-01-01 00:00:00 UTC”"),
    "policy": (lambda page: page.update(policy_hash="00" * 32), f"The receipt says “{'00' * 32}”"),
    "number of the entry": (lambda page: page.update(entry="7"), "The receipt says “7”; entry {n} says “{n}”."),
    "step": (
        lambda page: page["done"][-1].update(answer=word("done, as the phone says")),
        "The receipt says “done, as the phone says”",
    ),
    "step left out": (lambda page: page.update(done=page["done"][:1]), "The receipt does not say “"),
    "what could not be seen": (
        lambda page: page.update(
            unseen=[{"what": [word("A folder")], "how": word("Look")}], counts=page["counts"] | {"unseen": 1}
        ),
        "The receipt says “A folder”",
    ),
    "can it come back": (
        lambda page: page.update(returns=word("Banned apps cannot be reinstalled.")),
        "The receipt says “Banned apps cannot be reinstalled.”",
    ),
    "can it come back left out": (lambda page: page.update(returns=[]), "The receipt does not say “Reinstalling”"),
    "foot": (lambda page: page.update(foot=word("Fanion 9.9")), "The receipt says “Fanion 9.9 1 / 1”"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "said"), FORGERIES.values(), ids=FORGERIES)
def test_another_word_around_a_true_proof_is_named(desk: Desk, change: Change, said: str) -> None:
    check = red(desk)
    assert said.format(n=check.seq) in told(compared(desk, check, forged(desk, check, change)))


def test_another_colour_and_sign_is_found_though_the_words_are_the_same(desk: Desk) -> None:
    check = red(desk)
    one = compared(desk, check, forged(desk, check, lambda page: page.update(verdict="green")))
    assert "drawn otherwise" in told(one)


def test_in_french_too(desk: Desk) -> None:
    check = red(desk)
    pdf = forged(desk, check, lambda page: page.update(word=[["fr", "Vert"]]), ("fr",))
    assert f"The receipt says “Vert”; entry {check.seq} says “Rouge”." in told(compared(desk, check, pdf))


#: Words, which another version may say otherwise.
ONLY_WORDS = {"headline", "step", "step left out", "foot", "what could not be seen", "can it come back"} | {
    "can it come back left out"
}


@pytest.mark.parametrize("name", sorted(FORGERIES.keys() - ONLY_WORDS))
def test_a_page_that_calls_itself_one_of_another_version_has_the_same_verdict_names_and_numbers(
    desk: Desk, name: str
) -> None:
    check = red(desk)

    def older(page: dict[str, Any]) -> None:
        FORGERIES[name][0](page)
        page["form"] = []

    one = compared(desk, check, forged(desk, check, older))
    assert one.compared is Compared.VALUES
    assert one.differences, "a page of another version may have other words, and no other values"


def test_a_practice_phone_of_another_version_is_called_so_too(make_desk: MakeDesk) -> None:
    desk = make_desk(practice=True)
    check = red(desk)
    one = compared(desk, check, forged(desk, check, lambda page: page.update(practice=False, form=[])))
    assert told(one) == f"The receipt does not say “Practice”; entry {check.seq} does."


def test_other_words_of_another_version_are_no_forgery_and_are_told_as_not_compared(desk: Desk) -> None:
    check = red(desk)

    def older(page: dict[str, Any]) -> None:
        page.update(form=["Fanion 0.0.9, form 0"], headline=word("One banned app is here."))
        page["labels"]["done"] = word("Steps before")
        page["use"] = [word("Keep it.")]

    one = compared(desk, check, forged(desk, check, older))
    assert one == ComparedReceipt("r.pdf", check.seq, Compared.VALUES)


# What is attached


def without(number: int) -> Callable[[list[Attached]], list[Attached]]:
    def attach(files: list[Attached]) -> list[Attached]:
        return [
            replace(one, data="".join(line for line in one.data.splitlines(True) if f'"seq":{number},' not in line))
            for one in files
        ]

    return attach


@pytest.mark.parametrize("form", [None, []])
def test_an_entry_of_the_visit_that_is_withheld_is_told(desk: Desk, form: list[str] | None) -> None:
    check = red(desk)
    found = next(e for e in desk.ledger.of_visit("visit-1") if e.kind == "finding")
    change: Change = (lambda page: None) if form is None else lambda page: page.update(form=form)
    one = compared(desk, check, forged(desk, check, change, attach=without(found.seq)))
    assert f"Entry {found.seq} of the visit is not attached to it: An app was found." in told(one)


def test_an_entry_that_is_attached_with_other_words_is_told(desk: Desk) -> None:
    check = red(desk)
    pdf = forged(
        desk,
        check,
        lambda page: None,
        attach=lambda files: [replace(one, data=one.data.replace("com.kms.free", "com.kms.fine")) for one in files],
    )
    assert "as it is attached to it, is not the one in the log." in told(compared(desk, check, pdf))


def test_an_entry_of_another_visit_or_of_no_log_is_told(desk: Desk) -> None:
    other = desk.visit().check(finding())
    desk.visits = 6
    check = red(desk)
    line = other.exact.decode()
    nowhere = line.replace(f'"seq":{other.seq},', '"seq":99999,')

    def more(files: list[Attached]) -> list[Attached]:
        return [replace(one, data=one.data + f"{line}\n{nowhere}\n") if "jsonl" in one.name else one for one in files]

    said = told(compared(desk, check, forged(desk, check, lambda page: None, attach=more)))
    assert f"Entry {other.seq}, which is attached to it, is of another visit." in said
    assert "Entry 99999, which is attached to it, is not in the log." in said


# What has become of the log since


@pytest.mark.slow
def test_what_a_visit_has_had_since_makes_no_receipt_false(desk: Desk) -> None:
    check = red(desk)
    before = make_receipt(desk.ledger, check.seq, ("en",)).pdf
    desk.label(Labels("TB-999", "Someone else"))
    between = make_receipt(desk.ledger, check.seq, ("en",)).pdf
    desk.check()
    desk.visit().check()
    for pdf in (before, between, make_receipt(desk.ledger, check.seq, ("en",)).pdf):
        assert compared(desk, check, pdf).compared is Compared.WHOLE


@pytest.mark.parametrize("languages", [("en",), LANGUAGES])
def test_values_that_were_erased_since_are_named_and_all_else_is_compared(
    desk: Desk, languages: tuple[Language, ...]
) -> None:
    check = red(desk)
    pdf = make_receipt(desk.ledger, check.seq, languages).pdf
    lied = forged(desk, check, lambda page: page.update(word=[["en", "Green"]]), languages)
    desk.ledger.erase_records([e.seq for e in desk.ledger.of_visit("visit-1")], "consent")
    after = desk.ledger.entry(check.seq)
    assert after is not None
    one = compared(desk, after, pdf)
    assert (one.compared, one.differences) == (Compared.WHOLE, ())
    assert [str(name) for name in one.unknown] == ["Serial number", "Asset tag", "Holder"]
    assert "The receipt says “Green”" in told(compared(desk, after, lied))


@pytest.mark.parametrize("languages", [("en",), LANGUAGES])
def test_a_receipt_that_was_made_after_the_erasure_has_nothing_unknown(
    desk: Desk, languages: tuple[Language, ...]
) -> None:
    check = red(desk)
    desk.ledger.erase_records([e.seq for e in desk.ledger.of_visit("visit-1")], "consent")
    after = desk.ledger.entry(check.seq)
    assert after is not None
    one = compared(desk, after, make_receipt(desk.ledger, check.seq, languages).pdf)
    assert one == ComparedReceipt("r.pdf", check.seq, Compared.WHOLE)


# What other programs make of it, and what strangers bring


def saved_again(pdf: bytes) -> bytes:
    """The same document, as another program writes it."""
    document, saved = pypdfium2.PdfDocument(pdf), io.BytesIO()
    try:
        document.save(saved)
    finally:
        document.close()
    return saved.getvalue()


def test_a_receipt_that_another_program_saved_says_the_same(desk: Desk) -> None:
    check = red(desk)
    pdf = saved_again(make_receipt(desk.ledger, check.seq, ("en",)).pdf)
    one = compared(desk, check, pdf)
    assert (one.compared, one.differences) == (Compared.WHOLE, ())
    lied = saved_again(forged(desk, check, lambda page: page.update(word=word("Green"))))
    assert f"The receipt says “Green”; entry {check.seq} says “Red”." in told(compared(desk, check, lied))


def test_what_may_lie_over_a_page_is_not_called_compared(desk: Desk) -> None:
    check = red(desk)
    pdf = make_receipt(desk.ledger, check.seq, ("en",)).pdf
    over = pdf.replace(b"<</Type/Page/", b"<</Annots[9999 0 R]/Type/Page/")
    assert over != pdf
    assert compared(desk, check, over).compared is Compared.NOTHING


def test_a_later_version_of_a_page_in_the_same_file_is_the_one_that_counts(desk: Desk) -> None:
    """A change is appended to a PDF: what stands behind is what a reader shows."""
    check = red(desk)
    pdf = make_receipt(desk.ledger, check.seq, ("en",)).pdf
    lied = forged(desk, check, lambda page: page.update(word=word("Green")))
    assert "The receipt says “Green”" in told(compared(desk, check, pdf + lied))


def with_stream(pdf: bytes, packed: bytes) -> bytes:
    """The file with one more stream of these bytes."""
    return pdf + b"99990 0 obj\n<</Length %d>>\nstream\n%s\nendstream\nendobj\n" % (len(packed), packed)


@pytest.mark.parametrize("packed", [b"\x8fobj\x9f", b"\nobj", b"obj obj", b"xobj%", b"%\xff obj"])
def test_three_letters_in_packed_bytes_are_no_object(desk: Desk, packed: bytes) -> None:
    """Packed bytes have any three letters now and then: what is read of the page stays the same."""
    check = red(desk)
    pdf = make_receipt(desk.ledger, check.seq, ("en",)).pdf
    assert compared(desk, check, with_stream(pdf, packed)) == compared(desk, check, pdf)
    assert compared(desk, check, pdf).compared is Compared.WHOLE


def hidden_in_another(pdf: bytes) -> bytes:
    return pdf.replace(b"\n1 0 obj\n<<", b"\n1 0 obj\n<</X(7 0 obj)", 1)


@pytest.mark.parametrize(
    "change",
    [
        hidden_in_another,
        lambda pdf: b"%PDF-1.7\n7 0 obj\n<<>>\nendobj\n" + pdf,
        lambda pdf: pdf.replace(b"/Type/Pages/", b"/#54ype/Pages/Type/Pages/"),
        lambda pdf: pdf.replace(b"<</Type/Pages/", b"<</Encrypt 1 0 R/Type/Pages/"),
        lambda pdf: pdf + b"99990 0 obj\n<</Type/Pages/Kids[]>>\nendobj\n",
        *(
            lambda pdf, head=head: with_stream(pdf, b"\x8f" + head + b"<<>>")
            for head in (
                b"7 0 obj",
                b"7\x000\tobj",
                b"7 %%\n0obj",
                b"7 0%a%b\r\n\tobj",
                b"7%\r0 % \r% \n obj",
                b"7 +0 obj",
            )
        ),
    ],
    ids=["hidden", "twice", "coded", "encrypted", "two trees", *(f"in a stream {n}" for n in range(6))],
)
def test_a_file_that_may_show_another_page_than_the_one_that_is_read_is_not_called_compared(
    desk: Desk, change: Callable[[bytes], bytes]
) -> None:
    check = red(desk)
    pdf = make_receipt(desk.ledger, check.seq, ("en",)).pdf
    assert change(pdf) != pdf
    assert compared(desk, check, change(pdf)).compared is Compared.NOTHING


def test_a_page_of_which_nothing_can_be_read_is_told(desk: Desk) -> None:
    check = red(desk)
    pdf = make_receipt(desk.ledger, check.seq, ("en",)).pdf
    blank = re.sub(rb"/Contents \d+ 0 R", b"", pdf)
    assert compared(desk, check, blank) == ComparedReceipt("r.pdf", check.seq, Compared.NOTHING)


def test_a_proof_of_another_record_than_a_check_is_told(desk: Desk) -> None:
    check = red(desk)
    pdf = make_receipt(desk.ledger, check.seq, ("en",)).pdf
    other = next(e for e in desk.ledger.of_visit("visit-1") if e.kind == "finding")
    one = compare_receipt("r.pdf", pdf, desk.ledger.proof(other.seq), desk.ledger, other)
    assert "no end of a check" in told(one)


DRAWN = zlib.compress(b"/Span<</MCID 0>>BDC BT/f0 9 Tf[(\\000\\001)3<0002>]TJ ET EMC")
MAP = b"1 beginbfchar <0001> <0041> endbfchar 1 beginbfrange <0002> <0003> <0042> endbfrange"
PAGE = b"%PDF-1.7\n" + b"".join(
    b"%d 0 obj\n%s\nendobj\n" % (number, content)
    for number, content in enumerate(
        (
            b"<</Type/Pages/Kids[2 0 R]>>",
            b"<</Type/Page/Contents 3 0 R/Resources<</Font<</f0 4 0 R>>>>>>",
            b"<</Filter/FlateDecode>>\nstream\n" + DRAWN + b"\nendstream",
            b"<</ToUnicode 5 0 R>>",
            b"<<>>\nstream\n" + MAP + b"\nendstream",
        ),
        1,
    )
)
ODD = [b"(", b"<<", b"endobj", b"/Kids[2 0 R 2 0 R]", b"\\", b"<0000> <FFFFFFFF> <0041>", b"/Type/ObjStm/First 9"]


def test_what_stands_on_a_page_is_read() -> None:
    assert read_pdf(PAGE).items == ("AB",)


@examples(150)
@given(st.data())
def test_nothing_that_is_brought_makes_reading_fail(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(PAGE)))
    put = data.draw(st.one_of(st.binary(max_size=40), st.sampled_from(ODD)))
    read_pdf(PAGE[:at] + put + PAGE[at + data.draw(st.integers(0, 30)) :])
    read_pdf(put)


def test_a_packed_bomb_does_not_fill_the_memory() -> None:
    bomb = zlib.compress(b"(" * 50_000_000, 9)
    objects = (
        b"%d 0 obj\n<</Type/EmbeddedFile/Filter/FlateDecode>>\nstream\n%s\nendstream\nendobj\n" % (n, bomb)
        for n in range(40)
    )
    assert sum(map(len, read_pdf(b"%PDF-1.7\n" + b"".join(objects)).attached)) <= 25_000_000


def test_a_tree_of_pages_that_goes_in_circles_ends() -> None:
    circle = b"1 0 obj\n<</Type/Pages/Kids[1 0 R 1 0 R]>>\nendobj\n"
    assert read_pdf(circle).items == ()
