"""Taking personal values out of the store: what a desk has erased, and what is over its time.

The values go, and with them the number by which the phone of that check was known from check to check: a number that
stands for nothing takes its place. Exact entries stay; they have only sealed values.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from core.head_office.store.rows import in_ms, sealed_number
from core.head_office.store.tables import LiveFile, TableFiles, arrow, day_of, read_table, table_of

#: Log and entry; log and visit.
_Erased = dict[str, tuple[set[int], set[str]]]


def erase(
    live: Mapping[str, LiveFile],
    place: Callable[[str], Path],
    new: TableFiles,
    erased: Mapping[str, set[int]],
    today: date,
) -> set[str]:
    """Write the files of `live` anew that have what was `erased`, by log and entry, or is over its time by `today`.

    What goes because of its time is told in the table `erased`, and in `forgotten` that something of a phone went.

    They are those of one group of desks, and `place` tells where each is. Returns those that are to go, in whose place
    `new` has others. Raises OSError.
    """
    replaced: set[str] = set()
    by_day: dict[str, _Erased] = {}
    for path, file in live.items():
        over = bool(file.due) and date.fromisoformat(file.due) < today
        if path.startswith("personal/") and (over or erased):
            hits = _personal(path, place, new, erased, today)
            if hits:
                replaced.add(path)
                _tell_due(hits, erased, new, today)
                days = by_day.setdefault(day_of(path), {})
                for log, (entries, visits) in hits.items():
                    of_log = days.setdefault(log, (set(), set()))
                    of_log[0].update(entries)
                    of_log[1].update(visits)
    for path in live:
        table = table_of(path)
        if table in ("checks", "findings", "steps") and (erased_of_day := by_day.get(day_of(path))):
            content = read_table(place(path))
            if (changed := _forgotten(table, day_of(path), content, erased_of_day, new)) is not None:
                new.write(table, day_of(path), [changed])
                replaced.add(path)
    return replaced


def without_rosters(
    live: Mapping[str, LiveFile], place: Callable[[str], Path], new: TableFiles, logs: Collection[str]
) -> set[str]:
    """Write the files of `live` anew that have rosters of these logs, without them: newer ones have come, from which
    what a desk has forgotten is gone. Returns and raises as :func:`erase`."""
    pa, compute = arrow(), arrow("pyarrow.compute")
    replaced: set[str] = set()
    for path in live if logs else ():
        if table_of(path) == "roster":
            content = read_table(place(path))
            remaining = content.filter(compute.invert(compute.is_in(content["log"], value_set=pa.array(sorted(logs)))))
            if remaining.num_rows < content.num_rows:
                replaced.add(path)
                if remaining.num_rows:
                    new.write("roster", day_of(path), [remaining])
    return replaced


def _personal(
    path: str, place: Callable[[str], Path], new: TableFiles, erased: Mapping[str, set[int]], today: date
) -> _Erased:
    """Write a file of personal values without those that have to go; what was in it of them."""
    pa, compute = arrow(), arrow("pyarrow.compute")
    content = read_table(place(path))
    to_erase = compute.fill_null(compute.less(content["erase_by"], pa.scalar(today)), False)
    for log, entries in erased.items():
        of_log = compute.equal(content["log"], log)
        is_erased = compute.is_in(content["seq"], value_set=pa.array(sorted(entries), pa.int64()))
        to_erase = compute.or_(to_erase, compute.and_(of_log, is_erased))
    hits: _Erased = {}
    for row in content.filter(to_erase).select(["log", "seq", "visit"]).to_pylist():
        hit = hits.setdefault(row["log"], (set(), set()))
        hit[0].add(row["seq"])
        if row["visit"] is not None:
            hit[1].add(row["visit"])
    if hits:
        remaining = content.filter(compute.invert(to_erase))
        if remaining.num_rows:
            new.write("personal", day_of(path), [remaining])
    return hits


def _tell_due(hits: _Erased, erased: Mapping[str, set[int]], new: TableFiles, today: date) -> None:
    """Tell which entries' values go although no desk has erased them: they are over their time."""
    for log, (entries, _) in hits.items():
        for entry in sorted(entries - erased.get(log, set())):
            new.add("erased", today.isoformat(), (log, entry, None))


def _forgotten(table: str, day: str, content: Any, erased: _Erased, new: TableFiles) -> Any:
    """The table in which these checks, and what belongs to their visits, are of no phone that is known; None if it has
    none of them. In `forgotten` stands that something of these phones went."""
    pa = arrow()
    logs, seqs, visits = (content[name].to_pylist() for name in ("log", "seq", "visit"))
    phones, phone_known = content["phone"].to_pylist(), content["phone_known"].to_pylist()
    times = content["time"].to_pylist()
    changed = False
    part, erased_by = (0, seqs) if table == "checks" else (1, visits)
    for at, log in enumerate(logs):
        if phone_known[at] and log in erased and erased_by[at] in erased[log][part]:
            if table == "checks":
                reached = max(times[at], datetime.fromisoformat(day).replace(tzinfo=UTC))
                new.add("forgotten", day, (phones[at], in_ms(reached)))
            # Made of what tells nothing of the phone: the log and the number of the entry.
            phones[at], phone_known[at], changed = sealed_number(f"{log} {seqs[at]}"), False, True
    if not changed:
        return None
    for name, values, kind in (("phone", phones, pa.int64()), ("phone_known", phone_known, pa.bool_())):
        content = content.set_column(content.schema.get_field_index(name), name, pa.array(values, kind))
    return content
