"""Signed policies that come on a USB stick: accepted if everything about them is right, and verified again at each use.

A repository of The Update Framework (TUF) in a folder, no network: ngclient reads the stick through a fetcher that
knows nothing else. It works on a copy of what was accepted before, because a stick that turns out to be bad would
otherwise leave it refusing good ones. What it does not know, the caller hands in: the newest time that is known
(setting the clock back does not revive what has expired) and what the ledger says was accepted before (wiping the
store does not make old sticks new). Every refusal is a :class:`TrustProblem`, and changes nothing.
"""

from __future__ import annotations

import contextlib
import dataclasses
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from tuf.ngclient.config import UpdaterConfig
from tuf.ngclient.fetcher import FetcherInterface
from tuf.ngclient.updater import Updater

from core.jobs import Cancel
from core.model import Policy, Trust
from core.policy.format import policy_file
from core.policy.problems import PolicyProblem
from core.policy.trust import metadata as tuf
from core.policy.trust import policy_store, refusals
from core.policy.trust.accepted import Accepted
from core.policy.trust.chain import LIMITS, TARGET, Chain, Read, follow, follow_roots
from core.policy.trust.refusals import RefusalReason, TrustProblem
from core.policy.trust.usb_stick import Stick, read_file
from core.system.files.momentary import momentary_folder


@dataclass(frozen=True, slots=True)
class SignedPolicy:
    """The signed policy in force. One that has expired since stays in force: no policy at all would be worse."""

    policy: Policy
    accepted: Accepted
    expired_since: datetime | None


def accept(
    stick: Path,
    store: Path,
    root: bytes,
    *,
    now: datetime,
    floor: Accepted | None,
    cancel: Cancel,
    announce: Callable[[Accepted], object] = lambda accepted: None,
) -> Accepted:
    """Accept the policy in the folder `stick` into the folder `store`, and say what it is.

    The stick is read once: what was verified is what is announced and stored, whatever the stick says afterwards.
    `root` is the root file that this computer trusts. `now` is the newest time that is known: of the computer's clock,
    the ledger's newest entry and the program's build. `floor` is what was accepted last, as the ledger has it. What is
    in force already is accepted again: the result then equals `floor`.

    `announce` is told before the store is changed, of whatever the ledger does not have yet; what it raises ends it.
    Raises TrustProblem, for what was announced and not stored only :attr:`RefusalReason.NOT_STORED`; Cancelled until
    then.
    """
    source = Stick(stick)
    before = _chain(store, root)
    cancel.check()
    chain, _, accepted = verified(source.read, root, now=now, floors=(floor, _accepted_of(before)), before=before)
    cancel.check()
    if before is not None and before.files == chain.files:
        if accepted != floor:
            announce(accepted)
        return accepted
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(policy_store.locked(store))
        except OSError as error:
            raise refusals.no_room(str(store), str(error)) from error
        meanwhile = _accepted_of(_chain(store, root))
        if meanwhile is not None:
            _refuse_older(accepted, meanwhile)
        announce(accepted)
        try:
            policy_store.replace(store, chain.files)
        except OSError as error:
            raise refusals.not_stored(str(store), str(error)) from error
    return accepted


def keys_of(root: bytes) -> frozenset[str]:
    """The ids of the root keys in a root file; none if it is no such file."""
    try:
        root_metadata, _ = follow_roots(lambda path, limit: None, root)
    except TrustProblem:
        return frozenset()
    return frozenset(root_metadata.roles["root"].keyids)


def load(store: Path, root: bytes, *, now: datetime, floor: Accepted | None = None) -> SignedPolicy | None:
    """The policy in force, with everything from the root to its last byte verified again; None if none was accepted.

    With a `floor`, what the ledger has as accepted last, a store that is gone or older is refused. Raises TrustProblem.
    """
    image = policy_store.read(store)
    if image is None:
        if floor is not None:
            raise refusals.accepted_policy_missing()
        return None
    cached = _last.get(root)
    if cached is None or cached[0] != image:
        try:
            chain = follow(lambda path, limit: _within(image, path, limit), root)
            policy = _policy(chain)
        except TrustProblem as problem:
            if problem.reason is RefusalReason.NO_ROOT:
                raise
            refuse = refusals.trusted_no_more if problem.reason is RefusalReason.OTHER_KEYS else refusals.altered
            raise refuse(f"{problem.reason}: {problem.sentence} {problem.detail}".strip()) from problem
        cached = (image, policy, _accepted(chain, policy))
        _last.clear()
        _last[root] = cached
    _, policy, accepted = cached
    if floor is not None:
        try:
            _refuse_older(accepted, floor)
        except TrustProblem as problem:
            raise refusals.altered(f"{problem.reason}: {problem.detail}") from problem
    return SignedPolicy(policy, accepted, accepted.expires if accepted.expires <= now else None)


def verified(
    read: Read,
    pinned: bytes,
    *,
    now: datetime,
    floors: tuple[Accepted | None, ...] = (),
    before: Chain | None = None,
) -> tuple[Chain, Policy, Accepted]:
    """All that is demanded of a repository before it may be accepted over what was accepted `before`, on one of which
    each of `floors` is. Raises TrustProblem."""
    chain = follow(read, pinned)
    try:
        policy: Policy | TrustProblem = _policy(chain)
    except TrustProblem as problem:  # told last: that an older stick is malformed too is of no help
        policy = problem
    for floor in floors:
        if floor is not None:
            _refuse_older(_accepted(chain, policy if isinstance(policy, Policy) else None), floor)
    expires, part = chain.expires
    if expires <= now:
        raise refusals.expired(expires, part)
    _ask_ngclient(read, pinned, before, chain)
    if isinstance(policy, TrustProblem):
        raise policy
    return chain, policy, _accepted(chain, policy)


def pinned_root(file: Path) -> bytes:
    """The root file that this computer trusts. Raises TrustProblem if there is none.

    Read once for whatever is decided by it, and on record as what was read.
    """
    try:
        data = read_file(file.parent, file.name, LIMITS["root"])
    except TrustProblem as problem:
        raise refusals.no_root(str(file), f"{problem.reason}: {problem.detail}") from problem
    if data is None:
        raise refusals.no_root(str(file))
    return data


#: The last that was loaded: by the pinned root, the exact bytes of every file and what they gave. Only bytes that
#: are the same again are not verified again.
_last: Final[dict[bytes, tuple[dict[str, bytes], Policy, Accepted]]] = {}


def _chain(store: Path, pinned: bytes) -> Chain | None:
    """What was accepted before; None if nothing was, or what is there is worth nothing: a good stick then heals it."""
    try:
        image = policy_store.read(store)
        return None if image is None else follow(lambda path, limit: _within(image, path, limit), pinned)
    except TrustProblem:
        return None


def _within(image: dict[str, bytes], path: str, limit: int) -> bytes | None:
    data = image.get(path)
    if data is not None and len(data) > limit:
        raise refusals.too_large(path.rpartition("/")[2])
    return data


def _accepted_of(chain: Chain | None) -> Accepted | None:
    return None if chain is None else _accepted(chain, None)


def _accepted(chain: Chain, policy: Policy | None) -> Accepted:
    return Accepted(
        sha256=chain.sha256,
        policy_id=policy.id if policy else "",
        policy_version=policy.version if policy else "",
        root_version=chain.root.version,
        targets_version=chain.targets.version,
        snapshot_version=chain.snapshot.version,
        timestamp_version=chain.timestamp.version,
        expires=chain.expires[0],
        root_keys=tuple(sorted(chain.root.roles["root"].keyids)),
        online_keys=tuple(sorted({*chain.root.roles["timestamp"].keyids, *chain.root.roles["snapshot"].keyids})),
    )


def _refuse_older(new: Accepted, old: Accepted) -> None:
    """Raise TrustProblem if any number is lower than it was, or the same number stands for something else."""
    # A thief of the online key can sign the highest number there is. Once a newer root has replaced that key, its
    # numbers count no more: section 5.3.11 of the specification.
    recovered = new.root_version > old.root_version and new.online_keys != old.online_keys
    for part in ("root", "targets") if recovered else ("root", "targets", "snapshot", "timestamp"):
        is_now, was = getattr(new, f"{part}_version"), getattr(old, f"{part}_version")
        if is_now < was:
            raise refusals.older(f"{part} {is_now} < {was}")
        if is_now == was and part != "root" and new.sha256 != old.sha256:
            raise refusals.conflict(f"{part} {is_now}")
    if new.root_version == old.root_version and new.root_keys != old.root_keys:
        raise refusals.conflict(f"root {new.root_version}")


def _policy(chain: Chain) -> Policy:
    """Read the policy of a repository. Raises TrustProblem if it is malformed."""
    try:
        return dataclasses.replace(policy_file.parse(chain.policy, TARGET), trust=Trust.SIGNED)
    except PolicyProblem as problem:
        raise refusals.malformed(problem) from problem


def _ask_ngclient(read: Read, pinned: bytes, before: Chain | None, chain: Chain) -> None:
    """Raise TrustProblem unless TUF's own client accepts the same files, over a copy of what was accepted before.

    It judges expiry by the computer's clock, `verified` by the newest known time: no clock makes it any more lenient.
    """

    class Fetcher(FetcherInterface):
        """Reads what is asked for from the repository, and nothing else from anywhere."""

        def _fetch(self, url: str) -> Iterator[bytes]:
            path = url.removeprefix(_BASE)
            data = read(path, policy_file.LIMIT)
            if data is None:
                raise tuf.DownloadHTTPError(f"{path} is not there", 404)
            return iter((data,))

    config = UpdaterConfig(
        max_delegations=0,
        root_max_length=LIMITS["root"],
        timestamp_max_length=LIMITS["timestamp"],
        snapshot_max_length=LIMITS["snapshot"],
        targets_max_length=LIMITS["targets"],
    )
    try:
        with momentary_folder() as copy:
            _lay_out(before, copy)
            updater = Updater(
                str(copy), f"{_BASE}metadata/", str(copy), f"{_BASE}targets/", Fetcher(), config, bootstrap=pinned
            )
            updater.refresh()
            target = updater.get_targetinfo(TARGET)
            if target is None:
                raise refusals.changed("targets.json", f"no {TARGET} in it")
            policy = Path(updater.download_target(target, str(copy / TARGET))).read_bytes()
            ended = [(copy / f"{role}.json").read_bytes() for role in ("root", "timestamp", "snapshot", "targets")]
    except tuf.ExpiredMetadataError as error:
        raise refusals.expired(chain.expires[0], str(error)) from error
    except tuf.BadVersionNumberError as error:
        raise refusals.older(str(error)) from error
    except (tuf.RepositoryError, tuf.DownloadError) as error:
        raise refusals.changed("metadata", str(error)) from error
    except OSError as error:
        raise refusals.no_room(tempfile.gettempdir(), str(error)) from error
    if [*ended, policy] != _parts(chain):  # it kept what it had under the same number
        raise refusals.conflict("other bytes under the same number")


#: Of no scheme that could mean a network.
_BASE: Final = "stick:///"


def _parts(chain: Chain) -> list[bytes]:
    """The files of a repository that ngclient keeps by other names: root, timestamp, snapshot, targets, policy."""
    return [
        chain.files[f"metadata/{chain.root.version}.root.json"],
        chain.files["metadata/timestamp.json"],
        chain.files[f"metadata/{chain.snapshot.version}.snapshot.json"],
        chain.files[f"metadata/{chain.targets.version}.targets.json"],
        chain.policy,
    ]


def _lay_out(before: Chain | None, folder: Path) -> None:
    """Put what was accepted before as ngclient keeps it. Raises OSError."""
    if before is None:
        return
    (folder / "root_history").mkdir()
    for path, data in before.files.items():
        if path.endswith(".root.json"):
            (folder / "root_history" / path.removeprefix("metadata/")).write_bytes(data)
    for name, data in zip(("timestamp", "snapshot", "targets"), _parts(before)[1:4], strict=True):
        (folder / f"{name}.json").write_bytes(data)
