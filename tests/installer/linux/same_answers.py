"""Whether what an earlier version said of a folder is still said: ``python3 same_answers.py BEFORE AFTER``.

Each folder has files of JSON (see ask_desk.sh). All that was said before has to be said after; there may be more keys.
Only the standard library is used. Exit code: 0 if all of it is, 1 if not; each difference is a line.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

#: How far a page is compared with the log that it was made of: a page that another version lays out is compared by the
#: values that it bears, which `differences` tells.
_ANOTHERS_PAGE: Final = {"compared"}


def differences(before: Any, after: Any, place: str) -> Iterator[str]:
    """Each value of `before` that `after` has not, with its place."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in before.keys() - _ANOTHERS_PAGE:
            if key in after:
                yield from differences(before[key], after[key], f"{place}/{key}")
            else:
                yield f"{place}/{key}: is not there any more"
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (was, now) in enumerate(zip(before, after, strict=True)):
            yield from differences(was, now, f"{place}/{number}")
    elif before != after:
        yield f"{place}: {json.dumps(before)[:200]} is now {json.dumps(after)[:200]}"


def compare(before: Path, after: Path) -> list[str]:
    """The differences between two folders of answers."""
    lines: list[str] = []
    for file in sorted(before.glob("*.json")):
        was = json.loads(file.read_text(encoding="utf-8"))
        now = json.loads((after / file.name).read_text(encoding="utf-8"))
        lines += differences(was, now, file.stem)
    return lines


def main() -> int:
    lines = compare(Path(sys.argv[1]), Path(sys.argv[2]))
    print("\n".join(lines), end="\n" if lines else "")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
