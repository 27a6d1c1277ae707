"""``fanion policy export`` and ``fanion policy convert`` as an administrator meets them."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from core.policy.convert import FORMATS
from core.policy.convert import export as exported
from core.policy.format import policy_file, schema
from tests.unit.cli.conftest import Answer, Fanion

Run = Callable[..., Answer]


@pytest.fixture
def run(fanion: Fanion) -> Run:
    """An action of ``fanion policy``."""
    return lambda *words: fanion("policy", *words)


@pytest.fixture
def watchware(tmp_path: Path) -> Path:
    file = tmp_path / "watch ware.yaml"
    file.write_text("- name: Kids\n  packages: [com.kids.app]\n  websites: [kids.example]\n", encoding="utf-8")
    return file


@pytest.mark.parametrize("format", FORMATS)
def test_without_a_file_the_exact_bytes_are_printed(run: Run, format: str) -> None:
    answer = run("export", "--format", format)
    assert answer.code == 0
    assert answer.out.encode() == exported(policy_file.load_built_in("canada"), format).data


def test_a_file_is_written_and_named(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "canada.csv"
    said = run("export", "--format", "intune", "--out", out, "canada")
    assert said.code == 0
    assert out.read_bytes() == exported(policy_file.load_built_in("canada"), "intune").data
    assert str(out) in said.out
    assert "not in it" in said.err


def test_an_own_policy_file_can_be_exported(run: Run, tmp_path: Path, watchware: Path) -> None:
    made = tmp_path / "kids.toml"
    assert run("convert", watchware, "--out", made, "--strength", "ban").code == 0
    found = run("export", "--format", "android-management", made, "--json").json
    assert json.loads(found["content"])["applications"] == [{"packageName": "com.kids.app", "installType": "BLOCKED"}]


def test_json_tells_what_was_left_out(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "x.csv"
    found = run("export", "--format", "intune", "--out", out, "--json").json
    assert found["file"] == str(out)
    assert found["sha256"] == hashlib.sha256(out.read_bytes()).hexdigest()
    assert found["policy"]["id"] == "canada"
    assert {"rule", "value", "why"} == set(found["left_out"][0])
    assert "content" not in found


def test_more_than_bans_if_asked_for(run: Run) -> None:
    assert "com.deepseek" not in run("export", "--format", "stix2", "--json").json["content"]
    content = run("export", "--format", "stix2", "--json", "--include", "recommendation,notice").json["content"]
    assert "com.deepseek" in content
    assert "com.tencent.wework" in content


def test_one_platform(run: Run) -> None:
    assert "com.tencent.mm'" not in run("export", "--format", "stix2", "--json", "--platform", "ios").json["content"]


@pytest.mark.parametrize(
    "words",
    [
        ("export",),
        ("export", "--format", "jamf"),
        ("export", "--format", "stix2", "--include", "ban"),
        ("export", "--format", "stix2", "--include", ""),
        ("export", "--format", "stix2", "--platform", "symbian"),
        ("convert", "a.yaml"),
        ("convert", "a.yaml", "--out", "b", "--strength", "maybe"),
        ("convert", "a.yaml", "--out", "b", "--id", "Not An Id"),
    ],
)
def test_wrong_usage(run: Run, words: tuple[str, ...]) -> None:
    refused = run(*words)
    assert refused.code == 2
    assert refused.err


def test_a_list_becomes_a_policy_file_that_can_be_loaded(run: Run, tmp_path: Path, watchware: Path) -> None:
    out = tmp_path / "kids.toml"
    said = run("convert", watchware, "--out", out)
    assert said.code == 0
    assert "1 rule, 1 app, 0 certificates." in said.out
    assert "websites (1)" in said.err
    assert "No phone is judged by it yet" in said.err
    document = tomllib.loads(out.read_text(encoding="utf-8"))
    assert list(schema.faults(document)) == []
    assert (document["id"], document["rule"][0]["strength"]) == ("watch-ware", "notice")


def test_strength_and_id_can_be_chosen(run: Run, tmp_path: Path, watchware: Path) -> None:
    out = tmp_path / "kids.toml"
    found = run("convert", watchware, "--out", out, "--strength", "ban", "--id", "kids", "--json").json
    assert (found["rules"], found["apps"], found["certificates"]) == (1, 1, 0)
    assert [(n["kind"], n["count"], n["example"]) for n in found["not_understood"]] == [("websites", 1, "kids.example")]
    document = tomllib.loads(out.read_text(encoding="utf-8"))
    assert (document["id"], document["rule"][0]["strength"]) == ("kids", "ban")


@pytest.mark.parametrize("action", ["export", "convert"])
def test_a_file_that_is_there_stays_as_it_is(run: Run, tmp_path: Path, watchware: Path, action: str) -> None:
    out = tmp_path / "mine"
    out.write_text("mine", encoding="utf-8")
    words = ("export", "--format", "stix2") if action == "export" else ("convert", watchware)
    refused = run(*words, "--out", out)
    assert refused.code == 2
    assert str(out) in refused.err
    assert out.read_text(encoding="utf-8") == "mine"


def test_a_folder_that_is_not_there(run: Run, tmp_path: Path) -> None:
    refused = run("export", "--format", "stix2", "--out", tmp_path / "none" / "x")
    assert refused.code == 5
    assert "could not be written" in refused.err


def test_a_full_disk_leaves_no_half_a_file(run: Run, small_disk: Path) -> None:
    (small_disk / "filler").write_bytes(b"x" * (small_disk_room(small_disk) - 4_096))
    out = small_disk / "canada.stix2"
    assert run("export", "--format", "stix2", "--out", out).code == 5
    assert not out.exists()


def small_disk_room(folder: Path) -> int:
    import shutil

    return shutil.disk_usage(folder).free


def test_a_list_that_cannot_be_read_leaves_nothing(run: Run, tmp_path: Path) -> None:
    bad = tmp_path / "bad.stix2"
    bad.write_text("{", encoding="utf-8")
    assert run("convert", bad, "--out", tmp_path / "x.toml").code == 5
    assert not (tmp_path / "x.toml").exists()


def test_a_long_list_of_what_is_missing_is_cut(run: Run, tmp_path: Path) -> None:
    keys = "".join(f"  key{n}: x\n" for n in range(30))
    file = tmp_path / "a.yaml"
    file.write_text(f"- name: A\n  packages: [com.a.b]\n{keys}", encoding="utf-8")
    said = run("convert", file, "--out", tmp_path / "a.toml").err
    assert "key19" in said
    assert "key20" not in said
    assert "and 10 more." in said
