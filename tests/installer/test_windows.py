"""What Windows gets: which packages, which files, which policies, and what the installer says; no Windows is needed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.desk.settings.settings import fault_of
from core.desk.settings.settings_table import ROWS
from installer.trim import belongs
from installer.windows import listing, requirements, versioninfo

WINDOWS = Path(listing.__file__).parent
ADMX = WINDOWS / "admx"
SPACE = "{http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions}"
LANGUAGES = ("en-US", "fr-CA")
CHOICES: dict[str, list[str] | list[int]] = {
    "language": ["en", "fr"],
    "csv_separator": ["comma", "semicolon"],
    "text_size": [100, 125, 150, 175, 200],
    "removal_pause": [3, 5, 10, 30],
}
SWITCHES = {
    *("ask_imei", "ask_tag", "automatic_check", "sounds", "tray", "kiosk"),
    *("unsigned_policy", "own_rules", "exceptions"),
}
NUMBERS = {"retention_months"}


# --- which packages


def names(part: str) -> dict[str, str]:
    return {r.name: str(r.requirement.specifier) for r in requirements.chosen(part)}


def test_windows_gets_its_own_packages_and_not_those_of_the_computer_that_builds() -> None:
    run = names("run")
    assert "pywin32-ctypes" in run, "keyring needs it on Windows"
    assert not run.keys() & {"jeepney", "secretstorage", "backports-tarfile"}
    assert [name for name in run if name == "pyside6-essentials"] == ["pyside6-essentials"]
    assert run["pyside6-essentials"] == run["shiboken6"]
    assert "adb-shell" not in run, "it has no wheel"
    assert list(names("source")) == ["adb-shell"]
    assert {"pyinstaller", "pefile"} <= names("build").keys()
    assert {"pytest", "pytest-qt", "hypothesis"} <= names("test").keys(), "tests/conftest.py imports them"


@pytest.mark.parametrize("part", ["run", "source", "build", "test"])
def test_every_package_has_a_hash_and_no_marker(part: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert requirements.main([part]) == 0
    printed = capsys.readouterr().out
    assert ";" not in printed
    parsed = list(requirements.parse(printed))
    assert len(parsed) == printed.count("==")
    assert all(r.hashes for r in parsed)


def test_a_package_without_a_hash_is_not_taken() -> None:
    with pytest.raises(ValueError, match="safe has no hash"):
        list(requirements.parse("# uv made this\nsafe==1.0\n    # via fanion\n"))


def test_a_package_that_the_build_names_must_be_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    empty = tmp_path / "requirements-dev.txt"
    empty.write_text("# nothing\n", encoding="utf-8")
    monkeypatch.setattr(requirements, "DEVELOPMENT", empty)
    with pytest.raises(ValueError, match="does not have colorama, hypothesis, iniconfig"):
        requirements.chosen("test")


def test_what_is_asked_for_must_be_known(capsys: pytest.CaptureFixture[str]) -> None:
    assert requirements.main(["everything"]) == 2
    assert "run|source|build|test" in capsys.readouterr().err


# --- which files


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    folder = tmp_path / "bundle"
    for name in ("fanion.exe", "fanionw.exe", "lib/a.dll", "lib/resources/$cheap.toml", "licences/LICENSE"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name, encoding="utf-8")
    return folder


def test_every_file_is_unpacked_moved_and_removed_and_nothing_else(bundle: Path, tmp_path: Path) -> None:
    assert listing.write(bundle, tmp_path / "lists") == 1
    stage, settle, remove = (
        (tmp_path / "lists" / f"{name}.nsh").read_text(encoding="utf-8") for name in ("stage", "settle", "remove")
    )
    assert stage.count("File ") == settle.count("Rename ") == remove.count("Delete ") == 5
    assert r'Delete "$INSTDIR\lib\resources\$$cheap.toml"' in remove
    assert r'SetOutPath "$INSTDIR\fanion-new\lib\resources"' in stage
    assert "/r" not in remove, "a whole folder would take what others have put into it"
    assert "*" not in remove


def test_programs_come_last_and_folders_go_before_those_around_them(bundle: Path, tmp_path: Path) -> None:
    listing.write(bundle, tmp_path / "lists")
    settle = (tmp_path / "lists/settle.nsh").read_text(encoding="utf-8").splitlines()
    assert settle[-1] == r'Rename "$INSTDIR\fanion-new\fanionw.exe" "$INSTDIR\fanionw.exe"'
    remove = (tmp_path / "lists/remove.nsh").read_text(encoding="utf-8").splitlines()
    assert remove[-3:] == [f'RMDir "$INSTDIR\\{name}"' for name in ("licences", r"lib\resources", "lib")]


def test_the_lists_do_not_depend_on_where_the_bundle_lies_but_for_its_own_place(bundle: Path, tmp_path: Path) -> None:
    listing.write(bundle, tmp_path / "one")
    moved = bundle.rename(tmp_path / "elsewhere")
    listing.write(moved, tmp_path / "two")
    for name in ("settle.nsh", "remove.nsh"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


@pytest.mark.skipif(os.name == "nt", reason="needs names and links that Windows does not have")
def test_what_windows_cannot_have_is_refused(bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (bundle / 'lib/a"b').write_text("", encoding="utf-8")
    assert listing.main([str(bundle), str(tmp_path / "lists")]) == 1
    assert "because of its name" in capsys.readouterr().err
    (bundle / 'lib/a"b').unlink()
    (bundle / "lib/link").symlink_to("a.dll")
    assert listing.main([str(bundle), str(tmp_path / "lists")]) == 1
    assert "There is a link" in capsys.readouterr().err


def test_an_empty_bundle_is_refused(tmp_path: Path) -> None:
    with pytest.raises(listing.ListingProblem, match="There is no bundle"):
        listing.write(tmp_path / "nowhere", tmp_path / "lists")


@given(st.text())
def test_a_name_never_ends_its_quotes(name: str) -> None:
    try:
        quoted = listing.nsis(name)
    except listing.ListingProblem:
        return
    assert '"' not in quoted
    assert "\n" not in quoted
    assert "$" not in quoted.replace("$$", "")
    assert quoted.replace("$$", "$") == name


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        (r"PySide6\plugins\platforms\qwindows.dll", True),
        (r"PySide6\plugins\platforms\qoffscreen.dll", True),
        (r"PySide6\plugins\iconengines\qsvgicon.dll", True),
        (r"PySide6\translations\qtbase_fr.qm", True),
        (r"libusb_package\libusb-1.0.dll", True),
        (r"PySide6\translations\qtbase_de.qm", False),
        (r"PySide6\plugins\tls\qschannelbackend.dll", False),
        (r"PySide6\opengl32sw.dll", False),
        ("libusb-1.0.dll", False),
    ],
)
def test_what_windows_does_not_need_stays_out(path: str, kept: bool) -> None:
    assert belongs(path) is kept


# --- what the programs say that they are


@pytest.mark.parametrize(
    ("version", "four"), [("0.1.0", (0, 1, 0, 0)), ("12.3", (12, 3, 0, 0)), ("1.2.3.4", (1, 2, 3, 4))]
)
def test_a_version_is_four_numbers_on_windows(version: str, four: tuple[int, ...]) -> None:
    assert versioninfo.numbers(version) == four


@pytest.mark.parametrize("version", ["", "1.2.3.4.5", "1.0b1", "70000.0", "-1.0"])
def test_what_is_no_version_on_windows_is_refused(version: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        versioninfo.numbers(version)


def test_programs_are_described_in_both_languages() -> None:
    english, french = (versioninfo.texts("fanion", "0.1.0", language) for language in versioninfo.DESCRIPTIONS)
    assert english.keys() == french.keys()
    assert english["FileDescription"] != french["FileDescription"]
    assert versioninfo.texts("fanionw", "0.1.0", 0x0C0C)["OriginalFilename"] == "fanionw.exe"


# --- group policies


@pytest.fixture(scope="module")
def policies() -> dict[str, ET.Element]:
    """Every policy, by its name."""
    root = ET.parse(ADMX / "fanion.admx").getroot()
    return {policy.attrib["name"]: policy for policy in root.iter(f"{SPACE}policy")}


def strings(language: str) -> dict[str, str]:
    table = ET.parse(ADMX / language / "fanion.adml").getroot()
    return {string.attrib["id"]: string.text or "" for string in table.iter(f"{SPACE}string")}


def presentations(language: str) -> dict[str, ET.Element]:
    table = ET.parse(ADMX / language / "fanion.adml").getroot()
    return {one.attrib["id"]: one for one in table.iter(f"{SPACE}presentation")}


def test_every_setting_has_a_policy(policies: dict[str, ET.Element]) -> None:
    assert set(policies) == set(ROWS)
    for policy in policies.values():
        assert policy.attrib["class"] == "Machine"
        assert policy.attrib["key"] == r"Software\Policies\Fanion"


@pytest.mark.parametrize("key", ROWS)
def test_a_policy_writes_the_type_that_is_read(policies: dict[str, ET.Element], key: str) -> None:
    policy = policies[key]
    if key in SWITCHES:
        assert policy.attrib["valueName"] == key
        for which, number in (("enabledValue", "1"), ("disabledValue", "0")):
            assert [value.attrib["value"] for value in policy.findall(f"{SPACE}{which}/{SPACE}decimal")] == [number]
        return
    (element,) = policy.findall(f"{SPACE}elements/*")
    assert element.attrib["valueName"] == key
    assert element.attrib["required"] == "true", "an empty value would be written otherwise"
    assert "expandable" not in element.attrib, "that would be a REG_EXPAND_SZ"
    kind = element.tag.removeprefix(SPACE)
    assert kind == ("decimal" if key in NUMBERS else "enum" if key in CHOICES else "text")
    if kind == "decimal":
        assert fault_of(key, int(element.attrib["maxValue"])) is None
        assert fault_of(key, int(element.attrib["maxValue"]) + 1) is not None
    elif kind == "enum":
        numbers = [int(value.attrib["value"]) for value in element.iter(f"{SPACE}decimal")]
        values = [value.text for value in element.iter(f"{SPACE}string")]
        assert (numbers or values) == CHOICES[key]
        assert all(fault_of(key, value) is None for value in numbers or values)
    else:
        longest = dict.fromkeys(("policy", "policy_root", "shared_log"), 4096) | {
            "head_office_key": 10 * 62 + 9,
            "release_key": 10 * 56 + 9,
            "badge_pattern": 100,
        }
        assert int(element.attrib["maxLength"]) == longest.get(key, 120)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_of_a_policy_is_there_and_none_is_left_over(language: str) -> None:
    admx = (ADMX / "fanion.admx").read_text(encoding="utf-8")
    told = strings(language)
    assert set(re.findall(r"\$\(string\.(\w+)\)", admx)) == set(told)
    assert set(re.findall(r"\$\(presentation\.(\w+)\)", admx)) == set(presentations(language))
    assert all(text.strip() for text in told.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_field_has_its_label(policies: dict[str, ET.Element], language: str) -> None:
    for name, presentation in presentations(language).items():
        (field,) = presentation
        (element,) = policies[name].findall(f"{SPACE}elements/*")
        assert field.attrib["refId"] == element.attrib["id"]
        wanted = {"text": "textBox", "decimal": "decimalTextBox", "enum": "dropdownList"}
        assert field.tag.removeprefix(SPACE) == wanted[element.tag.removeprefix(SPACE)]
        label = field.find(f"{SPACE}label")
        assert (label.text if label is not None else field.text or "").strip()


def test_french_is_french() -> None:
    english, french = strings("en-US"), strings("fr-CA")
    same = {key for key in english if english[key] == french[key]}
    assert same == {"fanion"}
    for text in french.values():
        assert "'" not in text, text
        assert not re.search(r"[^\s\u00a0\u202f]:(?!\\)|[ ][:;!?»]|« ", text), text


# --- what the installer says


def test_the_installer_says_everything_in_both_languages() -> None:
    said: dict[str, dict[str, str]] = {}
    for line in (WINDOWS / "texts.nsh").read_text(encoding="utf-8").splitlines():
        found = re.fullmatch(r'LangString (\w+) \$\{LANG_(ENGLISH|FRENCH)\} "([^"]+)"', line)
        if found:
            said.setdefault(found[1], {})[found[2]] = found[3]
        else:
            assert not line or line.startswith(";"), line
    script = (WINDOWS / "fanion.nsi").read_text(encoding="utf-8")
    assert set(re.findall(r"\$\((\w+)\)", script)) == set(said)
    for name, both in said.items():
        assert both.keys() == {"ENGLISH", "FRENCH"}, name
        assert both["ENGLISH"] != both["FRENCH"]
        assert both["ENGLISH"].count(r"$\r$\n") == both["FRENCH"].count(r"$\r$\n")
        assert "'" not in both["FRENCH"]


def test_the_folder_for_unpacking_is_the_same_for_all() -> None:
    script = (WINDOWS / "fanion.nsi").read_text(encoding="utf-8")
    assert f'!define STAGE "{listing.STAGE}"' in script


def test_in_folders_that_the_installer_makes_administrators_alone_write() -> None:
    script = (WINDOWS / "fanion.nsi").read_text(encoding="utf-8")
    (listed,) = re.findall(r'!define PROTECTED "(.*)"', script)
    head, *entries = listed.replace(")", "").split("(")
    assert head == "O:BAD:PAI", "owned by Administrators, and nothing is inherited"
    everything, to_read_and_start = "FA", "0x1200a9"
    assert {tuple(entry.split(";")) for entry in entries} == {
        ("A", "OICI", everything, "", "", "SY"),
        ("A", "OICI", everything, "", "", "BA"),
        ("A", "OICI", to_read_and_start, "", "", "BU"),
    }


def test_the_installer_looks_for_links_and_makes_its_folder_before_it_writes_or_empties_anything() -> None:
    script = (WINDOWS / "fanion.nsi").read_text(encoding="utf-8")
    section = script[script.index('Section "Fanion"') :]
    link, make = section.index("Call FindLink"), section.index("Call MakeProgramFolder")
    first = min(section.index(word) for word in ('RMDir /r "$INSTDIR', "stage.nsh", 'SetOutPath "$INSTDIR"'))
    assert link < make < first
    assert "!insertmacro STOP" not in section[link:make], "it would empty a folder behind the link"


def test_both_readmes_name_every_exit_code() -> None:
    script = (WINDOWS / "fanion.nsi").read_text(encoding="utf-8")
    codes = re.findall(r"!define ERROR_\w+ (\d+)", script)
    assert len(codes) == 7
    for name in ("README.md", "README.fr.md"):
        text = (WINDOWS / name).read_text(encoding="utf-8")
        assert [code for code in codes if f"| {code} |" not in text] == [], name


# --- the scripts


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not here")
class TestScripts:
    def sign(self, *arguments: str | Path, **variables: str | Path) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("FANION_")}
        return subprocess.run(
            ["bash", WINDOWS / "sign.sh", *arguments],
            env=kept | {name: str(value) for name, value in variables.items()},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    @pytest.mark.parametrize("name", ["build.sh", "sign.sh"])
    def test_they_are_sound_bash(self, name: str) -> None:
        subprocess.run(["bash", "-n", WINDOWS / name], check=True)

    def build(
        self, folder: Path, pin: str = "", hashed: str = "", **variables: str | Path
    ) -> subprocess.CompletedProcess[str]:
        """build.sh in a clone of its own, as far as it comes without any of the programs that it needs."""
        script = (WINDOWS / "build.sh").read_text(encoding="utf-8")
        script, found = re.subn(r"(?m)^RELEASE_PYTHON=.*$", f"RELEASE_PYTHON={pin}", script)
        script, also = re.subn(r"(?m)^RELEASE_PYTHON_SHA256=.*$", f"RELEASE_PYTHON_SHA256={hashed}", script)
        assert (found, also) == (1, 1)
        place = folder / "installer" / "windows"
        place.mkdir(parents=True, exist_ok=True)
        (place / "build.sh").write_text(script, encoding="utf-8")
        (folder / "bin").mkdir(exist_ok=True)
        for name in ("bash", "dirname", "mkdir"):
            if not (folder / "bin" / name).exists():
                (folder / "bin" / name).symlink_to(shutil.which(name) or name)
        return subprocess.run(
            [folder / "bin" / "bash", place / "build.sh"],
            env={"PATH": str(folder / "bin"), **{name: str(value) for name, value in variables.items()}},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    @pytest.mark.skipif(os.name == "nt", reason="it is built on Debian")
    def test_a_release_is_not_built_before_its_python_is_named(self, tmp_path: Path) -> None:
        for pin, hashed in (("", ""), ("3.13.13", "")):
            done = self.build(tmp_path, pin, hashed, FANION_RELEASE="yes")
            assert done.returncode == 1
            assert "names none yet: see RELEASE.md, section 1" in done.stderr
        assert "There is no wine here" in self.build(tmp_path, "3.13.13", "0" * 64, FANION_RELEASE="yes").stderr
        assert "There is no wine here" in self.build(tmp_path).stderr, "what is no release takes PyPI's"

    @pytest.mark.skipif(os.name == "nt", reason="it is built on Debian")
    def test_a_release_has_no_other_python_than_the_one_that_is_named(self, tmp_path: Path) -> None:
        other = tmp_path / "python-3.13.2-embed-amd64.zip"
        other.write_bytes(b"")
        for source in (other, "pypi"):
            done = self.build(tmp_path, "3.13.13", "0" * 64, FANION_RELEASE="yes", FANION_PYTHON_ZIP=source)
            assert "A release takes Python 3.13.13, which build.sh names, and this would be 3.13.2." in done.stderr
        stray = tmp_path / "python.zip"
        stray.write_bytes(b"")
        assert "has to be called as python.org calls it" in self.build(tmp_path, FANION_PYTHON_ZIP=stray).stderr

    def test_without_a_certificate_nothing_is_signed_and_that_is_said(self, tmp_path: Path) -> None:
        program = tmp_path / "fanion.exe"
        program.write_bytes(b"MZ")
        done = self.sign(program)
        assert done.returncode == 0
        assert "nothing is signed" in done.stderr
        assert program.read_bytes() == b"MZ"

    def test_what_is_missing_is_said(self, tmp_path: Path) -> None:
        program = tmp_path / "fanion.exe"
        program.write_bytes(b"MZ")
        for arguments, variables, sentence in (
            ([], {}, "Say which files to sign."),
            ([tmp_path / "gone.exe"], {}, "There is no file"),
            ([program], {"FANION_SIGN_P12": tmp_path / "gone.p12"}, "There is no PKCS#12 file"),
            ([program], {"FANION_SIGN_P12": program}, "Set FANION_SIGN_P12_PASSWORD"),
            ([program], {"FANION_SIGN_PKCS11_MODULE": "x.so"}, "Set FANION_SIGN_PKCS11_CERT too"),
        ):
            done = self.sign(*arguments, **variables)
            assert done.returncode == 2
            assert sentence in done.stderr

    @pytest.mark.skipif(shutil.which("osslsigncode") is None, reason="osslsigncode is not here")
    def test_what_cannot_be_signed_stays_as_it_was(self, tmp_path: Path) -> None:
        program, secret = tmp_path / "fanion.exe", tmp_path / "password"
        program.write_bytes(b"MZ but no program")
        secret.write_text("x\n", encoding="ascii")
        done = self.sign(program, FANION_SIGN_P12=secret, FANION_SIGN_P12_PASSWORD=secret)
        assert done.returncode == 1
        assert "could not be signed" in done.stderr
        assert sorted(path.name for path in tmp_path.iterdir()) == ["fanion.exe", "password"]
        assert program.read_bytes() == b"MZ but no program"
