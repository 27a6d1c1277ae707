"""Many desks at once, by several processes: what is faulty among them is refused, and nothing else."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from core.head_office.bundles import layout
from core.head_office.bundles.carried import BundleReason
from core.jobs import Cancel, silent
from core.ledger.keys.enrolment import Enrolment
from core.ledger.verify import exported
from tests.bench.desks import Faults, MadeDesk, made_day
from tests.unit.head_office.conftest import Office

pytest.importorskip("pyarrow")
DAY = date(2026, 11, 24)


@pytest.mark.slow
def test_a_share_of_faulty_bundles_costs_nothing_but_those(office: Office, tmp_path: Path) -> None:
    made = made_day(tmp_path / "bundles", range(24), DAY, 4, Faults(forked=0.1, cut=0.1, late=0.3, duplicated=0.2))
    assert made.forked
    assert made.cut
    office.enrolled.write_text("".join(made.enrolments))
    merged = office.merge(*made.folders)
    reasons = Counter(one.reason for one in merged.refused)
    assert reasons == {BundleReason.FORKED: made.forked, BundleReason.DAMAGED: made.cut}
    assert merged.unchanged, "what was brought twice"
    checks = office.rows("checks")
    assert len({(row["log"], row["seq"]) for row in checks}) == len(checks)
    forked = {one.log for one in merged.refused if one.reason is BundleReason.FORKED}
    assert len([row for row in checks if row["log"] not in forked]) == made.checks - 4 * made.forked


def test_a_made_desk_is_what_the_verifier_of_exports_takes_for_a_real_one(tmp_path: Path) -> None:
    desk = MadeDesk(7, DAY)
    desk.work(DAY, 15)
    (tmp_path / "leaves.jsonl").write_bytes(b"\n".join([*desk.leaves, b""]))
    seals = [layout.json_line({"size": size, "note": note}) for size, note in desk.seals]
    (tmp_path / "seals.jsonl").write_bytes(b"".join(seals))
    (tmp_path / "checkpoint").write_text(desk.seals[-1][1])
    found = exported.verify_export(tmp_path, Enrolment.parse(desk.enrolment.text), report=silent, cancel=Cancel())
    assert found.faults == ()
    assert found.sealed == len(desk.leaves)
