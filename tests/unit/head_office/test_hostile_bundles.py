"""Whatever a carrier makes of a bundle: it is refused with a reason, and is never another failure."""

from __future__ import annotations

import json
import shutil
from hashlib import sha256
from pathlib import Path

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.head_office.bundles.carried import BundleRefused, CarriedBundle
from core.head_office.bundles.encryption import PrivateKeys
from core.head_office.bundles.layout import read_sums
from core.head_office.bundles.manifest import BundleFile, BundleManifest
from core.head_office.merging.inspection import inspect
from core.ledger.tlog.notes import NoteError
from tests.examples import examples
from tests.unit.head_office.conftest import NOW, Desk, OpenDesk


@pytest.fixture(scope="module")
def whole(open_one: OpenDesk) -> tuple[Path, Desk]:
    """A bundle that goes on with an earlier one."""
    desk = open_one()
    desk.check("R58N12ABCDE", banned=True)
    after = desk.ledger.count()
    desk.check("R58N12FGHIJ")
    return desk.bundle(after=after), desk


def read(folder: Path, desk: Desk) -> None:
    bundle = CarriedBundle(folder)
    inspect(bundle, [desk.ledger.enrolment], (), NOW)
    for file in bundle.manifest.files:
        bundle.read(file.name)


@examples(60)
@given(data=st.data())
def test_any_file_may_be_changed_cut_or_gone(whole: tuple[Path, Desk], data: st.DataObject) -> None:
    folder, desk = whole
    work = folder.with_name("work")
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(folder, work)
    read(work, desk)
    names = sorted(file.name for file in work.iterdir() if file.name not in ("SHA256SUMS", "encrypted-to"))
    victim = work / data.draw(st.sampled_from(names))
    content = victim.read_bytes()
    at = data.draw(st.integers(0, max(len(content) - 1, 0)))
    changed = data.draw(
        st.one_of(
            st.just(content[:at]),
            st.binary(max_size=300),
            st.just(content + b"\n"),
            st.integers(1, 255).map(lambda bit: content[:at] + bytes([content[at] ^ bit]) + content[at + 1 :])
            if content
            else st.just(b"x"),
            st.none(),
        )
    )
    if changed is None:
        victim.unlink()
    elif changed != content:
        victim.write_bytes(changed)
    else:
        return
    with pytest.raises(BundleRefused):
        read(work, desk)


def sign_anew(victim: Path, changed: bytes, desk: Desk) -> None:
    """Change a file of a bundle, and have the desk sign that."""
    victim.write_bytes(changed)
    manifest, _ = BundleManifest.parse((victim.parent / "manifest").read_bytes())
    fresh = BundleFile(victim.name, len(changed), sha256(changed).hexdigest())
    files = tuple(fresh if one.name == victim.name else one for one in manifest.files)
    fields = {name: getattr(manifest, name) for name in manifest.__struct_fields__} | {"files": files}
    (victim.parent / "manifest").write_bytes(BundleManifest(**fields).signed(desk.ledger.signer))


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("seals-", b'{"size":1,"note":"\xff"}\n'),
        ("openings-", b'{"seq":1,"commitment":"ab","salt":"ab","value":"\xff"}\n'),
        ("base", b'{"tree":"\xff"}\n'),
    ],
)
def test_a_signed_line_that_is_no_utf_8_is_refused(whole: tuple[Path, Desk], name: str, line: bytes) -> None:
    folder, desk = whole
    work = folder.with_name("work")
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(folder, work)
    sign_anew(next(work.glob(f"{name}*")), line, desk)
    with pytest.raises(BundleRefused):
        read(work, desk)


@pytest.mark.parametrize("name", ["leaves-", "openings-", "seals-"])
def test_no_signed_file_has_lines_without_end(whole: tuple[Path, Desk], name: str) -> None:
    """Each would be an object of its own: 64 MB of line feeds are gigabytes."""
    folder, desk = whole
    work = folder.with_name("work")
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(folder, work)
    sign_anew(next(work.glob(f"{name}*")), b"{}\n" * 1_000_001, desk)
    with pytest.raises(BundleRefused) as refused:
        read(work, desk)
    assert refused.value.detail == "1000001 lines"


def json_lines(content: bytes) -> list[object] | None:
    """What the lines of a file say, or None where one is no JSON."""
    try:
        return [json.loads(line) for line in content.splitlines() if line.strip()]
    except ValueError:
        return None


@examples(100)
@given(
    name=st.sampled_from(["leaves-", "openings-", "seals-", "base"]),
    content=st.binary(max_size=400),
    at=st.integers(0, 3),
)
def test_a_desk_that_signs_anything_is_refused_by_its_seals(
    whole: tuple[Path, Desk], name: str, content: bytes, at: int
) -> None:
    folder, desk = whole
    work = folder.with_name("work")
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(folder, work)
    victim = next(work.glob(f"{name}*"))
    lines = victim.read_bytes().splitlines(keepends=True)
    lines[at : at + 1] = [content]
    changed = b"".join(lines)
    sign_anew(victim, changed, desk)
    if changed == (folder / victim.name).read_bytes():
        read(work, desk)
        return
    whole_lines, left = json_lines((folder / victim.name).read_bytes()), json_lines(changed)
    if name != "leaves-" and left == whole_lines:
        return  # spaces between the same values
    if name == "openings-" and left is not None and all(line in (whole_lines or []) for line in left):
        return  # a value that is not there was erased
    with pytest.raises(BundleRefused):
        read(work, desk)


@examples(50)
@given(st.binary(max_size=600) | st.text(max_size=600).map(lambda text: f"fanion-bundle/1\n{text}\n\n— a b\n".encode()))
def test_no_bytes_are_taken_for_a_manifest(data: bytes) -> None:
    with pytest.raises(NoteError):
        BundleManifest.parse(data)


@examples(100)
@given(st.binary(max_size=300))
def test_any_bytes_may_stand_for_sums_and_for_an_encrypted_file(data: bytes) -> None:
    from core.head_office.bundles.encryption import Undecryptable

    list(read_sums(data))
    with pytest.raises(Undecryptable):
        PrivateKeys([str(pyrage.x25519.Identity.generate())]).decrypt(data)
