"""What ``fanion self-test --bundle FILE`` collects for those who give support: shown first, then put into one archive.

There is nothing of a person or of a phone in it: the log for support has none, and the names of the officer, the desk
and the account, and the folders that tell them, are struck out of the self-test's report. The ledger, its keys and
crash files (which may quote a phone) are never in it.
"""

from __future__ import annotations

import importlib.metadata
import io
import json
import os
import platform
import re
import sys
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core import __version__
from core.desk.desk import Desk
from core.desk.settings.data_choice import chosen_name
from core.desk.settings.settings_table import ROWS
from core.reports.filing import FileProblem, FileThere
from core.system.files import files
from core.system.packaged import is_packaged
from core.system.support import support_log


def contents(desk: Desk, report: Mapping[str, Any]) -> dict[str, bytes]:
    """The files of the bundle, by name. `report` is what the self-test answers as JSON."""
    bundle_files = {
        "self-test.json": _json(_without_names(report, desk)),
        "about.json": _json(
            {
                "fanion": __version__,
                "packaged": is_packaged(),
                "python": platform.python_version(),
                "system": f"{platform.system()} {platform.release()}, {platform.machine()}",
                "libraries": _libraries(),
                "settings": _settings(desk),
            }
        ),
    }
    for path in support_log.log_files_in(desk.data):
        try:
            bundle_files[f"{support_log.FOLDER}/{path.name}"] = files.read_file(path, 2 * support_log.SIZE, links=False)
        except OSError:  # it was just put aside for a newer one
            continue
    return bundle_files


def write(path: Path, contents: Mapping[str, bytes]) -> None:
    """Write the archive, whole or not at all, for its owner alone. Raises FileThere, FileProblem."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(zipfile.ZipInfo(name, time.localtime()[:6]), content, zipfile.ZIP_DEFLATED)
    try:
        files.create_file(path, buffer.getvalue())
    except FileExistsError as error:
        raise FileThere(path) from error
    except OSError as error:
        raise FileProblem.unwritten(path, error) from error


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def _libraries() -> list[str]:
    """The libraries that Fanion asks for. A packaged Fanion has none to list: its version tells them."""
    try:
        requirements = importlib.metadata.requires("fanion") or []
    except importlib.metadata.PackageNotFoundError:
        return []
    descriptions = []
    for name in sorted(
        {
            match[0]
            for requirement in requirements
            if "extra ==" not in requirement and (match := re.match(r"[\w.-]+", requirement))
        }
    ):
        try:
            metadata = importlib.metadata.metadata(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        licence = next(
            (metadata[key] for key in ("License-Expression", "License") if key in metadata), "no licence named"
        )
        descriptions.append(f"{name} {metadata['Version']}, {licence.splitlines()[0]}")
    return descriptions


def _settings(desk: Desk) -> dict[str, Any]:
    """The keys that are set, with the values of those that are no free text; what the department has locked."""
    changed = {key: value for key, row in ROWS.items() if (value := getattr(desk.settings, key)) != row.default}
    values = {key: "set" if ROWS[key].rule.is_text else value for key, value in changed.items()}
    return {"values": values, "locked": sorted(desk.settings.locked), "usable": desk.fault is None}


def _without_names(report: Mapping[str, Any], desk: Desk) -> Any:
    """The report with a word in the place of each name and folder that tells who works here."""
    replacements = {
        chosen_name(): "(chosen folder)",  # which may be gone, and is told then
        str(desk.data): "(data folder)",
        str(desk.log_folder): "(log folder)",
        sys.prefix: "(program)",
        os.path.expanduser("~"): "(home)",
        desk.officer: "(officer)",
        desk.name: "(desk)",
        platform.node(): "(computer)",
    }
    for key, row in ROWS.items():
        if row.rule.may_be_path:
            replacements[str(getattr(desk.settings, key))] = f"({key})"
    names = sorted((name for name in replacements if len(name) > 1), key=len, reverse=True)
    hidden = re.compile("|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in names))

    def cleaned(value: Any) -> Any:
        if isinstance(value, str):
            return hidden.sub(lambda match: replacements[match[0]], value)
        if isinstance(value, Mapping):
            return {key: cleaned(inner) for key, inner in value.items()}
        return [cleaned(inner) for inner in value] if isinstance(value, list) else value

    return cleaned(report)
