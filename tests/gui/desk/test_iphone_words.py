"""What the desk says of an iPhone: its system by its own name, and nothing of Android's patch or of debugging."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from core.cli import rendering
from core.jobs import Cancel
from core.model import App, AppState, Check, Inventory, Labels, Phone, Profile, ProfileKind
from core.phones.removal_plan import Plan
from core.phones.states import PhoneState
from core.phones.watch import Road, Sighting
from core.policy.format.policy_file import load_built_in
from gui.desk import phone_text, queue
from gui.desk.hand_back.owner_window import told_to_owner
from gui.desk.session.lane import FinishedCheck
from gui.desk.session.phone_view import Phase, PhoneView

NOW = datetime(2026, 11, 27, tzinfo=UTC)
IPHONE = Phone("ios", "Apple", "iPhone17,1", "26.6.1", "F2LXK1ABCD")
ANDROID = Phone("android", "samsung", "SM-S901W", "16", "R58N12ABCDE", patch="2026-06-05")


def check_of(phone: Phone) -> Check:
    app = App("org.example.maps", states=(AppState(0, installed=True),))
    return Check(
        Inventory(phone, (Profile(0, "", ProfileKind.PERSONAL),), (app,)), load_built_in("canada"), (), NOW, NOW
    )


def view_of(phone: Phone) -> PhoneView:
    view = PhoneView("usb", "A phone", practice=False)
    checked = check_of(phone)
    view.phone = phone
    view.checked = FinishedCheck(checked, 7, (), Plan(checked, ()), (), Labels())
    return view


def said(view: PhoneView) -> str:
    block = phone_text.block_text(view)
    parts = (phone_text.about(view), phone_text.caption(view), block.headline, *block.sentences)
    return " ".join(map(str, parts))


def test_an_iphone_is_not_called_an_android() -> None:
    of_iphone, of_android = said(view_of(IPHONE)), said(view_of(ANDROID))
    assert "iOS 26.6.1 · Serial F2LXK1ABCD" in of_iphone
    assert "hidden apps" in of_iphone
    assert "Android" not in of_iphone
    assert "patch" not in of_iphone
    assert "Android 16, patch 2026-06-05 · Serial R58N12ABCDE" in of_android
    assert "hidden apps" not in of_android


def test_what_is_asked_and_ended_is_trust() -> None:
    view = PhoneView("usb", "A phone", practice=False)
    view.sighting = Sighting("usb:1-1", "", "iPhone", PhoneState.NOT_TRUSTED, Road.USB, platform="ios")
    view.phase = Phase.ASKED
    assert "Trust" in said(view)
    assert "tap Trust" in str(told_to_owner(view)[2])
    assert "debugging" not in said(view).lower()
    leaving = view_of(IPHONE)
    leaving.phase, leaving._job = Phase.HANDING_BACK, cast(Any, SimpleNamespace(cancel=Cancel()))
    row = queue.row_of(leaving, datetime(2026, 11, 24, 14, 30))
    assert "rust" in f"{row.act}"
    assert "ebugging" not in f"{row.word} {row.act} {said(leaving)}"


def test_the_command_line_says_it_too(capsys: pytest.CaptureFixture[str]) -> None:
    rendering.check(check_of(IPHONE))
    out = capsys.readouterr().out
    assert "iOS 26.6.1, serial F2LXK1ABCD" in out
    assert "Android" not in out
    assert "patch" not in out
