"""Somebody else who works on this computer: a program under another account, which does what it is told.

Whatever may be loaded late is loaded first, by doing everything once in a folder of its own: a stranger may not be able
to read where Python and this repository are. Then the program gives up root for good. It reads one JSON list a line, an
act and what it needs, and answers each with one line: what came of it, or the problem that it met.

    python -m tests.unit.colleague '{"uid": 40001, "groups": [40100], "umask": 63, "shared": "/var/lib/fanion", ...}'
"""

from __future__ import annotations

import grp
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from core.cli.probes import installation, log
from core.desk.desk import Desk
from core.desk.papers import log_evidence
from core.desk.policy import policy_changes, policy_import
from core.desk.policy.policy_changes import OwnRules
from core.desk.settings.settings_table import Settings
from core.jobs import Cancel
from core.ledger import records
from core.ledger.writer import Ledger
from core.model import App, AppState, Evidence, EvidenceKind, Finding, Match, Profile, ProfileKind, Strength
from core.problem import Problem
from core.text import Bilingual, T

APP = "com.tencent.mm"


class Colleague:
    """What one person does at the desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def record(self, count: int = 1) -> list[int]:
        """Write down checks; the numbers of their records."""
        with self.desk.ledger(False, self.desk.policy(None)) as ledger:
            return [ledger.append(records.CheckStarted(T("over USB")), seal=True).seq for _ in range(count)]

    def hold(self) -> str:
        """Have the window open: the log stays so."""
        return self._held().session

    def note(self, count: int = 1) -> list[int]:
        """Write down checks in the log that is held."""
        return [self._held().append(records.CheckStarted(T("over USB")), seal=True).seq for _ in range(count)]

    def intend(self) -> int:
        """Be about to remove something, and do not say what came of it."""
        ledger = self._held()
        found = ledger.append(records.AppFound.of(_finding()))
        return ledger.append(records.RemovalIntended("remove", APP, 0, found.seq)).seq

    def open_intents(self) -> list[int]:
        """What others were about to do and do not any more."""
        with self.desk.custodian(False) as ledger:
            return [entry.seq for entry in ledger.open_intents()]

    def die_writing(self) -> None:
        """Go in the middle of a writing, which is on disk by half."""
        database = self._held()._database
        database.execute("PRAGMA cache_size=1")  # so that pages go to the disk before the end
        database.execute("BEGIN IMMEDIATE")
        database.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)"
            " INSERT INTO node (level, position, hash) SELECT 30, i, zeroblob(32) FROM n"
        )
        print(json.dumps(None), flush=True)
        os._exit(0)

    def verify(self) -> list[str]:
        """What is wrong with the log."""
        return [str(fault.sentence) for fault in log_evidence.verify(self.desk, False).faults]

    def own(self, *off: str) -> list[str]:
        """Put own rules in force; what is switched off then."""
        policy_changes.put_in_force(self.desk, OwnRules(off=off))
        return list(policy_changes.own(self.desk).off)

    def bring(self, stick: str) -> str:
        """Accept a signed policy."""
        return policy_import.import_policy(self.desk, Path(stick), Cancel()).policy_version

    def judges_by(self) -> str:
        policy = self.desk.policy(None)
        return f"{policy.id} {policy.version}"

    def try_log(self) -> str:
        """What the self-test says of the log."""
        return str(log.log(self.desk))

    def try_disk(self) -> str:
        """And of the disk."""
        return str(installation.disk(self.desk))

    def leave(self) -> None:
        """Close the window."""
        self.desk.close()

    def _held(self) -> Ledger:
        return self.desk.hold_ledger(False, self.desk.policy(None))


def _finding() -> Finding:
    return Finding(
        "wechat",
        Bilingual("WeChat", "WeChat"),
        Strength.BAN,
        App(APP, states=(AppState(0, installed=True),)),
        Profile(0, "", ProfileKind.PERSONAL),
        (Evidence(EvidenceKind.PACKAGE_ID, APP, "2+", "a public list"),),
        T("{app} is banned.", app="WeChat"),
        Match.NAMED,
    )


def _warm_up(told: dict[str, Any]) -> None:
    """Everything once: what is loaded now need not be loaded as somebody else."""
    with tempfile.TemporaryDirectory() as folder:
        shared = Path(folder) / "shared"
        shared.mkdir()
        shared.chmod(0o2770)
        for settings in _settings(told | {"shared": str(shared)}):
            me = Colleague(Desk(Path(folder), settings))
            me.record()
            me.intend()
            me.open_intents()
            me.verify()
            if settings.policy_root:
                me.bring(told["stick"])
            else:
                me.own("wechat")
                me.own()
            me.judges_by()
            me.try_disk()
            me.try_log()
            me.leave()
    grp.getgrall()


def _settings(told: dict[str, Any]) -> list[Settings]:
    """With each policy that this person will meet; the last is the one that applies."""
    plain = Settings(officer=told["officer"], desk="Desk 4", shared_log=told["shared"], unsigned_policy=True)
    if not told.get("root"):
        return [plain]
    return [
        plain,
        Settings(officer=told["officer"], desk="Desk 4", shared_log=told["shared"], policy_root=told["root"]),
    ]


def main() -> None:
    told = json.loads(sys.argv[1])
    _warm_up(told)
    os.setgroups(told["groups"])
    os.setgid(told["uid"])
    os.setuid(told["uid"])
    os.umask(told["umask"])
    me = Colleague(Desk(Path(told["data"]), _settings(told)[-1]))
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        act, *values = json.loads(line)
        try:
            answer: object = getattr(me, act)(*values)
        except Problem as problem:
            answer = {"problem": problem.code, "sentence": str(problem.sentence), "next": str(problem.next_step)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
