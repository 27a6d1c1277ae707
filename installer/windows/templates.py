"""The templates for group policies, as they lie in the bundle for Windows."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

TEMPLATES: Final = Path(__file__).with_name("admx")
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
