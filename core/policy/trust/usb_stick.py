"""A folder with a signed policy, on a USB stick that may be hostile: read within bounds and nowhere else."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import Final

from core.policy.trust import refusals
from core.system.files import files

#: What a repository is called on a stick that has other things too.
FOLDER: Final = "fanion-policy"
#: All that a repository may be asked for: nothing that leads out of it can be spelt so.
_PATH: Final = re.compile(
    r"metadata/(?:timestamp|[1-9][0-9]{0,9}\.(?:root|snapshot|targets))\.json|targets/[0-9a-f]{64}\.policy\.toml"
)


class Stick:
    """A repository's files. Each is read once: asked again, this gives the same bytes, whatever the stick says then."""

    def __init__(self, folder: Path) -> None:
        """Open the repository in `folder`, or in the :data:`FOLDER` in it. Raises TrustProblem if there is none."""
        self._read: dict[str, bytes | None] = {}
        for place in (folder, folder / FOLDER):
            if _is_folder(place / "metadata", "metadata") and (place == folder or _is_folder(place, FOLDER)):
                self.folder = place
                return
        raise refusals.not_a_stick(str(folder))

    def read(self, path: str, limit: int) -> bytes | None:
        """The file at `path` of the repository; None if there is none. Raises TrustProblem, also beyond `limit`."""
        if not _PATH.fullmatch(path):
            return None
        if path not in self._read:
            folder, _, name = path.partition("/")
            content = read_file(self.folder / folder, name, limit) if _is_folder(self.folder / folder, folder) else None
            self._read[path] = content
        data = self._read[path]
        if data is not None and len(data) > limit:
            raise refusals.too_large(path.rpartition("/")[2])
        return data


def read_file(folder: Path, name: str, limit: int) -> bytes | None:
    """An ordinary file, which nothing waits for and no link leads to; None if there is none.

    Raises TrustProblem if it has more than `limit` bytes, leads elsewhere or cannot be read.
    """
    try:
        return files.read_file(folder / name, limit, links=False)
    except FileNotFoundError:
        return None
    except files.NotAFileError as error:
        raise refusals.link(name) from error
    except files.TooLargeError as error:
        raise refusals.too_large(name) from error
    except OSError as error:
        raise refusals.unreadable(name, str(error)) from error


def _is_folder(path: Path, name: str) -> bool:
    """Whether a folder of its own stands there. Raises TrustProblem if it leads elsewhere or cannot be looked at."""
    try:
        status = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError) as error:
        raise refusals.unreadable(name, str(error)) from error
    if files.leads_elsewhere(status):
        raise refusals.link(name)
    return stat.S_ISDIR(status.st_mode)
