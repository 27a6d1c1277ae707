"""Make the pages of `core`'s interfaces out of its docstrings, without a warning: docs/requirements.txt brings pdoc.

    .venv/bin/python docs/api_pages.py [FOLDER]       into build/api, or FOLDER

Needs Python 3.12 or later, under which each annotation can be read. It ends with 1, and pdoc's sentence, where a module
cannot be read.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import pdoc  # noqa: E402

from core import simulator  # noqa: E402


def main(arguments: list[str]) -> int:
    """Make the pages. Returns the exit code."""
    for name in simulator.__all__:  # which loads them only when they are asked for, and pdoc looks without asking
        setattr(simulator, name, getattr(simulator, name))
    pdoc.render.configure(docformat="restructuredtext", footer_text="Fanion, Apache-2.0")
    warnings.simplefilter("error")
    try:
        pdoc.pdoc("core", output_directory=Path(arguments[0]) if arguments else ROOT / "build" / "api")
    except UserWarning as warning:  # pdoc has no class of its own for them
        print(f"The pages are not made: {warning}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
