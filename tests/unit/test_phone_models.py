"""What phones are sold as: the table that comes along, and what a phone is called by it."""

from __future__ import annotations

import re
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import phone_models
from core.model import Phone
from core.phone_models import trade_name

#: What a number looks like, by maker: whole, or without its market.
NUMBERS = {
    "samsung": r"SM-[A-Z][0-9]{3}[A-Z]?",
    "sony": r"XQ-[A-Z]{2}",
    "oneplus": r"[A-Z]{2,3}[0-9]{4}",
    "nothing": r"A(IN)?[0-9]{3}P?",
    "apple": r"iPhone[0-9]{2},[0-9]",
}
SOURCE = (resources.files("resources") / "phone-models.toml").read_text(encoding="utf-8")
TABLE = phone_models.read(SOURCE)
NAMES = {name for maker in TABLE.values() for name in maker.names.values()}


def called(maker: str, model: str, market_name: str = "") -> Phone:
    return Phone("android", maker, model, "14", "R58N12ABCDE", market_name=market_name)


def test_every_number_is_whole_and_every_name_is_one_short_line() -> None:
    assert TABLE.keys() == NUMBERS.keys()
    for maker, models in TABLE.items():
        assert [n for n in models.names if not re.fullmatch(NUMBERS[maker], n)] == []
    assert [name for name in NAMES if not re.fullmatch(r"[A-Zi][A-Za-z0-9+()\",. -]{4,39}", name)] == []


@pytest.mark.parametrize(
    ("maker", "model", "name"),
    [
        ("samsung", "SM-S901W", "Galaxy S22"),
        ("samsung", "SM-S901U1", "Galaxy S22"),
        ("samsung", "SM-S9010", "Galaxy S22"),
        ("Samsung", "SM-S901", "Galaxy S22"),
        ("samsung", "SM-G990B2", "Galaxy S21 FE 5G"),
        ("samsung", "SM-A556B", "Galaxy A55 5G"),
        ("samsung", "SM-A556S", "Galaxy Quantum5"),
        ("samsung", "SM-X200", "Galaxy Tab A8"),
        ("Sony", "XQ-BC52", "Xperia 1 III"),
        ("OnePlus", "CPH2451", "OnePlus 11 5G"),
        ("Nothing", "A142P", "Nothing Phone (2a) Plus"),
    ],
)
def test_a_number_is_known_in_every_market(maker: str, model: str, name: str) -> None:
    assert trade_name(maker, model) == name


@pytest.mark.parametrize(
    ("maker", "model"),
    [
        ("samsung", "SM-S90123"),
        ("samsung", "SM-S9011234"),
        ("samsung", "SM-S901WXYZ"),
        ("samsung", "SM-S90"),
        ("samsung", "SM-S901 "),
        ("samsung", "SM-S901w"),
        ("samsung", "SM-S901٣"),
        ("samsung", "xSM-S901W"),
        ("samsung", "SM-S901W\n"),
        ("samsung", "Galaxy S22"),
        ("Xiaomi", "SM-S901W"),
        ("samsung ", "SM-S901W"),
        ("sony", "XQ-BC5"),
        ("oneplus", "CPH24511"),
        ("samsung", ""),
        ("", ""),
    ],
)
def test_nothing_looser_is(maker: str, model: str) -> None:
    assert trade_name(maker, model) == ""


@given(maker=st.text() | st.sampled_from([*TABLE, "SAMSUNG"]), model=st.text() | st.from_regex("SM-S901.{0,4}"))
def test_whatever_a_phone_says_it_is_called_so_or_by_a_name_of_the_table(maker: str, model: str) -> None:
    assert trade_name(maker, model) in {"", *NAMES}
    phone = called(maker, model)
    assert phone.name == phone.maker_and_model or any(phone.name.endswith(name) for name in NAMES)
    assert (phone.maker, phone.model) == (maker, model)


def test_where_evidence_is_kept_the_number_stands_beside_the_name() -> None:
    assert called("samsung", "SM-S901W").name == "Samsung Galaxy S22"
    assert called("samsung", "SM-S901W").name_with_model == "Samsung Galaxy S22 (SM-S901W)"
    assert called("samsung", "SM-S901W").maker_and_model == "Samsung SM-S901W"
    assert called("samsung", "SM-Z999W").name_with_model == "Samsung SM-Z999W"
    assert called("Google", "Pixel 7a").name_with_model == "Google Pixel 7a"
    assert called("OnePlus", "CPH2451").name_with_model == "OnePlus 11 5G (CPH2451)"
    assert called("", "").name_with_model == ""


def test_a_phone_that_says_what_it_is_sold_as_is_called_so_unless_the_table_knows_better() -> None:
    assert called("OPPO", "CPH2307", "OPPO Find X5 Pro").name_with_model == "OPPO Find X5 Pro (CPH2307)"
    assert called("vivo", "V2227A", "iQOO 11").name == "Vivo iQOO 11"
    assert called("samsung", "SM-S901W", "Galaxy S99").name == "Samsung Galaxy S22"


@pytest.mark.parametrize(
    "source",
    [
        '[acme.names]\n"One" = ["X1"]\n"Two" = ["X1"]',
        '[acme.names]\n"One" = [""]',
        '[acme.names]\n"" = ["X1"]',
        '[acme.names]\n"One" = "X1"',
        '[acme]\nmarket = "X"',
        "[acme]\nname = 1",
        "acme",
    ],
)
def test_a_file_that_makes_no_sense_is_refused(source: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - it is the program's own file, for no reader
        phone_models.read(source)
