"""Make Fanion's bundle for Windows: ``python installer/windows/bundle.py WORK ICON``, with Windows' Python.

As on every system: see installer/package.py.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from installer import package  # noqa: E402
from installer.problem import BuildProblem  # noqa: E402


def main(arguments: list[str]) -> int:
    if len(arguments) != 2 or sys.platform != "win32":
        print((__doc__ or "").strip(), file=sys.stderr)
        return 2
    work, icon = map(Path, arguments)
    epoch = package.source_date_epoch()
    try:
        bundle = package.freeze(epoch, work, FANION_ICON=str(icon))
        package.furnish(bundle, epoch)
        package.settle(bundle, epoch)
    except BuildProblem as stop:
        print(stop, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
