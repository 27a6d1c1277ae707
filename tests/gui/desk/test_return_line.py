"""Whether a banned app can come back: a line under the phone's health, each product under it, and the lists that block
it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QLabel, QMenu
from pytestqt.qtbot import QtBot

from core.model.can_return import ProductReturn, Return, ReturnReason
from core.text import Bilingual
from gui.desk.verdict.return_line import ReturnLine
from gui.policy.export_dialog import ExportPolicyDialog
from tests.gui.conftest import Office

POSSIBLE, UNKNOWN, BLOCKED = Return.POSSIBLE, Return.UNKNOWN, Return.BLOCKED


def product(name: str, state: Return, *reasons: ReturnReason, detail: tuple[str, ...] = ()) -> ProductReturn:
    return ProductReturn(name.casefold(), Bilingual(name, f"{name} (fr)"), state, reasons, detail)


TIKTOK = product("TikTok", POSSIBLE, ReturnReason.NOT_MANAGED)
WECHAT = product("WeChat", BLOCKED, ReturnReason.INSTALLS_FORBIDDEN)
ALIPAY = product("Alipay", UNKNOWN, ReturnReason.PROFILE_CONTENTS, detail=("<b>Restrictions</b>",))


@pytest.fixture
def line(qtbot: QtBot) -> ReturnLine:
    shown = ReturnLine()
    qtbot.addWidget(shown)
    return shown


def show(line: ReturnLine, *returns: ProductReturn) -> None:
    line.show_returns(returns, "android")
    line.show() if returns else None


@pytest.mark.parametrize(
    ("returns", "word", "why"),
    [
        ((TIKTOK, WECHAT), "Can be reinstalled:", "phone not managed"),
        (
            (WECHAT, ALIPAY),
            "Reinstalling not known:",
            "the phone does not say what its configuration profiles restrict",
        ),
        ((WECHAT,), "Cannot be reinstalled:", "installing apps is forbidden"),
    ],
)
def test_the_worst_of_all_products_is_said_with_its_reason(
    line: ReturnLine, returns: tuple[ProductReturn, ...], word: str, why: str
) -> None:
    show(line, *returns)
    assert line.state.text() == word
    assert why in line.reason.text()
    assert line.accessibleName().startswith(("Banned apps can", "Not known whether", "Banned apps cannot"))
    assert "not a promise" in line.state.accessibleDescription()


def test_it_is_hidden_where_nothing_is_judged(line: ReturnLine) -> None:
    show(line)
    assert line.isHidden()


def test_each_product_stands_in_the_details_and_what_the_phone_wrote_is_plain_text(line: ReturnLine) -> None:
    show(line, TIKTOK, WECHAT, ALIPAY, product("Douyin", POSSIBLE, ReturnReason.NOT_MANAGED))
    line.details.click()
    told = [label.text() for label in line.bullets.findChildren(QLabel)]
    assert "TikTok, Douyin: can be reinstalled" in told, "those of which the phone says the same stand together"
    assert "WeChat: blocked" in told
    assert "Alipay: not known" in told
    assert "In the phone’s words: <b>Restrictions</b>" in told
    assert line.promise.isVisible()
    line.details.click()
    assert not line.bullets.isVisible()


def test_the_lists_are_offered_where_something_is_not_blocked(line: ReturnLine, qtbot: QtBot) -> None:
    show(line, TIKTOK)
    with qtbot.waitSignal(line.formats_wanted) as wanted:
        line.export.click()
    assert wanted.args is not None
    assert wanted.args[0] == "android"
    assert isinstance(wanted.args[1], QPoint)
    show(line, WECHAT)
    assert line.export.isHidden(), "nothing is left to block"


@pytest.mark.slow
@pytest.mark.usefixtures("short_flood")
@pytest.mark.parametrize(
    ("scenario", "word"),
    [
        ("walk-up", "Can be reinstalled:"),
        ("clean", ""),
        ("hostile", "Reinstalling not known:"),
        ("iphone-supervised", ""),  # whose management is told of by a card
    ],
)
def test_it_is_said_only_where_a_banned_app_was_found(office: Office, scenario: str, word: str) -> None:
    session = office.window.desk_page.practise(scenario)
    office.until(lambda: session.check is not None and not session.busy)
    office.idle()
    returns = office.page.returns
    assert (returns.state.text() if returns.isVisible() else "") == word
    assert office.page.managed.isVisible() is (scenario == "iphone-supervised")
    if scenario == "walk-up":
        office.remove()
        office.until(lambda: office.colour == "green")
        office.idle()
        assert returns.isVisible()


@pytest.mark.qt_log_ignore("grabbing the keyboard", "raise()", extend=True)
def test_the_list_for_the_phones_management_is_one_menu_away(office: Office) -> None:
    office.plug("S1", "walk-up")
    office.until(lambda: office.headline == "2 banned apps")
    office.idle()
    office.click(office.page.returns.details)
    office.click(office.page.returns.export)

    def menus() -> list[QMenu]:
        return [menu for menu in office.window.findChildren(QMenu) if menu.isVisible()]

    office.until(lambda: bool(menus()))
    (menu,) = menus()
    assert [action.text() for action in menu.actions()] == [
        "Microsoft Intune restricted apps (CSV)…",
        "Android Management API policy (JSON)…",
    ]
    menu.actions()[0].trigger()
    menu.close()
    office.until(lambda: bool(office.window.findChildren(ExportPolicyDialog)))
    (dialog,) = office.window.findChildren(ExportPolicyDialog)
    dialog.close()


@pytest.mark.slow
def test_it_speaks_french_at_once(office: Office) -> None:
    office.plug("S1", "walk-up")
    office.until(lambda: office.headline == "2 banned apps")
    office.idle()
    office.page.returns.details.click()
    office.window.switches.switch_language()
    office.until(lambda: office.page.returns.state.text() == "Réinstallable\u00a0:")
    assert office.page.returns.reason.text() == "téléphone non géré"
    assert "TikTok, WeChat, suite d’applications Kaspersky\u00a0: peut être réinstallée" in [
        label.text() for label in office.page.returns.bullets.findChildren(QLabel)
    ]
