"""Where the program starts: the command line, or the window when nothing is asked of it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path


def main() -> int:
    """``cuadre``: commands, or the window."""
    from app import cli

    return cli.main(sys.argv[1:], open_window=_open_window, render_window=_render_window)


def main_window() -> int:
    """``cuadre-gui``: the window, for the start menu."""
    from app import cli

    return cli.main(
        ["window", *sys.argv[1:]], open_window=_open_window, render_window=_render_window
    )


def _open_window(
    home: Path, reconciliation: tuple[str, str] | None = None, files: Sequence[str] = ()
) -> int:
    from app.ui.application import run

    return run(home, reconciliation, files)


def _render_window(home: Path, reconciliation: tuple[str, str], picture: Path) -> None:
    from app.ui.application import render

    render(home, reconciliation, picture)


if __name__ == "__main__":
    sys.exit(main())
