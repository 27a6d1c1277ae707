"""Take what the present code prints of the earlier data for what is expected. The data themselves stay as they are.

python -m tests.data.record
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests import conftest  # noqa: F401 - no screen, fonts of its own
from tests.data import earlier


def main() -> None:
    for name in earlier.LOGS:
        with tempfile.TemporaryDirectory() as folder:
            for language in earlier.LANGUAGES:
                log = earlier.Earlier(name, Path(folder) / language)
                earlier.keep(f"{name}-{language}", earlier.texts(log, language))
                pages = earlier.papers(name, Path(folder) / f"papers-{language}", language)
                earlier.keep(f"{name}-papers-{language}", pages)
            earlier.keep(f"{name}-exports", earlier.exports(name, Path(folder) / "exports"))


if __name__ == "__main__":
    main()
