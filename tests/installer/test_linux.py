"""What the Linux packages install, as somebody finds it: menu, manual, settings file, completions; and the packages."""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core import text
from core.desk.settings import settings
from core.desk.settings.settings_table import ROWS, Settings
from installer import icons, package
from installer.linux import manual, needs, packages, tree
from installer.problem import BuildProblem

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="of packages for Linux")

LINUX = Path(packages.__file__).parent
ROOT = LINUX.parents[1]
EPOCH = 1_764_000_000
ENVIRONMENT = {"PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin", "LC_ALL": "C.UTF-8"}


def run(*command: object, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """A tool of the system's; the test is skipped where there is none."""
    program = shutil.which(str(command[0]), path=ENVIRONMENT["PATH"])
    if program is None:
        pytest.skip(f"{command[0]} is not here")
    return subprocess.run(
        [program, *map(str, command[1:])],
        input=stdin,
        env=ENVIRONMENT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A bundle as the builder hands it over, with a small real program instead of the frozen one."""
    folder = tmp_path / "fanion"
    for part in ("lib", "licences", "doc"):
        (folder / part).mkdir(parents=True)
    shutil.copy("/bin/true", folder / "fanion-app")
    (folder / "lib" / "libpart.so.1.0").write_text("a library")
    (folder / "lib" / "libpart.so.1.0").chmod(0o755)
    (folder / "lib" / "libpart.so").symlink_to("libpart.so.1.0")
    (folder / "doc" / "administrator.en.pdf").write_text("a guide")
    (folder / "fanion").write_text("#!/bin/sh\n")
    (folder / "fanion").chmod(0o755)
    return folder


@pytest.fixture
def root(bundle: Path, tmp_path: Path) -> Path:
    """What a .deb installs."""
    tree.make(bundle, tmp_path / "tree", "deb", "1.2.3", EPOCH)
    return tmp_path / "tree" / tree.ROOT_NAME


# --- the menu


def test_the_menu_entry_is_valid_and_has_both_languages() -> None:
    entry = (LINUX / "fanion.desktop").read_text(encoding="utf-8")
    for key in ("GenericName", "Comment", "Keywords"):
        assert re.search(rf"^{key}=.+$", entry, re.MULTILINE)
        assert re.search(rf"^{key}\[fr\]=.+$", entry, re.MULTILINE)
    assert run("desktop-file-validate", LINUX / "fanion.desktop").stdout == ""


def test_the_catalogue_entry_has_both_languages_and_this_version(root: Path) -> None:
    file = root / "usr/share/metainfo/ca.fanion.Fanion.metainfo.xml"
    component = ElementTree.parse(file).getroot()
    language = "{http://www.w3.org/XML/1998/namespace}lang"
    for kind in ("summary", "description/p", "description/ul/li", "developer/name"):
        said = [element.get(language, "en") for element in component.findall(kind)]
        assert said.count("fr") == said.count("en") > 0, kind
    release = component.find("releases/release")
    assert release is not None
    assert release.attrib == {"version": "1.2.3", "date": "2025-11-24"}
    assert component.findtext("launchable") == "fanion.desktop"
    done = run("appstreamcli", "validate", "--no-net", "--no-color", file)
    assert done.returncode == 0, done.stdout


def test_the_icons_have_the_size_that_their_folder_says(root: Path) -> None:
    found = sorted((root / "usr/share/icons/hicolor").rglob("fanion.png"))
    assert {48, 64, 128, 256} <= {size_of(file.read_bytes())[0] for file in found}
    for file in found:
        width, height = size_of(file.read_bytes())
        assert file.parts[-3] == f"{width}x{height}"


def size_of(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG")
    return int.from_bytes(png[16:20]), int.from_bytes(png[20:24])


def test_the_icon_for_windows_has_all_its_sizes(tmp_path: Path) -> None:
    icons.write_ico(tmp_path / "fanion.ico")
    ico = (tmp_path / "fanion.ico").read_bytes()
    assert int.from_bytes(ico[4:6], "little") == len(icons.WINDOWS)
    for number, size in enumerate(icons.WINDOWS):
        entry = ico[6 + 16 * number :]
        begins = int.from_bytes(entry[12:16], "little")
        assert size_of(ico[begins:]) == (size, size)


# --- the settings file

TEMPLATE = (LINUX / "settings.toml").read_text(encoding="utf-8")
#: One example a key: a comment which is a whole assignment.
EXAMPLES = {key: line for line, key in re.findall(r"^# ((\w+) = .+)$", TEMPLATE, re.MULTILINE)}


def test_the_settings_file_sets_nothing_as_it_comes(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(TEMPLATE, encoding="utf-8")
    assert tomllib.loads(TEMPLATE) == {}
    assert settings.load(None, machine=file, default_language="en") == Settings()


def test_the_settings_file_has_every_setting() -> None:
    assert sorted(EXAMPLES) == sorted(ROWS)


@pytest.mark.parametrize("key", ROWS)
def test_each_example_is_accepted(key: str, tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(TEMPLATE.replace(f"# {EXAMPLES[key]}", EXAMPLES[key]), encoding="utf-8")
    assert settings.load(None, machine=file).locked == {key}


@pytest.mark.parametrize("key", ROWS)
def test_each_setting_is_explained_in_both_languages(key: str) -> None:
    before = TEMPLATE[: TEMPLATE.index(f"# {EXAMPLES[key]}")].rstrip("\n")
    paragraph = before[before.rindex("\n\n") + 2 :]
    assert re.search(r"\b(the|of|in|whether)\b", paragraph, re.IGNORECASE)
    assert re.search(r"\b(la|le|les|qui|si)\b", paragraph, re.IGNORECASE)


# --- the manual


@pytest.mark.parametrize("language", text.LANGUAGES)
def test_the_manual_has_every_command_and_nothing_to_complain_of(language: text.Language, tmp_path: Path) -> None:
    before = text.language()
    page = manual.page(language, "1.2.3", EPOCH)
    assert text.language() == before
    file = tmp_path / "fanion.1"
    file.write_text(page, encoding="utf-8")
    for command in ("check", "remove", "log verify", "policy export", "self\\-test"):
        assert f".SS fanion {command}\n" in page
    sections = re.findall(r"^\.SH (.+)$", page, re.MULTILINE)
    assert len(sections) == 10
    assert len(set(sections)) == 10
    assert ("NOM" in sections) == (language == "fr")
    told = run("mandoc", "-Tlint", "-W", "warning", file)
    assert (told.returncode, told.stdout) == (0, "")


def test_the_manual_is_the_same_each_time() -> None:
    assert manual.page("fr", "1.2.3", EPOCH) == manual.page("fr", "1.2.3", EPOCH)


@pytest.mark.parametrize(
    ("words", "roff"),
    [
        (".so /etc/passwd", "\\&.so /etc/passwd"),
        ("'quoted", "\\&'quoted"),
        ("a\\b --c", "a\\eb \\-\\-c"),
        ("1\N{NO-BREAK SPACE}: 2", "1\\~: 2"),
    ],
)
def test_words_are_not_taken_for_commands_of_roff(words: str, roff: str) -> None:
    assert manual.escaped(words) == roff


def french_texts() -> list[str]:
    """What the packages say in French beside the program itself."""
    entry = (LINUX / "fanion.desktop").read_text(encoding="utf-8")
    component = ElementTree.parse(LINUX / "ca.fanion.Fanion.metainfo.xml").getroot()
    language = "{http://www.w3.org/XML/1998/namespace}lang"
    question = (LINUX / "debian/templates").read_text(encoding="utf-8").partition("Description-fr.UTF-8: ")[2]
    return [
        *re.findall(r"^\w+\[fr\]=(.+)$", entry, re.MULTILINE),
        *(element.text or "" for element in component.iter() if element.get(language) == "fr"),
        question,
        *(both["fr"] for both in (manual.PROSE["purpose"], *manual.PROSE["description"])),
        *(entry["fr"] for table in manual.PROSE["table"].values() for entry in table),
        "\n".join(line for line in TEMPLATE.splitlines() if re.search("[éèêàù]", line)),
    ]


def test_french_is_set_as_french_and_says_what_the_window_says() -> None:
    for words in french_texts():
        assert words.strip()
        assert "'" not in words, words
        assert not re.search(r"[^\s\N{NO-BREAK SPACE}/]:(?=\s)|[ ][:;!?»]|« ", words), words
        assert not re.search(r"\b(retirer?|retirent|retraits?|agents?)\b", words), words
        assert "SIEM" not in words or "GIES" in words


# --- what else is installed


def test_the_command_leads_to_the_program(root: Path) -> None:
    link = root / "usr/bin/fanion"
    assert link.resolve() == root / "usr/lib/fanion/fanion"
    assert os.access(link, os.X_OK)


def test_libraries_are_not_programs(root: Path) -> None:
    library = root / "usr/lib/fanion/lib/libpart.so.1.0"
    assert library.stat().st_mode & 0o111 == 0
    assert (library.parent / "libpart.so").is_symlink()


def test_the_papers_are_where_people_look_for_them(root: Path) -> None:
    folder = root / "usr/share/doc/fanion"
    assert (folder / "administrator.en.pdf").read_text() == "a guide"
    assert not (root / "usr/lib/fanion/doc").exists()
    assert gzip.decompress((folder / "changelog.gz").read_bytes()).startswith(b"fanion (1.2.3) ")
    assert (folder / "copyright").read_text(encoding="utf-8").startswith("Format: https://www.debian.org/")


def test_the_shells_complete_commands(root: Path) -> None:
    script = root / "usr/share/bash-completion/completions/fanion"
    asked = """. "$1"; COMP_WORDS=(fanion sel) COMP_CWORD=1
        "$(complete -p fanion | sed 's/.*-F \\([^ ]*\\).*/\\1/')" fanion sel fanion; echo "${COMPREPLY[@]}" """
    assert run("bash", "-c", asked, "bash", script).stdout == "self-test\n"
    assert (root / "usr/share/zsh/vendor-completions/_fanion").read_text().startswith("#compdef fanion")
    assert "complete -c fanion" in (root / "usr/share/fish/vendor_completions.d/fanion.fish").read_text()


@pytest.mark.parametrize("script", ["debian/config", "debian/postinst", "debian/postrm"])
def test_the_scripts_of_the_package_are_for_any_shell(script: str) -> None:
    assert run("dash", "-n", LINUX / script).returncode == 0
    done = run("shellcheck", "--severity=style", "--exclude=SC1091", LINUX / script)
    assert done.stdout == ""


@pytest.mark.slow
@pytest.mark.parametrize(
    "script",
    [
        "installer/linux/build_on_debian.sh",
        *(f"tests/installer/linux/{name}.sh" for name in ("test", "set_up", "upgrade")),
    ],
)
def test_the_nightly_scripts_have_no_mistake_that_shellcheck_knows(script: str) -> None:
    done = run("shellcheck", "-x", ROOT / script)
    assert done.stdout == ""


def test_purging_without_debconf_deletes_no_log(tmp_path: Path) -> None:
    log = tmp_path / "shared"
    log.mkdir()
    (log / "ledger.db").touch()
    script = (LINUX / "debian/postrm").read_text(encoding="utf-8")
    script = script.replace("/usr/share/debconf/confmodule", str(tmp_path / "none"))
    script = script.replace("/var/lib/fanion", str(log)).replace("/etc/fanion", str(tmp_path / "etc"))
    done = run("dash", "-s", "purge", stdin=script)
    assert done.returncode == 0
    assert (log / "ledger.db").exists()
    assert "is kept" in done.stderr


# --- the packages


def has_nfpm() -> bool:
    try:
        packages.nfpm()
    except BuildProblem:
        return False
    return True


with_packer = pytest.mark.skipif(not has_nfpm(), reason="nfpm is not here")


@pytest.fixture
def umask() -> Iterator[Callable[[int], object]]:
    """Sets the mask of the rights that new files are given, for one test."""
    before = os.umask(0)
    os.umask(before)
    yield os.umask
    os.umask(before)


@pytest.mark.slow
@with_packer
def test_packages_of_the_same_bundle_are_the_same(
    bundle: Path, tmp_path: Path, umask: Callable[[int], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In another folder, by somebody with another umask and locale, at another time."""
    sums = []
    for name, mask, zone in (("one", 0o022, "UTC"), ("a longer name/two", 0o077, "America/Toronto")):
        umask(mask)
        monkeypatch.setenv("TZ", zone)
        monkeypatch.setenv("LC_ALL", "C" if mask == 0o077 else "C.UTF-8")
        out, copy = tmp_path / name, tmp_path / name / "bundle"
        out.mkdir(parents=True)
        shutil.copytree(bundle, copy, symlinks=True)
        for path in copy.rglob("*"):
            if not path.is_symlink() and mask == 0o077:
                path.chmod(0o700 if path.is_dir() or os.access(path, os.X_OK) else 0o600)
        package.settle(copy, EPOCH)
        made = packages.build(packages.FANION, copy, out, "1.2.3", EPOCH)
        sums.append({file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in made})
    assert sums[0] == sums[1]
    assert {name.rsplit(".", 1)[1] for name in sums[0]} == {"deb", "rpm", "xz"}


@with_packer
def test_a_debian_package_says_what_it_needs_and_belongs_to_root(bundle: Path, tmp_path: Path) -> None:
    deb = next(
        path for path in packages.build(packages.FANION, bundle, tmp_path, "1.2.3", EPOCH) if path.suffix == ".deb"
    )
    control = run("dpkg-deb", "-f", deb).stdout
    assert re.search(r"^Version: 1\.2\.3$", control, re.MULTILINE)
    assert f"libc6 (>= {needs.glibc_needed(bundle)})" in control
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]
    listed = run("dpkg-deb", "-c", deb).stdout.splitlines()
    assert all(" root/root " in line and " 2025-11-24 " in line for line in listed)
    assert any(line.endswith("./usr/bin/fanion -> ../lib/fanion/fanion") for line in listed)
    run("dpkg-deb", "-e", deb, tmp_path / "control")
    assert (tmp_path / "control/conffiles").read_text() == "/etc/fanion/settings.toml\n"


@with_packer
def test_an_rpm_package_asks_each_library_of_glibc_for_what_its_files_ask_for(bundle: Path, tmp_path: Path) -> None:
    rpm = next(
        path for path in packages.build(packages.FANION, bundle, tmp_path, "1.2.3", EPOCH) if path.suffix == ".rpm"
    )
    asked = re.findall(rb"[\w.+-]+\.so[\d.]*\(GLIBC_[\w.]+\)\(64bit\)", rpm.read_bytes())
    assert {text.decode() for text in asked} == set(needs.rpm_capabilities(bundle))
    newest = max(tuple(map(int, text.split(b"GLIBC_")[1].split(b")")[0].split(b"."))) for text in asked)
    assert ".".join(map(str, newest)) == needs.glibc_needed(bundle)


#: An objdump that says of a file what is written in it.
OBJDUMP = """#!/bin/sh
shift
for file; do
    printf '\\n%s:     file format elf64-x86-64\\n\\nDynamic Section:\\n  NEEDED               libc.so.6\\n' "$file"
    printf '\\nVersion References:\\n'
    tail -n +2 "$file"
done
"""


def objdump(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **symbols: str) -> Path:
    """A bundle of these files, of which objdump says what each asks for: ``libc.so.6 GLIBC_2.36, ...``."""
    folder = tmp_path / "bundle"
    folder.mkdir()
    for name, required in symbols.items():
        lines = (
            "  required from {}:\n    0x09691a75 0x00 02 {}\n".format(*pair.split()) for pair in required.split(", ")
        )
        (folder / name).write_bytes(b"\x7fELF\n" + "".join(lines).encode())
    program = tmp_path / "bin" / "objdump"
    program.parent.mkdir()
    program.write_text(OBJDUMP, encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    return folder


def test_the_newest_version_of_all_files_counts_as_a_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = objdump(tmp_path, monkeypatch, a="libc.so.6 GLIBC_2.4, libm.so.6 GLIBC_2.29", b="libc.so.6 GLIBC_2.17")
    assert needs.glibc_needed(bundle) == "2.29"
    assert needs.rpm_capabilities(bundle) == ["libc.so.6(GLIBC_2.17)(64bit)", "libm.so.6(GLIBC_2.29)(64bit)"]


def test_a_mark_for_the_loader_stands_for_the_version_that_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = objdump(tmp_path, monkeypatch, a="libc.so.6 GLIBC_2.2.5, libc.so.6 GLIBC_ABI_DT_RELR")
    assert needs.glibc_needed(bundle) == "2.36"
    assert "libc.so.6(GLIBC_ABI_DT_RELR)(64bit)" in needs.rpm_capabilities(bundle)


@pytest.mark.parametrize("symbol", ["GLIBC_PRIVATE", "GLIBC_ABI_LATER"])
def test_what_nobody_knows_the_systems_of_is_named(
    symbol: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BuildProblem, match=symbol):
        needs.glibc_needed(objdump(tmp_path, monkeypatch, a=f"libc.so.6 {symbol}"))


def test_packages_for_an_older_system_than_the_files_allow_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = objdump(tmp_path, monkeypatch, old="libc.so.6 GLIBC_2.36", new="libc.so.6 GLIBC_2.38")
    with pytest.raises(
        needs.NewerGlibcProblem, match=r"Debian 12, which has glibc 2\.36.* need 2\.38: new\."
    ) as refusal:
        needs.demand(bundle, "debian-12")
    assert (refusal.value.needed, refusal.value.files) == ((2, 38), ["new"])
    needs.demand(bundle, "debian-13")
    assert needs.systems_for("2.38") == ["Ubuntu 24.04", "RHEL 10", "Debian 13"]
    assert needs.systems_for("2.36")[0] == "Debian 12"
    assert needs.systems_for("2.99") == []


def test_the_readme_and_the_guide_promise_what_a_release_is_built_for() -> None:
    """The workflow refuses what needs more."""
    name, glibc = needs.SYSTEMS["debian-12"]
    for file in ("README.md", "README.fr.md", *(f"resources/guides/administrator.{code}.md" for code in ("en", "fr"))):
        words = (ROOT / file).read_text(encoding="utf-8")
        assert name in words
        assert set(re.findall(r"glibc (2\.\d+)", words)) == {needs.version_text(glibc)}, file
    assert "bootstrap.py package --for debian-12" in (ROOT / ".github/workflows/package.yml").read_text(
        encoding="utf-8"
    )


def test_a_library_that_nobody_would_install_is_named() -> None:
    with pytest.raises(BuildProblem, match=r"libodd\.so\.7"):
        needs.debian_packages(["libEGL.so.1", "libodd.so.7"])


def test_a_folder_without_a_program_is_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(BuildProblem, match="No program"):
        needs.glibc_needed(tmp_path)


def test_a_build_says_on_which_systems_it_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = objdump(tmp_path, monkeypatch, old="libc.so.6 GLIBC_2.36")
    package.look_at_systems(bundle, "debian-12")
    assert capsys.readouterr().out.startswith("  bundle runs with glibc 2.36 or newer: Debian 12, Ubuntu 24.04, ")
    (bundle / "new").write_bytes((bundle / "old").read_bytes().replace(b"2.36", b"2.38"))
    package.look_at_systems(bundle, None)
    told = capsys.readouterr().out
    assert "glibc 2.38 or newer: Ubuntu 24.04, " in told
    assert "does not run on Debian 12: installer/linux/build_on_debian.sh" in told
    with pytest.raises(needs.NewerGlibcProblem, match=r"Nothing was packed"):
        package.look_at_systems(bundle, "debian-12")
