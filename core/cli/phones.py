"""``fanion phones``: what is plugged in, in what state, and what to do next."""

from __future__ import annotations

import argparse

from core.cli import terminal
from core.cli.arguments import JSON, declare
from core.desk.desk import Desk
from core.phones.watch import Road, look
from core.text import T

_ROADS = {Road.USB: T("USB"), Road.SERVER: T("adb server"), Road.MUX: T("service for iPhones")}


def add_arguments(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    declare(parser, run, JSON)


def run(options: argparse.Namespace, desk: Desk) -> int:
    phones, lines = [], list[object]()
    for s in look(desk.reach.iphones):
        words = terminal.pick(s.words, "sentence next=next_step")
        phones.append(terminal.pick(s, "key serial name state road port platform") | words)
        lines += [
            f"{s.key}  {s.serial or '?'}  {s.name or '?'}  ({_ROADS[s.road]})",
            f"  {s.words.sentence} {s.words.next_step}",
        ]
    return terminal.answer(options, {"phones": phones}, *(lines or [T("No phone is plugged in.")]))
