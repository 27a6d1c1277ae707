"""Build what a department installs, for the machine that this runs on: ``python3 installer/bootstrap.py package``.

    python3 installer/bootstrap.py package [--for SYSTEM]

With ``--for debian-12`` (or ubuntu-24.04, rhel-10, debian-13) nothing is packed that does not run on that Linux, too.
What a build runs on depends on where it is built: ``installer/linux/build_on_debian.sh`` builds in a Debian 12.

What happens, in this order; everything that is made goes into ``dist``, everything in between into ``build/package``:

1. PyInstaller freezes the program into one folder (``installer/fanion.spec``, less what ``installer/trim.py`` names).
2. Launchers, the papers, notices of third parties and the bill of materials are put into it, and every file gets the
   same time, owner's rights and nothing else.
3. The bundle tests itself (``fanion self-test``), in an empty folder. If anything is not in order, nothing is packed.
   On Linux what head office needs is gathered for the package fanion-office, and tried out with a copy of the bundle;
   and it is said on which glibc both run, and so on which systems.
4. On Linux the .deb, the .rpm and the .tar.xz of both are made; on Windows a .zip; on macOS a .tar.xz of the .app. The
   installer for Windows, and the .zip of a release, are made on Debian: ``installer/windows/build.sh``.
5. ``SHA256SUMS`` names what was made. Each file is made beside its name, and has it only once it is whole.

Two builds of one commit, with the same Python and the same libraries of the system, are the same byte by byte. The time
in all of it is SOURCE_DATE_EPOCH, or that of the commit.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from core import __version__
from core.cli.probes.installation import LIST
from installer import archives, papers, sign
from installer.linux import needs
from installer.problem import BuildProblem
from installer.third_party import notices, sbom

if sys.platform == "linux":  # where what it needs is installed
    from installer.linux import packages
    from installer.office import packing, parts

ROOT: Final = Path(__file__).resolve().parent.parent
WORK: Final = ROOT / "build" / "package"
#: What the package fanion-office brings.
OFFICE: Final = WORK / "fanion-office"
DIST: Final = ROOT / "dist"
NAME: Final = "fanion"
#: What is made on each system, as patterns.
OURS: Final = {
    "linux": ("*.deb", "*.rpm", "*-linux-*.tar.xz"),
    "win32": ("*-windows-*.zip",),
    "darwin": ("*-macos-*.tar.xz",),
}
#: The launchers of a Linux bundle, by what they are called in it.
LAUNCHERS: Final = {"fanion": "launcher.sh", "fanion-portable": "fanion-portable.sh"}


def say(sentence: str) -> None:
    print(sentence, flush=True)


def source_date_epoch() -> int:
    """The one time that everything made here bears, in seconds since 1970. Raises BuildProblem."""
    epoch_text = os.environ.get("SOURCE_DATE_EPOCH", "")
    if epoch_text:
        if not epoch_text.isascii() or not epoch_text.isdigit():
            raise BuildProblem(f"SOURCE_DATE_EPOCH is not a number of seconds: {epoch_text}")
        return int(epoch_text)
    try:
        commit = ["git", "-C", str(ROOT), "log", "-1", "--format=%ct"]
        return int(subprocess.run(commit, capture_output=True, check=True, encoding="ascii").stdout)
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        raise BuildProblem(
            "This is not a clone with git, so the time of the build is not known. "
            "Set SOURCE_DATE_EPOCH to the time of the release, in seconds since 1970."
        ) from error


def build_environment(epoch: int) -> dict[str, str]:
    """An environment in which neither this machine's settings nor chance have a say in what is built."""
    variables = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "QT_", "LC_", "LANG"))
    }
    return variables | {
        "SOURCE_DATE_EPOCH": str(epoch),
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "QT_QPA_PLATFORM": "offscreen",
    }


# --- the bundle


def freeze(epoch: int, work: Path = WORK, **settings: str) -> Path:
    """Have PyInstaller make the bundle, in the folder `work`, which is emptied before.

    `settings` are further variables that the recipe reads. Raises BuildProblem.
    """
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    stamp = work / "built"  # as core/system/build_date.py reads it
    stamp.write_text(f"{epoch}\n", encoding="ascii", newline="\n")
    log = work / "pyinstaller.log"
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--clean", "--log-level", "WARN"]
    places: Sequence[str | Path] = ["--distpath", work, "--workpath", work / "work", ROOT / "installer" / "fanion.spec"]
    # Its cache would be the account's, which a second build at the same time empties.
    own = {"PYINSTALLER_CONFIG_DIR": str(work / "cache"), **settings, "FANION_BUILT": str(stamp)}
    with log.open("wb") as out:
        process = subprocess.run(
            [*command, *places],
            cwd=ROOT,
            env=build_environment(epoch) | own,
            stdout=out,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if process.returncode:
        last = (log.read_text(encoding="utf-8", errors="replace").strip().splitlines() or ["it said nothing"])[-1]
        raise BuildProblem(f"PyInstaller could not freeze the program: {last}. The full story is in {log}")
    return frozen(work)


def frozen(work: Path = WORK) -> Path:
    """Where the bundle is in the folder that it was made in."""
    return work / ("Fanion.app" if sys.platform == "darwin" else NAME)


def furnish(bundle: Path, epoch: int) -> None:
    """Put into the bundle what is not the program. Raises BuildProblem, also for a licence that must not be in it.

    The bill of materials comes last: it names every file but those beside it.
    """
    inside = bundle / "Contents" / "Resources" if sys.platform == "darwin" else bundle
    if sys.platform == "linux":
        write_launchers(bundle)
    papers.write(inside / "doc", __version__, epoch)
    if sys.platform == "linux":  # for those who unpack the archive instead of installing a package
        for name in ("70-fanion-phones.rules", "settings.toml"):
            shutil.copyfile(ROOT / "installer" / "linux" / name, inside / "doc" / name)
    if sys.platform == "win32":
        add_templates(bundle)
    if sys.platform != "darwin":  # signing changes files there
        write_list(bundle / "lib")
    licences = inside / "licences"
    licences.mkdir()
    components = notices.write(bundle, licences)
    shutil.copyfile(ROOT / "LICENSE", licences / "LICENSE")
    sbom.write(components, bundle, licences / f"{NAME}-{__version__}.cdx.json", epoch)


def add_templates(bundle: Path) -> None:
    """Put the templates for group policies into the bundle's folder ``admx``, as a central store wants them."""
    folder = shutil.copytree(ROOT / "installer" / "windows" / "admx", bundle / "admx")
    # Windows in Canadian French looks for its texts in either folder, depending on how it got its language.
    shutil.copytree(folder / "fr-CA", folder / "fr-FR")


def write_list(folder: Path) -> None:
    """Every file that is to be in the program's own folder, and how long it is, for the self-test to look for."""
    names = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    lines = [f"{names[name].stat().st_size} {name}\n" for name in sorted(names) if name != LIST]
    (folder / LIST).write_text("".join(lines), encoding="utf-8", newline="\n")


def write_launchers(bundle: Path) -> None:
    """The scripts that people start, told for which processor and which C library the bundle was made."""
    values = {"@MACHINE@": platform.machine(), "@GLIBC@": needs.glibc_needed(bundle)}
    for name, source in LAUNCHERS.items():
        script = (ROOT / "installer" / "linux" / source).read_text(encoding="utf-8")
        for word, value in values.items():
            script = script.replace(word, value)
        (bundle / name).write_text(script, encoding="utf-8", newline="\n")
        (bundle / name).chmod(0o755)


def settle(folder: Path, epoch: int) -> None:
    """Give every file below one time, and rights that say only whether it can be run: no trace of who built it."""
    for path in sorted([*folder.rglob("*"), folder], reverse=True):
        if path.is_symlink():
            if os.utime in os.supports_follow_symlinks:
                os.utime(path, (epoch, epoch), follow_symlinks=False)
            continue
        runs = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
        path.chmod(0o755 if runs else 0o644)
        os.utime(path, (epoch, epoch))


def program(bundle: Path) -> Path:
    """What is started in a bundle."""
    inside = {"win32": "fanion.exe", "darwin": "Contents/MacOS/fanion"}
    return bundle / inside.get(sys.platform, "fanion")


def try_out(bundle: Path) -> None:
    """The bundle tests itself as on another computer: nothing of this clone in sight. Raises BuildProblem."""
    with tempfile.TemporaryDirectory(prefix="fanion-package-") as folder:
        environment = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TEMP", "TMP") if name in os.environ}
        process = subprocess.run(
            [program(bundle), "self-test", "--data", Path(folder) / "data"],
            cwd=folder,
            env=environment | {"HOME": folder, "QT_QPA_PLATFORM": "offscreen", "LC_ALL": "C.UTF-8"},
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    if process.returncode:
        raise BuildProblem(f"The bundle is not in order, and nothing was packed.\n{process.stdout}{process.stderr}")


def office_steps(bundle: Path, epoch: int) -> Sequence[tuple[str, Callable[[], object]]]:
    """The steps of the package fanion-office, which is for Linux alone, up to its packing."""
    if sys.platform != "linux":
        return ()

    def gather() -> None:
        parts.gather(bundle, OFFICE, epoch)
        settle(OFFICE, epoch)

    return (
        ("Gathering what head office needs", gather),
        ("Trying out what head office needs", lambda: packing.try_out(bundle, OFFICE)),
    )


# --- what it weighs

#: How many bytes a bundle for Linux has at most, built by an Intel or AMD processor: tests/real/test_bundle.py.
LIMIT: Final = 240_000_000
#: What every megabyte is for: patterns in the bundle, the first that fits counts.
PARTS: Final = (
    ("typst (receipts and papers as tagged PDF, its fonts)", ("lib/typst/",)),
    ("ICU (Unicode data that Qt is linked to)", ("lib/PySide6/Qt/lib/libicu",)),
    ("Qt and its Python modules", ("lib/PySide6/", "lib/shiboken6/", "lib/libQt6", "lib/libpyside", "lib/libshiboken")),
    ("cryptography and time stamps, OpenSSL", ("lib/cryptography", "lib/rfc3161", "lib/libcrypto", "lib/libssl")),
    ("Python and all that is written in it", ("fanion", "lib/python3", "lib/libpython", "lib/base_library")),
    ("Fanion's policies, guides, icons, French", ("lib/resources/",)),
    ("papers and licences", ("doc/", "licences/")),
    ("the system's libraries that Qt and Python link to", ("lib/lib",)),
    ("calamine (lists of phones out of workbooks)", ("lib/python_calamine/",)),
    ("pyrage (what is carried home is encrypted)", ("lib/pyrage/",)),
    ("other modules (USB, YAML, msgspec, ...)", ("",)),
)


def weights(bundle: Path) -> dict[str, int]:
    """How many bytes of the bundle are for what; links weigh nothing."""
    bytes_by_part = dict.fromkeys((part for part, _ in PARTS), 0)
    for path in bundle.rglob("*"):
        if path.is_file() and not path.is_symlink():
            name = path.relative_to(bundle).as_posix()
            part = next(part for part, starts in PARTS if name.startswith(starts))
            bytes_by_part[part] += path.stat().st_size
    return bytes_by_part


# --- what is made of it


def pack(bundle: Path, epoch: int) -> list[Path]:
    """Everything that is handed out, from a bundle that is in order. Raises BuildProblem."""
    name = f"{NAME}-{__version__}"
    if sys.platform == "linux":
        files = packages.build(packages.FANION, bundle, DIST, __version__, epoch)
        files += packing.build(OFFICE, DIST, epoch)
    elif sys.platform == "win32":
        files = [archives.zipped(bundle, DIST / f"{name}-windows-x64.zip", epoch)]
    else:
        files = [archives.tarball(bundle, DIST / f"{name}-macos-{platform.machine()}.tar.xz", bundle.name, epoch)]
    bill = DIST / f"{name}.cdx.json"
    with archives.whole(bill) as part:
        shutil.copyfile(next(bundle.rglob(bill.name)), part)
    files.append(bill)
    return [*files, sign.write_sums(files)]


def clear(dist: Path) -> None:
    """Remove what earlier builds on this system have made; what was built for another system stays."""
    dist.mkdir(exist_ok=True)
    for pattern in (*OURS[sys.platform], "*.cdx.json", "SHA256SUMS*", frozen().name):
        for path in (*dist.glob(pattern), *dist.glob(f".{pattern}{archives.PART}")):
            archives.remove(path)


def look_at_systems(folder: Path, promise: str | None) -> None:
    """Say on which glibc a folder runs, and on which systems. Raises NewerGlibcProblem if not on the promised one."""
    if promise is not None:
        needs.demand(folder, promise)
    glibc = needs.glibc_needed(folder)
    able = needs.systems_for(glibc)
    systems = ", ".join(able) or "none of the systems that are known here"
    say(f"  {folder.name} runs with glibc {glibc} or newer: {systems}.")
    unable = [name for name, _ in needs.SYSTEMS.values() if name not in able]
    if unable:
        say(f"  It does not run on {', '.join(unable)}: installer/linux/build_on_debian.sh builds what does.")


def systems_steps(bundle: Path, promise: str | None) -> Sequence[tuple[str, Callable[[], object]]]:
    """The step that looks what is to be packed runs on, which is for Linux alone."""
    if sys.platform != "linux":
        return ()

    def look() -> None:
        for folder in (bundle, OFFICE):
            look_at_systems(folder, promise)

    return (("Looking which systems it runs on", look),)


def processor_time() -> float:
    """The seconds that this process and all that it has waited for have had of the processors."""
    return sum(os.times()[:4])


def main(arguments: Sequence[str]) -> int:
    """Build everything. Returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="package", description="Build what a department installs.", allow_abbrev=False
    )
    if sys.platform == "linux":
        parser.add_argument("--for", dest="system", choices=needs.SYSTEMS, help="pack nothing that does not run there")
    system: str | None = getattr(parser.parse_args(arguments), "system", None)
    began = time.monotonic()
    epoch = source_date_epoch()
    bundle = frozen()
    clear(DIST)
    files: list[Path] = []
    steps: Sequence[tuple[str, Callable[[], object]]] = (
        ("Freezing the program", lambda: freeze(epoch)),
        ("Adding launchers, licences, bill of materials and papers", lambda: furnish(bundle, epoch)),
        ("Settling times and rights", lambda: settle(bundle, epoch)),
        ("Trying the bundle out", lambda: try_out(bundle)),
        *office_steps(bundle, epoch),
        *systems_steps(bundle, system),
        ("Packing", lambda: files.extend(pack(bundle, epoch))),
    )
    for headline, step in steps:
        say(f"{headline} ...")
        before = processor_time()
        step()
        say(f"  {processor_time() - before:.0f} s of a processor")
    final = DIST / bundle.name
    with archives.whole(final) as unfinished:
        shutil.copytree(bundle, unfinished, symlinks=True)
    bytes_by_part = weights(final)
    total = sum(bytes_by_part.values())
    say(f"\n{final.relative_to(ROOT)}: {total / 1e6:.1f} MB")
    if sys.platform == "linux" and total > LIMIT:
        say(f"  That is more than the {LIMIT / 1e6:.0f} MB that it should weigh.")
    for part, size in sorted(bytes_by_part.items(), key=lambda entry: -entry[1]):
        say(f"  {size / 1e6:7.1f} MB  {part}")
    for path in files:
        say(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1e6:.1f} MB")
    say(f"Built in {time.monotonic() - began:.0f} s.")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except BuildProblem as stop:
        sys.exit(str(stop))
    except OSError as problem:
        sys.exit(f"The build cannot go on: {problem}")
