"""``fanion policy export`` and ``fanion policy convert``: policies in the formats that others speak, both ways."""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from core import value_names
from core.cli import terminal
from core.cli.arguments import Actions, argument
from core.desk.desk import Desk
from core.model import RULE_STRENGTHS, Problem, Strength
from core.policy import convert
from core.policy.convert import FORMATS, LeftOut
from core.policy.format.tables import PLATFORMS
from core.policy.problems import PolicyProblem
from core.system.files.files import create_file
from core.text import N, T

_SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
#: Of what could not be said, or was not understood: more is in the answer with ``--json``.
_SHOWN: Final = 20
#: Things that are named with each reason.
_EXAMPLES: Final = 3


def add(actions: Actions) -> None:
    """Add the actions of this module to those of ``fanion policy``."""
    actions.add(
        "export",
        run_export,
        T("a policy in a format that others speak"),
        argument("name", T("one that Fanion brings along, or a file"), T("NAME"), nargs="?"),
        argument(
            "--format",
            T("to block apps (intune, apple, android-management) or to look for them (stix2, stalkerware)"),
            choices=tuple(FORMATS),
            required=True,
        ),
        argument("--out", T("the new file; otherwise it is printed"), T("FILE"), type=Path),
        argument(
            "--include",
            T("what to export besides what is banned"),
            "recommendation,notice",
            type=_strengths,
            default=(),
        ),
        argument("--platform", T("only the apps of this platform"), choices=PLATFORMS),
    )
    actions.add(
        "convert",
        run_convert,
        T("make a policy file out of a STIX 2 or stalkerware-indicators list"),
        argument("file", T("the list"), T("FILE"), type=Path),
        argument("--out", T("the new policy file"), "POLICY.toml", type=Path, required=True),
        argument(
            "--strength",
            T("what its apps are: banned, advised against, or only shown (notice)"),
            choices=[str(s) for s in RULE_STRENGTHS],
            default=str(Strength.NOTICE),
        ),
        argument("--id", T("the policy’s id; otherwise after the name of the list"), "ID", type=_id),
    )


def run_export(options: argparse.Namespace, desk: Desk) -> int:
    # No phone is judged by what is exported, so an unsigned draft will do.
    policy = desk.policy(options.name, practice=options.name is not None)
    exported = convert.export(
        policy,
        options.format,
        strengths=(Strength.BAN, *options.include),
        platforms=(options.platform,) if options.platform else PLATFORMS,
    )
    if options.out is not None:
        _write_new(options.out, exported.data)
    if options.json:
        answer: dict[str, Any] = {
            "format": options.format,
            "policy": terminal.pick(policy, "id version sha256"),
            "sha256": hashlib.sha256(exported.data).hexdigest(),
            "left_out": [terminal.pick(omission, "rule value why") for omission in exported.left_out],
        }
        answer |= {"file": str(options.out)} if options.out else {"content": exported.data.decode()}
        terminal.answer_json(answer)
        return 0
    if options.out is None:
        # As they are: a byte order mark or other line ends would make another file of it.
        terminal.flush()
        with terminal.answering():
            sys.stdout.buffer.write(exported.data)
            sys.stdout.buffer.flush()
    else:
        terminal.out(T("Written: {file}", file=str(options.out)))
    if exported.left_out:
        terminal.say(
            N(
                "{count} thing that the policy says is not in it:",
                "{count} things that the policy says are not in it:",
                len(exported.left_out),
            ),
            *_by_reason(exported.left_out),
        )
    return 0


def run_convert(options: argparse.Namespace, desk: Desk) -> int:
    conversion = convert.import_file(
        options.file,
        id=options.id or convert.suggested_id(options.file),
        strength=Strength(options.strength),
        issued=datetime.now().astimezone().date(),
    )
    _write_new(options.out, conversion.toml.encode())
    if options.json:
        terminal.answer_json(
            {
                "file": str(options.out),
                **terminal.pick(conversion, "rules apps=ids certificates"),
                "not_understood": [terminal.pick(item, "kind count why example") for item in conversion.not_understood],
            }
        )
        return 0
    terminal.out(
        T("Written: {file}", file=str(options.out)),
        T(
            "{rules}, {apps}, {certificates}.",
            rules=N("{count} rule", "{count} rules", conversion.rules),
            apps=N("{count} app", "{count} apps", conversion.ids),
            certificates=N("{count} certificate", "{count} certificates", conversion.certificates),
        ),
    )
    if conversion.not_understood:
        terminal.say(
            T("Not everything in the list could be used:"),
            *_first(f"i {value_names.pair(f'{n.kind} ({n.count})', n.why)}" for n in conversion.not_understood),
        )
    terminal.say(
        T(
            "No phone is judged by it yet. Read it through, then test it: fanion policy check {file}.",
            file=str(options.out),
        )
    )
    return 0


def _by_reason(left_out: Iterable[LeftOut]) -> list[object]:
    """List what was left out by its reasons, each once, with a few examples; ``--json`` answers with all of it."""
    values: dict[str, list[str]] = {}
    for omission in left_out:
        values.setdefault(str(omission.why), []).append(f"{omission.rule} {omission.value}")
    lines: list[object] = []
    for why, rule_values in values.items():
        remaining = len(rule_values) - _EXAMPLES
        examples = ", ".join(rule_values[:_EXAMPLES])
        lines.append(f"i {why}")
        lines.append(
            f"    {T('{things}, and {count} more', things=examples, count=remaining) if remaining > 0 else examples}"
        )
    return lines


def _first(lines: Iterable[str]) -> list[object]:
    """As many lines as a person reads, and how many more there are."""
    every = list(lines)
    remaining = len(every) - _SHOWN
    return [*every[:_SHOWN], *([N("and {count} more.", "and {count} more.", remaining)] if remaining > 0 else [])]


def _write_new(path: Path, data: bytes) -> None:
    """Write a file that is not there yet, whole or not at all. Raises Problem."""
    try:
        create_file(path, data, private=False)
    except FileExistsError as error:
        sentence = T("There is already a file {file}, and it was left as it is.", file=str(path))
        next_step = T("Choose another name, or move that file away.")
        raise Problem(sentence, next_step, code="file-there", exit_code=2) from error
    except (OSError, ValueError) as error:  # ValueError: a name with a null character
        raise PolicyProblem(
            T("The file {file} could not be written.", file=str(path)),
            T("Check that its folder is there, that you may write into it, and that there is room."),
            str(error),
        ) from error


def _strengths(typed: str) -> tuple[Strength, ...]:
    by_name = {str(s): s for s in RULE_STRENGTHS if s is not Strength.BAN}
    chosen = [part.strip() for part in typed.split(",")]
    if not set(chosen) <= by_name.keys():
        raise argparse.ArgumentTypeError(str(T("that must be one or more of these: {names}", names=", ".join(by_name))))
    return tuple(by_name[name] for name in dict.fromkeys(chosen))


def _id(typed: str) -> str:
    if len(typed) > 60 or not _SLUG.fullmatch(typed):
        raise argparse.ArgumentTypeError(
            str(T("that may have only small letters, digits, and single hyphens between them"))
        )
    return typed
