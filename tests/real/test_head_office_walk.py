"""Head office's guide from its first command to its last, by two practice desks whose rounds are sent there.

What sets an empty machine up for it is in tests/installer/linux/set_up.sh. What stands in the guide is run as it stands
there, with this test's folders in the place of the guide's.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyrage
import pytest

from core.cli.check import EXIT_CODES
from core.head_office.questions.questions import names
from core.model import Verdict
from tests import command
from tests.real.postgresql_server import Database, held
from tests.real.test_siem import DOC, Siem, rsyslogd, settings
from tests.real.test_spark import PYSPARK, ROOT
from tests.unit.reports.test_ocsf import faults

pytest.importorskip("duckdb")
pytest.importorskip("pyarrow")

#: The commands of the guide.
COMMANDS = re.findall(r"^fanion .*$", DOC.read_text(encoding="utf-8"), re.M)


def fanion(*words: object) -> str:
    """What a command prints, which has to end well."""
    answer = command.run(*words)
    assert answer.code in (0, EXIT_CODES[Verdict.RED]), answer.err
    return answer.out


def guides_command(begin: str) -> str:
    """The guide's command that is so, or the only one that begins so."""
    (found,) = [line for line in COMMANDS if line == begin] or [line for line in COMMANDS if line.startswith(begin)]
    return found


class Walk:
    """Where the guide's folders lie."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key, self.store, self.events = folder / "usb-key", folder / "store", folder / "events"
        self.database = ""
        self.today = datetime.now(UTC).date()
        #: The days of its questions.
        self.days = ("--first", str(self.today - timedelta(days=3)), "--last", str(self.today + timedelta(days=1)))
        self.key.mkdir()

    def as_in_the_guide(self, begin: str, *more: object) -> str:
        """The guide's command that begins so, with these folders and this database in place of its own."""
        command = guides_command(begin).partition(" > ")[0]
        places = {
            "/srv/fanion-events": self.events,
            "/srv/fanion-export": self.folder / "export",
            "/srv/fanion": self.store,
            "/media/usb-key": self.key,
            "/media/bundles": self.key,
            "desks.txt": self.folder / "desks.txt",
            "head-office.txt": self.folder / "head-office.txt",
            "host=db.example dbname=fanion user=fanion": self.database,
        }
        words = [str(places.get(word, word)) for word in shlex.split(command)[1:]]
        return fanion(*words, *more)

    def desk(self, name: str, *phones: str) -> None:
        """A practice desk with a round: these phones are checked, and its log is sent, encrypted."""
        data = ("--practice", "--data", self.folder / name)
        fanion("round", "new", "Autumn", "--last", self.today + timedelta(days=9), "--place", name, *data)
        for phone in phones:
            fanion("check", "--practice", phone, "--data", self.folder / name)
        public = self.folder / "public.txt"
        fanion("round", "export", self.key, "--to", public, *data)
        with (self.folder / "desks.txt").open("a", encoding="utf-8") as desks:
            desks.write(fanion("log", "enrolment", *data))


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    """Two desks, their bundles on a USB key, and what the guide's first command makes of them."""
    made = Walk(tmp_path_factory.mktemp("walk"))
    identity = pyrage.x25519.Identity.generate()
    (made.folder / "head-office.txt").write_text(f"{identity}\n", encoding="utf-8")
    (made.folder / "public.txt").write_text(f"{identity.to_public()}\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("FANION_DATA", str(made.folder / "head-office"))
        made.desk("Ottawa", "walk-up")
        made.desk("Gatineau", "clean")
        told = made.as_in_the_guide("fanion merge /media/usb-key", "--practice")
        assert "with 2 checks, of 2 desks" in told
        yield made


def test_a_second_merge_finds_nothing_new(walk: Walk) -> None:
    assert "2 bundles were merged before" in walk.as_in_the_guide("fanion merge /media/usb-key", "--practice")


def test_the_page_of_the_store_has_both_desks(walk: Walk) -> None:
    told = json.loads(fanion("store", "show", walk.store, "--round", "autumn", "--json"))
    assert told["practice"] is True
    assert (told["green"], told["red"]) == (1, 1)
    assert "2 of 2 desks" in fanion("store", "show", walk.store, *walk.days)


def test_every_question_is_answered(walk: Walk) -> None:
    answers = {name: json.loads(fanion("store", "ask", walk.store, name, *walk.days, "--json")) for name in names()}
    assert [row["checks"] for row in answers["by-policy"]["rows"]] == [2]
    assert sum(row["red"] for row in answers["coverage"]["rows"]) == 1
    assert answers["missing-entries"]["rows"] == []
    assert all(answer["practice"] for answer in answers.values())


def test_the_store_is_as_the_bundles_made_it(walk: Walk) -> None:
    for line in ("fanion store verify /srv/fanion", "fanion store verify /srv/fanion /media"):
        assert "✔ The store is as the desks’ bundles made it." in walk.as_in_the_guide(line)


def test_ones_own_duckdb_reads_the_list(walk: Walk) -> None:
    views, asking = re.findall(r"^```python\n(.*?)^```$", DOC.read_text(encoding="utf-8"), re.M | re.S)[:2]
    listing = walk.folder / "files.json"
    listing.write_text(walk.as_in_the_guide("fanion store files"), encoding="utf-8")
    space: dict[str, Any] = {}
    exec(views.replace("/srv/fanion-files.json", str(listing)), space)
    question = (ROOT / "resources" / "head-office" / "coverage.sql").read_text(encoding="utf-8")
    assert "database.execute(question, days)" in asking
    days = {"first": walk.today - timedelta(days=3), "last": walk.today + timedelta(days=1)}
    rows = space["database"].execute(question.replace(":first", "$first").replace(":last", "$last"), days).fetchall()
    assert (
        len(rows) == len(json.loads(fanion("store", "ask", walk.store, "coverage", *walk.days, "--json"))["rows"]) >= 1
    )


def test_ones_own_spark_reads_the_list(walk: Walk, tmp_path: Path) -> None:
    if shutil.which("java") is None or not PYSPARK.exists():
        pytest.skip("needs Java, and PySpark as the whole tests bring it")
    store = Path(shutil.copytree(walk.store, tmp_path / "store"))  # it also sees what a file that is gone does
    listing = tmp_path / "files.json"
    listing.write_text(fanion("store", "files", store, "--json", "--at", f"file://{store}"), encoding="utf-8")
    (py4j,) = (PYSPARK / "lib").glob("py4j-*-src.zip")
    places = {"PYTHONPATH": os.pathsep.join(map(str, (ROOT, PYSPARK, py4j))), "SPARK_HOME": str(PYSPARK / "deps")}
    done = subprocess.run(
        [sys.executable, "-P", Path(__file__).with_name("spark_answers.py"), DOC, listing, walk.days[1], walk.days[3]],
        env=os.environ | places | {"PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"},
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3_000:]
    theirs = json.loads(done.stdout)
    assert sum(row["red"] for row in theirs["coverage"]) == 1


def test_postgresql_holds_what_the_store_holds_and_answers_as_the_guide_asks(walk: Walk, database: Database) -> None:
    walk.database = database.place
    walk.as_in_the_guide("fanion store postgresql")
    assert {table: len(rows) for table, rows in database.tables().items()} == {
        table: len(rows) for table, rows in held(walk.store).items()
    }
    assert database.rows("SELECT count(*) AS many FROM checks") == [{"many": "2"}]
    (asking,) = re.findall(r"^```sh\n(PGOPTIONS=.*?)^```$", DOC.read_text(encoding="utf-8"), re.M | re.S)
    variable, program, *words = shlex.split(asking.replace("\\\n", " "))
    assert (variable, program, words[:2]) == ("PGOPTIONS=--search_path=fanion", "psql", ["-d", "fanion"])
    places = {
        "coverage.sql": str(ROOT / "resources" / "head-office" / "coverage.sql"),
        "first=DATE '2026-11-01'": f"first=DATE '{walk.days[1]}'",
        "last=DATE '2026-11-30'": f"last=DATE '{walk.days[3]}'",
    }
    rows = database.rows("", *(places.get(word, word) for word in words[2:]))
    assert sum(int(row["red"]) for row in rows) == 1


def test_rsyslog_sends_the_events_that_were_written(walk: Walk, tmp_path: Path) -> None:
    walk.as_in_the_guide("fanion store events")
    (file,) = walk.events.glob("events-*.jsonl")
    written = file.read_bytes().splitlines()
    assert [fault for line in written for fault in faults(json.loads(line))] == []
    siem = Siem()
    try:
        block = settings("rsyslog").replace("siem.example", "127.0.0.1").replace('"601"', f'"{siem.port}"')
        with rsyslogd(tmp_path / "collector", block.replace("/srv/fanion-events", str(walk.events))):
            assert siem.messages(len(written)) == written
    finally:
        siem.close()


def test_one_desk_s_log_is_handed_to_a_siem(walk: Walk) -> None:
    walk.as_in_the_guide("fanion log export", "--practice", "--data", walk.folder / "Ottawa")
    (file,) = (walk.folder / "export").rglob("events*.jsonl")
    events = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert events
    assert [fault for event in events for fault in faults(event)] == []


def test_the_list_is_signed_and_a_changed_file_is_found(walk: Walk, tmp_path: Path) -> None:
    copy = Walk(tmp_path)
    copy.store = Path(shutil.copytree(walk.store, tmp_path / "store"))
    copy.as_in_the_guide("fanion store sign", "--data", tmp_path / "office")
    assert list(copy.store.glob("store-*.minisig"))
    file = next((copy.store / "checks").rglob("*.parquet"))
    file.write_bytes(file.read_bytes()[:-1] + b"X")
    refused = command.run("store", "verify", copy.store, "--data", tmp_path / "office")
    assert refused.code == 5
    assert file.name in refused.out + refused.err


def test_every_command_of_the_guide_is_walked() -> None:
    walked = re.findall(r"\"(fanion [^\"]+)\"", Path(__file__).read_text(encoding="utf-8"))
    assert set(COMMANDS) == {guides_command(begin) for begin in walked if begin in " ".join(COMMANDS)}
