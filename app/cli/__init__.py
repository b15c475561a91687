"""The command line: the same use cases as the window, without it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from app import telling
from app.cli.home import close_opened
from app.cli.output import Stop, hint_of, tell
from app.cli.parser import build_parser, chosen_language
from app.system_words import system_words
from app.translation import set_language, translate


class OpenWindow(Protocol):
    def __call__(
        self, home: Path, reconciliation: tuple[str, str] | None = None, files: Sequence[str] = ()
    ) -> int: ...


class RenderWindow(Protocol):
    def __call__(self, home: Path, reconciliation: tuple[str, str], picture: Path) -> None: ...


def main(arguments: Sequence[str], open_window: OpenWindow, render_window: RenderWindow) -> int:
    """Run one command; answers the exit status: 0 done, 1 done with blocked documents or
    differences, 2 bad use or unreadable input, 130 interrupted. The window is handed in, because
    the command line knows no Qt.
    """
    set_language(chosen_language(arguments))
    _speak_utf8()
    chosen = build_parser().parse_args(arguments)
    chosen.open_window, chosen.render_window = open_window, render_window
    try:
        return int(chosen.run(chosen))
    except Stop as stop:
        tell(stop.message)
        return stop.status
    except KeyboardInterrupt:
        tell(
            translate(
                "cli",
                "Interrupted. What was done is in the journal; run the same command again to"
                " go on.",
            )
        )
        return 130
    except BrokenPipeError:
        return 0
    except OSError as error:
        tell(f"{error.filename or ''}: {system_words(error)}".lstrip(": "))
        return 2
    except Exception as error:
        if told := telling.tell(error):
            tell(" ".join(filter(None, (told, hint_of(error)))))
            return 2
        from app.company.crash import report_crash

        path = report_crash(chosen.home, error)
        tell(
            translate(
                "cli", "Unexpected error: {error}. A report without secrets was written to {path}."
            ).format(error=f"{type(error).__name__}: {error}", path=path)
        )
        return 2
    finally:
        close_opened()


def _speak_utf8() -> None:
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(encoding="utf-8", errors="replace")
