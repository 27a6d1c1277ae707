"""Carrying home from the Round page: who will be able to read it is said before, and what was written afterwards."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pyrage
import pytest

from core.desk.papers.carry_home import SETTING
from core.head_office.bundles import bundle
from core.head_office.bundles.carried import CarriedBundle
from core.head_office.bundles.encryption import PrivateKeys, short
from core.ledger.records import CheckStarted, Kind
from core.model import Phone
from core.system.files.files import replace_file
from core.text import T
from gui.rounds.dialogs.carry_home_dialog import CarryHomeDialog
from gui.rounds.rounds_page import RoundsPage
from tests.gui.conftest import Office, texts
from tests.gui.rounds.conftest import press_in_menu

IDENTITY = pyrage.x25519.Identity.generate()
OFFICE = str(IDENTITY.to_public())
KEYS = PrivateKeys([str(IDENTITY)])


@pytest.fixture
def page(office: Office) -> RoundsPage:
    """The page of a desk that has checked a phone, and has no round."""
    with office.desk.custodian(False, make=True) as ledger:
        ledger.append(CheckStarted(T("over USB")), phone=Phone("android", "samsung", "SM-A546B", "14", "R58N12ABCDE"))
    page = office.window.open_page("round")
    assert isinstance(page, RoundsPage)
    office.until(lambda: office.fanion.runner.idle)
    return page


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


def ask(page: RoundsPage, stick: Path) -> CarryHomeDialog:
    dialog = page.carry_home()
    dialog.folder.use(stick)
    return dialog


def carry(office: Office, dialog: CarryHomeDialog) -> Path:
    """Write it, and wait until that is told."""
    dialog.go.click()
    office.until(lambda: dialog.result_part.isVisible())
    return dialog.bundle_folder


def test_without_a_key_it_is_said_that_anybody_can_read_it(office: Office, page: RoundsPage, stick: Path) -> None:
    press_in_menu(page, "Send to head office")
    (dialog,) = page.findChildren(CarryHomeDialog)
    assert "Not encrypted" in dialog.card.accessibleName()
    dialog.folder.use(stick)
    folder = carry(office, dialog)
    assert CarriedBundle(folder).parts()
    assert "Not encrypted" in dialog.verdict.sentence.text()
    assert "written and were read back" in dialog.verdict.sentence.text()
    with office.desk.read_ledger(False) as ledger:
        assert ledger.newest(1, kind=Kind.EXPORTED)
        (copy,) = ledger.newest(1, kind=Kind.OUTSIDE_COPY)
    assert copy.officer == office.desk.officer
    office.until(lambda: folder.name in " ".join(texts(office.window.status_bar)))


def test_a_key_that_is_typed_in_counts_and_is_kept(office: Office, page: RoundsPage, stick: Path) -> None:
    dialog = ask(page, stick)
    dialog.key.setText(OFFICE[:-1])
    assert not dialog.go.isEnabled()
    assert "no public key" in dialog.card.accessibleName()
    dialog.key.setText(f" {OFFICE} ")
    assert short(OFFICE) in dialog.card.sentence.text()
    assert dialog.card.accessibleDescription() == OFFICE
    folder = carry(office, dialog)
    assert CarriedBundle(folder, KEYS).parts()
    assert f"Encrypted to the key {short(OFFICE)}." in dialog.verdict.sentence.text()
    dialog.close()
    assert office.desk.settings.head_office_key == OFFICE

    again = ask(page, stick)  # from now on nothing leaves unencrypted
    assert short(OFFICE) in again.card.sentence.text()
    assert not again.key.isVisible()
    again.another_key.click()
    assert again.key.isVisible()
    assert short(OFFICE) in again.card.sentence.text()  # as long as no other one is typed in
    assert CarriedBundle(carry(office, again), KEYS).parts()


def test_a_key_of_the_department_cannot_be_replaced(office: Office, page: RoundsPage, stick: Path) -> None:
    office.desk.settings = replace(office.desk.settings, head_office_key=OFFICE, locked=frozenset({SETTING}))
    dialog = ask(page, stick)
    assert "Your organisation has set this." in dialog.card.accessibleName()
    assert not dialog.key.isVisible()
    assert not dialog.another_key.isVisible()
    assert CarriedBundle(carry(office, dialog), KEYS).parts()


def test_what_was_stopped_or_broken_off_is_ended_the_next_time(
    office: Office, page: RoundsPage, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.desk.change(head_office_key=OFFICE)
    dialog = ask(page, stick)
    stick.rmdir()
    dialog.go.click()
    office.until(lambda: dialog.trouble.isVisible())
    assert "stick" in dialog.trouble.sentence.text()
    stick.mkdir()

    def stopped(path: Path, content: bytes, **more: Any) -> None:
        if path.name.startswith("seals"):
            assert dialog._job is not None
            dialog._job.cancel.press()
        replace_file(path, content, **more)

    monkeypatch.setattr(bundle, "replace_file", stopped)
    dialog.go.click()
    office.until(lambda: dialog.question_part.isVisible())
    (begun,) = stick.iterdir()
    assert list(begun.glob("leaves-*.age"))
    assert not (begun / "manifest.age").exists()
    monkeypatch.setattr(bundle, "replace_file", replace_file)
    carry(office, dialog)
    assert "1 earlier bundle was repaired." in dialog.verdict.sentence.text()
    assert CarriedBundle(begun, KEYS).parts()


def test_it_is_french_too(office: Office, page: RoundsPage, stick: Path) -> None:
    office.window.switches.switch_language()
    dialog = ask(page, stick)
    assert "Non chiffré" in dialog.card.accessibleName()
    dialog.key.setText(OFFICE)
    assert "Seule la clé privée de" in dialog.card.accessibleName()
    carry(office, dialog)
    said = " ".join(texts(dialog))
    assert "ont été relues" in said
    assert not [word for word in ("Encrypted", "written", "Folder", "whole log") if word in said]
    dialog.close()
    office.window.switches.switch_language()
