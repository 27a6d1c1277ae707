"""What the policy brings to the log: how sure a finding is, exceptions, policies that were accepted and refused."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from pytestqt.qtbot import QtBot

from core.ledger import records
from core.ledger.records import Kind, Personal, read_entry
from core.ledger.records.leaf import leaf_hash
from core.model import Evidence, EvidenceKind, Excepted, Match
from core.text import Bilingual, T
from gui.log.log_page import LogPage
from gui.log.record_model import SHORT, RecordColumn
from gui.log.record_view import _reference
from gui.toolkit.jobs import JobRunner
from tests.gui.log.conftest import STARTED, WECHAT, Log, MakePage, settled, shown

GRANTED = records.ExceptionGranted(
    rule="wechat",
    product=Bilingual("WeChat", "WeChat"),
    package="",
    until="2027-03-31",
    authority="The Chief",
    reference="EX-7",
    maker="samsung",
    model="SM-S901W",
    serial=Personal("R58N"),
    tag=Personal("T-7"),
)
DIGEST = "0fe4ff85c215918396dadc7cd8ce6963339af33d37751a56e54c7206b63a3c7c"
SURE = replace(
    WECHAT,
    match=Match.SAME_SIGNER,
    evidence=(Evidence(EvidenceKind.CERTIFICATE, DIGEST, "several sources", "a list"),),
)


@pytest.fixture
def page(log: Log, make_page: MakePage) -> LogPage:
    """1 began, 2 excepted, 3 found excepted, 4 found another name, 5 withdrawn, 6 accepted, 7 refused."""
    log.write(STARTED, phone=True)
    log.write(GRANTED, phone=False)
    excepted = replace(WECHAT, excepted=Excepted(2, date(2027, 3, 31), "The Chief", "EX-7"))
    log.write(records.AppFound.of(excepted), records.AppFound.of(SURE))
    log.write(records.ExceptionRevoked(2, "He has left"), phone=False)
    accepted = records.PolicyAccepted(
        id="canada",
        version="5",
        sha256="cd" * 32,
        versions={"root": 1, "targets": 5},
        expires="2027-01-01",
        keys=("k1",),
        online_keys=(),
        pinned="ef" * 32,
    )
    log.write(accepted, phone=False)
    refused = records.PolicyRefused(
        code="policy-old", source="stick", sentence=T("The policy is older than the one that was accepted.")
    )
    log.write(refused, phone=False)
    return make_page()


def go(page: LogPage, number: int, qtbot: QtBot, runner: JobRunner) -> str:
    """The whole of a record, as it can be copied."""
    page.show_record(number, practice=False)
    settled(qtbot, page, runner)
    assert page.detail.entry is not None
    assert page.detail.entry.seq == number
    return page.detail.whole()


def test_every_kind_of_record_has_a_short_word() -> None:
    assert set(SHORT) == set(Kind)


def test_they_read_well_in_the_list(page: LogPage) -> None:
    assert shown(page, RecordColumn.KIND)[:6] == [
        "Policy refused",
        "Policy accepted",
        "Exception withdrawn",
        "App found",
        "App found",
        "Exception granted",
    ]
    assert shown(page, RecordColumn.SUMMARY)[:6] == [
        "The policy is older than the one that was accepted.",
        "canada 5",
        "entry 2: He has left",
        "Banned: WeChat (com.tencent.mm), Personal",
        "Banned, excepted until 2027-03-31: WeChat (com.tencent.mm), Personal",
        "WeChat, until 2027-03-31, by The Chief (EX-7)",
    ]


def test_a_finding_says_how_sure_it_is_and_by_what(page: LogPage, qtbot: QtBot, runner: JobRunner) -> None:
    whole = go(page, 4, qtbot, runner)
    for line in (
        "Certainty: different name, same signature",
        "What matched: signing certificate (SHA-256)",
        f"Matching value: {DIGEST}",
        "Known from: several sources",
    ):
        assert line in whole.splitlines()
    assert "Excepted" not in whole


def test_an_excepted_finding_leads_to_what_allows_it(page: LogPage, qtbot: QtBot, runner: JobRunner) -> None:
    whole = go(page, 3, qtbot, runner)
    assert "Excepted until: 2027-03-31" in whole
    assert "Exception granted by: The Chief" in whole
    page.detail.reference.click()
    settled(qtbot, page, runner)
    assert page.detail.entry is not None
    assert page.detail.entry.seq == 2
    assert "Granted by: The Chief" in page.detail.whole()


def test_a_withdrawal_leads_to_what_it_withdraws(page: LogPage, qtbot: QtBot, runner: JobRunner) -> None:
    go(page, 5, qtbot, runner)
    assert page.detail.reference.isVisible()
    page.detail.reference.click()
    settled(qtbot, page, runner)
    assert page.detail.entry is not None
    assert page.detail.entry.kind == Kind.EXCEPTION_GRANTED


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        (Kind.EXCEPTION_GRANTED, 2),
        (Kind.EXCEPTION_REVOKED, 5),
        (Kind.POLICY_ACCEPTED, 6),
        (Kind.POLICY_REFUSED, 7),
    ],
)
def test_they_can_be_filtered(page: LogPage, kind: Kind, number: int, qtbot: QtBot, runner: JobRunner) -> None:
    choice = page.filters.row.kind
    choice.setCurrentIndex(choice.findData(kind.value))
    settled(qtbot, page, runner)
    assert shown(page, RecordColumn.NUMBER) == [str(number)]


@pytest.mark.parametrize("odd", [True, "x", {"entry": True}, {"entry": -1}, {"entry": 2**40}, {"entry": "x"}, []])
def test_what_names_no_record_leads_nowhere(odd: object, log: Log) -> None:
    log.write(STARTED)
    with log.ledger() as ledger:
        known = ledger.entry(1)
    assert known is not None

    def reference(kind: Kind, body: dict[str, object]) -> int:
        leaf = json.dumps({**known.leaf, "type": kind, "body": body}).encode()
        return _reference(read_entry(known.seq, leaf, leaf_hash(leaf), {}))

    allowed = {"entry": 4, "until": "2027-01-01", "authority": "a", "reference": "r"}
    assert reference(Kind.FINDING, {"excepted": odd}) == 0
    assert reference(Kind.FINDING, {"excepted": allowed}) == 4
    assert reference(Kind.EXCEPTION_REVOKED, {"grant": 3}) == 3
    assert reference(Kind.REMOVAL_OUTCOME, {"intent": odd}) == 0
