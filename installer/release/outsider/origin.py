"""Where the files come from: the tag, and the provenance that names its commit and every file."""

from __future__ import annotations

import hashlib
import json
import tempfile
from pathlib import Path

from .commands import run
from .report import NotInOrder, NotTried, Report
from .signatures import SUMS, digest

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://slsa.dev/provenance/v1"


def verify(report: Report, release: Path, repository: Path, tag: str, tag_key: Path | None) -> None:
    with report.row(f"git verify-tag {tag}") as sentences:
        sentences.append(_tag(repository, tag, tag_key))
    with report.row("Provenance: the tag's commit, what was pinned there, and the digest of every file") as sentences:
        sentences.append(_provenance(release, repository, tag))


def _tag(repository: Path, tag: str, tag_key: Path | None) -> str:
    if tag_key is None:
        raise NotTried("The tag is not signed: gpg was not on the machine that made it.")
    with tempfile.TemporaryDirectory(prefix="fanion-gpg-", ignore_cleanup_errors=True) as home:
        gpg = ("gpg", "--homedir", home, "--batch", "--quiet")
        try:
            run(*gpg, "--import", tag_key)
            run("git", "-c", "safe.directory=*", "verify-tag", tag, folder=repository, GNUPGHOME=home)
        finally:
            run("gpgconf", "--homedir", home, "--kill", "all")
    return f"It says: {_git(repository, 'tag', '--list', '--format=%(contents:subject)', tag).strip()}."


def _git(repository: Path, *words: str) -> str:
    return run("git", "-c", "safe.directory=*", *words, folder=repository)


def _provenance(release: Path, repository: Path, tag: str) -> str:
    file = release / f"fanion-{tag.removeprefix('v')}-provenance.json"
    statement = json.loads(file.read_text(encoding="utf-8"))
    if (statement["_type"], statement["predicateType"]) != (STATEMENT, PREDICATE):
        raise NotInOrder("It is no statement of in-toto's with SLSA's provenance of version 1.")
    subjects = {subject["name"]: subject["digest"]["sha256"] for subject in statement["subject"]}
    files = {path.name for path in release.iterdir()} - {SUMS, f"{SUMS}.minisig", file.name}
    if missing := files - subjects.keys():
        raise NotInOrder(f"It does not name {', '.join(sorted(missing))}.")
    for name, expected in subjects.items():
        if not (release / name).is_file():
            raise NotInOrder(f"It names {name}, which is not in the release.")
        if digest(release / name) != expected:
            raise NotInOrder(f"{name} is not the file that it names.")
    source, *pinned = statement["predicate"]["buildDefinition"]["resolvedDependencies"]
    commit = _git(repository, "rev-parse", f"{tag}^{{commit}}").strip()
    if source["digest"]["gitCommit"] != commit or not source["uri"].endswith(f"@refs/tags/{tag}"):
        raise NotInOrder(
            f"It names the commit {source['digest']['gitCommit']} at {source['uri']}, and {tag} is {commit}."
        )
    for requirement in pinned:
        content = _git(repository, "show", f"{tag}:{requirement['name']}").encode()
        if hashlib.sha256(content).hexdigest() != requirement["digest"]["sha256"]:
            raise NotInOrder(f"{requirement['name']} is another file at {tag}.")
    return f"Commit: {commit[:12]}; files: {len(subjects)}; lists of pinned packages: {len(pinned)}."
