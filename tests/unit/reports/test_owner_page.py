"""The page for a phone's holder: what stands on it, and what does not, out of the log alone."""

from __future__ import annotations

import struct
from dataclasses import replace
from datetime import UTC

import msgspec
import pypdfium2  # type: ignore[import-untyped]
import pypdfium2.raw as pdfium  # type: ignore[import-untyped]
import pytest

from core.ledger.problems import LedgerProblem
from core.ledger.records import Attestation, HandBackIntended, HandedBack, Personal
from core.model import Attested, Gap, Labels, Match, Paper, Verdict
from core.phones.driver import Outcome
from core.phones.iphone.inventory import hidden_apps
from core.reports.receipt.owner_page import OwnerPage, owner_page
from core.reports.receipt.receipt import make_receipt
from core.text import Bilingual, T
from tests.unit.reports.conftest import GAP, RETURNS, SERIAL, Desk, MakeDesk, finding, pages_of, text_of

TIKTOK = finding("TikTok", "com.zhiliaoapp.musically")


def words(made: OwnerPage) -> str:
    return " ".join(text_of(made.pdf).replace("\ufffe", "-").replace("\u200b", "").replace("\u00a0", " ").split())


def red(desk: Desk) -> int:
    """A visit in which one app went, one stayed, and a part of the phone was not seen."""
    desk.visit().check(finding(), TIKTOK, gaps=(GAP,))
    desk.remove("com.tencent.mm")
    return desk.check(TIKTOK, gaps=(GAP,)).seq


def looked(check: int, answer: Attested, verdict: Verdict) -> Attestation:
    seen = (Bilingual("Kaspersky", "Kaspersky"),) if answer is Attested.APP_SEEN else ()
    counted = (150,) if verdict is Verdict.GREEN else ()
    return Attestation(
        answer=answer,
        products=seen,
        verdict=verdict,
        profiles=(150,),
        profile_kinds=("secure-folder",),
        counted=counted,
        note=Personal("with M. Tremblay"),
        check=check,
    )


def test_it_says_in_both_languages_what_was_found_and_done(desk: Desk) -> None:
    said = words(owner_page(desk.ledger, red(desk)))
    for expected in (
        "Your phone was checked Votre téléphone a été vérifié",
        "2 banned apps were found: 1 removed and 1 still there.",
        "2 applications interdites ont été trouvées : 1 supprimée et 1 encore là.",
        "WeChat (personal profile) – Removed",
        "WeChat (profil personnel) – Supprimée",
        "TikTok (personal profile) – Still there",
        "open Settings, Apps, TikTok, and tap Uninstall",
        "Secure Folder – not seen",
        "Dossier sécurisé – pas vu",
        "302 apps in 1 of 2 profiles",
        "24 November 2026, 09:32",
        "24 novembre 2026, 09:32",
        "serial number ending BCDE",
        "The list of your other apps is not kept.",
        "Annuler les autorisations relatives au débogage USB",
        "Options de développement",
        "A. Roy, at this desk: Desk 4, Gatineau.",
    ):
        assert expected in said


def test_it_says_whether_a_banned_app_can_come_back(desk: Desk) -> None:
    said = words(owner_page(desk.ledger, desk.visit().check(returns=RETURNS).seq))
    assert "▲ Banned apps can be reinstalled: TikTok (phone not managed)." in said
    assert "This is evidence of how the phone was set up at that time, not a promise." in said
    assert "Les applications interdites peuvent être réinstallées : TikTok (téléphone non géré)." in said
    said = words(owner_page(desk.ledger, desk.visit().check(returns=RETURNS[1:]).seq))
    assert "✓ Banned apps cannot be reinstalled" in said
    assert "reinstalled" not in words(owner_page(desk.ledger, desk.visit().check().seq)), "earlier checks: not recorded"


def test_nothing_is_on_it_by_which_a_stranger_knows_whose_phone_it_is(desk: Desk) -> None:
    desk.visit().check()
    desk.label(Labels("TB-114", "Jeanne Tremblay", "490154203237518"))
    said = words(owner_page(desk.ledger, desk.check(gaps=(GAP,)).seq))
    for hidden in (SERIAL, "TB-114", "Jeanne", "490154203237518"):
        assert hidden not in said


def test_no_other_app_is_named_on_it(desk: Desk) -> None:
    named = Gap(T("Not looked into: {apps}. {why}", apps="Grindr", why=T("The check was stopped.")), T("Open them."))
    hint = replace(finding("WeTalk", "com.we.talk"), match=Match.LABEL)
    said = words(owner_page(desk.ledger, desk.visit().check(hint, gaps=(named, GAP)).seq))
    assert "Grindr" not in said
    assert "WeTalk" not in said
    assert "1 item could not be checked" in said


@pytest.mark.parametrize(
    ("answer", "verdict", "expected"),
    [
        (
            Attested.NOTHING_SEEN,
            Verdict.AMBER,
            ["Checked by hand by A. Roy: no banned app seen.", "What could not be read was checked by hand."],
        ),
        (Attested.NOTHING_SEEN, Verdict.GREEN, ["which the policy accepts", "No banned app was found."]),
        (Attested.APP_SEEN, Verdict.RED, ["Seen on the phone by A. Roy: Kaspersky", "1 banned app is still on"]),
        (Attested.DECLINED, Verdict.AMBER, ["would not show it to A. Roy", "some items could not be checked"]),
    ],
)
def test_what_an_officer_saw_on_the_phone_is_said(
    desk: Desk, answer: Attested, verdict: Verdict, expected: list[str]
) -> None:
    seq = desk.visit().check(gaps=(GAP,)).seq
    desk.write(looked(seq, answer, verdict), seal=True)
    said = words(owner_page(desk.ledger, seq))
    assert expected[0] in said
    assert expected[1] in said
    assert "M. Tremblay" not in said
    receipt = " ".join(text_of(make_receipt(desk.ledger, seq, ("en",)).pdf).replace("\u200b", "").split())
    assert expected[0] in receipt


def test_what_counts_by_the_officers_word_is_told_once(desk: Desk) -> None:
    """On the page of a green phone nothing looks unfinished."""
    seq = desk.visit().check(gaps=(hidden_apps().gap,)).seq
    assert "Hidden apps – not seen" in words(owner_page(desk.ledger, seq))
    counts = msgspec.structs.replace(
        looked(seq, Attested.NOTHING_SEEN, Verdict.GREEN), counted=(1,), profile_kinds=("hidden-apps",)
    )
    desk.write(counts, seal=True)
    page = owner_page(desk.ledger, seq)
    assert "not seen" not in words(page)
    assert "could not be checked" not in words(page)
    assert [row["sign"] for row in page.words["found"]] == ["green", "green"]


def test_after_the_handing_back_it_says_what_is_left_to_the_owner(desk: Desk) -> None:
    seq = desk.visit().check().seq
    before = words(owner_page(desk.ledger, seq))
    assert "If your phone has Auto Blocker" in before
    intent = desk.write(HandBackIntended(verdict=Verdict.GREEN, paper=Paper.PRINTED, check=seq))
    back = HandedBack(
        options_asked=True,
        options_off=True,
        debugging_asked=True,
        left=True,
        auto_blocker=False,
        computers=2,
        intent=intent.seq,
    )
    desk.write(back, seal=True)
    after = words(owner_page(desk.ledger, intent.seq))
    assert "please turn Auto Blocker on again" in after
    assert "réactivez le Bloqueur automatique" in after
    assert "also trusts 2 other computers" in after
    receipt = " ".join(text_of(make_receipt(desk.ledger, seq, ("en",)).pdf).replace("\u200b", "").split())
    for expected in ("Handed back, no banned app", "confirmed by the phone", "turned off; phone disconnected"):
        assert expected in receipt


def test_debugging_that_stays_on_is_not_told_to_be_forgotten(desk: Desk) -> None:
    seq = desk.visit().check().seq
    kept = HandBackIntended(verdict=Verdict.GREEN, paper=Paper.PRINTED, keeps_debugging=True, check=seq)
    desk.write(HandedBack(intent=desk.write(kept).seq), seal=True)
    assert "forgets this computer" not in words(owner_page(desk.ledger, seq))


@pytest.mark.slow
def test_it_is_one_sheet_of_a4_however_much_there_is_and_can_be_read_aloud(desk: Desk) -> None:
    long = "微信 #panic() *x* " * 20
    many = [finding(f"{long}{n}", f"com.example.app{n}") for n in range(40)]
    desk.visit().check(*many, gaps=(GAP,) * 30)
    desk.remove("com.example.app3", outcome=Outcome.OWNER)
    made = owner_page(desk.ledger, desk.check(*many, gaps=(GAP,) * 30).seq)
    assert pages_of(made.pdf) == 1
    assert b"pdfuaid:part>1<" in made.pdf
    document = pypdfium2.PdfDocument(made.pdf)
    try:
        assert pdfium.FPDFCatalog_IsTagged(document)
        assert [round(side) for side in document[0].get_size()] == [595, 842]
    finally:
        document.close()
    assert owner_page(desk.ledger, made.seq).pdf == made.pdf
    (picture,) = made.pictures()
    assert picture.startswith(b"\x89PNG")
    assert struct.unpack(">II", picture[16:24]) == (2480, 3508)


def test_practice_says_so(make_desk: MakeDesk) -> None:
    desk = make_desk("practice", practice=True)
    said = words(owner_page(desk.ledger, desk.visit().check().seq))
    assert "this was not a real phone" in said


def test_a_record_of_no_check_has_no_page(desk: Desk) -> None:
    for seq in (1, 0, 99, 2**60):
        with pytest.raises(LedgerProblem, match="belongs to no check"):
            owner_page(desk.ledger, seq)
    assert desk.ledger.entry(1).time.tzinfo is UTC  # type: ignore[union-attr]
