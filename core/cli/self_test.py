"""``fanion self-test``: whether this installation has everything that it needs, in a report for an administrator.

A line for each part: ✔ and what was found, or ✖, what is wrong and what to do about it. Exit code 0 if all is well,
else 1. Nothing is changed, no phone is touched, and nothing is put into the user's keyring.

``--json`` answers with one object::

    {"version": "0.9.0", "ok": false, "parts": [
        {"part": "usb", "name": "USB", "ok": true, "says": "the bus can be read; ...", "next": "", "detail": ""},
        {"part": "log", "name": "Log", "ok": false, "says": "The log file ...", "next": "Free ...", "detail": "..."}
    ]}

``part`` stays what it is in every language and version: ``machine``, ``python``, ``sqlite``, ``resources``, ``french``,
``usb``, ``adb``, ``iphones``, ``keyring``, ``pages``, ``window`` (only where the program has one), ``encryption``,
``settings``, ``disk``, ``log``, ``policy``, ``policies``, ``practice``. The other texts are for people; ``detail`` is
what the system said itself.

``--phone``, ``--connect`` and ``--practice`` have Fanion's readers read a phone, instead of looking at this computer:
see :mod:`core.cli.probes.phone_trial`.

``--bundle FILE`` shows what a bundle for support would have in it, asks, and writes it. With ``--json`` the object then
also has ``"bundle": {"file": "...", "written": true, "files": [{"name": "about.json", "bytes": 1234}]}``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from core import __version__, value_names
from core.cli import Probe, support_bundle, terminal
from core.cli.arguments import JSON, YES, argument, declare, one_of
from core.desk.desk import Desk
from core.model import Problem
from core.simulator import scenario_list
from core.text import N, T, Text, plain

#: Characters of what a system says itself.
_DETAIL_LIMIT = 500

#: The parts: what each is called for programs, which is also the name of its function, and for people; and the module
#: in :mod:`core.cli.probes` that has it.
_PARTS: Final = (
    ("machine", T("Computer"), "installation"),
    ("python", T("Python"), "installation"),
    ("sqlite", T("SQLite"), "installation"),
    ("resources", T("Fanion’s files"), "installation"),
    ("french", T("French"), "installation"),
    ("usb", T("USB"), "phones"),
    ("adb", T("adb server"), "phones"),
    ("iphones", T("iPhones"), "phones"),
    ("keyring", T("Keyring"), "keyring"),
    ("pages", T("Pages for paper"), "pages"),
    ("encryption", T("Encryption"), "encryption"),
    ("settings", T("Settings"), "installation"),
    ("disk", T("Disk"), "installation"),
    ("log", T("Log"), "log"),
    ("policy", T("Policy"), "policy"),
    ("policies", T("Policies"), "policies"),
    ("practice", T("Practice check"), "practice"),
)
#: After so many of them come the parts that others than the core bring, such as the window's.
_BEFORE: Final = 10


@dataclass(frozen=True, slots=True)
class Tried:
    """One part as it was tried. `says` is a sentence where something is wrong, else what was found."""

    part: str
    name: Text
    ok: bool
    says: str
    next: str = ""
    detail: str = ""


def add_arguments(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    bundle = T("collect the log for support and this report in an archive, after showing what is in it")
    phone = T("have a phone read, the one with this serial number or the only one, and tell what of it was understood")
    scenarios = scenario_list.every()
    practice = T("likewise, of a practice phone: {names}", names=", ".join(scenarios))
    what_is_tried = one_of(
        argument("--bundle", bundle, T("FILE"), type=Path),
        argument("--phone", phone, T("SERIAL"), nargs="?", const=""),
        argument("--connect", T("likewise, of a phone that answers on this computer"), T("HOST:PORT")),
        argument("--practice", practice, T("SCENARIO"), choices=scenarios),
    )
    declare(parser, run, JSON, what_is_tried, YES)


def run(options: argparse.Namespace, desk: Desk) -> int:
    if options.phone is not None or options.connect or options.practice:
        # Loaded here alone: the libraries for phones may be what is missing.
        return int(import_module("core.cli.probes.phone_trial").run(options, desk))
    if options.bundle is not None and not options.yes and not sys.stdin.isatty():
        raise terminal.NotConfirmed(T("The archive was not written: the question could not be asked."), T("Add --yes."))
    results = [_tried(part) for part in parts(desk, options.probes)]
    ok = all(result.ok for result in results)
    report = {
        "version": __version__,
        "ok": ok,
        "parts": [terminal.pick(result, "part name ok says next detail") for result in results],
    }
    if not options.json:
        terminal.out(T("Fanion {version}, self-test", version=__version__))
        for result in results:
            _show(result)
        terminal.out(T("Everything that Fanion needs is there.") if ok else T("Something is missing; see ✖ above."))
    bundle = {} if options.bundle is None else {"bundle": _bundled(options, support_bundle.contents(desk, report))}
    if options.json:
        terminal.answer_json({**report, **bundle})
    return 0 if ok else 1


def _bundled(options: argparse.Namespace, contents: Mapping[str, bytes]) -> dict[str, Any]:
    """Show what would be in the bundle, ask, and write it. Raises FileProblem."""
    file: Path = options.bundle
    terminal.say("", T("In the archive for support would be, without names of people or phones:"))
    for name, content in contents.items():
        terminal.say(f"  {name}  " + str(N("{count} byte", "{count} bytes", len(content))))
    for name in ("about.json", "self-test.json"):
        terminal.say("", name, contents[name].decode())
    agreed = options.yes or terminal.confirmed(T("Write it to {file}?", file=str(file)))
    if agreed:
        support_bundle.write(file, contents)
    terminal.say(
        T("Written: {file}. Look into it before you send it.", file=str(file)) if agreed else T("Nothing was done.")
    )
    file_rows = [{"name": name, "bytes": len(content)} for name, content in contents.items()]
    return {"file": str(file), "written": agreed, "files": file_rows}


def parts(desk: Desk, further: Sequence[Probe]) -> tuple[Probe, ...]:
    """Everything that is tried, in the order of the report. `further` is what others than the core bring."""
    tried = [(name, title, partial(_probe, module, name, desk)) for name, title, module in _PARTS]
    return (*tried[:_BEFORE], *further, *tried[_BEFORE:])


def _probe(module: str, name: str, desk: Desk) -> Text:
    """Run the probe of a part. Raises Problem, ImportError where a library is missing, and anything else for a bug."""
    answer: Text = getattr(import_module(f"core.cli.probes.{module}"), name)(desk)
    return answer


def _tried(part: Probe) -> Tried:
    """Try one part; whatever it raises becomes a line of the report."""
    name, title, probe = part
    try:
        return Tried(name, title, True, str(probe()))
    except Problem as problem:
        sentence, next_step, detail = problem.sentence, problem.next_step, problem.detail
    except Exception as error:  # a report must come out, above all when something is broken that was not foreseen
        sentence = T("this part does not work")
        next_step = T("Install Fanion again; if that does not help, give this report to your IT support.")
        detail = f"{type(error).__name__}: {error}"
    return Tried(name, title, False, str(sentence), str(next_step), plain(detail, _DETAIL_LIMIT))


def _show(result: Tried) -> None:
    terminal.out(f"{'✔' if result.ok else '✖'} {value_names.pair(result.name, result.says)}")
    if result.next:
        terminal.out(f"  → {result.next}")
    if result.detail:
        terminal.out(f"    {result.detail}")
