"""The files of the log for support: the newest one, and the older ones beside it."""

from __future__ import annotations

import io
import logging
import os
import time
from logging.handlers import RotatingFileHandler
from pathlib import Path

from core.system.files import files


class SupportLogFile(RotatingFileHandler):
    """The newest file and the older ones. Their owner alone may read them, or whom the data folder is shared by."""

    def __init__(self, path: Path, size: int, older: int) -> None:
        """Each file has at most `size` bytes, and `older` ones are kept beside the newest."""
        super().__init__(path, maxBytes=size, backupCount=older, encoding="utf-8", delay=True)
        form = logging.Formatter("%(asctime)s %(process)d %(message)s", "%Y-%m-%dT%H:%M:%S")
        form.converter = time.gmtime
        self.setFormatter(form)

    def _open(self) -> io.TextIOWrapper:
        path = Path(self.baseFilename)
        if not path.parent.is_dir():
            files.create_folder(path.parent)
        if path.parent.is_symlink():
            raise files.NotAFileError(path.parent)
        files.ensure_file(path)
        return open(files.open_file(path, os.O_WRONLY | os.O_APPEND, links=False), "a", encoding="utf-8")

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """A full disk, a folder that can only be read: the line is lost, and nothing else."""
