"""Take what the present code prints of the earlier data for what is expected. The data themselves stay as they are.

python -m tests.data.record
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests import conftest  # noqa: F401 - no screen, fonts of its own
from tests.data import earlier, window


def main() -> None:
    for name in earlier.LOGS:
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            found = {"exports": earlier.exports(name, folder / "exports")}
            for language in earlier.LANGUAGES:
                log = earlier.Earlier(name, folder / language)
                found[f"texts-{language}"] = earlier.texts(log, language)
                found[f"papers-{language}"] = earlier.papers(name, folder / f"papers-{language}", language)
                found[f"window-{language}"] = window.texts(log, language)
        earlier.keep(name, found)


if __name__ == "__main__":
    main()
