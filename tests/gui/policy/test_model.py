"""The rules and ids as rows, and finding among them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from core import text
from core.model import Policy, Strength
from core.policy.format.policy_file import load_built_in
from core.text import Language
from gui.policy.rules.rule_model import ID_COLUMNS, Query, RuleColumn, RulesModel, folded, rule_row
from gui.toolkit.lists.rows_table import CELL, TableRows
from gui.toolkit.lists.tables import FLAG_ROLE, Flag
from gui.toolkit.theme import Status

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def canada() -> Policy:
    return load_built_in("canada")


@pytest.fixture
def rules(qtbot: QtBot, canada: Policy) -> RulesModel:
    model = RulesModel()
    model.show(tuple(map(rule_row, canada.rules)))
    return model


def found(rules: RulesModel, words: str) -> list[str]:
    rules.search(Query(words))
    return [rules.row(row).rule.id for row in range(rules.rowCount())]


def test_the_models_keep_qts_rules(qtmodeltester: ModelTester, rules: RulesModel, canada: Policy) -> None:
    qtmodeltester.check(rules)
    ids = TableRows(ID_COLUMNS)
    ids.show_rows(canada.rules[2].ids)
    qtmodeltester.check(ids)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_rule_of_the_built_in_policy_is_a_row(rules: RulesModel, canada: Policy, language: Language) -> None:
    text.use(language)
    assert rules.rowCount() == rules.total == len(canada.rules) == 17
    for row, rule in enumerate(canada.rules):
        assert rules.index(row, RuleColumn.PRODUCT).data() == rule.product.in_language(language)
        assert rules.index(row, RuleColumn.SINCE).data() == rule.effective.isoformat()
        flag = rules.index(row, RuleColumn.STRENGTH).data(FLAG_ROLE)
        assert isinstance(flag, Flag)
        assert flag.word


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_id_and_its_source_is_a_row(qtbot: QtBot, canada: Policy, language: Language) -> None:
    text.use(language)
    model = TableRows(ID_COLUMNS)
    for rule in canada.rules:
        model.show_rows(rule.ids)
        assert model.rowCount() == len(rule.ids)
        for row, id in enumerate(rule.ids):
            platform, name, app, confidence, source = model.cells(row)
            assert platform == {"android": "Android", "ios": platform}[id.platform]
            assert (name, app, source) == (id.id, id.product.in_language(language), id.source)
            assert confidence


def test_a_strength_is_a_colour_a_glyph_and_a_word_and_is_said_with_the_product(rules: RulesModel) -> None:
    statuses = {}
    for row in range(rules.rowCount()):
        flag = rules.index(row, RuleColumn.STRENGTH).data(FLAG_ROLE)
        statuses[rules.row(row).rule.strength] = (flag.status, flag.word)
    assert statuses == {
        Strength.BAN: (Status.RED, "Banned"),
        Strength.RECOMMENDATION: (Status.AMBER, "Restrict"),
        Strength.NOTICE: (Status.INFO, "Related"),
    }
    spoken = rules.index(1, RuleColumn.STRENGTH).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "WeChat: Banned"


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("com.tencent.mm", "wechat"),
        ("COM.TENCENT.MM ", "wechat"),
        ("com.tencent.mm.coolassist", "wechat-coolassist"),
        ("wechat", "wechat"),
        ("tiktok lite", "tiktok"),
        ("lite tiktok", "tiktok"),
        ("endpoint", "kaspersky"),
        ("débogage", "wechat-coolassist"),  # French, while English is in use
        ("debogage", "wechat-coolassist"),
        ("DÉBOGAGE", "wechat-coolassist"),
        ("dirigeante principale", "tiktok"),
        ("luelo", "wechat"),
        ("device's contents", "wechat"),
        ("l'information du canada", "tiktok"),  # typed with the straight apostrophe
        ("com.ss.iphone.ugc.ame", "tiktok"),
        ("autumn 2024", "kaspersky"),
        ("world-spectator", "tiktok"),
    ],
)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_is_typed_is_found_in_both_languages(
    rules: RulesModel, words: str, first: str, language: Language
) -> None:
    text.use(language)
    assert found(rules, words)[0] == first


def test_the_rule_that_has_the_very_id_comes_before_one_whose_id_begins_alike(rules: RulesModel) -> None:
    assert found(rules, "com.tencent.mm") == ["wechat", "wechat-coolassist"]


def test_a_rule_that_only_quotes_a_name_is_not_listed_beside_the_one_of_that_name(rules: RulesModel) -> None:
    """The authority of WeChat’s rule speaks of both."""
    assert found(rules, "kasper") == ["kaspersky"]
    assert found(rules, "kaspersky") == ["kaspersky"]


def test_what_no_rule_is_called_is_looked_for_in_all_that_they_say(rules: RulesModel) -> None:
    assert {"tiktok", "wechat", "kaspersky"} <= set(found(rules, "unacceptable level"))


def test_all_words_must_be_there(rules: RulesModel) -> None:
    assert found(rules, "tiktok kaspersky") == []
    assert found(rules, "com.example.none") == []


def test_nothing_typed_finds_everything_in_the_policys_order(rules: RulesModel, canada: Policy) -> None:
    assert found(rules, "   ") == [rule.id for rule in canada.rules]


@pytest.mark.parametrize(
    ("rule", "words", "hits"),
    [
        ("wechat", "com.tencent.mm", [("android", "com.tencent.mm")]),
        ("wechat", "tencent.x", [("ios", "com.tencent.xin")]),
        (
            "tiktok",
            "com.zhiliaoapp.musically",
            [("android", "com.zhiliaoapp.musically"), ("ios", "com.zhiliaoapp.musically")],
        ),
        ("deepseek", "com.deepseek.chat", [("android", "com.deepseek.chat"), ("ios", "com.deepseek.chat")]),
        ("kaspersky", "qr scanner", [("android", "com.kaspersky.qrscanner")]),
        ("kaspersky", "ancienne gratuite", [("android", "com.kts.free")]),
        ("wechat", "wechat", []),  # all of them are: none stands out
        ("wechat", "privacy", []),
        ("wechat", "", []),
    ],
)
def test_the_ids_that_are_meant_stand_out(canada: Policy, rule: str, words: str, hits: list[tuple[str, str]]) -> None:
    sought = next(one for one in map(rule_row, canada.rules) if one.rule.id == rule)
    assert [(sought.rule.ids[n].platform, sought.rule.ids[n].id) for n in sought.matching_ids(Query(words))] == hits


def test_a_liked_rule_stays_as_long_as_no_other_fits_better(rules: RulesModel) -> None:
    assert rules.best("qq") == found(rules, "").index("qq")
    assert found(rules, "com.tencent")[rules.best("qq")] == "qq"
    assert found(rules, "com.tencent.mm")[rules.best("qq")] == "wechat"
    assert found(rules, "com.example.none") == []
    assert rules.best("qq") == -1


def test_headers_and_cells_follow_the_language(qtbot: QtBot, rules: RulesModel) -> None:
    text.use("fr")
    with qtbot.waitSignals([rules.headerDataChanged, rules.dataChanged]):
        rules.retranslate()
    assert rules.index(2, RuleColumn.PRODUCT).data() == "suite d’applications Kaspersky"


def test_a_table_without_rows_can_change_its_language(qtbot: QtBot) -> None:
    model = TableRows(ID_COLUMNS)
    with qtbot.assertNotEmitted(model.dataChanged):
        model.retranslate()


def test_a_cell_is_bounded_whatever_the_file_says(qtbot: QtBot, canada: Policy) -> None:
    from dataclasses import replace

    model = TableRows(ID_COLUMNS)
    model.show_rows((replace(canada.rules[0].ids[0], source="x" * 900_000),))
    assert len(model.index(0, len(ID_COLUMNS) - 1).data()) == CELL


def test_the_sources_of_the_built_in_policy_are_whole(canada: Policy) -> None:
    assert max(len(id.source) for rule in canada.rules for id in rule.ids) <= CELL


def test_folding() -> None:
    assert folded("Éditée d’Été ŒUVRE") == "editee d'ete oeuvre"


def test_the_page_loads_nothing_slow() -> None:
    program = """if True:
        import sys
        import gui.policy.policy_page
        slow = {"adb_shell", "cryptography", "usb1", "sqlite_utils", "sqlite3"}
        print(*slow & set(sys.modules))
    """
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert (done.stdout.strip(), done.returncode) == ("", 0), done.stderr
