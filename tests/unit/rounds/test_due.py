"""Which phones were not seen for long, and in which order."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.model import Verdict
from core.rounds.due import due_again
from core.rounds.model import RosterLine, SeenPhone
from tests.examples import examples

TODAY = date(2026, 11, 24)
NOON = datetime(2026, 11, 24, 12).astimezone()


def seen(entry: int, ago: int, verdict: Verdict | None = Verdict.GREEN, **more: str) -> SeenPhone:
    return SeenPhone(entry, NOON - timedelta(days=ago), "Desk 4", "A. Roy", verdict, **more)


def test_the_last_check_of_each_phone_counts_and_red_ones_come_first() -> None:
    checks = [
        seen(1, 200, serial="R58N12ABCDE"),
        seen(2, 150, serial="R58N12ABCDF", holder="Anna"),
        seen(3, 120, Verdict.RED, tag="DRH-7"),
        seen(4, 10, serial="R58N12ABCDE"),
    ]
    found = due_again(checks, (), TODAY, 90)
    assert [phone.latest.entry for phone in found if phone.latest] == [3, 2]
    assert [phone.display_name for phone in found] == ["DRH-7", "Anna"]


def test_a_phone_of_the_roster_that_was_never_seen_is_due_whatever_the_days() -> None:
    lines = (RosterLine(1, serial="R58N12ABCDE", unit="Finance"), RosterLine(2, tag="DRH-7", holder="Omar"))
    checks = [seen(1, 400, serial="R58N12ABCDF"), seen(2, 5, serial="R58N12ABCDE")]
    found = due_again(checks, lines, TODAY, 90)
    assert [phone.display_name for phone in found] == ["Omar", "…BCDF"]
    again = due_again([seen(1, 91, serial="R58N12ABCDE")], lines, TODAY, 90)
    assert [(phone.display_name, phone.unit) for phone in again] == [("Omar", ""), ("…BCDE", "Finance")]


@given(
    st.lists(
        st.builds(
            lambda ago, verdict, serial: (ago, verdict, serial),
            st.integers(-500, 500),
            st.sampled_from([*Verdict, None]),
            st.sampled_from([f"R58N12ABC{n:02}" for n in range(6)]),
        ),
        max_size=12,
    ),
    st.integers(0, 400),
)
@examples(100)
def test_nobody_is_due_who_was_seen_and_nobody_is_left_out(
    checks: list[tuple[int, Verdict | None, str]], days: int
) -> None:
    found = due_again([seen(n, *one[:2], serial=one[2]) for n, one in enumerate(checks, 1)], (), TODAY, days)
    newest: dict[str, int] = {}
    for n, (_, _, serial) in enumerate(checks):
        # The last in the log counts, and was made before everything that stands behind it, and before now.
        newest[serial] = max(0, *(ago for ago, _, _ in checks[n:]))
    assert {phone.serial for phone in found} == {serial for serial, ago in newest.items() if ago > days}
    reds = [phone.latest is not None and phone.latest.verdict is Verdict.RED for phone in found]
    assert reds == sorted(reds, reverse=True)
