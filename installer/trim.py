"""What PyInstaller collects and Fanion does not use: plugins for other screens, and the libraries that only they need.

Every part that stays out has its reason here.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from typing import Final

from PyInstaller.depend.bindepend import get_imports  # type: ignore[import-untyped]

#: What PyInstaller calls an entry: the path in the bundle, the file that it is (or what it points to), and its kind.
Entry = tuple[str, str, str]

#: Patterns of paths within the bundle, always with / between their parts.
_LEFT_OUT: Final = (
    # Plugins for screens without a window system, for desktops' own file dialogs (GTK: 60 libraries), for touch, and
    # for OpenGL: widgets are painted without it.
    r"PySide6/Qt/plugins/(egldeviceintegrations|generic|networkinformation|platforminputcontexts/libqtvirtual.*)(/|$)",
    r"PySide6/Qt/plugins/(xcbglintegrations|wayland-graphics-integration-client)(/|$)",
    r"PySide6/Qt/plugins/platforms/.*(eglfs|linuxfb|minimal|minimalegl|vnc|vkkhrdisplay|direct2d).*",
    r"PySide6/Qt/plugins/platformthemes/.*gtk3.*",
    # Fanion has no network, no QML, no database and no PDF of Qt's.
    r"PySide6/Qt/plugins/(tls|sqldrivers|qmltooling|scenegraph|virtualkeyboard|position|multimedia)(/|$)",
    r"PySide6/(Qt/)?(lib/|bin/)?(lib)?Qt6?(Pdf|Qml|Quick|VirtualKeyboard|Sql|Test)\w*[.].*",
    # Pictures are SVG; PNG, which Qt reads by itself; and WebP, which most apps' icons are.
    r"PySide6/Qt/plugins/imageformats/(?!.*(qsvg|qico|qwebp)).*",
    # French is the only language that Qt's own buttons need.
    r"PySide6/Qt/translations/(?!qtbase_fr[.]qm$).*",
    # What another Python had compiled in this clone, or had not; nothing of it is read in a bundle.
    r"resources/(.*/)?__pycache__(/|$)",
    # Only PyInstaller and the translators read these.
    r"resources/locale/.*[.]po$",
    # How a package was installed on the machine that builds, with its paths.
    r"[^/]+[.]dist-info/(RECORD|INSTALLER|REQUESTED|direct_url[.]json)$",
    # PyInstaller's own hook takes it a second time, and on Windows usb1 brings another: Fanion asks libusb_package.
    r"(usb1/)?libusb-1[.]0[.](dll|so)$",
    # Software OpenGL for Windows: widgets are painted without any.
    r"(PySide6/)?opengl32sw[.]dll",
)  # fmt: skip
_PRINTING: Final = "/plugins/printsupport/"
_OUT: Final = re.compile("|".join(f"(?:{pattern})" for pattern in _LEFT_OUT), re.IGNORECASE)


def belongs(path: str) -> bool:
    """Whether a file that was collected for this path in the bundle is to be in it. Windows has other slashes."""
    name = path.replace("\\", "/")
    # On Windows these lie a folder higher.
    return not (_OUT.match(name) or _OUT.match(re.sub(r"^PySide6/(plugins|translations)", r"PySide6/Qt/\1", name)))


def needed(binaries: Sequence[Entry]) -> list[Entry]:
    """The binaries that something in the bundle needs, now that some are out that others were collected for.

    Python's own modules and Qt's plugins are opened by name, and so is libusb; a library is there because another file
    names it. Linux only: elsewhere the libraries of what was left out are few.
    """
    by_name: dict[str, list[Entry]] = {}
    for entry in binaries:
        by_name.setdefault(posixpath.basename(entry[0]), []).append(entry)
    names: set[str] = set()
    waiting = [entry for entry in binaries if _is_opened_by_name(entry)]
    while waiting:
        entry = waiting.pop()
        if entry[0] in names:
            continue
        names.add(entry[0])
        if entry[2] == "SYMLINK":
            waiting += [target for target in binaries if target[0] == pointed(entry)]
            continue
        for name, _ in get_imports(entry[1]):
            library = posixpath.basename(name)
            # The printing service is the system's, with the keys and the network that its library brings (libcups2 in
            # installer/linux/needs.py).
            if _PRINTING not in entry[0] or library.startswith("libQt6"):
                waiting += by_name.get(library, ())
    return [entry for entry in binaries if entry[0] in names]


def pointed(link: Entry) -> str:
    """What a symbolic link in the bundle leads to, as a path in the bundle."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(link[0]), link[1]))


def _is_opened_by_name(entry: Entry) -> bool:
    name = posixpath.basename(entry[0])
    return entry[2] == "EXTENSION" or "/plugins/" in entry[0] or name.startswith(("libpython", "libusb"))
