"""Where ``fanion`` begins: every command goes to the command line."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command that was typed. Returns the exit code."""
    from core.cli import main as command_line

    return command_line(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
