"""Fanion reads what AOSP's own code prints, and what `aosp_printer` prints, which is the same.

`../shared/aosp` holds phones whose texts came out of AOSP's own Java code (`golden`), what draws phones at random
(`models.py`) and what is to be read of them (`check.py`): of a benign phone everything, without a gap; of a hostile one
nothing wrong without a gap.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import settings

from tests.real.aosp_cases import AOSP, KINDS, SDKS, Oracle, described, golden, oracle, reduced, wrong
from tests.real.aosp_printer import texts

GOLDEN = sorted((AOSP / "golden").glob("*.json.gz"))
#: Addresses of objects in memory, which no model holds.
ADDRESSES = re.compile(
    r"(?<=\] \()[0-9a-f]+(?=\):)"
    r"|(?<=Package\{)[0-9a-f]+|(?<=ApplicationInfo\{)[0-9a-f]+|(?<=PackageSignatures\{)[0-9a-f]+"
    r"|(?<=SharedUserSetting\{)[0-9a-f]+|(?<=^        )[0-9a-f]+(?= \S+/)",
    re.MULTILINE,
)

pytestmark = pytest.mark.skipif(not GOLDEN, reason="there is no folder shared/aosp beside the project")


def named(file: Path) -> str:
    return file.name.removesuffix(".json.gz")


@pytest.fixture(scope="module")
def tried() -> Oracle:
    return oracle(AOSP)


@pytest.mark.parametrize("file", GOLDEN, ids=named)
def test_the_printer_prints_what_aosps_own_code_printed(file: Path) -> None:
    case = golden(file)
    own = {name: text for name, text in case["texts"].items() if name != "shared.txt"}  # which Fanion does not ask for
    made = texts(case["model"])
    assert made.keys() == own.keys()
    for name, text in own.items():
        assert ADDRESSES.sub("#", made[name]) == ADDRESSES.sub("#", text), name


@pytest.mark.parametrize("file", GOLDEN, ids=named)
def test_what_aosps_own_code_printed_is_read_as_it_is(tried: Oracle, file: Path) -> None:
    faults = tried.check(golden(file))
    assert not wrong(faults), described(faults)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("sdk", SDKS)
def test_phones_drawn_at_random_are_read_as_they_are(tried: Oracle, sdk: int, kind: str) -> None:
    for seed in range(max(2, settings().max_examples // 5)):
        case = tried.case(sdk, kind, seed)
        if wrong(tried.check(case)):
            least = reduced(tried.check, case)
            pytest.fail(f"{case['about']}\n{described(tried.check(least))}")
