"""Make Fanion's bundle for Windows: ``python installer/windows/bundle.py WORK ICON``, with Windows' Python.

As on every system: see installer/package.py, which also has the templates for group policies put in by this file.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from installer import package  # noqa: E402

TEMPLATES: Final = ROOT / "installer" / "windows" / "admx"
#: Windows in Canadian French looks for its texts in either folder, depending on how it got its language.
FRENCH: Final = ("fr-CA", "fr-FR")


def add_templates(bundle: Path) -> None:
    """Put the templates for group policies into the bundle's folder ``admx``, as a central store wants them."""
    folder = bundle / "admx"
    for language in ("en-US", *FRENCH):
        (folder / language).mkdir(parents=True)
        source = "fr-CA" if language in FRENCH else language
        shutil.copyfile(TEMPLATES / source / "fanion.adml", folder / language / "fanion.adml")
    shutil.copyfile(TEMPLATES / "fanion.admx", folder / "fanion.admx")


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
    except package.Stop as stop:
        print(stop, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
