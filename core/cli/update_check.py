"""``fanion update-check``: what a signed file on a stick says of a newer version. Nothing is fetched or installed."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli import terminal
from core.cli.arguments import JSON, argument, declare
from core.desk.desk import Desk
from core.desk.newer_version import believed_keys, look
from core.text import T


def add_arguments(command: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    place = argument(
        "place", T("the file “fanion-release”, or the USB key or folder that has it"), T("PLACE"), type=Path
    )
    declare(command, run, place, JSON)


def run(options: argparse.Namespace, desk: Desk) -> int:
    release = look(options.place, believed_keys(desk.settings))
    fields = terminal.pick(release, "version date=day where") | {"about": terminal.pick(release.about, "en fr")}
    return terminal.answer(
        options,
        fields,
        T("Fanion {version} ({day}) is available.", version=release.version, day=release.day.isoformat()),
        release.about,
        T("Where to get it: {where}", where=release.where),
    )
