"""The apt repository, as Debian's own apt sees it: nothing of this computer's apt is read or changed."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from installer.linux import apt

pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, ("apt-get", "apt-cache", "dpkg-deb", "gpg", "gpgconf"))),
    reason="needs apt, dpkg and gpg, as Debian has them",
)


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The fingerprint of a key that was made for these tests, in a keyring of its own."""
    home = tmp_path_factory.mktemp("k")
    home.chmod(0o700)
    before = os.environ.get("GNUPGHOME")
    os.environ["GNUPGHOME"] = str(home)
    try:
        make = ["gpg", "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", ""]
        subprocess.run([*make, "--quick-generate-key", "Fanion test", "ed25519", "sign", "never"], check=True)
        listed = subprocess.run(["gpg", "--batch", "--with-colons", "-K"], capture_output=True, text=True, check=True)
        yield next(line.split(":")[9] for line in listed.stdout.splitlines() if line.startswith("fpr:"))
    finally:
        subprocess.run(["gpgconf", "--kill", "all"], check=False)
        if before is None:
            del os.environ["GNUPGHOME"]
        else:
            os.environ["GNUPGHOME"] = before


def deb(folder: Path, version: str, text: str = "program", name: str = "fanion") -> Path:
    root = folder / f"root-{name}-{version}-{text}"
    (root / "DEBIAN").mkdir(parents=True)
    (root / "DEBIAN/control").write_text(
        f"Package: {name}\nVersion: {version}\nArchitecture: amd64\nMaintainer: Test <test@example.org>\n"
        "Description: see banned apps\n A line more.\n",
        encoding="utf-8",
    )
    (root / "usr/lib/fanion").mkdir(parents=True)
    (root / "usr/lib/fanion/fanion").write_text(text, encoding="utf-8")
    (folder / text).mkdir(exist_ok=True)
    made = folder / text / f"{name}_{version}_amd64.deb"
    subprocess.run(["dpkg-deb", "--build", "--root-owner-group", root, made], check=True, capture_output=True)
    return made


class Computer:
    """One that has the repository among its sources, and no package yet."""

    def __init__(self, folder: Path, repository: Path) -> None:
        self.folder = folder / "computer"
        for place in ("etc/sources.list.d", "etc/preferences.d", "etc/apt.conf.d", "state/lists/partial", "cache"):
            (self.folder / place).mkdir(parents=True)
        (self.folder / "status").touch()
        # Read before anything else of apt's, so that nothing of this computer's is: see apt.conf(5).
        (self.folder / "apt.conf").write_text(
            f'Dir::Etc "{self.folder}/etc";\nDir::State "{self.folder}/state";\nDir::Cache "{self.folder}/cache";\n'
            f'Dir::State::status "{self.folder}/status";\n'
            'APT::Architecture "amd64";\nAPT::Architectures { "amd64"; };\n'
            'APT::Sandbox::User "root";\n',  # the temporary folder is closed to apt's own
            encoding="utf-8",
        )
        self.keyring = self.folder / apt.KEYRING
        shutil.copyfile(repository / apt.KEYRING, self.keyring)
        listed = (repository / apt.SOURCES).read_text(encoding="utf-8")
        assert f"Signed-By: {apt.INSTALLED_KEYRING}\n" in listed
        (self.folder / "etc/sources.list.d" / apt.SOURCES).write_text(
            listed.replace(apt.INSTALLED_KEYRING, str(self.keyring)), encoding="utf-8"
        )

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [program, *arguments],
            cwd=self.folder,
            env=os.environ | {"APT_CONFIG": str(self.folder / "apt.conf"), "LC_ALL": "C"},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    def update(self) -> str:
        """What went wrong when the lists were read; empty if nothing. What apt will refuse in a later year is no fault
        of a signature that is made today."""
        said = self.run("apt-get", "update", "--error-on=any").stderr.splitlines()
        return "\n".join(line for line in said if "Policy will reject signature within a year" not in line)

    def candidate(self) -> str:
        said = self.run("apt-cache", "policy", "fanion").stdout
        return next((line.split()[-1] for line in said.splitlines() if "Candidate:" in line), "(none)")


@pytest.fixture
def repository(key: str, tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    apt.build(folder, key, [deb(tmp_path, "0.1.0")])
    return folder


@pytest.mark.slow
def test_apt_installs_from_it_and_sees_the_next_version(key: str, repository: Path, tmp_path: Path) -> None:
    computer = Computer(tmp_path, repository)
    assert computer.update() == ""
    assert computer.candidate() == "0.1.0"
    assert "Inst fanion (0.1.0 Fanion:stable [amd64])" in computer.run("apt-get", "-s", "install", "fanion").stdout

    apt.build(repository, key, [deb(tmp_path, "0.2.0")])
    assert computer.update() == ""
    assert computer.candidate() == "0.2.0"
    assert "Inst fanion (0.1.0" in computer.run("apt-get", "-s", "install", "fanion=0.1.0").stdout, "the way back"
    fetched = computer.run("apt-get", "download", "fanion")
    assert fetched.returncode == 0, fetched.stderr
    assert (computer.folder / "fanion_0.2.0_amd64.deb").read_bytes() == (
        repository / "pool/fanion_0.2.0_amd64.deb"
    ).read_bytes()


def test_the_package_for_head_office_is_beside_it(key: str, repository: Path, tmp_path: Path) -> None:
    office = deb(tmp_path, "0.1.0", name="fanion-office")
    apt.build(repository, key, [office])
    computer = Computer(tmp_path, repository)
    assert computer.update() == ""
    assert "Inst fanion-office (0.1.0 " in computer.run("apt-get", "-s", "install", "fanion-office").stdout
    shutil.copyfile(office, tmp_path / "fanion_7.0_amd64.deb")
    with pytest.raises(apt.AptProblem, match="is no package of Fanion"):
        apt.build(repository, key, [tmp_path / "fanion_7.0_amd64.deb"])


@pytest.mark.parametrize("what", ["InRelease", "Packages", "key"])
def test_apt_refuses_lists_that_were_changed(repository: Path, tmp_path: Path, what: str) -> None:
    computer = Computer(tmp_path, repository)
    if what == "InRelease":
        release = repository / "dists/stable/InRelease"
        release.write_text(release.read_text(encoding="utf-8").replace("Origin: Fanion", "Origin: Fanions"), "utf-8")
        (repository / "dists/stable/Release.gpg").unlink()
    elif what == "Packages":
        for path in (repository / "dists/stable/main/binary-amd64").iterdir():
            path.write_bytes(path.read_bytes()[:-2] + b"0\n")
    else:
        computer.keyring.write_bytes(b"")
    assert computer.update() != ""
    assert computer.candidate() == "(none)"


def test_apt_refuses_a_package_that_was_changed(repository: Path, tmp_path: Path) -> None:
    computer = Computer(tmp_path, repository)
    assert computer.update() == ""
    there = repository / "pool/fanion_0.1.0_amd64.deb"
    there.write_bytes(there.read_bytes()[:-1] + b"!")
    fetched = computer.run("apt-get", "download", "fanion")
    assert fetched.returncode != 0
    assert "Hash Sum mismatch" in fetched.stderr


def test_a_published_package_is_never_changed(key: str, repository: Path, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in repository.rglob("*") if path.is_file()}
    with pytest.raises(apt.AptProblem, match=r"another fanion_0\.1\.0_amd64\.deb already"):
        apt.build(repository, key, [deb(tmp_path, "0.1.0", "changed")])
    assert {path: path.read_bytes() for path in repository.rglob("*") if path.is_file()} == before


def test_what_cannot_be_made_leaves_the_lists_as_they_were(
    key: str, repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lists = {path: path.read_bytes() for path in (repository / "dists").rglob("*") if path.is_file()}
    other = deb(tmp_path, "1.0", name="other")
    unreadable = tmp_path / "fanion_3.0_amd64.deb"
    unreadable.write_bytes(b"!<arch>\n")
    for arguments, said in (
        ([repository, key, other], "is no package of Fanion"),
        ([repository, key, unreadable], "dpkg-deb failed"),
        ([repository, key[:8]], "whole fingerprint"),
        ([repository, "0" * 40], "gpg failed"),
        ([tmp_path / "empty", key], "There is no package"),
    ):
        assert apt.main([*map(str, arguments)]) == 1
        assert said in capsys.readouterr().err
    assert {path: path.read_bytes() for path in (repository / "dists").rglob("*") if path.is_file()} == lists
    assert apt.main([]) == 2


def test_it_is_the_same_again(key: str, repository: Path) -> None:
    names = ("dists/stable/Release", "dists/stable/main/binary-amd64/Packages.xz", apt.KEYRING)
    before = [(repository / name).read_bytes() for name in names]
    apt.build(repository, key, [])
    assert [(repository / name).read_bytes() for name in names] == before
