"""Targets: policy files, lists of others, and the folders of signed policies."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from importlib import resources

from core.model import Policy
from core.policy import convert
from core.policy.format import policy_file, tables
from core.policy.problems import PolicyProblem
from core.policy.trust import chain
from core.policy.trust.refusals import TrustProblem
from tests.fuzz.folders import scratch
from tests.fuzz.target import Target
from tests.unit.policy import team


def policy(data: bytes) -> None:
    """A policy file: what is right comes out again as it went in; what is wrong is told, and never raised."""
    found = policy_file.examine_bytes(data, "policy.toml")
    if isinstance(found, Policy):
        again = policy_file.examine_bytes(tables.to_toml(found).encode(), "again.toml")
        assert isinstance(again, Policy), again
        assert again.rules == found.rules


def policy_seeds() -> list[bytes]:
    folder = resources.files("resources") / "policies"
    built_in = (folder / f"{policy_file.built_in()[0]}.toml").read_bytes()
    return [team.policy_text().encode(), team.faulty_text().encode(), built_in[:20_000]]


def others_list(data: bytes) -> None:
    """A list of stalkerware-indicators, or a STIX 2 bundle: the name tells which."""
    file = scratch("lists") / ("list.json" if data.lstrip().startswith(b"{") else "list.yaml")
    file.write_bytes(data)
    convert.import_file(file, id="brought", issued=date(2026, 11, 1))


def list_seeds() -> list[bytes]:
    return [
        b"- name: Spy\n  type: stalkerware\n  packages:\n  - com.example.spy\n  certificates:\n"
        b"  - 1B1C2D3E4F5A6B7C8D9E0F1A2B3C4D5E6F708192\n  websites:\n  - example.com\n",
        b'{"type": "bundle", "id": "bundle--4a1b1c1d-0000-4000-8000-000000000001", "objects": [{"type": "malware",'
        b' "id": "malware--4a1b1c1d-0000-4000-8000-000000000002", "spec_version": "2.1", "name": "Spy",'
        b' "is_family": true}, {"type": "indicator", "id": "indicator--4a1b1c1d-0000-4000-8000-000000000003",'
        b' "spec_version": "2.1", "pattern": "[app:id=\'com.example.spy\']", "pattern_type": "stix"},'
        b' {"type": "relationship", "id": "relationship--4a1b1c1d-0000-4000-8000-000000000004",'
        b' "relationship_type": "indicates", "source_ref": "indicator--4a1b1c1d-0000-4000-8000-000000000003",'
        b' "target_ref": "malware--4a1b1c1d-0000-4000-8000-000000000002"}]}',
    ]


@cache
def signed() -> tuple[bytes, dict[str, bytes], bytes]:
    """A root, the files of a stick that it leads to, and the policy on it."""
    folder = scratch("team")
    folder.mkdir(exist_ok=True)
    made = team.Team(folder)
    made.publish()
    files = team.image(made.stick())
    return made.root, {name: data for name, data in files.items() if data != b"/"}, made.policy().read_bytes()


def stick(data: bytes) -> None:
    """A stick of which one file, named by the first byte, is what somebody likes: no other policy is believed."""
    root, files, honest = signed()
    name = sorted(files)[data[0] % len(files)] if data else ""
    changed = files | {name: data[1:]}

    def read(path: str, limit: int) -> bytes | None:
        content = changed.get(path)
        return content if content is None else content[: limit + 1]

    found = chain.follow(read, root)
    assert found.policy == honest


def stick_seeds() -> list[bytes]:
    _, files, _ = signed()
    return [bytes([number]) + files[name] for number, name in enumerate(sorted(files))]


def root(data: bytes) -> None:
    """The file that a department names as its root."""
    files = signed()[1]
    chain.follow(lambda path, limit: files.get(path), data)


def targets() -> Iterator[Target]:
    yield Target("policy-file", policy, policy_seeds)
    yield Target("policy-import", others_list, list_seeds, (PolicyProblem,))
    yield Target("signed-policy", stick, stick_seeds, (TrustProblem,))
    yield Target("policy-root", root, lambda: [signed()[0]], (TrustProblem,))
