"""``fanion policy sign``: what the policy team does with its keys, on a computer that need not be a desk's."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from core.cli import terminal
from core.cli.arguments import JSON, Actions, argument, flag
from core.desk.desk import Desk
from core.model import Policy
from core.policy.format import policy_file
from core.policy.signing import repository, signers, signing
from core.policy.signing.changes import ChangeOutcome, Lives, Missing
from core.policy.signing.signers import KeyHolder, SigningKeyProblem
from core.policy.signing.signing import WITHIN, RepositoryStatus, RoleStatus, repository_status
from core.policy.trust.chain import TARGET
from core.policy.wording import long_date
from core.text import Bilingual, T, plain

#: How often a passphrase may be typed for one key.
_TRIES: Final = 3
#: Characters of a passphrase.
_LIMIT: Final = 1_000
_DAYS: Final = 10_000


def add_arguments(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    """The steps of ``fanion policy sign``."""
    folder = argument("folder", T("the policy team’s repository"), T("DIR"), type=Path)
    steps = Actions(parser, common, JSON, folder, dest="step")
    passphrases = T("a file whose first line is the passphrase of all keys, instead of typing it")
    valid = T("for how many days USB keys are valid that are signed now (180)")
    keyed = (
        argument("--passphrase-file", passphrases, T("FILE"), type=Path),
        argument("--days", valid, "N", type=_days, default=Lives().online),
    )
    keys_help = T("the folder in which the keys are made, one folder for each holder")
    first = T("begin with this number, above all those of an earlier repository whose keys are lost")
    steps.add(
        "init",
        run_init,
        T("make the keys and an empty repository"),
        *keyed,
        argument("--keys", keys_help, T("KEYS"), type=Path, required=True, nargs=1),
        argument("--first-version", first, "N", type=int, default=1),
    )
    holders = T("key files to sign with, or folders that have them")
    keys = argument("--keys", holders, T("KEYS"), type=Path, required=True, nargs="+")
    stage = flag("--stage", T("let the change wait in the repository for more signatures"))
    policy = argument("policy", T("the policy file"), T("POLICY.toml"), type=Path)
    steps.add("publish", run_publish, T("sign a policy and publish it"), *keyed, policy, keys, stage)
    within = argument("--within", T("what ends within so many days is due (60)"), "N", type=_days, default=WITHIN)
    steps.add("renew", run_renew, T("make what is published valid for longer"), *keyed, keys, stage, within)
    replaced = T("the name of a key to be replaced, such as root-2; without it, all of the role")
    new_keys = T("the folder in which the new keys are made, or are already")
    steps.add(
        "rotate",
        run_rotate,
        T("replace a key, or all keys of a role"),
        *keyed,
        argument("--role", T("the role whose keys are replaced"), required=True, choices=("root", "targets", "online")),
        argument("--replace", replaced, T("KEY"), action="append", default=[]),
        argument("--new-keys", new_keys, T("DIR"), type=Path, required=True),
        keys,
        stage,
    )
    steps.add("add", run_add, T("sign a change that waits for signatures"), *keyed, keys)
    steps.add("discard", run_discard, T("give up a change that waits for signatures"))
    steps.add("status", run_status, T("what is published, who signed it, what is due"), within)


def run_init(options: argparse.Namespace, desk: Desk) -> int:
    passphrases = _Passphrases(options.passphrase_file)
    holders = [_make_key(options.keys[0], name, passphrases) for name in signing.key_names()]
    signing.init(
        options.folder, holders, now=_now(), lives=Lives(online=options.days), first_version=options.first_version
    )
    status = repository_status(options.folder, now=_now())
    return terminal.answer(
        options,
        _status_json(status),
        T("The keys and the repository are made."),
        *_key_lines(status),
        "",
        T("Write these fingerprints down, and carry each key to its holder now."),
        T("Every computer is to be given this root file: {file}", file=status.root_file),
        T("Its SHA-256: {sha256}", sha256=status.root_sha256),
    )


def run_publish(options: argparse.Namespace, desk: Desk) -> int:
    data = policy_file.read(options.policy)
    policy_or_faults = policy_file.examine_bytes(data, options.policy.name)
    if not isinstance(policy_or_faults, Policy):  # all faults are of use; the first is told as the reason
        for fault in policy_or_faults[1:] if not options.json else ():
            terminal.say(f"✖ {fault.sentence} {fault.next_step}")
        raise policy_or_faults[0]
    outcome = signing.publish(options.folder, data, _holders(options), **_how(options))
    return _tell(options, outcome)


def run_renew(options: argparse.Namespace, desk: Desk) -> int:
    outcome = signing.renew(options.folder, _holders(options), within=options.within, **_how(options))
    return _tell(options, outcome)


def run_rotate(options: argparse.Namespace, desk: Desk) -> int:
    names = signing.successors(options.folder, options.role, options.replace)
    passphrases = _Passphrases(options.passphrase_file)
    holders = signers.load_all(options.keys, passphrases.candidates)
    new = [_make_key(options.new_keys, name, passphrases) for name in names]
    outcome = signing.rotate(options.folder, options.role, options.replace, new, holders, **_how(options))
    if not options.json:
        terminal.out(T("New keys: {names}. Carry each to its holder now.", names=", ".join(names)))
    return _tell(options, outcome)


def run_add(options: argparse.Namespace, desk: Desk) -> int:
    draft = signing.waiting(options.folder)
    if draft.policy is not None:
        policy = policy_file.parse(draft.policy, TARGET)
        fields = {"id": policy.id, "version": policy.version, "sha256": policy.sha256}
        terminal.say(T("You sign the policy {id} {version}, SHA-256 {sha256}.", **fields))
    if draft.root is not None:
        terminal.say(
            T("You sign the root with number {number}, which says whose keys count.", number=draft.root.signed.version)
        )
    outcome = signing.add(options.folder, draft, _holders(options), now=_now(), lives=Lives(online=options.days))
    return _tell(options, outcome)


def run_discard(options: argparse.Namespace, desk: Desk) -> int:
    was_there = repository.discard(options.folder)
    sentence = T("The change is given up.") if was_there else T("No change was waiting.")
    return terminal.answer(options, {"discarded": was_there}, sentence)


def run_status(options: argparse.Namespace, desk: Desk) -> int:
    status = repository_status(options.folder, now=_now(), within=options.within)
    lines: list[object] = [T("No policy has been published yet.")]
    if status.policy_sha256:
        lines = [
            T("Published: {id} {version}.", id=status.policy_id, version=status.policy_version),
            T("SHA-256 {sha256}", sha256=status.policy_sha256),
        ]
    lines += [
        T("Root file of the computers: {file}", file=status.root_file),
        T("Its SHA-256: {sha256}", sha256=status.root_sha256),
        *_key_lines(status),
        "",
        *[_role_line(role, role.expires) for role in status.roles if role.expires is not None],
    ]
    if status.waiting is not None:
        lines += ["", T("A change waits for signatures."), *map(_missing_line, status.waiting)]
    return terminal.answer(options, _status_json(status), *lines, code=3 if status.due else 0)


class _Passphrases:
    """From a file that has one for all keys, else typed. A typed one is tried with the next key before asking again."""

    def __init__(self, file: Path | None) -> None:
        self._file_passphrase = None if file is None else _first_line(file)
        self._typed: list[str] = []

    def candidates(self, file: Path) -> Iterator[str]:
        """What may open a key that is there."""
        if self._file_passphrase is not None:
            yield self._file_passphrase
            return
        yield from self._typed
        for _ in range(_TRIES):
            typed = _ask(T("Passphrase of the key {name}:", name=plain(file.name)))
            self._typed.append(typed)
            yield typed

    def new(self, name: str) -> str:
        """What is to open a key that is made now: typed twice."""
        if self._file_passphrase is not None:
            return self._file_passphrase
        for _ in range(_TRIES):
            typed = _ask(T("New passphrase for the key {name}:", name=name))
            if len(typed) < signers.SHORTEST:
                terminal.say(
                    T("Choose one of at least {count} characters, such as several words.", count=signers.SHORTEST)
                )
            elif typed == _ask(T("The same again:")):
                return typed
            else:
                terminal.say(T("The two are not the same."))
        raise SigningKeyProblem(
            T("No passphrase was chosen for the key {name}.", name=name), T("Begin again, and type it twice alike.")
        )


def _ask(question: object) -> str:
    if not sys.stdin.isatty():
        raise SigningKeyProblem(
            T("The passphrase of a key is needed, and there is no terminal to type it in."),
            T("Run the command in a terminal, or name a file with --passphrase-file."),
        )
    return getpass.getpass(f"{question} ")[:_LIMIT]


def _first_line(file: Path) -> str:
    try:
        with file.open(encoding="utf-8-sig") as opened:
            return opened.readline(_LIMIT).rstrip("\r\n")
    except (OSError, ValueError) as error:
        raise SigningKeyProblem(
            T("The passphrase file {file} cannot be read.", file=plain(str(file), 1_000)),
            T("Check its name, and that you are allowed to open it."),
            str(error),
        ) from error


def _make_key(folder: Path, name: str, passphrases: _Passphrases) -> KeyHolder:
    """The key of that name: made now, unless its holder (or a command that was cut off) has made it before."""
    if signers.key_file(folder, name).exists():
        return signers.load_all([signers.key_file(folder, name)], passphrases.candidates)[0]
    return signers.create(folder, name, passphrases.new(name))


def _holders(options: argparse.Namespace) -> list[KeyHolder]:
    return signers.load_all(options.keys, _Passphrases(options.passphrase_file).candidates)


def _how(options: argparse.Namespace) -> dict[str, Any]:
    """When a change is signed, how long it is valid, and whether it may wait for more signatures."""
    return {"now": _now(), "lives": Lives(online=options.days), "stage": options.stage}


def _days(typed: str) -> int:
    days = int(typed)
    if not 0 < days <= _DAYS:
        raise ValueError
    return days


def _now() -> datetime:
    return datetime.now(UTC)


def _date(when: datetime) -> Bilingual:
    return long_date(when.astimezone(UTC).date())


def _tell(options: argparse.Namespace, outcome: ChangeOutcome) -> int:
    lines: list[object] = [T("✔ The keys are replaced.")]
    if not outcome.complete:
        lines = [T("The change waits in the repository for signatures."), *map(_missing_line, outcome.missing)]
        if not outcome.missing:
            lines.append(T("All are there: put it in place with “fanion policy sign add”."))
    elif outcome.accepted is not None:
        lines = [
            T("✔ Published: {id} {version}.", id=outcome.accepted.policy_id, version=outcome.accepted.policy_version),
            T("SHA-256 {sha256}", sha256=outcome.accepted.sha256),
            T("The USB keys are valid until {date}.", date=_date(outcome.accepted.expires)),
            T("Now copy the whole folder onto the USB keys."),
        ]
    due = [T("The role “{role}” ends soon, and needs its offline keys: renew with them.", role=r) for r in outcome.due]
    return terminal.answer(options, _outcome_json(outcome), *lines, *due)


def _key_lines(status: RepositoryStatus) -> list[str]:
    ids = dict(key for role in status.roles for key in role.keys)
    return ["", *[f"  {name.ljust(max(map(len, ids)))}  {id}" for name, id in ids.items()]]


def _role_line(role: RoleStatus, expires: datetime) -> str:
    words = {"role": role.role, "number": role.version, "date": _date(expires), "names": ", ".join(role.signed_by)}
    if role.expired:
        return f"✖ {T('{role} {number}: expired on {date}; signed by {names}', **words)}"
    if role.due:
        return f"! {T('{role} {number}: to be renewed before {date}; signed by {names}', **words)}"
    return f"✔ {T('{role} {number}: valid until {date}; signed by {names}', **words)}"


def _missing_line(missing_role: Missing) -> str:
    sentence = T(
        "{role}: {have} of {needed} signatures; can still sign: {names}",
        role=missing_role.role,
        have=missing_role.have,
        needed=missing_role.needed,
        names=", ".join(missing_role.keys),
    )
    return f"  {sentence}"


def _outcome_json(outcome: ChangeOutcome) -> dict[str, Any]:
    accepted = outcome.accepted
    return {
        "complete": outcome.complete,
        "missing": _missing_json(outcome.missing),
        "due": list(outcome.due),
        "policy": None
        if accepted is None
        else {
            "id": accepted.policy_id,
            "version": accepted.policy_version,
            **terminal.pick(accepted, "sha256 expires"),
            "root": accepted.root_version,
            "targets": accepted.targets_version,
            "snapshot": accepted.snapshot_version,
            "timestamp": accepted.timestamp_version,
        },
    }


def _missing_json(missing: Sequence[Missing]) -> list[dict[str, Any]]:
    return [terminal.pick(missing_role, "role have needed keys") for missing_role in missing]


def _status_json(status: RepositoryStatus) -> dict[str, Any]:
    return {
        "folder": str(status.folder),
        "root_file": str(status.root_file),
        "root_sha256": status.root_sha256,
        "policy": {"id": status.policy_id, "version": status.policy_version, "sha256": status.policy_sha256}
        if status.policy_sha256
        else None,
        "roles": [
            {
                **terminal.pick(role, "role version expires threshold"),
                "keys": [{"name": name, "id": id} for name, id in role.keys],
                **terminal.pick(role, "signed_by due expired"),
            }
            for role in status.roles
        ],
        "waiting": None if status.waiting is None else _missing_json(status.waiting),
    }
