"""What a newcomer to the project looks for: changelog, decisions, forms, hooks. Each says what is so."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

import core
from installer import bootstrap, test_run

ROOT: Final = Path(__file__).resolve().parents[2]
GITHUB: Final = ROOT / ".github"
DECISIONS: Final = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
#: Keep a Changelog 1.1.0, in its order.
SECTIONS: Final = ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_the_changelog_has_what_is_unreleased_above_the_version_of_the_program() -> None:
    headings = re.findall(r"^## (.+)$", text_of("CHANGELOG.md"), re.MULTILINE)
    assert headings[0] == "[Unreleased]"
    version, day = re.fullmatch(r"\[(\d+\.\d+\.\d+)\] - (\d{4}-\d\d-\d\d)", headings[1]).groups()  # type: ignore[union-attr]
    assert version == core.__version__
    assert day >= "2026-11-30"


def test_the_changelog_has_the_sections_of_its_form_and_says_whom_each_line_concerns() -> None:
    for release in text_of("CHANGELOG.md").split("\n## ")[1:]:
        sections = release.split("\n### ")[1:]
        names = [section.partition("\n")[0] for section in sections]
        assert names == [name for name in SECTIONS if name in names]
        for section in sections:
            body = section.partition("\n")[2]
            assert re.match(r"\n#### For \w+", body), section[:80]


def test_every_decision_has_a_status_and_is_in_the_index_with_its_title() -> None:
    index = text_of("docs/decisions/README.md")
    assert len(re.findall(r"^\| \d{3} ", index, re.MULTILINE)) == len(DECISIONS)
    for path in DECISIONS:
        heading, _, rest = path.read_text(encoding="utf-8").partition("\n\n")
        number, title = heading.removeprefix("# ").split(" ", 1)
        status = re.match(r"\*\*Status:\*\* (\d{4}-\d\d-\d\d), (in force|superseded)", rest)
        assert status, path.name
        assert f"| {number} | [{title}]({path.name}) | {status[1]} | {status[2]}" in index


def test_a_decision_that_another_supersedes_and_that_one_name_each_other() -> None:
    links = {
        path.name: re.findall(r"\]\((\d{3}[\w.-]+)\)", path.read_text(encoding="utf-8").split("\n## ")[0])
        for path in DECISIONS
    }
    for path in DECISIONS:
        status = " ".join(path.read_text(encoding="utf-8").split("\n## ")[0].split())
        for other in re.findall(r"superseded by \[\d{3}\]\(([^)]+)\)", status, re.IGNORECASE):
            assert path.name in links[other]
    assert all((ROOT / "docs/decisions" / name).exists() for names in links.values() for name in names)


FORMS: Final = sorted(path for path in (GITHUB / "ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml")


@pytest.mark.skipif(not FORMS, reason="only a clone has them")
@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_a_form_is_one_that_github_takes(path: Path) -> None:
    """By what GitHub's syntax for issue forms demands: it shows a form with a fault to nobody."""
    form: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert {"name", "description", "body"} <= form.keys()
    fields = [part for part in form["body"] if part["type"] != "markdown"]
    assert fields
    names = [part["id"] for part in fields]
    labels = [part["attributes"]["label"] for part in fields]
    assert len(set(names)) == len(names)
    assert len(set(labels)) == len(labels)
    for part in form["body"]:
        assert part["type"] in ("markdown", "input", "textarea", "dropdown", "checkboxes")
        if part["type"] in ("dropdown", "checkboxes"):
            assert len(part["attributes"]["options"]) > 1
    assert "serial" in path.read_text(encoding="utf-8"), "asks to leave out what names a phone or a person"


@pytest.mark.skipif(not FORMS, reason="only a clone has them")
def test_what_the_forms_refer_to_is_there() -> None:
    for path in [*FORMS, GITHUB / "pull_request_template.md"]:
        text = path.read_text(encoding="utf-8")
        for name in re.findall(r"\.\./blob/main/([\w./-]+)", text) + re.findall(
            r"`((?:docs|resources)/[\w./-]+)`", text
        ):
            assert (ROOT / name).exists(), f"{path.name}: {name}"


@pytest.mark.skipif(not (ROOT / ".pre-commit-config.yaml").exists(), reason="only a clone has it")
def test_the_hooks_are_the_checks_of_ci_and_fetch_nothing() -> None:
    config = yaml.safe_load(text_of(".pre-commit-config.yaml"))
    assert [repo["repo"] for repo in config["repos"]] == ["local"]
    hooks = {hook["name"]: hook for hook in config["repos"][0]["hooks"]}
    assert all(hook["language"] == "system" for hook in hooks.values())
    clone = bootstrap.Clone(Path("clone"))
    checks = {
        name: " ".join(
            [
                "python"
                if part == clone.program("python")
                else Path(part).stem
                if part == clone.program("lint-imports")
                else str(part)
                for part in command
            ]
        )
        for name, command in bootstrap.checks(clone, test_run.parse([])).items()
    }
    checks["pytest"] = "python -m pytest --part python -n auto --dist worksteal"  # of as many processes as fit
    assert {name: hook["entry"] for name, hook in hooks.items()} == checks
