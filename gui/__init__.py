"""Fanion's window, and where ``fanion`` begins (:mod:`gui.__main__`).

This is the first of Fanion that runs. Python may look for modules where the user happens to stand: with ``python -m``,
or where PYTHONPATH has an empty or relative name. That ends here, before anything else is loaded: :mod:`os` and
:mod:`sys` are part of Python by then.
"""

import os
import sys


def _without_working_folder(searched: list[str]) -> list[str]:
    """The folders in which modules are searched for, less those that depend on the working directory.

    Only this Fanion's own folder stays, wherever the user stands.
    """
    own = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    try:
        current = os.getcwd()
    except OSError:  # it was deleted: what is named from it is nowhere
        return [name for name in searched if os.path.isabs(name)]
    search_path = os.environ.get("PYTHONPATH") or current
    strays = {os.path.abspath(name) for name in search_path.split(os.pathsep) if not os.path.isabs(name)}
    if not sys.flags.safe_path and os.path.abspath(searched[0]) == current:
        strays.add(current)
    folders = []
    for name in searched:
        whole = os.path.abspath(name)
        if whole == own:
            folders.append(own)
        elif whole not in strays and (os.path.isabs(name) or not os.path.isdir(whole)):  # else it names an importer
            folders.append(name)
    return folders


sys.path[:] = _without_working_folder(sys.path)
