"""Receipts: what stands on them, what is in them, what is not, and what they are worth."""

from __future__ import annotations

import json
import re
import zlib
from dataclasses import replace

import pypdfium2  # type: ignore[import-untyped]
import pypdfium2.raw as pdfium  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ledger.problems import LedgerProblem
from core.ledger.records import CheckEnded, CheckStarted, HealthTold, Personal, ProblemMet, RemovalIntended
from core.ledger.records.leaf import leaf_hash
from core.ledger.seals import NotSealed
from core.ledger.tlog.notes import Note, NoteError, NoteSignature, Proof
from core.ledger.tlog.tree import is_included
from core.model import FileHash, Finding, HashedBy, Labels, Light, Problem, Profile, ProfileKind, Strength, Verdict
from core.phones.driver import Outcome
from core.reports import page
from core.reports.page import PageProblem
from core.reports.page_programs import PagePrograms
from core.reports.receipt.receipt import Receipt, make_receipt, read_receipt
from core.text import Language, N, T
from tests.examples import examples
from tests.unit.ledger.conftest import with_signatures
from tests.unit.reports.conftest import GAP, RETURNS, SERIAL, USB, Desk, MakeDesk, files_in, finding, pages_of, text_of

WORK = Profile(10, "Jeanne’s own words", ProfileKind.WORK)


def words(made: Receipt) -> str:
    """What stands on the page, as one line."""
    return " ".join(text_of(made.pdf).replace("\ufffe", "-").replace("\u200b", "").split())


def red(desk: Desk) -> int:
    """A check that finds two apps, one of which can be removed, and the check after it."""
    desk.visit().check(finding("Kaspersky", "com.kms.free"), finding(profile=WORK))
    desk.remove("com.kms.free")
    desk.remove("com.tencent.mm", outcome=Outcome.OWNER)
    return desk.check(finding(profile=WORK)).seq


def test_a_receipt_says_what_was_found_and_done(desk: Desk) -> None:
    made = make_receipt(desk.ledger, red(desk), ("en",))
    said = words(made)
    for expected in (
        "Red 2 banned apps were found: 1 removed and 1 still there.",
        "Samsung Galaxy S22 (SM-S901W)",
        "Android 14",
        f"Serial number {SERIAL}",
        "Desk 4, Gatineau",
        "A. Roy",
        "302 apps in 2 profiles",
        "2026-11-24 09:32:",
        "(UTC-05:00) = 2026-11-24 14:32:",
        "canada 2026-11-01 Applications banned on Government of Canada mobile devices",
        "5f" * 32,
        "WeChat com.tencent.mm 8.0.50 Work Banned WeChat has been banned on government-issued mobile devices since "
        "28 February 2023 by decision of the Chief Information Officer. → On the phone, open Settings, Apps, WeChat",
        "A check ended Red: 2 banned apps",
        "Kaspersky (personal profile): remove done, as the phone says Not there any more",
        "WeChat (work profile): remove refused: the phone says that its management does not allow it Still there",
        "Everything that Fanion asks a phone for could be read.",
        f"over the first {made.size} entries of the log",
        f"fanion log verify --receipt FILE, with this PDF or the attached entry-{made.seq}.tlog-proof",
        "desk’s enrolment sheet",
    ):
        assert expected in said
    assert pages_of(made.pdf) == 1


def test_a_receipt_says_what_was_there_and_has_its_fingerprints(desk: Desk) -> None:
    desk.visit().check(finding())
    files = [
        FileHash(name, 1_000_000, digest * 32, HashedBy.PHONE) for name, digest in (("base.apk", "1a"), ("s", "2b"))
    ]
    desk.evidence("com.tencent.mm", *files, size=2_000_000)
    desk.remove("com.tencent.mm")
    made = make_receipt(desk.ledger, desk.check().seq, ("en",))
    said = words(made)
    assert "1 banned app was found and removed. None is left." in said
    assert "WeChat com.tencent.mm 8.0.50 Personal Banned: Removed WeChat has been banned" in said
    assert "No app that the policy names was found." not in said
    assert (
        "WeChat (personal profile): what was there version 8.0.49 (2600) · signed with 0a0a0a0a0a0a0a0a… · "
        f"2 files with their fingerprints · 2.0 MB SHA-256 {'1a' * 32} base.apk SHA-256 {'2b' * 32} s"
    ) in said
    assert pages_of(made.pdf) == 1
    desk.check(finding())
    desk.evidence("com.tencent.mm", *[replace(files[0], name=f"split_{n}.apk") for n in range(200)])
    made = make_receipt(desk.ledger, desk.check().seq, ("en", "fr"))
    assert "SHA-256 not shown for lack of room: 202. They are in entries.jsonl, attached to this PDF." in words(made)
    assert pages_of(made.pdf) == 1


def test_a_receipt_says_how_the_phone_itself_was(desk: Desk) -> None:
    health = (
        HealthTold("patch", Light.AMBER, N("{count} month old", "{count} months old", 5)),
        HealthTold("lock", Light.GREEN, T("PIN")),
    )
    seq = desk.visit().check(health=health).seq
    said = words(make_receipt(desk.ledger, seq, ("en",)))
    assert "Phone health 0 red, 1 amber, 0 not known, 1 green" in said
    assert "Patch 5 months old (amber)" in said
    french = words(make_receipt(desk.ledger, seq, ("fr",)))
    assert "Santé du téléphone 0 rouge, 1 jaune, 0 inconnu, 1 vert" in french
    assert "Correctif 5 mois (jaune)" in french


def test_a_receipt_says_whether_a_banned_app_can_come_back(desk: Desk) -> None:
    check = desk.visit().check(returns=RETURNS)
    said = " ".join(text_of(make_receipt(desk.ledger, check.seq, ("en", "fr")).pdf).split())
    for expected in (
        "Reinstalling",
        "Banned apps can be reinstalled: TikTok (phone not managed). "
        "This is evidence of how the phone was set up at that time, not a promise.",
        "Les applications interdites peuvent être réinstallées : TikTok (téléphone non géré).",
    ):
        assert expected in said.replace("\u200b", "")
    earlier = desk.visit().check()
    assert "come back" not in text_of(make_receipt(desk.ledger, earlier.seq, ("en",)).pdf)


def test_the_owners_words_for_a_profile_are_on_no_receipt(desk: Desk) -> None:
    made = make_receipt(desk.ledger, red(desk), ("en", "fr"))
    assert b"Jeanne" not in made.pdf + b"".join(files_in(made.pdf).values())
    assert "Jeanne" not in words(made)


def test_both_languages_stand_on_one_page(desk: Desk) -> None:
    made = make_receipt(desk.ledger, red(desk), ("en", "fr"))
    said = words(made)
    assert re.search("Banned (/ )?Interdite", said)
    assert "Kaspersky (personal profile): remove" in said
    assert "Kaspersky (profil personnel) : supprimer" in said
    assert pages_of(made.pdf) == 1


def test_french_alone_has_no_english(desk: Desk) -> None:
    said = words(make_receipt(desk.ledger, red(desk), ("fr",)))
    assert "Interdite" in said
    assert "Banned" not in said
    assert "Kaspersky (profil personnel) : supprimer" in said


def test_the_attached_files_prove_the_check(desk: Desk) -> None:
    seq = red(desk)
    check = desk.ledger.entry(seq)
    assert check is not None
    made = make_receipt(desk.ledger, seq, ("en",))
    files = files_in(made.pdf)
    assert files.keys() == {f"entry-{seq}.json", f"entry-{seq}.tlog-proof", "entries.jsonl"}
    assert files[f"entry-{seq}.json"] == check.exact
    assert files[f"entry-{seq}.tlog-proof"] == made.proof
    proof = Proof.parse(made.proof)
    checkpoint = proof.checkpoint
    assert (checkpoint.size, checkpoint.root) == (made.size, made.root)
    leaf = leaf_hash(files[f"entry-{seq}.json"])
    assert is_included(leaf, proof.index, checkpoint.size, proof.path, checkpoint.root)
    assert desk.ledger.enrolment.identity.has_signed(proof.note)


def test_the_other_records_of_the_visit_are_attached_as_they_are(desk: Desk) -> None:
    desk.visit().check(finding())  # another visit, of which nothing is told
    seq = red(desk)
    lines = files_in(make_receipt(desk.ledger, seq, ("en",)).pdf)["entries.jsonl"].splitlines()
    entries = [desk.ledger.entry(json.loads(line)["seq"]) for line in lines]
    assert [e.exact for e in entries if e] == lines
    assert {e.visit for e in entries if e} == {"visit-2"}
    assert [e.kind for e in entries if e].count("finding") == 3


def test_any_record_of_the_visit_leads_to_its_last_check(desk: Desk) -> None:
    last = red(desk)
    desk.visit().check()
    visit = [e.seq for e in desk.ledger.of_visit("visit-1")]
    checks = [e.seq for e in desk.ledger.of_visit("visit-1") if e.kind == "check-ended"]
    for seq in visit:
        expected = seq if seq in checks else last
        assert make_receipt(desk.ledger, seq, ("en",)).seq == expected


@pytest.mark.parametrize("seq", [1, 0, -1, 10_000, 2**70])
def test_a_record_of_no_check_gives_no_receipt(desk: Desk, seq: int) -> None:
    red(desk)
    with pytest.raises(LedgerProblem, match=f"Entry {seq} of the log belongs to no check"):
        make_receipt(desk.ledger, seq, ("en",))


def test_a_step_after_the_last_check_belongs_to_none(desk: Desk) -> None:
    desk.visit().check(finding())
    step = desk.remove("com.tencent.mm")
    desk.ledger.seal()
    with pytest.raises(LedgerProblem, match="belongs to no check"):
        make_receipt(desk.ledger, step.seq, ("en",))


def test_what_is_not_sealed_has_no_receipt(desk: Desk) -> None:
    with pytest.raises(NotSealed):
        make_receipt(desk.ledger, desk.visit().check(seal=False).seq, ("en",))


def test_a_clean_receipt_has_no_personal_value(desk: Desk) -> None:
    desk.visit().check(finding())
    desk.write(
        ProblemMet(
            code="phone",
            sentence=T("The phone was unplugged."),
            next_step=T("Plug it in."),
            detail=Personal(f"device '{SERIAL}' not found"),
        )
    )
    desk.remove("com.tencent.mm")
    made = make_receipt(desk.ledger, desk.check().seq, ("en", "fr"))
    said = words(made)
    assert "Green" in said
    assert "The phone was unplugged." in said
    whole = made.pdf + b"".join(files_in(made.pdf).values()) + said.encode()
    for personal in (SERIAL.encode(), b"Jeanne"):
        assert personal not in whole


def test_a_clean_receipt_has_what_stands_for_the_serial_number(desk: Desk) -> None:
    check = desk.visit().check()
    sealed = check.leaf["device"]["serial"]["sha256"]
    said = words(make_receipt(desk.ledger, check.seq, ("en",)))
    assert f"Serial number sealed, not printed SHA-256 {sealed[:16]}…" in said
    assert sealed[:17] not in said


def test_the_serial_number_stands_beside_what_stands_for_it_in_the_log(desk: Desk) -> None:
    check = desk.visit().check(finding())
    sealed = check.leaf["device"]["serial"]["sha256"]
    said = words(make_receipt(desk.ledger, check.seq, ("en",)))
    assert f"Serial number {SERIAL} SHA-256 {sealed[:16]}…" in said


def test_a_phone_without_a_serial_number_has_no_line_for_it(desk: Desk) -> None:
    desk.phone = replace(desk.phone, serial="")
    assert "Serial number" not in words(make_receipt(desk.ledger, desk.visit().check().seq, ("en",)))


def test_a_profile_that_was_not_read_is_not_called_read(desk: Desk) -> None:
    said = words(make_receipt(desk.ledger, desk.visit().check(gaps=(GAP,)).seq, ("en",)))
    assert "Read 302 apps in 1 of 2 profiles" in said


def test_an_older_record_does_not_say_how_many_profiles_were_read(desk: Desk) -> None:
    desk.visit().write(CheckStarted(USB))
    check = desk.write(
        CheckEnded(verdict=Verdict.GREEN, profiles=2, apps=302, findings=0, bans=0, products=0, gaps=(), took_ms=756),
        seal=True,
    )
    said = words(make_receipt(desk.ledger, check.seq, ("en",)))
    assert "Read 302 apps Checked at" in said
    assert "profile" not in said


@pytest.mark.parametrize(
    ("found", "hand"),
    [
        (finding(), "open Settings, Apps, WeChat, and tap Uninstall. Then"),
        (finding(system=True), "open Settings, Apps, WeChat, and tap Uninstall or Disable. Then"),
        (
            finding(profile=Profile(150, "", ProfileKind.SECURE_FOLDER)),
            "Have the holder open Secure Folder on the phone",
        ),
        (finding(contained=True), ""),
        (finding(strength=Strength.NOTICE), ""),
    ],
)
def test_what_is_still_there_has_its_next_step_by_hand(desk: Desk, found: Finding, hand: str) -> None:
    said = words(make_receipt(desk.ledger, desk.visit().check(found).seq, ("en",)))
    assert hand in said
    assert ("→" in said) == (hand != "")


@pytest.mark.parametrize(("act", "outcome"), [("uninstall", Outcome.ADMIN), ("open-admin-settings", Outcome.DONE)])
def test_an_app_that_showed_itself_an_administrator_has_the_way_to_that(desk: Desk, act: str, outcome: Outcome) -> None:
    desk.visit().check(finding())
    desk.remove("com.tencent.mm", act, outcome)
    said = words(make_receipt(desk.ledger, desk.check(finding()).seq, ("en",)))
    assert "open Settings, Security, Device admin apps, switch WeChat off" in said


def test_work_that_could_not_be_read_is_for_its_owner(desk: Desk) -> None:
    check = desk.visit().check(finding(profile=WORK), gaps=(replace(GAP, profile=10),))
    said = words(make_receipt(desk.ledger, check.seq, ("en",)))
    assert "Have the holder remove WeChat in the work profile" in said


def test_only_what_matters_of_the_evidence_is_on_a_receipt(desk: Desk) -> None:
    made = make_receipt(desk.ledger, desk.visit().check(finding()).seq, ("en",))
    assert "source" not in words(made)
    made = make_receipt(desk.ledger, desk.visit().check(finding(confidence="one source")).seq, ("en",))
    assert "Only one source says that this package name is of that app." in words(made)


def test_a_time_in_utc_is_said_once(make_desk: MakeDesk) -> None:
    desk = make_desk("utc", offset=0)
    said = words(make_receipt(desk.ledger, desk.visit().check().seq, ("en",)))
    assert re.search(r"Checked at 2026-11-24 14:32:\d\d UTC Policy", said)


def test_a_receipt_says_what_its_code_and_its_index_are(desk: Desk) -> None:
    made = make_receipt(desk.ledger, desk.visit().check().seq, ("en",))
    said = words(made)
    assert "the code holds the checkpoint that is printed below it" in said
    assert "fanion log verify --receipt -" in said
    assert f"index {made.seq - 1}, counted from 0, for entry {made.seq}" in said


def test_apostrophes_are_those_of_print_also_in_older_records(desk: Desk) -> None:
    gap = replace(GAP, what=T("The phone's full list of apps breaks off in the middle."))
    said = words(make_receipt(desk.ledger, desk.visit().check(gaps=(gap,)).seq, ("en", "fr")))
    assert "The phone’s full list" in said
    assert "'" not in said


def test_what_is_to_be_seen_in_the_same_way_is_said_once(desk: Desk) -> None:
    gaps = [replace(GAP, what=T("Not seen: {what}", what=n)) for n in ("one", "two")]
    said = words(make_receipt(desk.ledger, desk.visit().check(gaps=tuple(gaps)).seq, ("en",)))
    assert "Not seen: one Not seen: two Have the holder open Secure Folder" in said
    assert said.count("Have the holder open Secure Folder") == 1


def test_other_programs_take_a_receipt_for_no_broken_file(desk: Desk) -> None:
    pdf = make_receipt(desk.ledger, red(desk), ("en",)).pdf
    assert b"/Marked true" in pdf
    assert b"/Suspects" not in pdf  # which poppler calls an error where it is false


def test_an_erased_serial_is_on_no_receipt(desk: Desk) -> None:
    seq = red(desk)
    assert SERIAL in words(make_receipt(desk.ledger, seq, ("en",)))
    numbers = [e.seq for e in desk.ledger.of_visit("visit-1")]
    desk.ledger.erase_records(numbers, "retention")
    said = words(make_receipt(desk.ledger, seq, ("en",)))
    assert SERIAL not in said
    assert "Serial number erased" in said


LABELS = Labels("TB-114", "Zoé Tremblay", "356938035643809")


def test_asset_tag_and_holder_stand_on_a_receipt_that_is_not_clean(desk: Desk) -> None:
    desk.visit().label(LABELS)
    for check in (desk.check(finding()), desk.check(gaps=(GAP,))):
        said = words(make_receipt(desk.ledger, check.seq, ("en",)))
        assert "Asset tag TB-114" in said
        assert "Holder Zoé Tremblay" in said
        assert LABELS.imei not in said


def test_labels_that_are_given_after_the_check_stand_on_its_receipt_too(desk: Desk) -> None:
    seq = red(desk)
    desk.label(LABELS)
    assert "Asset tag TB-114" in words(make_receipt(desk.ledger, seq, ("en",)))
    desk.label(Labels("TB-115"))
    said = words(make_receipt(desk.ledger, seq, ("en",)))
    assert "Asset tag TB-115" in said
    assert "Tremblay" not in said
    desk.label(Labels())
    assert "Asset tag" not in words(make_receipt(desk.ledger, seq, ("en",)))


def test_labels_of_another_phone_or_visit_do_not(desk: Desk) -> None:
    seq = red(desk)
    desk.phone = replace(desk.phone, serial="ANOTHER")
    desk.label(LABELS)
    desk.phone = replace(desk.phone, serial=SERIAL)
    desk.visit().label(LABELS)
    assert "TB-114" not in words(make_receipt(desk.ledger, seq, ("en",)))


def test_erased_labels_stand_on_no_receipt(desk: Desk) -> None:
    seq = red(desk)
    later = desk.label(LABELS)
    desk.ledger.erase_records([later.seq], "consent")
    said = words(make_receipt(desk.ledger, seq, ("en",)))
    assert SERIAL in said
    assert "Asset tag" not in said
    desk.label(LABELS)
    desk.ledger.erase_records([seq], "consent")
    assert "TB-114" not in words(make_receipt(desk.ledger, seq, ("en",)))


def test_a_clean_receipt_has_no_label(desk: Desk) -> None:
    desk.visit().label(LABELS)
    check = desk.check()
    desk.label(replace(LABELS, tag="TB-115"))
    made = make_receipt(desk.ledger, check.seq, ("en", "fr"))
    whole = made.pdf + b"".join(files_in(made.pdf).values()) + words(made).encode()
    for personal in ("TB-11", "Tremblay", LABELS.imei, "Asset tag", "inventaire", "Holder"):
        assert personal.encode() not in whole


@pytest.mark.parametrize("label", ["W" * 120, '#read("/etc/passwd") *x*'])
def test_a_label_is_only_text_and_has_its_room(desk: Desk, label: str) -> None:
    desk.visit().label(Labels(label, label))
    made = make_receipt(desk.ledger, desk.check(finding(), gaps=(GAP,)).seq, ("en", "fr"))
    assert pages_of(made.pdf) == 1
    assert "".join(label.split())[:20] in "".join(words(made).split())


def test_amber_says_what_could_not_be_seen_and_how_to_see_it(desk: Desk) -> None:
    said = words(make_receipt(desk.ledger, desk.visit().check(gaps=(GAP,)).seq, ("en",)))
    assert "Amber No banned app was found, but some items could not be checked." in said
    assert "Secure Folder: The phone does not let a computer list the apps of this profile." in said
    assert "Have the holder open Secure Folder on the phone" in said


def test_an_app_that_is_switched_off_for_good_is_amber_and_said_to_be(desk: Desk) -> None:
    desk.visit().check(finding())
    desk.remove("com.tencent.mm", "disable")
    said = words(make_receipt(desk.ledger, desk.check(finding(contained=True)).seq, ("en",)))
    assert "1 banned app is switched off, but it came with the phone and cannot be removed." in said
    assert "WeChat (personal profile): switch off done, as the phone says Switched off" in said
    assert "It came with the phone, and is switched off." in said


def test_gone_from_a_profile_that_was_not_read_is_not_called_gone(desk: Desk) -> None:
    desk.visit().check(finding())
    desk.remove("com.tencent.mm")
    said = words(make_receipt(desk.ledger, desk.check(gaps=(replace(GAP, profile=0),)).seq, ("en",)))
    assert "Not seen any more, but not all of the profile could be read" in said
    assert "Not there any more" not in said


def test_undoing_an_earlier_visits_removal_names_the_app(desk: Desk) -> None:
    desk.visit().check(finding())
    removal = desk.remove("com.tencent.mm")
    desk.check()
    desk.visit().check()
    desk.undo(removal)
    said = words(make_receipt(desk.ledger, desk.check(finding()).seq, ("en",)))
    assert "WeChat (personal profile): put back done, as the phone says There again" in said


def test_a_step_without_a_result_says_so(desk: Desk) -> None:
    desk.visit().check(finding())
    desk.remove("com.tencent.mm", outcome=None)
    said = words(make_receipt(desk.ledger, desk.check(finding()).seq, ("en",)))
    assert "WeChat (personal profile): remove the log has no result Still there" in said


def test_a_recommendation_is_not_called_banned(desk: Desk) -> None:
    check = desk.visit().check(finding(strength=Strength.NOTICE))
    said = words(make_receipt(desk.ledger, check.seq, ("en",)))
    assert "Green" in said
    assert "Related, not banned" in said


@pytest.mark.parametrize("languages", [("en",), ("fr",), ("en", "fr")])
def test_practice_cannot_be_taken_for_real(make_desk: MakeDesk, languages: tuple[str, ...]) -> None:
    practice = make_desk("practice", practice=True)
    made = make_receipt(practice.ledger, red(practice), languages)  # type: ignore[arg-type]
    said = words(made)
    if "en" in languages:
        assert "PRACTICE" in said
        assert "Practice: this was not a real phone" in said
    if "fr" in languages:
        assert "EXERCICE" in said
    assert pages_of(made.pdf) == 1


def test_real_receipts_do_not_speak_of_practice(desk: Desk) -> None:
    assert "practice" not in words(make_receipt(desk.ledger, red(desk), ("en",))).lower()


HOSTILE = (
    '#import "x.typ": *',
    '#read("/etc/passwd")',
    "*bold* _it_ `code` $ x^2 $ <label> @ref = heading",
    "\\ \\u{41} \\#eval(1) // comment /* more",
    '"]}),{#panic("x")} %n',
    "\u202egnirts lamron\u202c \u200f\u2067x",
    "微信 \U0001f600 ᐃᓄᒃ مرحبا",
    "Z̸̡̨̛̤̫̥̗͙͎̎̀̏̕a̷̡͉̮̲̋l̶̢̛̰̗̩g̵̡̛o",
    "a" * 1500,
    "\x00\x01\x1b[31m\n\r\t",
    "http://example.invalid/ https://example.invalid",
)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_whatever_a_phone_says_is_only_text(make_desk: MakeDesk, hostile: str) -> None:
    desk = make_desk(officer=hostile, place=hostile)
    desk.phone = replace(desk.phone, maker=hostile, model=hostile, os=hostile, serial=hostile or "x")
    gap = replace(GAP, what=T("{name}: {text}", name=hostile, text=hostile))
    found = finding(hostile, hostile, version=hostile)
    desk.visit().check(found, gaps=(gap,))
    desk.remove(hostile, hostile)
    desk.write(
        ProblemMet(code="x", sentence=T("{what}", what=hostile), next_step=T("Check it."), detail=Personal(hostile))
    )
    made = make_receipt(desk.ledger, desk.check(found, gaps=(gap,)).seq, ("en", "fr"))
    assert pages_of(made.pdf) == 1
    assert f"entry-{made.seq}.json" in files_in(made.pdf)
    assert b"/URI" not in made.pdf
    said = words(made)
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200f]", said)
    if hostile.startswith(("#", "*", '"')):
        assert "".join(hostile.split())[:24] in "".join(said.split())


def test_every_character_that_is_let_through_can_be_printed() -> None:
    allowed = [chr(c) for c in range(0x20, 0x10000) if page.printable(chr(c), breaks=False) == chr(c)]
    assert len(allowed) > 1_500
    source = page._source("sheet").split(b"// Labels")[0].replace(b"json(bytes(sys.inputs.data))", b"(languages: ())")
    source = b'#set document(title: "x")\n' + source
    for font in (b"serif", b"mono"):
        source += b"\n#text(font: " + font + b", sys.inputs.data)"
    made = PagePrograms().compiler.compile(
        input=source,
        format="pdf",
        pdf_standards=page._STANDARDS,
        sys_inputs={"data": " ".join(allowed)},
        timestamp=0,
    )
    assert isinstance(made, bytes)


def test_the_same_records_give_the_same_bytes(desk: Desk) -> None:
    seq = red(desk)
    first = make_receipt(desk.ledger, seq, ("en", "fr"))
    make_receipt(desk.ledger, seq, ("en",))
    desk.visit().check()
    assert make_receipt(desk.ledger, seq, ("en", "fr")) == first


def test_a_receipt_can_be_read_aloud_and_kept(desk: Desk) -> None:
    made = make_receipt(desk.ledger, red(desk), ("fr", "en"))
    for mark in (b"pdfuaid:part>1<", b"pdfaid:part>3<", b"pdfaid:conformance>A<"):
        assert mark in made.pdf
    document = pypdfium2.PdfDocument(made.pdf)
    try:
        about = document.get_metadata_dict()
        assert f"Receipt of a phone check, entry {made.seq}" in about["Title"]
        assert about["CreationDate"].startswith("D:20261124")
        assert pdfium.FPDFCatalog_IsTagged(document)
    finally:
        document.close()
    assert re.search(rb"/Lang\s*\(fr", made.pdf)
    assert b"/Alt" in _unpacked(made.pdf)


@pytest.mark.slow
def test_many_findings_are_shortened_and_said_to_be(desk: Desk) -> None:
    found = [finding(f"Some App {n} " + "with a long name", f"com.example.app{n}") for n in range(90)]
    desk.visit().check(*found)
    for one in found[:14]:
        desk.remove(one.app.package)
    made = make_receipt(desk.ledger, desk.check(*found, gaps=(GAP,) * 300).seq, ("en", "fr"))
    assert pages_of(made.pdf) == 1
    said = words(made)
    steps = re.findall(r"Some App (\d+) with a long name \(personal profile\): remove", said)
    assert steps == [str(n) for n in range(14)]
    left_out = [int(n) for n in re.findall(r"Not shown for lack of room: (\d+)", said)]
    assert len(left_out) in (2, 3)  # perhaps the check between, and no step
    assert 80 < left_out[0] <= 90
    assert left_out[1:-1] in ([], [1])
    assert 290 <= left_out[-1] <= 300
    assert len(files_in(made.pdf)["entries.jsonl"].splitlines()) == 90 + 1 + 28 + 90


@pytest.mark.parametrize("languages", [("en",), ("en", "fr")])
def test_no_step_is_left_out_as_long_as_a_page_has_room(desk: Desk, languages: tuple[Language, ...]) -> None:
    found = [finding(f"App {n}", f"com.example.app{n}") for n in range(8)]
    desk.visit().check(*found)
    for act in ("uninstall", "disable", "suspend"):
        for one in found:
            desk.remove(one.app.package, act, Outcome.REFUSED)
        desk.check(*found)
    made = make_receipt(desk.ledger, desk.check(*found, gaps=(GAP,) * 20).seq, languages)
    said = words(made)
    assert pages_of(made.pdf) == 1
    assert (
        len(re.findall(r"App \d \(personal profile\): (?:remove|switch off|suspend) → refused → Still there", said))
        == 24
    )
    assert "Not shown for lack of room" in said


@pytest.mark.slow
def test_a_thousand_steps_still_make_one_page(desk: Desk) -> None:
    desk.visit().check(finding())
    intents = [RemovalIntended("uninstall", "com.tencent.mm", 0, desk.found["com.tencent.mm"])] * 500
    desk.write(*intents)
    made = make_receipt(desk.ledger, desk.check(finding()).seq, ("en", "fr"))
    assert pages_of(made.pdf) == 1
    done = int(re.findall(r"Not shown for lack of room: (\d+)", words(made))[-1])
    assert 440 < done < 500


def test_where_all_fits_nothing_is_left_out(desk: Desk) -> None:
    assert "Not shown" not in words(make_receipt(desk.ledger, red(desk), ("en", "fr")))


def test_a_page_that_cannot_be_set_is_a_problem(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    seq = red(desk)
    monkeypatch.setattr(page, "_source", lambda template: b'#panic("no")')
    with pytest.raises(PageProblem, match="The page could not be made") as caught:
        make_receipt(desk.ledger, seq, ("en",))
    assert "no" in caught.value.detail
    assert isinstance(caught.value, Problem)


def test_a_panic_of_the_typesetter_is_a_problem_too(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    class PanicException(BaseException):
        """As the compiler's binding has it."""

    class Panics:
        def compile(self, **_: object) -> bytes:
            raise PanicException("index out of bounds")

    seq = red(desk)
    monkeypatch.setattr(PagePrograms, "compiler", property(lambda programs: Panics()))
    with pytest.raises(PageProblem):
        make_receipt(desk.ledger, seq, ("en",))


def test_a_note_with_many_signatures_is_shortened_to_what_can_be_scanned(desk: Desk) -> None:
    red(desk)
    seal = desk.ledger.newest_seal()
    assert seal is not None
    more = [NoteSignature(f"desk.example/{n}", bytes(4), bytes(72)) for n in range(60)]
    short = page.shortened(with_signatures(seal.note, *more))
    assert short.signatures[:2] == seal.note.signatures[:2]
    assert len(short.signatures) > 2
    assert len(page.qr_matrix(bytes(short).decode())) <= 117  # version 25


def test_a_code_has_its_corners_and_its_margin() -> None:
    matrix = page.qr_matrix("Fanion desk keys\n")
    assert {len(row) for row in matrix} == {len(matrix)}
    finder = [row[:7] for row in matrix[:7]]
    assert finder[0] == (True,) * 7
    assert finder[1] == (True, False, False, False, False, False, True)
    assert f'viewBox="0 0 {len(matrix) + 8} {len(matrix) + 8}"' in page.qr_svg("Fanion desk keys\n")
    with pytest.raises(ValueError, match=r"."):
        page.qr_matrix("x" * 2_400)


@pytest.fixture
def made(desk: Desk) -> Receipt:
    return make_receipt(desk.ledger, red(desk), ("en",))


def test_what_an_officer_brings_is_read_back(made: Receipt) -> None:
    proof = Proof.parse(made.proof)
    assert read_receipt(made.pdf) == proof
    assert read_receipt(made.proof) == proof
    assert read_receipt(bytes(proof.note)) == proof.note


def test_a_proof_is_found_in_a_pdf_that_another_program_wrote(made: Receipt) -> None:
    packed = zlib.compress(made.proof)
    pdf = b"%PDF-1.4\n1 0 obj\n<< /Length 9 >>\nstream\r\n" + packed + b"\r\nendstream\n"
    assert bytes(read_receipt(pdf).note) == bytes(Proof.parse(made.proof).note)  # type: ignore[union-attr]
    plain = b"junk before %PDF-1.4\nstream\n" + made.proof + b"endstream endobj"
    assert read_receipt(plain) == Proof.parse(made.proof)
    twice = pdf + plain  # the same, kept twice by a program that appends
    assert read_receipt(twice) == Proof.parse(made.proof)


def test_a_checkpoint_that_was_typed_is_read(made: Receipt) -> None:
    note = Proof.parse(made.proof).note
    lines = bytes(note).decode().splitlines()
    broken = [f"{line[:90]}\n   {line[90:]}" if len(line) > 100 else line for line in lines]
    for typed in (
        "\r\n".join(lines) + "\r\n",
        "\ufeff" + "\n".join(lines) + "\n\n\n",
        "\n" + "  \n".join(lines),
        "\n".join(broken),
        "\n".join(re.sub(r"^(— \S+) ", r"\1\n    ", line) for line in lines),
        "\n".join(lines).replace("— ", "- "),
        "\n".join(lines).replace("— ", "-- "),
        "\n".join(line for line in lines if line),
    ):
        assert read_receipt(typed.encode()) == note
    proof = made.proof.replace(b"\n", b"\r\n")
    assert read_receipt(b"\xef\xbb\xbf" + proof) == Proof.parse(made.proof)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no signed text"),
        (b"hello", "no signed text"),
        (b"%PDF-1.7\n%%EOF", "without a proof"),
        (b"x" * 20_000_001, "too long"),
        (b"%PDF-1.7\n" + b"stream\n\n" * 1_001, "too much"),
        (b"c2sp.org/tlog-proof@v1\nindex 1\n\nnot a note\n", "no signed text"),
    ],
)
def test_what_is_no_receipt_is_refused_with_a_reason(data: bytes, why: str) -> None:
    with pytest.raises(NoteError, match=why):
        read_receipt(data)


def test_two_proofs_in_one_pdf_are_refused(made: Receipt) -> None:
    other = made.proof.replace(b"index ", b"index 1")
    with pytest.raises(NoteError, match="more than one"):
        read_receipt(b"%PDF-1.4 stream\n" + made.proof + b"endstream stream\n" + other + b"endstream")


def test_a_packed_bomb_does_not_fill_the_memory() -> None:
    bomb = zlib.compress(b"c2sp.org/tlog-proof@v1" + b"\n" * 50_000_000)
    with pytest.raises(NoteError):
        read_receipt(b"%PDF-1.4 stream\n" + bomb + b"\nendstream")


@examples(300)
@given(st.data())
def test_nothing_that_is_brought_makes_reading_fail_otherwise(made: Receipt, data: st.DataObject) -> None:
    sample = data.draw(st.sampled_from([made.proof, bytes(Proof.parse(made.proof).note), made.pdf, b""]))
    at = data.draw(st.integers(0, len(sample)))
    length = data.draw(st.integers(0, 40))
    prefix = data.draw(st.sampled_from([b"", b"%PDF-", b"\xef\xbb\xbf", b"stream\n"]))
    changed = prefix + sample[:at] + data.draw(st.binary(max_size=60)) + sample[at + length :]
    assert isinstance(_read(changed), Proof | Note | str)


@examples(300)
@given(st.text(max_size=200) | st.binary(max_size=200))
def test_no_text_makes_reading_fail_otherwise(data: str | bytes) -> None:
    assert _read(data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass"))


def _read(data: bytes) -> Proof | Note | str:
    """What is read, or why it is not."""
    try:
        return read_receipt(data)
    except NoteError as error:
        return str(error.why)


def _unpacked(pdf: bytes) -> bytes:
    """Every stream of a PDF, unpacked where it is packed."""
    found = [pdf]
    for start in re.finditer(rb"stream\r?\n", pdf):
        try:
            found.append(zlib.decompressobj().decompress(pdf[start.end() :]))
        except zlib.error:
            continue
    return b"".join(found)
