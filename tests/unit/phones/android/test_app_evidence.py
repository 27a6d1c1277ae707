"""What a phone says of an app's files before it is removed: its `sha256sum`, and when it was last used."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.jobs import Cancel
from core.model import Cancelled
from core.phones.accounting import Why
from core.phones.android.files import app_evidence
from core.phones.android.files.app_evidence import TimeLimit, hashes_of
from core.phones.android.files.ranges import is_apk_path
from core.phones.android.listings import usage
from core.phones.driver import Silent
from tests.examples import examples

A, B = "1a" * 32, "2b" * 32
BASE, SPLIT = "/data/app/~~x==/com.tencent.mm-y==/base.apk", "/data/app/~~x==/com.tencent.mm-y==/split_fr.apk"
NAMES = st.from_regex(r"[A-Za-z0-9._=~+\-,@#]{1,30}", fullmatch=True)
PATHS = st.builds(lambda a, b: f"/data/app/{a}/{b}.apk", NAMES, NAMES).filter(is_apk_path)
SUMS = st.text("0123456789abcdef", min_size=64, max_size=64)


def test_each_file_has_its_hash() -> None:
    account = hashes_of([f"{A}  {BASE}", "", f"{B}  {SPLIT}"], [BASE, SPLIT])
    assert account.value == {BASE: A, SPLIT: B}
    assert account.whole


@pytest.mark.parametrize(
    "line",
    [
        f"{A.upper()}  {BASE}",
        f"{A} {BASE}",
        f"{A}   {BASE}",
        f"{A} *{BASE}",
        f"{A}\t\t{BASE}",
        f"{A[:-1]}  {BASE}",
        f"{A}0  {BASE}",
        f"{A}  {BASE} ",
        f"{A}  {BASE.upper()}",
        f" {A}  {BASE}",
        f"\\{A}  {BASE}",
        f"{A}",
        f"SHA256 ({BASE}) = {A}",
        f"sha256sum: {BASE}: Permission denied",
    ],
)
def test_another_form_is_no_hash_and_is_left(line: str) -> None:
    account = hashes_of([line], [BASE])
    assert account.value == {}
    assert {item.why for item in account.left} == {Why.UNKNOWN, Why.MISSING}


@pytest.mark.parametrize("second", [A, B])
def test_of_a_file_that_was_told_twice_nothing_counts(second: str) -> None:
    account = hashes_of([f"{A}  {BASE}", f"{B}  {SPLIT}", f"{second}  {BASE}"], [BASE, SPLIT])
    assert account.value == {SPLIT: B}
    assert [item.why for item in account.left] == [Why.TWICE]


@given(st.dictionaries(PATHS, SUMS, max_size=6), st.lists(st.text(max_size=90), max_size=6), st.randoms())
@examples(60)
def test_no_line_but_an_exact_one_makes_a_hash(sums: dict[str, str], noise: list[str], random: object) -> None:
    """Whatever else a phone prints, each hash that is believed stood there for that very file, once; and each file
    without one is left."""
    lines = [*noise, *(f"{sum}  {path}" for path, sum in sums.items())]
    random.shuffle(lines)  # type: ignore[attr-defined]
    asked = [*sums, BASE]
    account = hashes_of(lines, asked)
    for path, sum in account.value.items():
        assert lines.count(f"{sum}  {path}") == 1
    exact = {f"{sum}  {path}" for path, sum in sums.items()}
    if not exact & set(noise) and BASE not in sums:
        assert account.value == sums
    without = set(asked) - account.value.keys()
    assert {item.text[:60] for item in account.left if item.why is Why.MISSING} >= {p[:60] for p in without - set(sums)}


@given(st.lists(PATHS, min_size=1, max_size=4, unique=True))
@examples(40)
def test_the_command_names_each_file_once_in_quotes(paths: list[str]) -> None:
    command = app_evidence.command(paths)
    assert command == "sha256sum " + " ".join(f"'{path}'" for path in paths) + " 2>/dev/null"


@pytest.mark.parametrize(
    "path", ["/data/app/x/base.apk'; reboot; '.apk", "/data/app/../x.apk", "relative.apk", "/data/app/a b.apk", ""]
)
def test_what_is_no_path_of_a_file_never_gets_into_a_command(path: str) -> None:
    with pytest.raises(ValueError, match="^" if not path else ".apk"):
        app_evidence.command([BASE, path])


# --- a phone that hangs


def test_a_time_limit_ends_what_takes_too_long_and_passes_the_stop_button_on() -> None:
    now = 0.0
    button = Cancel()
    limited = TimeLimit(button, 60.0, lambda: now)
    limited.check()
    now = 60.5
    with pytest.raises(Silent):
        limited.check()
    button.press()
    assert limited.pressed
    with pytest.raises(Cancelled):
        limited.check()


# --- when it was last used

_WECHAT = "com.tencent.mm"


def line(time: str, package: str = _WECHAT, word: str = "Used") -> str:
    return (
        f'      package={package} totalTime{word}="1:20:05" lastTime{word}="{time}" totalTimeVisible="1:21:00" '
        "appLaunchCount=3 "
    )


def test_the_newest_time_in_the_profile_counts() -> None:
    lines = [
        "user=0 ",
        line("2026-11-02 09:00:00"),
        line("2026-11-03 09:00:00"),
        line("2026-11-01 09:00:00"),
        line("2026-11-29 09:00:00", "com.tencent.mm.other"),
        "user=10 ",
        line("2026-11-30 09:00:00"),
    ]
    assert usage.last_used(lines, _WECHAT, 0).value == "2026-11-03 09:00:00"
    assert usage.last_used(lines, _WECHAT, 10).value == "2026-11-30 09:00:00"
    assert usage.last_used(lines, _WECHAT, 11).value == ""
    assert usage.last_used(["user=0", line("2019-03-04 05:06:07", word="")], _WECHAT, 0).value == "2019-03-04 05:06:07"


@pytest.mark.parametrize("time", ["1970-01-01 01:00:00", "1969-12-31 19:00:00"])
def test_the_beginning_of_all_times_is_never(time: str) -> None:
    account = usage.last_used(["user=0 ", line(time)], _WECHAT, 0)
    assert (account.value, account.whole) == ("", True)


@given(st.lists(st.text(max_size=60), max_size=5))
@examples(40)
def test_what_is_no_line_of_the_phones_tells_no_use(lines: list[str]) -> None:
    account = usage.last_used(["user=0", *lines], _WECHAT, 0)
    assert account.value == ""
    assert account.whole or any(text.strip() for text in lines)


def test_only_a_package_is_asked_for() -> None:
    assert usage.command(_WECHAT) == (
        "dumpsys usagestats 'com.tencent.mm' 2>/dev/null | grep -E '^user=|package=com[.]tencent[.]mm total'"
    )
    with pytest.raises(ValueError, match="not a package name"):
        usage.command("com.a; reboot")
