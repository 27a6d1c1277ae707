"""What the process in which the window is tried says on its output, for the one that waits for it."""

from __future__ import annotations

from typing import Final

#: What the process says when all is well, before Qt's platform and version.
GOOD: Final = "fanion-window"
#: And on a line of its own before that, with the name of a system of screens and of a library that it lacks here.
WITHOUT: Final = "fanion-without"
