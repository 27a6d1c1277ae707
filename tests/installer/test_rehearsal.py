"""A release that is rehearsed: made whole, verified by an outsider, and refused when anything of it is altered."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from installer import sign
from installer.linux import packages
from installer.problem import BuildProblem
from installer.release import boxes, manual_site, rehearse, version_check
from installer.release.outsider import __main__ as outsider
from installer.release.outsider import manual_pages, origin, signatures
from installer.release.outsider.report import NotInOrder, Report
from installer.release.outsider.unpacking import unpack
from installer.release.page import RehearsalResult
from installer.release.steps import STEPS, Rehearsal
from tests.installer import releases
from tests.installer.releases import ROOT, VERSION

pytestmark = [
    pytest.mark.skipif("FANION_CLOCK" in os.environ, reason="needs the system's own time, as an outsider has it"),
    pytest.mark.skipif(sys.platform != "linux", reason="a release is put together on Linux"),
    pytest.mark.skipif(not shutil.which("git"), reason="a rehearsal is of a commit"),
]
SECRET = "correct horse battery"
TAR = f"fanion-{VERSION}-linux-x86_64.tar.xz"
ZIP = f"fanion-{VERSION}-windows-x64.zip"
DEB = f"fanion_{VERSION}_amd64.deb"
BILL = f"fanion-{VERSION}.cdx.json"
PROVENANCE = f"fanion-{VERSION}-provenance.json"
MANUAL = f"fanion-{VERSION}-manual.tar.xz"


@pytest.fixture(scope="module")
def rehearsal(tmp_path_factory: pytest.TempPathFactory) -> Rehearsal:
    place = tmp_path_factory.mktemp("rehearsal")
    repository = releases.make_repository(place / "repository")
    packages = releases.pack(releases.make_bundle(place), place / "packages")
    commit = releases.git(repository, "rev-parse", "HEAD")
    return Rehearsal(repository, place / "work", commit, packages, lambda clone: packages, releases.make_manual)


@pytest.fixture(scope="module")
def result(rehearsal: Rehearsal) -> RehearsalResult:
    rehearse.begin(rehearsal)
    return rehearse.rehearse(rehearsal)


def states(result: RehearsalResult) -> dict[str, tuple[str, str]]:
    return {row.subject: (row.state, row.detail) for _, rows in result.sections for row in rows}


# --- what is made


@pytest.mark.slow
def test_a_release_is_made_and_verified(result: RehearsalResult) -> None:
    assert result.rows("failed") == []
    verified = {row.subject for row in result.rows("verified")}
    for subject in (
        "python3 sign.py verify: the signature, every file on the list, nothing beside it",
        "Provenance: the tag's commit, what was pinned there, and the digest of every file",
        "Every file, altered by one byte in a copy, is refused by its name",
        f"{TAR}: the bill of materials names every file, and every file that it names is there",
        f"{TAR}: the notices have every part, its licence and that licence's text",
        f"{ZIP}: the bill of materials names every file, and every file that it names is there",
        f"fanion-more-{VERSION}-linux-x86_64.tar.xz: the notices have every part, its licence and that licence's text",
        f"{MANUAL}: every guide as PDF and as a page, in both languages",
        "CHANGELOG.md and the program's version agree",
    ):
        assert subject in verified
    if shutil.which("dpkg-deb"):
        assert "fanion for Linux: the same program in every package" in verified


@pytest.mark.skipif(not shutil.which("gpg"), reason="needs gpg")
def test_the_tag_is_signed_by_a_test_key_and_in_the_throw_away_clone_alone(
    rehearsal: Rehearsal, result: RehearsalResult
) -> None:
    state, detail = states(result)[f"git verify-tag v{VERSION}"]
    assert (state, "TEST" in detail) == ("verified", True)
    assert releases.git(rehearsal.repository, "tag") == ""
    assert releases.git(rehearsal.repository, "status", "--porcelain") == ""
    assert releases.git(rehearsal.clone, "remote") == ""


def test_the_key_is_a_test_key_in_all_that_it_signs_and_its_secret_half_is_gone(
    rehearsal: Rehearsal, result: RehearsalResult
) -> None:
    release = rehearsal.release
    for file in (release / "SHA256SUMS.minisig", release / "fanion-release.minisig"):
        assert sign.signature(file.read_bytes()).trusted_comment.startswith("TEST of Fanion 1.2.3")
    assert "TEST" in rehearsal.public_key.name
    assert "TEST" in rehearsal.public_key.read_text()
    assert "TEST" in (release / "fanion-release").read_text(encoding="utf-8")
    assert "TEST" in json.loads((release / PROVENANCE).read_text())["predicate"]["runDetails"]["builder"]["id"]
    assert [path.name for path in rehearsal.work.rglob("*") if path.suffix in (".key", ".part")] == []


def test_what_cannot_be_tried_here_is_said(result: RehearsalResult) -> None:
    untried = " ".join(f"{row.subject} {row.detail}" for row in result.rows("not tried"))
    for words in ("macOS", "-windows-x64-setup.exe", ".x86_64.rpm", "The real key", "Sigstore", "LGPL", "Phones"):
        assert words in untried
    assert states(result)[f"fanion-more-{VERSION}-linux-x86_64.tar.xz: fanion --version"][0] == "not tried"
    assert states(result)[f"{ZIP}: fanion --version"] == ("not tried", "It is for another system than this one.")


def test_the_page_and_the_text_say_the_same(rehearsal: Rehearsal, result: RehearsalResult) -> None:
    page = (rehearsal.work / "page.html").read_text(encoding="utf-8")
    text = " ".join((rehearsal.work / "page.txt").read_text(encoding="utf-8").split())
    assert text.startswith(f"Rehearsal of the release of Fanion {VERSION}")
    assert "Nothing failed, and nothing is in the way of the tag." in text
    for row in (row for _, rows in result.sections for row in rows):
        assert row.subject.rstrip(".") in text
        assert row.subject.replace("'", "&#x27;") in page
    assert len(result.boxes) > 40
    assert page.count('type="checkbox"') == text.count("[ ]") == len(result.boxes)
    assert "<script" not in page
    notices = rehearsal.work / "5-outsider" / "notices"
    assert str(notices) in text
    assert (notices / f"{TAR}.txt").read_text(encoding="utf-8").startswith("FANION: SOFTWARE OF THIRD PARTIES")
    assert not re.search(r"src=|href=|url\(", page)


def test_a_finished_rehearsal_is_only_verified_once_more(rehearsal: Rehearsal, result: RehearsalResult) -> None:
    before = {path: path.stat().st_mtime_ns for path in rehearsal.release.iterdir()}
    rehearse.begin(rehearsal)
    assert not rehearse.rehearse(replace(rehearsal, manual=lambda clone, out: pytest.fail("made again"))).failed
    assert {path: path.stat().st_mtime_ns for path in rehearsal.release.iterdir()} == before


# --- a step that fails


@pytest.mark.slow
def test_a_step_that_fails_leaves_nothing_under_its_name_and_the_next_goes_on_there(
    rehearsal: Rehearsal, tmp_path: Path
) -> None:
    def half(clone: Path, out: Path) -> None:
        (out / MANUAL).write_bytes(b"half")
        raise BuildProblem("The disk is full.")

    broken = replace(rehearsal, work=tmp_path / "work", manual=half)
    rehearse.begin(broken)
    result = rehearse.rehearse(broken)
    assert states(result)["Manual"] == ("failed", "The disk is full.")
    assert states(result)["Verifying as an outsider"] == ("not tried", "Not begun, since “Manual” failed.")
    text = (broken.work / "page.txt").read_text(encoding="utf-8")
    assert "Do not release this: 1 thing failed." in text
    assert [step.name for step in STEPS if (broken.work / step.name).exists()] == ["1-clone", "2-packages"]
    again = replace(broken, manual=releases.make_manual)
    packed = (again.work / "2-packages" / "rows.json").stat().st_mtime_ns
    rehearse.begin(again)
    assert rehearse.rehearse(again).rows("failed") == []
    assert (again.work / "2-packages" / "rows.json").stat().st_mtime_ns == packed
    releases.git(again.repository, "commit", "--quiet", "--allow-empty", "-m", "another")
    try:
        rehearse.begin(replace(again, commit=releases.git(again.repository, "rev-parse", "HEAD")))
        assert [path.name for path in again.work.iterdir()] == [rehearse.NOTE]
    finally:
        releases.git(again.repository, "reset", "--quiet", "--hard", again.commit)


@pytest.mark.slow
def test_what_the_builder_has_not_made_is_not_taken(rehearsal: Rehearsal, tmp_path: Path) -> None:
    dist = shutil.copytree(rehearsal.packages or tmp_path, tmp_path / "dist")
    sign.write_sums([dist / TAR, dist / BILL])
    (dist / TAR).write_bytes(b"something else")
    other = replace(rehearsal, work=tmp_path / "work", packages=None, build=lambda clone: dist)
    rehearse.begin(other)
    assert states(rehearse.rehearse(other))["Packages"][0] == "failed"
    releases.pack(releases.make_bundle(tmp_path), dist)
    (dist / "stray.deb").write_bytes(b"")
    assert rehearse.rehearse(other).rows("failed") == []
    assert not (other.release / "stray.deb").exists()


# --- what an outsider refuses


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    sign.make_keys(folder, SECRET)
    return folder


@pytest.fixture
def copy(rehearsal: Rehearsal, result: RehearsalResult, tmp_path: Path) -> Path:
    return shutil.copytree(rehearsal.release, tmp_path / "release")


def failures(rehearsal: Rehearsal, release: Path, key: Path) -> str:
    """What an outsider has against a release, a line each."""
    tag_key = rehearsal.tag_key if rehearsal.tag_key.is_file() else None
    report = outsider.verify(release, key, ROOT / "installer/sign.py", rehearsal.clone, f"v{VERSION}", tag_key)
    return "\n".join(f"{row['subject']}: {row['detail']}" for row in report.rows if row["state"] == "failed")


@pytest.mark.parametrize(
    "name",
    [
        *([DEB] if shutil.which("dpkg-deb") else []),
        TAR,
        ZIP,
        BILL,
        PROVENANCE,
        MANUAL,
        "fanion-release",
        "fanion-release.minisig",
        "SHA256SUMS",
    ],
)
def test_one_byte_more_in_any_file_is_refused_by_its_name(rehearsal: Rehearsal, copy: Path, name: str) -> None:
    with (copy / name).open("ab") as file:
        file.write(b"\n")
    report = Report()
    signatures.verify(report, copy, rehearsal.public_key, ROOT / "installer/sign.py", VERSION)
    (first, *_) = report.rows
    assert (first["subject"].startswith("python3 sign.py verify"), first["state"]) == (True, "failed")
    said = "signature is not good" if name == "SHA256SUMS" else f"{name} is not the file"
    assert said in first["detail"]


def test_a_file_that_nobody_signed_is_refused_and_so_is_a_missing_one(rehearsal: Rehearsal, copy: Path) -> None:
    (copy / "more.deb").write_bytes(b"")
    assert "Nobody has signed what is not on the list" in failures(rehearsal, copy, rehearsal.public_key)
    (copy / "more.deb").unlink()
    (copy / MANUAL).unlink()
    assert f"not here: {MANUAL}" in failures(rehearsal, copy, rehearsal.public_key)


def test_another_key_is_refused(rehearsal: Rehearsal, copy: Path, keys: Path) -> None:
    assert "from another key" in failures(rehearsal, copy, keys / "fanion.pub")


@pytest.mark.skipif(not shutil.which("gpg"), reason="needs gpg")
def test_a_tag_that_was_moved_is_refused_and_so_is_a_list_of_packages_that_it_has_not(
    rehearsal: Rehearsal, copy: Path, tmp_path: Path
) -> None:
    clone = shutil.copytree(rehearsal.clone, tmp_path / "clone")
    (clone / "installer/requirements.txt").write_text("part==1.1 --hash=sha256:00\n")
    releases.git(clone, "commit", "--quiet", "--all", "-m", "another")
    releases.git(clone, "tag", "--force", "--annotate", "-m", "moved", f"v{VERSION}")
    report = Report()
    origin.verify(report, copy, clone, f"v{VERSION}", rehearsal.tag_key)
    (tag, provenance) = report.rows
    assert (tag["state"], provenance["state"]) == ("failed", "failed")
    assert "no signature found" in tag["detail"]
    statement = json.loads((copy / PROVENANCE).read_text())
    source = statement["predicate"]["buildDefinition"]["resolvedDependencies"][0]
    source["digest"]["gitCommit"] = releases.git(clone, "rev-parse", "HEAD")
    (copy / PROVENANCE).write_text(json.dumps(statement))
    report = Report()
    origin.verify(report, copy, clone, f"v{VERSION}", rehearsal.tag_key)
    assert report.rows[1]["detail"] == f"installer/requirements.txt is another file at v{VERSION}."


Alteration = Callable[[Path], None]


def in_text(name: str, before: str, after: str) -> Alteration:
    """Change a published file."""

    def alter(release: Path) -> None:
        text = (release / name).read_text(encoding="utf-8")
        assert before in text
        (release / name).write_text(text.replace(before, after), encoding="utf-8")

    return alter


def in_archive(archive: str, member: str, before: bytes, after: bytes) -> Alteration:
    """Change a file in a .tar.xz; without anything `before`, add to it."""

    def alter(release: Path) -> None:
        out = io.BytesIO()
        with tarfile.open(release / archive) as old, tarfile.open(fileobj=out, mode="w:xz") as new:
            for entry in old:
                file = old.extractfile(entry) if entry.isfile() else None
                data = file.read() if file else b""
                if entry.name.endswith(member):
                    assert before in data
                    data = data.replace(before, after) if before else data + after
                entry.size = len(data)
                new.addfile(entry, io.BytesIO(data))
        (release / archive).write_bytes(out.getvalue())

    return alter


def renamed_copy(release: Path) -> None:
    shutil.copyfile(release / TAR, release / TAR.replace("1.2.3", "1.2.4"))


#: What an outsider says of what was altered: of one row a line, and of different rows at once.
WRONG: list[dict[str, Alteration]] = [
    {
        f"{TAR}: the bill .* lib/part.so is not the file": in_archive(TAR, "lib/part.so", b"", b"!"),
        f"{TAR}: the notices .* list part 1.0": in_archive(TAR, "NOTICES.txt", b"part 1.0: MIT", b""),
        f"{TAR}: fanion --version: .*1.2.2": in_archive(TAR, "/fanion", b"1.2.3", b"1.2.2"),
        f"{TAR}: fanion check.*: The verdict .* is green": in_archive(TAR, "/fanion", b"red", b"green"),
        f"{TAR}: fanion self-test: It ended with 2": in_archive(TAR, "/fanion", b"self-test)", b"other)"),
        f"{MANUAL}: no link .*no-part leads to no heading": in_archive(MANUAL, "guide.en.html", b"#a-p", b"#no-p"),
        f"{MANUAL}: every guide .*“en”": in_archive(MANUAL, "guide.fr.html", b'<html lang="fr"', b'<html lang="en"'),
        f"Provenance: .*does not name {ZIP}": in_text(PROVENANCE, f'"name": "{ZIP}"', '"name": "other.zip"'),
    },
    {
        f"{TAR}: the bill .* none of those that are published": in_archive(TAR, ".cdx.json", b"", b" "),
        "1.2.4-linux-x86_64.tar.xz: .* another version": renamed_copy,
        f"{MANUAL}: no link .*<script>": in_archive(MANUAL, "guide.en.html", b"<h1>", b"<script></script><h1>"),
        f"{MANUAL}: every guide .*no whole PDF": in_archive(MANUAL, "guide.en.pdf", b"%%EOF", b""),
        "Provenance: .*names the commit 0": in_text(PROVENANCE, '"gitCommit": "', '"gitCommit": "0'),
    },
    {
        f"{TAR}: the notices .* cites texts": in_archive(TAR, "NOTICES.txt", b"\n[1] ", b"\n1 "),
        f"{MANUAL}: no link .*style.css loads": in_archive(MANUAL, "style.css", b"", b"@import 'x.css';"),
        "Provenance: .*no statement": in_text(PROVENANCE, "slsa.dev/provenance/v1", "slsa.dev/provenance/v0"),
    },
]


@pytest.mark.parametrize("wrong", WRONG, ids=["first", "second", "third"])
def test_what_was_signed_and_is_wrong_is_refused_all_the_same(
    rehearsal: Rehearsal, copy: Path, keys: Path, wrong: dict[str, Alteration]
) -> None:
    """A mistake of whoever makes the release, or of the build: checksums and signatures are good."""
    key = keys / "fanion.key"
    of_provenance = [said for said in wrong if said.startswith("Provenance")]
    for said in wrong.keys() - of_provenance:
        wrong[said](copy)
    renew_provenance(copy)
    for said in of_provenance:
        wrong[said](copy)
    sign.sign(sign.write_sums(sorted(copy.iterdir())), key, SECRET, "Fanion")
    lines = failures(rehearsal, copy, keys / "fanion.pub")
    for said in wrong:
        assert re.search(said, lines), lines
    assert "sign.py verify" not in lines


@pytest.mark.skipif(not shutil.which("minisign"), reason="needs minisign")
@pytest.mark.parametrize(
    ("before", "after", "said"),
    [('"1.2.3"', '"1.2.2"', "It is of version 1.2.2"), ("=", "", "TOMLDecodeError")],
    ids=["another version", "no TOML"],
)
def test_what_desks_read_was_signed_and_is_wrong(copy: Path, keys: Path, before: str, after: str, said: str) -> None:
    in_text("fanion-release", before, after)(copy)
    sign.sign(copy / "fanion-release", keys / "fanion.key", SECRET, "fanion-release")
    sign.sign(sign.write_sums(sorted(copy.iterdir())), keys / "fanion.key", SECRET, "Fanion")
    report = Report()
    signatures.verify(report, copy, keys / "fanion.pub", ROOT / "installer/sign.py", VERSION)
    (row,) = [row for row in report.rows if row["subject"].startswith("fanion-release: ")]
    assert (row["state"], said in row["detail"]) == ("failed", True)


def renew_provenance(release: Path) -> None:
    """Have the provenance name the files as they are."""
    statement = json.loads((release / PROVENANCE).read_text())
    names = [
        path.name for path in release.iterdir() if path.name not in (PROVENANCE, "SHA256SUMS", "SHA256SUMS.minisig")
    ]
    statement["subject"] = [{"name": name, "digest": {"sha256": sign.digest(release / name)}} for name in names]
    (release / PROVENANCE).write_text(json.dumps(statement))


@pytest.mark.skipif(not shutil.which("dpkg-deb"), reason="needs dpkg-deb")
def test_a_package_of_debians_is_what_its_own_lists_say(copy: Path, tmp_path: Path) -> None:
    deb = copy / DEB
    for number, (name, words) in enumerate(((deb.name, "fanion 1.2.3 for amd64"), ("other_1.2.3_amd64.deb", "called"))):
        (tmp_path / str(number)).mkdir()
        folder = tmp_path / str(number) / "unpacked"
        folder.mkdir()
        package = deb if name == deb.name else deb.rename(deb.with_name(name))
        report = Report()
        with report.row(name) as sentences:
            sentences += unpack(package, folder, VERSION)
        assert words in report.rows[0]["detail"]


def nfpm() -> str | None:
    try:
        return packages.nfpm()
    except BuildProblem:
        return None


@pytest.mark.skipif(
    nfpm() is None or not shutil.which("zstd") or not shutil.which("cpio"), reason="needs nfpm, zstd, cpio"
)
def test_an_rpm_is_unpacked_also_where_there_is_no_rpm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("content")
    contents = [{"src": str(tmp_path / "file"), "dst": "/usr/lib/fanion/file"}]
    config = {
        "name": "fanion",
        "arch": "amd64",
        "version": VERSION,
        "contents": contents,
        "rpm": {"compression": "zstd"},
    }
    (tmp_path / "nfpm.json").write_text(json.dumps(config | {"description": "x", "maintainer": "x <x@example.org>"}))
    rpm = tmp_path / f"fanion-{VERSION}-1.x86_64.rpm"
    command = [str(nfpm()), "package", "--config", tmp_path / "nfpm.json", "--packager", "rpm", "--target", rpm]
    subprocess.run(command, capture_output=True, check=True)
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("zstd", "cpio"):
        (tools / name).symlink_to(str(shutil.which(name)))
    monkeypatch.setenv("PATH", str(tools))
    for number, cut in enumerate((0, 40)):
        folder = tmp_path / str(number)
        folder.mkdir()
        rpm.write_bytes(rpm.read_bytes()[: -cut or None])
        report = Report()
        with report.row("rpm") as sentences:
            sentences += unpack(rpm, folder, VERSION)
        assert report.failed == bool(cut)
    assert (tmp_path / "0/usr/lib/fanion/file").read_text() == "content"


# --- version and changelog


@pytest.mark.parametrize(
    ("name", "before", "after", "said"),
    [
        ("CHANGELOG.md", "## [Unreleased]\n", "## [Unreleased]\n\n- More.\n", "no version and day yet: 1"),
        ("CHANGELOG.md", "## [1.2.3] -", "## [1.2.2] -", "names 1.2.2 as the newest version, and .* has 1.2.3"),
        ("CHANGELOG.md", "2025-11-24", "November", "no day of the form"),
        ("core/__init__.py", "1.2.3", "1.2.4", "names 1.2.3 as the newest version, and .* has 1.2.4"),
    ],
)
def test_a_commit_that_is_not_ready_for_its_tag_says_why(
    tmp_path: Path, name: str, before: str, after: str, said: str
) -> None:
    clone = releases.make_repository(tmp_path)
    file = clone / name
    file.write_text(file.read_text().replace(before, after))
    (row,) = (row for row in version_check.rows(clone, ["v1.0.0"]) if row.state != "verified")
    assert row.state == "before the tag"
    assert re.search(said, row.detail)


def test_a_version_that_is_tagged_or_a_program_without_a_key_is_not_ready(tmp_path: Path) -> None:
    clone = releases.make_repository(tmp_path)
    (clone / "resources/release-keys/fanion.pub").unlink()
    details = " ".join(row.detail for row in version_check.rows(clone, [f"v{VERSION}"]) if row.state != "verified")
    assert "is another commit's" in details
    assert "no public key" in details


@pytest.mark.parametrize("name", ["core/__init__.py", "CHANGELOG.md"])
def test_without_a_version_there_is_no_release(tmp_path: Path, name: str) -> None:
    clone = releases.make_repository(tmp_path)
    (clone / name).write_text("nothing\n")
    with pytest.raises(BuildProblem):
        version_check.rows(clone, [])


# --- the boxes that people tick


def test_every_box_of_the_list_is_on_the_page_but_the_one_that_the_rehearsal_ticks() -> None:
    paper = (ROOT / "installer/RELEASE.md").read_text(encoding="utf-8")
    listed = boxes.boxes(paper)
    assert len(listed) == paper.count("[ ]") - 1
    assert any("Secure Folder with WeChat" in box.text for box in listed)
    assert not any(re.search(r"\*\*|`|\]\(", box.text) for box in listed)
    assert any("installer/requirements*.txt" in box.text for box in listed)


def test_a_box_has_all_of_its_lines_and_no_code() -> None:
    item = "- [ ] One *two*\n      `four`:\n\n          code\n\n      Five.\n\n- [ ] `bootstrap.py rehearse`\n\n"
    paper = f"## 1. A\n\n{item}| x | y |\n|---|---|\n| [ ] **a** `*.b` | b |\n"
    assert boxes.boxes(paper) == [boxes.Box("1. A", "One two four: Five."), boxes.Box("1. A", "a *.b: b")]


# --- the manual


@pytest.mark.slow
def test_the_site_of_the_guides_is_whole_and_needs_nothing(tmp_path: Path) -> None:
    pages = manual_site.write_site(tmp_path / "home/site", VERSION, releases.EPOCH)
    (tmp_path / "home/pdf").mkdir()
    for page in pages:
        if page.stem != "index":
            (tmp_path / "home/pdf" / f"{page.stem}.pdf").write_bytes(b"%PDF-1.7\n%%EOF")
    assert re.match(r"Guides: \d+", manual_pages.look_at_guides(tmp_path / "home"))
    assert re.match(r"Pages: \d+; links: \d{3,}", manual_pages.look_at_site(tmp_path / "home/site"))
    for language, words in (("en", "Skip to the text"), ("fr", "Aller au texte")):
        page = (tmp_path / f"home/site/officer.{language}.html").read_text(encoding="utf-8")
        assert words in page
        assert 'scope="col"' in page
        assert 'aria-current="page"' in page
        assert "<img" in page


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('<h1>x</h1><img src="x.png">', "has no words"),
        ('<h1>x</h1><img src="https://example.org/x.png" alt="x">', "loaded from elsewhere"),
        ('<h1>x</h1><a href="javascript:x()">x</a>', "leads elsewhere"),
        ('<h1>x</h1><a href="../../../etc/passwd">x</a>', "leads to no file"),
        ('<h1 onclick="x()">x</h1>', "runs or loads"),
        ("<h1>x</h1><h3>y</h3>", "a level of headings"),
        ("<h2>x</h2>", "one title"),
        ('<h1 id="a">x</h1><h2 id="a">x</h2>', "two places"),
        ("<h1>x</h1></p>", "ends what has not begun"),
    ],
)
def test_a_page_that_is_not_in_order_is_refused(tmp_path: Path, body: str, said: str) -> None:
    (tmp_path / "style.css").write_text("")
    (tmp_path / "index.html").write_text(f'<html lang="en"><title>x</title>{body}</html>')
    with pytest.raises(NotInOrder, match=said):
        manual_pages.look_at_site(tmp_path)
