"""What leaves the log about an iPhone: its system by its own name, nothing of Android's, and the limits of a green."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.describe import verdicts
from core.jobs import Cancel, silent
from core.ledger.records import CheckEnded, HandBackIntended, HandedBack, HealthTold
from core.ledger.search.record_filter import Filter
from core.model import Light, Paper, Phone, Verdict
from core.reports.receipt.owner_page import owner_page
from core.reports.receipt.receipt import make_receipt
from core.reports.tables.exports import Format, export
from core.text import T
from tests.unit.reports.conftest import Desk, finding, text_of

IPHONE = Phone("ios", "Apple", "iPhone17,1", "26.6.1", "F2LXK1ABCD")
ANDROIDS_OWN = ("Android", "USB debugging", "Débogage", "débogage", "Developer options", "Parts of the files")


@pytest.fixture
def iphone(desk: Desk) -> Desk:
    """A desk that an iPhone is at."""
    desk.phone = IPHONE
    return desk.visit()


def handed_back(desk: Desk, check: int, *, forgotten: bool | None) -> None:
    intended = HandBackIntended(verdict=Verdict.GREEN, paper=Paper.PRINTED, platform="ios", check=check)
    intent = desk.write(intended).seq
    desk.write(HandedBack(trust_asked=True, trust_forgotten=forgotten, intent=intent))


def written(desk: Desk, format: Format, folder: Path) -> Path:
    desk.ledger.seal()
    return export(desk.ledger, format, Filter(), folder, silent, Cancel()).folder


def of(pdf: bytes) -> str:
    return " ".join(text_of(pdf).replace("\ufffe", "-").replace("\u200b", "").replace("\u00a0", " ").split())


def test_the_receipt_of_a_green_iphone_says_what_green_does_not_cover(iphone: Desk) -> None:
    health = (HealthTold("ios", Light.AMBER, T("26.6")), HealthTold("jailbreak", Light.RED, T("a sign found")))
    seq = iphone.check(health=health).seq
    handed_back(iphone, seq, forgotten=True)
    english = of(make_receipt(iphone.ledger, seq, ("en",)).pdf)
    assert "iOS 26.6.1" in english
    assert "Whether hidden apps are among them is not known." in english
    assert "Jailbreak a sign found (red)" in english
    assert "Trust in this computer taken back" in english
    french = of(make_receipt(iphone.ledger, seq, ("fr",)).pdf)
    assert "applications masquées" in french
    assert "Débridage un signe trouvé (rouge)" in french
    assert not [word for word in ANDROIDS_OWN if word in english + french]


def test_an_android_phones_receipt_says_what_it_said(desk: Desk) -> None:
    seq = desk.visit().check().seq
    said = of(make_receipt(desk.ledger, seq, ("en",)).pdf)
    assert "Android 14" in said
    assert "Everything was read, and no banned app was found." in said


def test_the_owners_page_of_an_iphone_speaks_of_no_android(iphone: Desk) -> None:
    seq = iphone.check(finding("WeChat", "com.tencent.xin")).seq
    handed_back(iphone, seq, forgotten=True)
    said = of(owner_page(iphone.ledger, seq).pdf)
    assert "Of each app that the iPhone lists: its name, its version and who signed it." in said
    assert "De chaque application que l’iPhone énumère : son nom, sa version et qui l’a signée." in said
    assert "If Lockdown Mode or Wired Accessories was changed for the check, please set it back." in said
    assert not [word for word in ANDROIDS_OWN if word in said]


@pytest.mark.parametrize(("forgotten", "status"), [(True, "Success"), (False, "Failure"), (None, "Unknown")])
def test_ocsf_knows_the_system_and_what_was_taken_back(
    iphone: Desk, tmp_path: Path, forgotten: bool | None, status: str
) -> None:
    seq = iphone.check(finding("WeChat", "com.tencent.xin"), health=(HealthTold("ios", Light.RED, T("18.6.2")),)).seq
    handed_back(iphone, seq, forgotten=forgotten)
    file = written(iphone, Format.OCSF, tmp_path) / "events.jsonl"
    events = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    system = {"name": "iOS", "type_id": 301, "type": "iOS", "version": "26.6.1"}
    assert [e["device"]["os"] for e in events if "device" in e] == [system] * sum("device" in e for e in events)
    (back,) = (e for e in events if e["class_uid"] == 7001)
    assert back["remediation"]["desc"] == "trust in this computer taken back"
    assert back["status"] == status
    signals = next(e["compliance"]["checks"] for e in events if e.get("compliance", {}).get("control") == "health")
    assert [(one["uid"], one["name"], one["desc"]) for one in signals] == [("ios", "iOS", "18.6.2")]
    assert "Android" not in file.read_text("utf-8")


def test_the_table_has_the_systems_name(iphone: Desk, tmp_path: Path) -> None:
    iphone.check(finding("WeChat", "com.tencent.xin"))
    text = (written(iphone, Format.CSV, tmp_path) / "records.csv").read_text("utf-8-sig")
    assert "26.6.1" in text
    assert "Android" not in text


def test_only_a_green_of_an_iphone_is_told_otherwise(iphone: Desk) -> None:
    ended = iphone.check(finding()).record
    assert isinstance(ended, CheckEnded)
    assert str(verdicts.recorded_headline(ended, "ios")) == "1 banned app was found on this phone."
