"""Which column has what: by the heading's words, by an officer's choice, and remembered."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rounds.roster import columns
from core.rounds.roster.columns import (
    COLUMN_NAMES,
    Columns,
    RosterColumn,
    choose,
    propose,
    propose_sheet,
    remember,
)
from core.rounds.roster.tables import RosterProblem, Sheet
from tests.unit.rounds.lists import HEADING, IMEI, csv_file, table, xlsx

ALL = dict.fromkeys(RosterColumn)


def sheet(*rows: list[str]) -> Sheet:
    return table(csv_file(rows)).sheets[0]


def proposed(*heading: str) -> dict[str, str]:
    """By the names of columns, the heading that is proposed for it."""
    found = propose(sheet(list(heading), ["R58M1"] * len(heading)))
    return {column.value: found.heading[place] for column, place in found.places.items()}


def expect(serial: str = "", imei: str = "", tag: str = "", holder: str = "", unit: str = "") -> dict[str, str]:
    values = {"serial": serial, "imei": imei, "tag": tag, "holder": holder, "unit": unit}
    return {column: heading for column, heading in values.items() if heading}


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        (HEADING, expect(*HEADING)),
        (
            ("N° de série", "IMEI", "Étiquette", "Détenteur", "Direction"),
            expect("N° de série", "IMEI", "Étiquette", "Détenteur", "Direction"),
        ),
        (
            ("NUMÉRO DE SÉRIE", "Nº IMEI", "Numéro d’inventaire", "Attribué à", "Unité"),
            expect("NUMÉRO DE SÉRIE", "Nº IMEI", "Numéro d’inventaire", "Attribué à", "Unité"),
        ),
        # Microsoft Intune: all devices, exported; and by its interface.
        (
            (
                "Device ID",
                "Device name",
                "Serial number",
                "Model",
                "IMEI",
                "Primary user UPN",
                "Primary user display name",
            ),
            expect("Serial number", "IMEI", holder="Primary user display name"),
        ),
        (
            (
                "id",
                "userId",
                "deviceName",
                "imei",
                "serialNumber",
                "userPrincipalName",
                "userDisplayName",
                "department",
            ),
            expect("serialNumber", "imei", holder="userDisplayName", unit="department"),
        ),
        (("Device name", "Serial number", "Primary user UPN"), expect("Serial number", holder="Primary user UPN")),
        # Jamf Pro: mobile devices.
        (
            ("Display Name", "Serial Number", "Asset Tag", "Username", "Full Name", "Department", "Building", "IMEI"),
            expect("Serial Number", "IMEI", "Asset Tag", "Full Name", "Department"),
        ),
        (("Matériel", "IMEI (15 chiffres)", "S/N"), expect("S/N", "IMEI (15 chiffres)")),
        (("IMEI 2", "IMEI"), expect(imei="IMEI")),
        (("Serial", "Serial"), expect("Serial")),
        (("Nom", "Direction"), {}),
        (("Notes about the serial number that was on the old label",), {}),
    ],
)
def test_columns_are_proposed_by_the_words_of_the_heading(heading: tuple[str, ...], expected: dict[str, str]) -> None:
    assert proposed(*heading) == expected


def test_the_heading_may_stand_below_a_title() -> None:
    found = propose(sheet(["Phones, fall 2026"], [], list(HEADING), ["R58M1"]))
    assert (found.heading_line, found.places[RosterColumn.SERIAL]) == (3, 0)


def test_a_list_without_a_heading_loses_no_phone() -> None:
    found = propose(sheet(["R58M1", IMEI], ["R58M2", IMEI]))
    assert (found.heading_line, dict(found.places)) == (0, {RosterColumn.IMEI: 1})
    assert not propose(sheet(["R58M1"])).places


@pytest.mark.parametrize(
    "places",
    [
        {},
        {RosterColumn.HOLDER: 0},
        {RosterColumn.SERIAL: 1, RosterColumn.TAG: 1},
        {RosterColumn.SERIAL: 2},
        {RosterColumn.SERIAL: -1},
    ],
    ids=str,
)
def test_a_choice_that_tells_no_phone_is_refused(places: dict[RosterColumn, int]) -> None:
    with pytest.raises(RosterProblem) as raised:
        choose(Columns(1, ("a", "b")), places)
    assert raised.value.sentence.in_language("fr") != raised.value.sentence.in_language("en")


def test_a_choice_is_remembered_for_the_next_list_with_that_heading(tmp_path: Path) -> None:
    chosen = choose(Columns(2, ("Matricule", "Appareil", "IMEI")), {RosterColumn.SERIAL: 1, RosterColumn.HOLDER: 0})
    remember(tmp_path, chosen)
    again = propose(sheet(["MATRICULE", "appareil", "imei"], ["12", "R58M1", IMEI]), tmp_path)
    assert again.remembered
    assert (again.heading_line, again.places) == (1, {RosterColumn.SERIAL: 1, RosterColumn.HOLDER: 0})
    assert not propose(sheet(["Appareil", "Matricule", "IMEI"], ["x", "y"]), tmp_path).remembered


def test_the_newest_choices_are_kept_and_a_list_without_a_heading_is_not(tmp_path: Path) -> None:
    remember(tmp_path, Columns(0, places={RosterColumn.SERIAL: 0}))
    assert not (tmp_path / columns.FILE_NAME).exists()
    for number in range(columns.MOST_REMEMBERED + 1):
        remember(tmp_path, Columns(1, (f"Column {number}",), {RosterColumn.TAG: 0}))
    assert not propose(sheet(["Column 0"], ["x"]), tmp_path).remembered
    assert propose(sheet(["Column 1"], ["x"]), tmp_path).remembered


@pytest.mark.parametrize("kept", [b"", b"[]", b"\xff", b"[" * 100_000, b'{"a": {"serial": -1}}', b'{"a": {"x": 1}}'])
def test_what_cannot_be_read_of_the_choices_is_asked_again(tmp_path: Path, kept: bytes) -> None:
    (tmp_path / columns.FILE_NAME).write_bytes(kept)
    assert propose(sheet(list(HEADING)), tmp_path).places
    remember(tmp_path, Columns(1, ("Mine",), {RosterColumn.TAG: 0}))
    assert propose(sheet(["Mine"], ["x"]), tmp_path).remembered


def test_a_place_beyond_the_list_is_not_remembered_into_it(tmp_path: Path) -> None:
    remember(tmp_path, Columns(1, ("Mine",), {RosterColumn.TAG: 7}))
    assert not propose(sheet(["Mine"], ["x"]), tmp_path).remembered


def test_choices_that_cannot_be_written_are_asked_again(tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"not a folder")
    remember(tmp_path / "data", Columns(1, ("Mine",), {RosterColumn.TAG: 0}))
    assert not propose(sheet(["Mine"], ["x"]), tmp_path / "data").remembered


def test_the_sheet_that_looks_like_a_list_is_proposed() -> None:
    assert propose_sheet(table(xlsx({"Notes": [["Read me"]], "Phones": [HEADING, ["R58M1"]]}))) == 1
    twice = xlsx({"Old": [HEADING, ["R58M1"]], "Phones": [HEADING, ["R58M1"]]}, hidden=["Old"])
    assert propose_sheet(table(twice)) == 1
    assert propose_sheet(table(xlsx({"Empty": [], "Notes": [["Read me"]]}))) == 1


@given(st.lists(st.lists(st.text(max_size=12), max_size=5), max_size=6))
def test_any_heading_is_answered_with_columns_that_are_there(rows: list[list[str]]) -> None:
    try:
        found = sheet(*rows)
    except RosterProblem:
        return
    proposal = propose(found)
    assert all(0 <= place < 5 for place in proposal.places.values())
    assert len(set(proposal.places.values())) == len(proposal.places)


def test_every_column_has_a_name_in_both_languages() -> None:
    assert COLUMN_NAMES.keys() == ALL.keys()
    assert {name.in_language("fr") for name in COLUMN_NAMES.values()} >= {"Numéro de série", "Détenteur", "Unité"}
