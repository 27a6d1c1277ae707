"""``fanion policy sign``: what the policy team does with its keys, on a computer that need not be a desk's."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from core.cli import terminal
from core.cli.sign_json import outcome_json, status_json
from core.desk.desk import Desk
from core.model import Policy
from core.policy.format import policy_file
from core.policy.signing import repository, signers, signing
from core.policy.signing.changes import Lives, Missing, Outcome
from core.policy.signing.signers import KeyHolder, KeyProblem
from core.policy.signing.signing import WITHIN, RepositoryStatus, RoleStatus, repository_status
from core.policy.trust.chain import TARGET
from core.policy.wording import long_date
from core.text import Bilingual, T, plain

_ROLES: Final = ("root", "targets", "online")
#: How often a passphrase may be typed for one key.
_TRIES: Final = 3
#: Characters of a passphrase.
_LIMIT: Final = 1_000
_DAYS: Final = 10_000


def add(actions: Any, common: argparse.ArgumentParser) -> None:
    """Add ``sign`` with its own actions to those of ``fanion policy``. `common` does not have --json yet."""
    sign = actions.add_parser("sign", parents=[common], help=str(T("sign policies for USB sticks, as the policy team")))
    steps = sign.add_subparsers(dest="step", required=True, metavar=str(T("ACTION")))
    options = argparse.ArgumentParser(add_help=False, parents=[common])
    options.add_argument("--json", action="store_true", help=str(T("answer with one JSON object")))
    options.add_argument("folder", type=Path, metavar=str(T("DIR")), help=str(T("the policy team’s repository")))
    keyed = argparse.ArgumentParser(add_help=False, parents=[options])
    keyed.add_argument(
        "--passphrase-file",
        type=Path,
        metavar=str(T("FILE")),
        help=str(T("a file whose first line is the passphrase of all keys, instead of typing it")),
    )
    keyed.add_argument(
        "--days",
        type=_days,
        default=Lives().online,
        metavar="N",
        help=str(T("for how many days sticks are valid that are signed now (180)")),
    )

    init = steps.add_parser("init", parents=[keyed], help=str(T("make the keys and an empty repository")))
    _keys(init, T("the folder in which the keys are made, one folder for each holder"), many=False)
    init.add_argument(
        "--first-version",
        type=int,
        default=1,
        metavar="N",
        help=str(T("begin with this number, above all those of an earlier repository whose keys are lost")),
    )
    init.set_defaults(run=run_init)
    publish = steps.add_parser("publish", parents=[keyed], help=str(T("sign a policy and publish it")))
    publish.add_argument("policy", type=Path, metavar=str(T("POLICY.toml")), help=str(T("the policy file")))
    publish.set_defaults(run=run_publish)
    renew = steps.add_parser("renew", parents=[keyed], help=str(T("make what is published valid for longer")))
    renew.set_defaults(run=run_renew)
    rotate = steps.add_parser("rotate", parents=[keyed], help=str(T("replace a key, or all keys of a role")))
    rotate.add_argument("--role", required=True, choices=_ROLES, help=str(T("the role whose keys are replaced")))
    rotate.add_argument(
        "--replace",
        action="append",
        default=[],
        metavar=str(T("KEY")),
        help=str(T("the name of a key to be replaced, such as root-2; without it, all of the role")),
    )
    rotate.add_argument(
        "--new-keys",
        type=Path,
        required=True,
        metavar=str(T("DIR")),
        help=str(T("the folder in which the new keys are made, or are already")),
    )
    rotate.set_defaults(run=run_rotate)
    also = steps.add_parser("add", parents=[keyed], help=str(T("sign a change that waits for signatures")))
    also.set_defaults(run=run_add)
    for parser in (publish, renew, rotate, also):
        _keys(parser, T("key files to sign with, or folders that have them"))
    for parser in (publish, renew, rotate):
        parser.add_argument(
            "--stage", action="store_true", help=str(T("let the change wait in the repository for more signatures"))
        )
    discard = steps.add_parser("discard", parents=[options], help=str(T("give up a change that waits for signatures")))
    discard.set_defaults(run=run_discard)
    status = steps.add_parser("status", parents=[options], help=str(T("what is published, who signed it, what is due")))
    status.set_defaults(run=run_status)
    for parser in (renew, status):
        parser.add_argument(
            "--within",
            type=_days,
            default=WITHIN,
            metavar="N",
            help=str(T("what ends within so many days is due (60)")),
        )


def run_init(options: argparse.Namespace, desk: Desk) -> int:
    passphrases = _Passphrases(options.passphrase_file)
    holders = [_made(options.keys[0], name, passphrases) for name in signing.key_names()]
    signing.init(
        options.folder, holders, now=_now(), lives=Lives(online=options.days), first_version=options.first_version
    )
    found = repository_status(options.folder, now=_now())
    if options.json:
        terminal.answer_json(status_json(found))
        return 0
    terminal.out(T("The keys and the repository are made."))
    _tell_keys(found)
    terminal.out(
        "",
        T("Write these fingerprints down, and carry each key to its holder now."),
        T("Every computer is to be given this root file: {file}", file=found.root_file),
        T("Its SHA-256: {sha256}", sha256=found.root_sha256),
    )
    return 0


def run_publish(options: argparse.Namespace, desk: Desk) -> int:
    data = policy_file.read(options.policy)
    found = policy_file.examine_bytes(data, options.policy.name)
    if not isinstance(found, Policy):  # all faults are of use; the first is told as the reason
        for fault in found[1:] if not options.json else ():
            terminal.say(f"✖ {fault.sentence} {fault.next_step}")
        raise found[0]
    holders = _holders(options)
    lives = Lives(online=options.days)
    done = signing.publish(options.folder, data, holders, now=_now(), lives=lives, stage=options.stage)
    return _tell(options, done)


def run_renew(options: argparse.Namespace, desk: Desk) -> int:
    done = signing.renew(
        options.folder,
        _holders(options),
        now=_now(),
        lives=Lives(online=options.days),
        within=options.within,
        stage=options.stage,
    )
    return _tell(options, done)


def run_rotate(options: argparse.Namespace, desk: Desk) -> int:
    names = signing.successors(options.folder, options.role, options.replace)
    passphrases = _Passphrases(options.passphrase_file)
    holders = signers.load_all(options.keys, passphrases.known)
    new = [_made(options.new_keys, name, passphrases) for name in names]
    done = signing.rotate(
        options.folder,
        options.role,
        options.replace,
        new,
        holders,
        now=_now(),
        lives=Lives(online=options.days),
        stage=options.stage,
    )
    if not options.json:
        terminal.out(T("New keys: {names}. Carry each to its holder now.", names=", ".join(names)))
    return _tell(options, done)


def run_add(options: argparse.Namespace, desk: Desk) -> int:
    draft = signing.waiting(options.folder)
    if draft.policy is not None:
        policy = policy_file.parse(draft.policy, TARGET)
        terminal.say(
            T(
                "You sign the policy {id} {version}, SHA-256 {sha256}.",
                id=policy.id,
                version=policy.version,
                sha256=policy.sha256,
            )
        )
    if draft.root is not None:
        terminal.say(
            T("You sign the root with number {number}, which says whose keys count.", number=draft.root.signed.version)
        )
    done = signing.add(options.folder, draft, _holders(options), now=_now(), lives=Lives(online=options.days))
    return _tell(options, done)


def run_discard(options: argparse.Namespace, desk: Desk) -> int:
    was_there = repository.discard(options.folder)
    if options.json:
        terminal.answer_json({"discarded": was_there})
    else:
        terminal.out(T("The change is given up.") if was_there else T("No change was waiting."))
    return 0


def run_status(options: argparse.Namespace, desk: Desk) -> int:
    found = repository_status(options.folder, now=_now(), within=options.within)
    code = 3 if found.due else 0
    if options.json:
        terminal.answer_json(status_json(found))
        return code
    if found.policy_sha256:
        terminal.out(
            T("Published: {id} {version}.", id=found.policy_id, version=found.policy_version),
            T("SHA-256 {sha256}", sha256=found.policy_sha256),
        )
    else:
        terminal.out(T("No policy has been published yet."))
    terminal.out(
        T("Root file of the computers: {file}", file=found.root_file),
        T("Its SHA-256: {sha256}", sha256=found.root_sha256),
    )
    _tell_keys(found)
    terminal.out("", *[_role_line(role) for role in found.roles if role.expires is not None])
    if found.waiting is not None:
        terminal.out("", T("A change waits for signatures."), *[_missing_line(one) for one in found.waiting])
    return code


class _Passphrases:
    """From a file that has one for all keys, else typed. A typed one is tried with the next key before asking again."""

    def __init__(self, file: Path | None) -> None:
        self._given = None if file is None else _first_line(file)
        self._typed: list[str] = []

    def known(self, file: Path) -> Iterator[str]:
        """What may open a key that is there."""
        if self._given is not None:
            yield self._given
            return
        yield from self._typed
        for _ in range(_TRIES):
            typed = _ask(T("Passphrase of the key {name}:", name=plain(file.name)))
            self._typed.append(typed)
            yield typed

    def new(self, name: str) -> str:
        """What is to open a key that is made now: typed twice."""
        if self._given is not None:
            return self._given
        for _ in range(_TRIES):
            typed = _ask(T("New passphrase for the key {name}:", name=name))
            if len(typed) < signers.SHORTEST:
                terminal.say(
                    T("Choose one of at least {count} characters, such as several words.", count=signers.SHORTEST)
                )
            elif typed == _ask(T("The same again:")):
                return typed
            else:
                terminal.say(T("The two differ."))
        raise KeyProblem(
            T("No passphrase was chosen for the key {name}.", name=name), T("Begin again, and type it twice alike.")
        )


def _ask(question: object) -> str:
    if not sys.stdin.isatty():
        raise KeyProblem(
            T("The passphrase of a key is needed, and there is nobody to type it."),
            T("Run the command in a terminal, or name a file with --passphrase-file."),
        )
    return getpass.getpass(f"{question} ")[:_LIMIT]


def _first_line(file: Path) -> str:
    try:
        with file.open(encoding="utf-8-sig") as opened:
            line = opened.readline(_LIMIT).rstrip("\r\n")
    except (OSError, ValueError) as error:
        raise KeyProblem(
            T("The passphrase file {file} cannot be read.", file=plain(str(file), 1_000)),
            T("Check its name, and that you are allowed to open it."),
            str(error),
        ) from error
    return line


def _made(folder: Path, name: str, passphrases: _Passphrases) -> KeyHolder:
    """The key of that name: made now, unless its holder (or a command that was cut off) has made it before."""
    if signers.key_file(folder, name).exists():
        return signers.load_all([signers.key_file(folder, name)], passphrases.known)[0]
    return signers.create(folder, name, passphrases.new(name))


def _holders(options: argparse.Namespace) -> list[KeyHolder]:
    return signers.load_all(options.keys, _Passphrases(options.passphrase_file).known)


def _keys(parser: argparse.ArgumentParser, help: object, *, many: bool = True) -> None:
    parser.add_argument(
        "--keys", type=Path, required=True, nargs="+" if many else 1, metavar=str(T("KEYS")), help=str(help)
    )


def _days(typed: str) -> int:
    days = int(typed)
    if not 0 < days <= _DAYS:
        raise ValueError
    return days


def _now() -> datetime:
    return datetime.now(UTC)


def _date(when: datetime) -> Bilingual:
    return long_date(when.astimezone(UTC).date())


def _tell(options: argparse.Namespace, done: Outcome) -> int:
    if options.json:
        terminal.answer_json(outcome_json(done))
        return 0
    if not done.complete:
        terminal.out(
            T("The change waits in the repository for signatures."), *[_missing_line(one) for one in done.missing]
        )
        if not done.missing:
            terminal.out(T("All are there: put it in place with “fanion policy sign add”."))
    elif done.accepted is None:
        terminal.out(T("✔ The keys are replaced."))
    else:
        terminal.out(
            T("✔ Published: {id} {version}.", id=done.accepted.policy_id, version=done.accepted.policy_version),
            T("SHA-256 {sha256}", sha256=done.accepted.sha256),
            T("Sticks are valid until {date}.", date=_date(done.accepted.expires)),
            T("Now copy the whole folder onto the sticks."),
        )
    for role in done.due:
        terminal.out(T("The role “{role}” ends soon, and needs its offline keys: renew with them.", role=role))
    return 0


def _tell_keys(found: RepositoryStatus) -> None:
    ids = dict(key for role in found.roles for key in role.keys)
    terminal.out("", *[f"  {name.ljust(max(map(len, ids)))}  {id}" for name, id in ids.items()])


def _role_line(role: RoleStatus) -> str:
    assert role.expires is not None  # noqa: S101 - for the type checker: only such roles are shown
    words = {"role": role.role, "number": role.version, "date": _date(role.expires), "names": ", ".join(role.signed_by)}
    if role.expired:
        return f"✖ {T('{role} {number}: expired on {date}; signed by {names}', **words)}"
    if role.due:
        return f"! {T('{role} {number}: to be renewed before {date}; signed by {names}', **words)}"
    return f"✔ {T('{role} {number}: valid until {date}; signed by {names}', **words)}"


def _missing_line(one: Missing) -> str:
    return "  " + str(
        T(
            "{role}: {have} of {needed} signatures; can still sign: {names}",
            role=one.role,
            have=one.have,
            needed=one.needed,
            names=", ".join(one.keys),
        )
    )
