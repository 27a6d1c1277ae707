"""The program that stands in every export: what it says of a good one, and of each way in which one can be spoilt."""

from __future__ import annotations

import ast
import contextlib
import io
import json
import re
import runpy
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock

import pytest

from core.jobs import Cancel, silent
from core.ledger.records import Attestation, HandBackFollowed, HandBackIntended, HandedBack, Kind, Personal
from core.ledger.search.record_filter import Filter
from core.model import Afterwards, Attested, Paper, Verdict
from core.reports.tables.exports import Format, export
from tests.unit.reports.conftest import Desk, desks_in, finding

PROGRAM = Path(__file__).resolve().parents[3] / "resources" / "audit" / "verify_log.py"

Spoil = Callable[[Path], None]


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk with several seals, not all over a power of two of records."""
    with desks_in(tmp_path_factory.mktemp("busy")) as make_desk:
        desk = make_desk()
        for _ in range(4):
            desk.visit().check(finding(), seal=True)
            desk.remove("com.tencent.mm")
            check = desk.check(seal=True).seq
            desk.write(
                Attestation(answer=Attested.NOTHING_SEEN, verdict=Verdict.AMBER, note=Personal("note"), check=check)
            )
            leaving = desk.write(HandBackIntended(verdict=Verdict.AMBER, paper=Paper.PRINTED, check=check)).seq
            desk.write(HandedBack(debugging_asked=True, left=True, intent=leaving))
            desk.write(HandBackFollowed(what=Afterwards.UNPLUGGED, hand_back=leaving), seal=True)
        yield desk


@pytest.fixture(scope="module")
def exported(busy: Desk, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """An export of everything, and one of the findings."""
    folder = tmp_path_factory.mktemp("exported")
    everything, findings = (
        export(busy.ledger, Format.JSONL, chosen, folder, silent, Cancel()).folder
        for chosen in (Filter(), Filter(kind=Kind.FINDING))
    )
    return everything, findings


@pytest.fixture
def whole(exported: tuple[Path, Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(exported[0], tmp_path / "whole"))


@pytest.fixture
def some(exported: tuple[Path, Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(exported[1], tmp_path / "some"))


def started(folder: Path, *words: str) -> tuple[int, str]:
    """The exit code, and what is said, of a process as an auditor starts it."""
    done = subprocess.run(
        [sys.executable, "verify_log.py", *words], cwd=folder, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr
    return told(done.returncode, done.stdout, done.stderr)


def run(folder: Path, *words: str) -> tuple[int, str]:
    """Likewise, in this process. Whatever it raises but its own end would be a traceback."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    with (
        contextlib.chdir(folder),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        mock.patch.object(sys, "argv", ["verify_log.py", *words]),
    ):
        try:
            runpy.run_path("verify_log.py", run_name="__main__")
        except SystemExit as end:  # with a text, it is what stands on stderr
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
            if isinstance(end.code, str):
                err.write(f"{end.code}\n")
    return told(code, out.getvalue(), err.getvalue())


def told(code: int, out: str, err: str) -> tuple[int, str]:
    assert bool(code) == err.startswith("NOT OK: ") or "SIZE ROOT" in out
    return code, out + err


def test_a_whole_export_is_as_it_was_sealed(whole: Path) -> None:
    size = (whole / "checkpoint").read_text().split("\n")[1]
    code, said = started(whole)
    assert (code, said) == run(whole)
    assert code == 0
    assert said.startswith(f"OK: {size} records, as they were sealed. NOT checked: by whom")


def test_chosen_records_are_as_they_were_sealed(some: Path) -> None:
    size = (some / "checkpoint").read_text().split("\n")[1]
    code, said = run(some)
    assert (code, len((some / "leaves.jsonl").read_bytes().splitlines())) == (0, 4)
    assert said.startswith(f"OK: 4 of {size} records are here, each as it was sealed. NOT checked: by whom")


@pytest.mark.parametrize(("words", "code"), [(("--help",), 0), (("-h",), 0), (("12",), 1), (("1", "AAAA", "x"), 1)])
def test_it_tells_how_it_is_used(whole: Path, words: tuple[str, ...], code: int) -> None:
    ended, said = run(whole, *words)
    assert ended == code
    assert "python3 verify_log.py [SIZE ROOT]" in said
    assert "OK:" not in said


def test_a_receipt_of_any_earlier_seal_fits(whole: Path) -> None:
    for line in (whole / "seals.jsonl").read_text().splitlines():
        _, size, root, *_ = json.loads(line)["note"].split("\n")
        assert run(whole, size, root)[0] == 0


def test_a_receipt_of_another_log_does_not_fit(whole: Path) -> None:
    lines = (whole / "seals.jsonl").read_text().splitlines()
    (_, first, root, *_), (_, last, _, *_) = (json.loads(line)["note"].split("\n") for line in (lines[0], lines[-1]))
    code, said = run(whole, last, root)
    assert code == 1
    assert "are not those of the copy from outside" in said
    assert run(whole, str(int(first) - 1), root)[0] == 1


def test_a_log_that_was_cut_back_to_a_seal_is_found_by_a_newer_receipt(whole: Path) -> None:
    seals = (whole / "seals.jsonl").read_text().splitlines(keepends=True)
    newest = json.loads(seals[-1])["note"].split("\n")
    older = json.loads(seals[-3])
    leaves = (whole / "leaves.jsonl").read_bytes().splitlines(keepends=True)
    (whole / "leaves.jsonl").write_bytes(b"".join(leaves[: older["size"]]))
    (whole / "seals.jsonl").write_text("".join(seals[:-2]))
    (whole / "checkpoint").write_text(older["note"])
    assert run(whole)[0] == 0  # alone, it cannot know
    code, said = run(whole, newest[1], newest[2])
    assert code == 1
    assert f"the copy from outside is over {newest[1]} records (read up to record {older['size']})" in said


def change_lines(name: str, change: Callable[[list[bytes]], list[bytes]]) -> Spoil:
    def spoil(folder: Path) -> None:
        lines = (folder / name).read_bytes().splitlines(keepends=True)
        (folder / name).write_bytes(b"".join(change(lines)))

    return spoil


def edit(number: int, old: bytes, new: bytes) -> Callable[[list[bytes]], list[bytes]]:
    def change(lines: list[bytes]) -> list[bytes]:
        assert old in lines[number]
        lines[number] = lines[number].replace(old, new)
        return lines

    return change


def without(number: int) -> Callable[[list[bytes]], list[bytes]]:
    return lambda lines: lines[:number] + lines[number:][1:]


def with_crlf(lines: list[bytes]) -> list[bytes]:
    return [line.replace(b"\n", b"\r\n") for line in lines]


def mirrored(folder: Path) -> None:
    """Another root in the checkpoint, as long and as proper."""
    lines = (folder / "checkpoint").read_text().split("\n")
    lines[2] = "A" * 43 + "="
    (folder / "checkpoint").write_text("\n".join(lines))


WHOLE: dict[str, tuple[Spoil, str]] = {
    "edited": (change_lines("leaves.jsonl", edit(9, b"A. Roy", b"B. Roy")), "are not those of seals.jsonl"),
    "spaced": (change_lines("leaves.jsonl", edit(4, b'"seq":', b'"seq": ')), "are not those of seals.jsonl"),
    "deleted": (change_lines("leaves.jsonl", without(6)), "record 7 is missing, changed or not in its place"),
    "first deleted": (change_lines("leaves.jsonl", without(0)), "record 1 is missing"),
    "last deleted": (change_lines("leaves.jsonl", without(-1)), "is over"),
    "all deleted": (change_lines("leaves.jsonl", lambda lines: []), "(read up to record 0)"),
    "swapped": (
        change_lines("leaves.jsonl", lambda lines: [*lines[:5], lines[6], lines[5], *lines[7:]]),
        "record 6 is missing, changed or not in its place",
    ),
    "twice": (change_lines("leaves.jsonl", lambda lines: [*lines[:5], *lines[4:]]), "record 6 is missing"),
    "added": (
        change_lines("leaves.jsonl", lambda lines: [*lines, b'{"seq":%d}\n' % (len(lines) + 1)]),
        "records are sealed",
    ),
    "renumbered": (change_lines("leaves.jsonl", edit(3, b'"seq":4', b'"seq":4.5')), "are not those of seals.jsonl"),
    "cut in a line": (
        change_lines("leaves.jsonl", lambda lines: [*lines[:-1], lines[-1][:-9]]),
        "the end of the line was cut off",
    ),
    "other line ends": (change_lines("leaves.jsonl", with_crlf), "leaves.jsonl, line 1: the end of the line"),
    "other line ends in the checkpoint": (change_lines("checkpoint", with_crlf), "checkpoint, line 1: the end"),
    "other line ends in the seals": (change_lines("seals.jsonl", with_crlf), "seals.jsonl, line 1: the end"),
    "no JSON": (change_lines("leaves.jsonl", edit(2, b"{", b"")), "(read up to record 2)"),
    "no record": (change_lines("leaves.jsonl", lambda lines: [b"[]\n", *lines]), "(read up to record 0)"),
    "nested": (change_lines("leaves.jsonl", lambda lines: [b"[" * 90_000 + b"\n", *lines]), "read up to record 0"),
    "endless": (change_lines("leaves.jsonl", lambda lines: [b"x" * 600_000 + b"\n", *lines]), "was cut off or changed"),
    "other root": (mirrored, "are not those of checkpoint"),
    "a seal missing its root": (change_lines("seals.jsonl", lambda lines: [b'{"note":"a"}\n', *lines[1:]]), ""),
    "seals in another order": (change_lines("seals.jsonl", lambda lines: lines[::-1]), "seals.jsonl is over"),
    "no seals": (lambda folder: (folder / "seals.jsonl").unlink(), "seals.jsonl"),
    "no checkpoint": (lambda folder: (folder / "checkpoint").unlink(), "checkpoint"),
    "no leaves": (lambda folder: (folder / "leaves.jsonl").unlink(), "leaves.jsonl"),
}


@pytest.mark.parametrize("how", WHOLE)
def test_a_spoilt_export_is_found(whole: Path, how: str) -> None:
    spoil, said = WHOLE[how]
    spoil(whole)
    code, told = run(whole)
    assert code == 1
    assert said in told


def test_an_edited_record_is_between_two_seals(whole: Path) -> None:
    sizes = [json.loads(line)["size"] for line in (whole / "seals.jsonl").read_text().splitlines()]
    change_lines("leaves.jsonl", edit(sizes[1], b"A. Roy", b"B. Roy"))(whole)
    assert f"records {sizes[1] + 1} to {sizes[2]} are not those of seals.jsonl" in run(whole)[1]
    assert started(whole) == run(whole)


SOME: dict[str, tuple[Spoil, str]] = {
    "edited": (change_lines("leaves.jsonl", edit(1, b"com.tencent.mm", b"com.tencent.ww")), "missing, changed or not"),
    "swapped": (change_lines("leaves.jsonl", lambda lines: [lines[1], lines[0], *lines[2:]]), "not in its place"),
    "twice": (change_lines("leaves.jsonl", lambda lines: [lines[0], *lines]), "not in its place"),
    "added": (change_lines("leaves.jsonl", lambda lines: [*lines, b'{"seq":9000000000000000000}\n']), "record 9000"),
    "endless number": (change_lines("leaves.jsonl", edit(0, b'"seq":', b'"seq":99999999999999999999')), "NOT OK"),
    "hash of another": (change_lines("hashes.txt", lambda lines: [*lines[1:], lines[0]]), "changed or not"),
    "hash missing": (change_lines("hashes.txt", without(-1)), "is over"),
    "hash added": (change_lines("hashes.txt", lambda lines: [*lines, lines[0]]), "records are sealed"),
    "hash edited": (change_lines("hashes.txt", lambda lines: [b"00" * 32 + b"\n", *lines[1:]]), "are not those of"),
    "no hash": (change_lines("hashes.txt", lambda lines: [b"no hash\n", *lines[1:]]), "(read up to record 0)"),
    "other line ends": (change_lines("hashes.txt", with_crlf), "hashes.txt, line 1: the end of the line"),
    "no hashes": (lambda folder: (folder / "hashes.txt").unlink(), "record 1 is missing"),
}


@pytest.mark.parametrize("how", SOME)
def test_spoilt_chosen_records_are_found(some: Path, how: str) -> None:
    spoil, said = SOME[how]
    spoil(some)
    code, told = run(some)
    assert code == 1
    assert said in told


@pytest.mark.parametrize("words", [("x", "y"), ("-1", "AAAA"), ("3", "no base64")])
def test_what_is_typed_wrongly_is_not_ok(whole: Path, words: tuple[str, ...]) -> None:
    assert run(whole, *words)[0] == 1


def test_an_auditor_can_read_it_and_needs_nothing_but_python() -> None:
    text = PROGRAM.read_text(encoding="utf-8")
    assert text.count("\n") < 60
    tree = ast.parse(text, feature_version=(3, 8))
    modules = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    modules |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert modules <= sys.stdlib_module_names


@pytest.mark.parametrize("language", ["en", "fr"])
def test_openssl_finds_the_desk_s_signature_as_the_readme_says(whole: Path, busy: Desk, language: str) -> None:
    """Copied out of the file, with the sheet's words in the place that it names, and nothing else changed."""
    if not shutil.which("bash") or not shutil.which("openssl"):
        pytest.skip("there is no bash or no openssl here")
    text = (whole / "README.md").read_text(encoding="utf-8").split("# Journal exporté")[language == "fr"]
    place = {"en": "NAME+NUMBER+KEY", "fr": "NOM+NUMÉRO+CLÉ"}[language]
    (start,) = (found.start() for found in re.finditer(rf"    \w+='{re.escape(place)}'\n", text))
    lines = textwrap.dedent(text[start:].split("\n\n")[0])
    for line, found in zip(busy.ledger.enrolment.text.splitlines()[1:], (1, 0, 0), strict=True):
        word, _, key = line.partition(" ")
        script = lines.replace(place, key)
        done = subprocess.run(["bash", "-c", script], cwd=whole, capture_output=True, text=True, check=False)
        said = done.stdout + done.stderr
        assert said.count("Signature Verified Successfully") == found, word
        assert said.count("Signature Verification Failure") == 2 - found, said


def test_a_key_with_a_plus_in_it_is_cut_at_the_second_one(whole: Path) -> None:
    if not shutil.which("bash"):
        pytest.skip("there is no bash here")
    for cut in re.findall(r"printf %s \"\$\w+\" \| cut [^|]*", (whole / "README.md").read_text(encoding="utf-8"))[:2]:
        name = re.findall(r"\$(\w+)", cut)[0]
        script = f"{name}='example.org/desk-4/0f+1a2b3c4d+AQ+b+/=='; {cut}"
        done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == "AQ+b+/=="


def test_no_line_of_the_readme_is_too_long_to_be_read(whole: Path) -> None:
    lines = (whole / "README.md").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if len(line) > 120] == []
