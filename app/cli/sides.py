"""The sides of a reconciliation as somebody names them on the command line."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from app.cli.output import Stop, decided
from app.reconciling.runs import UnreadableSide
from app.system_words import system_words
from app.translation import render, translate

T = TypeVar("T")


def readable(run: Callable[[], T]) -> T:
    """What comes out. Raises Stop where a side cannot be read, in words."""
    try:
        return decided(run)
    except UnreadableSide as side:
        if side.finding:
            raise Stop(f"{side.spec}: {render(side.finding.message, 'findings')}") from None
        text = translate(
            "cli",
            "There is nothing called {side}. Use a file, batch:ID or pull:NAME (after a pull).",
        )
        raise Stop(text.format(side=side.spec)) from None
    except OSError as error:
        raise Stop(f"{error.filename}: {system_words(error)}") from None
