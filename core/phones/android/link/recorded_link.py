"""A link whose answers somebody keeps: what a phone prints to the commands of one check, byte for byte as it came."""

from __future__ import annotations

from collections.abc import Callable

from core.jobs import Cancel
from core.phones.android.link.file_service import Take
from core.phones.android.link.link import Feed, Link
from core.phones.android.link.transport import STREAM_LIMIT
from core.text import Text

#: Is told of a command before it is run, and gives what takes its answer as it comes.
Recording = Callable[[str], Feed]


class RecordedLink:
    """Runs commands on another link. The content of apps' files, by ``exec:`` or the file service, is not kept."""

    def __init__(self, link: Link, recording: Recording) -> None:
        self.link = link
        self._recording = recording
        self.how: Text = link.how
        self.loopback, self.lasting = link.loopback, link.lasting

    @property
    def transport(self) -> str:
        return self.link.transport

    def run(self, command: str, feed: Feed, cancel: Cancel, limit: int = STREAM_LIMIT, *, raw: bool = False) -> None:
        if raw:
            self.link.run(command, feed, cancel, limit, raw=True)
            return  # Nothing is lost: who asked for it gets it
        keep = self._recording(command)

        def take(data: bytes) -> None:
            keep(data)
            feed(data)

        self.link.run(command, take, cancel, limit)

    def pull(self, path: str, take: Take, cancel: Cancel, size: int) -> None:
        self.link.pull(path, take, cancel, size)

    def close(self) -> None:
        self.link.close()
