"""A copy of a banned app under another name, on a whole practice phone."""

from __future__ import annotations

from dataclasses import replace

from core.model import Match, Verdict
from core.simulator import load
from core.simulator.model.scenario import AppData, Version
from tests.unit.visit.conftest import Checked

SNS = tuple(f"com.tencent.mm.plugin.sns.C{number}" for number in range(12))


def test_a_renamed_copy_is_known_by_its_code_on_a_whole_practice_phone(checked: Checked) -> None:
    clean = load("clean")
    copy = AppData("com.pocket.notes", Version(7, "1.0"), components=(".A",), code=SNS)
    visit, _ = checked(replace(clean, apps=(*clean.apps, copy)))
    assert visit.last_check is not None
    (finding,) = visit.last_check.red
    assert (finding.rule, finding.match) == ("wechat", Match.SAME_CODE)
    honest = replace(copy, code=("com.pocket.notes.Main", "com.tencent.mm.opensdk.openapi.WXAPIFactory", *SNS[:3]))
    visit, _ = checked(replace(clean, apps=(*clean.apps, honest)))
    assert visit.verdict is Verdict.GREEN


def test_another_banned_app_s_code_under_a_banned_id_is_found(checked: Checked) -> None:
    clean = load("clean")
    copy = AppData("com.kms.free", Version(7, "1.0"), components=(".A",), code=SNS)
    visit, _ = checked(replace(clean, apps=(*clean.apps, copy)))
    assert visit.last_check is not None
    assert {(f.rule, f.match) for f in visit.last_check.red} == {
        ("kaspersky", Match.NAMED),
        ("wechat", Match.SAME_CODE),
    }
