"""Rehearse a release with a test key: ``python3 installer/bootstrap.py rehearse [--packages FOLDER]``.

Everything that `installer/RELEASE.md` has a machine do is done for the commit that is checked out, in a throw-away
clone below ``build/rehearsal``: the tag, the packages, the bill of materials, the manual, checksums, provenance,
signatures. Then a process that has only what is published verifies all of it. What a person reads before the real key
is used is ``build/rehearsal/page.html``, and the same as ``page.txt``.

With --packages, those in FOLDER are taken, which were built of this commit, as the workflow *package* leaves them: also
for other systems. A step that failed can be taken again with the same command, which goes on where it stopped; another
commit or other packages begin anew. The exit code is 1 if anything failed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from installer.problem import BuildProblem
from installer.release import throwaway_clone
from installer.release.boxes import boxes
from installer.release.page import RehearsalResult, as_html, as_text
from installer.release.rows import Row
from installer.release.steps import NOTICES, STEPS, Rehearsal, take
from installer.sign import SignProblem

ROOT: Final = Path(__file__).resolve().parents[2]
#: What another rehearsal is told apart by.
NOTE: Final = "rehearsed.txt"
#: What no machine of a rehearsal can show, beside what the steps say themselves.
NEVER_HERE: Final = (
    Row(
        "The real key", "not tried", "It is on the release manager's computer or in a safe, and no script asks for it."
    ),
    Row("Authenticode: the setup program and the .msi, signed", "not tried", "It needs the hardware token."),
    Row("Developer ID and notarisation: the app for macOS", "not tried", "They need the release manager's Mac."),
    Row(
        "Installed on bare systems", "not tried", "The workflow package does it, on each system that the README names."
    ),
    Row("Built twice by two people", "not tried", "The second person builds on a machine of their own."),
    Row("Phones, cables, desktops, screen readers", "not tried", "Only real things can show it: the boxes below."),
)


def built(clone: Path) -> Path:
    """Build the packages in the clone, as `bootstrap.py package` does. Raises BuildProblem."""
    _started(clone, "-m", "installer.package")
    return clone / "dist"


def manual(clone: Path, folder: Path) -> None:
    """Have the clone make the manual in the folder. Raises BuildProblem."""
    epoch = throwaway_clone.git(clone, "log", "-1", "--format=%ct")
    _started(clone, "-m", "installer.release.manual_site", str(folder.resolve()), SOURCE_DATE_EPOCH=epoch)


def _started(clone: Path, *words: str, **variables: str) -> None:
    """Start this Python in the clone, whose modules it finds before all others. Raises BuildProblem."""
    strays = ("PYTHON", "SOURCE_DATE_EPOCH")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(strays)}
    command = [sys.executable, *words]
    process = subprocess.run(
        command, cwd=clone, env=environment | variables, capture_output=True, encoding="utf-8", check=False
    )
    if process.returncode:
        raise BuildProblem((process.stderr.strip() or process.stdout.strip() or "it said nothing")[-2000:])


def begin(rehearsal: Rehearsal) -> None:
    """Have the folder hold nothing of another rehearsal."""
    about = f"{rehearsal.commit}\n{rehearsal.packages or ''}\n"
    if rehearsal.packages is not None:
        for path in sorted(rehearsal.packages.iterdir()):
            state = path.stat()
            about += f"{path.name} {state.st_size} {state.st_mtime_ns}\n"
    note = rehearsal.work / NOTE
    if not note.is_file() or note.read_text(encoding="utf-8") != about:
        shutil.rmtree(rehearsal.work, ignore_errors=True)
        rehearsal.work.mkdir(parents=True)
        note.write_text(about, encoding="utf-8")


def rehearse(rehearsal: Rehearsal) -> RehearsalResult:
    """Take all steps, as far as they can be taken, and write the page."""
    sections: list[tuple[str, list[Row]]] = []
    stop = ""
    for step in STEPS:
        if stop:
            sections.append((step.headline, [Row(step.headline, "not tried", f"Not begun, since “{stop}” failed.")]))
            continue
        print(f"{step.headline} ...", flush=True)
        try:
            sections.append((step.headline, take(rehearsal, step)))
        except (BuildProblem, SignProblem, OSError, ValueError) as problem:
            stop = step.headline
            sections.append((step.headline, [Row(step.headline, "failed", str(problem))]))
    sections.append(("What no rehearsal can show", list(NEVER_HERE)))
    result = RehearsalResult(_version(rehearsal), _facts(rehearsal), sections, boxes(_paper(rehearsal)))
    for name, text in (("page.html", as_html(result)), ("page.txt", as_text(result))):
        draft = rehearsal.work / f"{name}.part"
        draft.write_text(text, encoding="utf-8", newline="\n")
        draft.replace(rehearsal.work / name)
    return result


def _version(rehearsal: Rehearsal) -> str:
    try:
        return rehearsal.version
    except (OSError, BuildProblem):
        return "(no version)"


def _paper(rehearsal: Rehearsal) -> str:
    """The list for releases: the commit's, or this one's where there is no clone yet."""
    path = Path("installer", "RELEASE.md")
    file = rehearsal.clone / path
    return (file if file.is_file() else rehearsal.repository / path).read_text(encoding="utf-8")


def _facts(rehearsal: Rehearsal) -> list[tuple[str, str]]:
    return [
        ("Commit", rehearsal.commit),
        (
            "Packages",
            f"from {rehearsal.packages}" if rehearsal.packages else "built for this rehearsal, on this machine",
        ),
        ("Machine", " ".join(os.uname()[::4]) if hasattr(os, "uname") else sys.platform),
        ("What would be published", str(rehearsal.release)),
        ("The public TEST key", str(rehearsal.public_key)),
        ("Notices of third parties, to be looked through", str(rehearsal.work / STEPS[-1].name / NOTICES)),
    ]


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="rehearse", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--packages", type=Path, help="a folder with packages that were built of this commit")
    options = parser.parse_args(arguments)
    try:
        commit = throwaway_clone.commit_of(ROOT)
        packages = options.packages.resolve() if options.packages else None
        rehearsal = Rehearsal(ROOT, ROOT / "build" / "rehearsal", commit, packages, built, manual)
        begin(rehearsal)
        result = rehearse(rehearsal)
    except (BuildProblem, OSError) as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted. Start the same command again to go on.", file=sys.stderr)
        return 130
    print(as_text(result))
    print(f"To be read before the real key is used: {rehearsal.work / 'page.html'}")
    return 1 if result.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
