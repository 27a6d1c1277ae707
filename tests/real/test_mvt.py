"""Amnesty's Mobile Verification Toolkit reads what Fanion exports, and flags on a phone what Fanion bans.

MVT is installed once, into an environment of its own beside the caches of whoever runs the tests: its licence is its
own, and nothing of it is part of Fanion.
"""

from __future__ import annotations

import json
import os
import subprocess
import venv
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import platformdirs
import pytest

from core.model import RULE_STRENGTHS, Signer
from core.policy.convert import export
from core.policy.format import policy_file
from tests.real.conftest import made_once

#: The version that the expectations here were seen with.
VERSION = "2026.10.26"
FOLDER = Path(os.environ.get("FANION_TEST_CACHE") or platformdirs.user_cache_dir("fanion-tests")) / f"mvt-{VERSION}"
PROGRAMS = FOLDER / ("Scripts" if os.name == "nt" else "bin")
CERTIFICATE = {"Md5": "11" * 16, "Sha1": "22" * 20, "Sha256": "33" * 32}


def run(*command: object, home: Path) -> subprocess.CompletedProcess[str]:
    """A program that finds neither indicators nor settings of anybody."""
    alone = {"HOME": str(home), "XDG_DATA_HOME": str(home), "XDG_CONFIG_HOME": str(home), "COLUMNS": "300"}
    return subprocess.run(
        [str(part) for part in command],
        env={**os.environ, **alone, "PYTHONUTF8": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="session")
def mvt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of MVT's programs."""
    made_once(tmp_path_factory, "mvt", lambda _: install())
    return PROGRAMS


def install() -> None:
    """Install MVT where it is not installed yet. Skips the test where that cannot be done."""
    ready = FOLDER / "ready"
    if ready.exists():
        return
    try:
        venv.create(FOLDER, clear=True, with_pip=True)
        pip = [str(PROGRAMS / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        done = subprocess.run([*pip, f"mvt=={VERSION}"], capture_output=True, text=True, timeout=300, check=False)
    except (OSError, subprocess.SubprocessError) as error:
        pytest.skip(f"MVT cannot be installed here: {error}")
    if done.returncode:
        pytest.skip(f"MVT cannot be installed here: {done.stderr.strip().splitlines()[-1:]}")
    ready.touch()


@dataclass(frozen=True)
class Verdict:
    """What MVT says of a phone: its alerts about packages, and all that it printed."""

    alerts: list[dict[str, Any]]
    said: str

    def named(self, package: str) -> list[str]:
        return [alert["message"] for alert in self.alerts if (alert.get("event") or {}).get("name") == package]


def package(name: str, **certificate: str) -> dict[str, Any]:
    file = {"path": f"/data/app/{name}/base.apk", "sha256": "", "certificate": {**CERTIFICATE, **certificate}}
    return {
        "name": name,
        "installer": "com.android.vending",
        "uid": 10123,
        "disabled": False,
        "system": False,
        "third_party": True,
        "files": [file],
    }


def judged(mvt: Path, folder: Path, bundle: bytes, *packages: dict[str, Any]) -> Verdict:
    """What MVT makes of an acquisition of AndroidQF with these packages, by our bundle alone."""
    phone, results, list_ = folder / "androidqf", folder / "results", folder / "fanion.stix2"
    phone.mkdir()
    (phone / "packages.json").write_text(json.dumps(packages), encoding="utf-8")
    list_.write_bytes(bundle)
    quiet = ("--disable-update-check", "--disable-indicator-update-check")
    check = ("check-androidqf", "--non-interactive", "--module", "AQFPackages", "--iocs", list_, "--output", results)
    done = run(mvt / "mvt-android", *quiet, *check, phone, home=folder)
    assert done.returncode == 0, done.stderr
    alerts = results / "alerts.json"
    found = json.loads(alerts.read_text(encoding="utf-8")) if alerts.exists() else []
    return Verdict(found, done.stdout + done.stderr)


def test_mvt_takes_every_indicator_under_its_products_name(mvt: Path, tmp_path: Path) -> None:
    """Counted by MVT's own class, which the bundle is written for."""
    policy = policy_file.load_built_in("canada")
    bundle = tmp_path / "canada.stix2"
    bundle.write_bytes(export(policy, "stix2", strengths=RULE_STRENGTHS).data)
    program = """if True:
        import json, sys
        from mvt.common.indicators import Indicators
        indicators = Indicators()
        indicators.parse_stix2(sys.argv[1])
        print(json.dumps([[c["name"], c["app_ids"], c["app_cert_hashes"]] for c in indicators.ioc_collections]))
    """
    done = run(mvt / "python", "-c", program, bundle, home=tmp_path)
    assert done.returncode == 0, done.stderr
    taken = {
        name: (set(ids), set(certificates)) for name, ids, certificates in json.loads(done.stdout.splitlines()[-1])
    }
    expected: dict[str, tuple[set[str], set[str]]] = {}
    for rule in policy.rules:
        digests = {d for s in rule.signers if not s.shared for d in (s.sha256, s.sha1, s.md5) if d}
        if rule.ids or digests:
            expected[rule.product.en] = ({app.id for app in rule.ids}, digests)
    assert taken == expected


def test_mvt_flags_the_same_app(mvt: Path, tmp_path: Path) -> None:
    bundle = export(policy_file.load_built_in("canada"), "stix2").data
    verdict = judged(mvt, tmp_path, bundle, package("com.tencent.mm"), package("com.example.clean"))
    (message,) = verdict.named("com.tencent.mm")
    assert "WeChat" in message
    assert not verdict.named("com.example.clean")


@pytest.mark.parametrize(("digest", "hers"), [("sha256", "Sha256"), ("sha1", "Sha1"), ("md5", "Md5")])
def test_mvt_finds_a_renamed_copy_by_its_certificate(mvt: Path, tmp_path: Path, digest: str, hers: str) -> None:
    policy = policy_file.load_built_in("canada")
    wechat = next(rule for rule in policy.rules if rule.id == "wechat")
    value = {"sha256": "a1" * 32, "sha1": "b2" * 20, "md5": "c3" * 16}[digest]
    signer = Signer((), "one source", "a test", **{digest: value})
    only = replace(policy, rules=(replace(wechat, signers=(signer,)),))
    copy, other = package("com.example.renamed", **{hers: value}), package("com.example.clean")
    verdict = judged(mvt, tmp_path, export(only, "stix2").data, copy, other)
    (message,) = verdict.named("com.example.renamed")
    assert "WeChat" in message
    assert not verdict.named("com.example.clean")
