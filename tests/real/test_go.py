"""Go's own packages for transparency logs, which know nothing of Fanion, say the same of its logs."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from core.jobs import Cancel, silent
from core.ledger.search.record_filter import Filter
from core.ledger.writer import Ledger
from core.reports.tables.exports import Format, export
from tests.real.conftest import made_once
from tests.unit.ledger.thief import Place

SOURCE = Path(__file__).parent / "go" / "verify.go"
#: Where Debian's golang-golang-x-mod-dev puts it.
GOPATH = Path("/usr/share/gocode")
CHECKS = 90


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not shutil.which("go"):
        pytest.skip("needs Go (Debian: golang-go)")
    if not (GOPATH / "src/golang.org/x/mod/sumdb/tlog").is_dir():
        pytest.skip("needs the source of golang.org/x/mod (Debian: golang-golang-x-mod-dev)")

    def build(folder: Path) -> None:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("GO", "CGO"))}
        go = {
            "GO111MODULE": "off",
            "GOPATH": str(GOPATH),
            "GOCACHE": str(folder / "cache"),
            "GOFLAGS": "",
            "GOPROXY": "off",
            "GOTOOLCHAIN": "local",
            "CGO_ENABLED": "0",
            "HOME": str(folder),
        }
        command = ["go", "build", "-gcflags=all=-N -l", "-o", str(folder / "verify"), str(SOURCE)]
        done = subprocess.run(command, env=clean | go, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    return made_once(tmp_path_factory, "go", build) / "verify"


@dataclass
class Exported:
    """An exported log, its keys, and proofs of ours for some of its records."""

    program: Path
    folder: Path
    keys: Path
    proofs: list[Path]

    def verdict(self) -> str:
        """What Go says."""
        command = [str(self.program), str(self.folder), str(self.keys), *map(str, self.proofs)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) in ((0, ""), (1, "")), done.stderr
        assert (done.returncode == 0) != done.stdout.startswith("refused: ")
        return done.stdout.strip()

    def lines(self, name: str, change: Callable[[list[bytes]], list[bytes]]) -> None:
        """Change a file of the export, line by line."""
        lines = (self.folder / name).read_bytes().split(b"\n")[:-1]
        (self.folder / name).write_bytes(b"".join(line + b"\n" for line in change(lines)))


@pytest.fixture(scope="session")
def made(program: Path, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    here = tmp_path_factory.mktemp("log")
    place = Place(here / "data")
    size = place.check(CHECKS).size
    (here / "keys.txt").write_text(place.enrolment().text)
    proofs = []
    with Ledger.read(place.path) as ledger:
        folder = export(ledger, Format.JSONL, Filter(), here, silent, Cancel()).folder
        newest = ledger.newest_seal()
        assert newest is not None
        for seq in (1, 2, 4, 5, 100, 255, 256, 257, size):
            proofs += [here / f"{seq}.tlog-proof", here / f"{seq}-newest.tlog-proof"]
            proofs[-2].write_bytes(bytes(ledger.proof(seq)))
            proofs[-1].write_bytes(bytes(ledger.proof_in(seq, newest)))
        sizes = [seal.size for seal in ledger.seals()]
        steps = []
        for old, new in [*pairwise(sizes), (4, size), (7, 256), (256, size), (size, size)]:
            path = (base64.b64encode(step).decode() for step in ledger.consistency(old, new))
            steps.append(f"{old} {new} {' '.join(path)}\n")
        proofs.append(here / "shelf.consistency")
        proofs[-1].write_text("".join(steps))
    return Exported(program, folder, here / "keys.txt", proofs)


@pytest.fixture
def exported(made: Exported, tmp_path: Path) -> Exported:
    """The same, to be changed."""
    shutil.copytree(made.folder, tmp_path / "export")
    keys = Path(shutil.copy(made.keys, tmp_path / "keys.txt"))
    return Exported(made.program, tmp_path / "export", keys, [Path(shutil.copy(p, tmp_path)) for p in made.proofs])


def test_go_verifies_signatures_roots_growth_and_proofs(exported: Exported) -> None:
    assert exported.verdict() == f"{3 * CHECKS + 1} records, {CHECKS} seals, {len(exported.proofs)} proofs"


def edit(lines: list[bytes]) -> list[bytes]:
    return [*lines[:100], lines[100].replace(b"A. Officer", b"B. Officer"), *lines[101:]]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (edit, "seal over 103: other records"),
        (lambda lines: [*lines[:100], *lines[101:]], "seal over 103: other records"),
        (lambda lines: [*lines[:100], lines[101], lines[100], *lines[102:]], "seal over 103: other records"),
        (lambda lines: [*lines[:100], lines[100], *lines[100:]], "seal over 103: other records"),
        (lambda lines: lines[:-1], "but 270 are here"),
        (lambda lines: [*lines, lines[-1]], "271 records are sealed of 272"),
        (lambda lines: [*lines[:100], lines[100] + b" ", *lines[101:]], "seal over 103: other records"),
    ],
)
def test_go_refuses_changed_records(exported: Exported, change: Callable[[list[bytes]], list[bytes]], why: str) -> None:
    exported.lines("leaves.jsonl", change)
    assert why in exported.verdict()


def seal(line: bytes, change: Callable[[str], str]) -> bytes:
    made = json.loads(line)
    return json.dumps(made | {"note": change(made["note"])}, ensure_ascii=False).encode()


def test_go_refuses_a_checkpoint_over_another_size(exported: Exported) -> None:
    exported.lines("seals.jsonl", lambda ls: [*ls[:5], seal(ls[5], lambda n: n.replace("\n19\n", "\n18\n")), *ls[6:]])
    assert "seal over 19: " in exported.verdict()


def test_go_refuses_a_seal_without_its_epoch_key(exported: Exported) -> None:
    without = seal((exported.folder / "seals.jsonl").read_bytes().split(b"\n")[5], lambda n: n.rsplit("— ", 1)[0])
    exported.lines("seals.jsonl", lambda ls: [*ls[:5], without, *ls[6:]])
    assert "seal over 19: 1 signatures of 2" in exported.verdict()


def test_go_refuses_a_seal_that_is_left_out(exported: Exported) -> None:
    """The next one is signed by a key that was announced under the one that is not there."""
    exported.lines("seals.jsonl", lambda ls: [*ls[:5], *ls[6:]])
    assert "seal over 22: 1 signatures of 2" in exported.verdict()


@pytest.mark.parametrize("other", ["identity", "epoch"])
def test_go_refuses_other_keys(exported: Exported, tmp_path: Path, other: str) -> None:
    stranger = Place(tmp_path / "stranger")
    stranger.check()
    theirs = {line.split(" ")[0]: line for line in stranger.enrolment().text.splitlines()}
    ours = exported.keys.read_text().splitlines()
    exported.keys.write_text("\n".join(theirs[other] if line.startswith(f"{other} ") else line for line in ours))
    assert exported.verdict().startswith("refused: seal over 4: ")


@pytest.mark.parametrize(
    ("old", "new"),
    [("index 99\n", "index 98\n"), ("c2sp.org/tlog-proof@v1\n", "c2sp.org/tlog-proof@v2\n"), ("=\n", "=\n" * 2)],
)
def test_go_refuses_a_proof_that_was_changed(exported: Exported, old: str, new: str) -> None:
    (proof,) = [path for path in exported.proofs if path.name == "100-newest.tlog-proof"]
    text = proof.read_text()
    assert old in text
    proof.write_text(text.replace(old, new, 1))
    assert exported.verdict().startswith("refused: 100-newest.tlog-proof: ")


def test_go_refuses_a_step_that_was_changed(exported: Exported) -> None:
    steps = exported.proofs[-1].read_text().splitlines()
    exported.proofs[-1].write_text("\n".join([*steps[:10], steps[10].rsplit(" ", 1)[0], *steps[11:]]))
    assert exported.verdict().startswith("refused: shelf.consistency: from 34 to 37")
