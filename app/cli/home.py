"""The data home a command works in."""

from __future__ import annotations

import argparse

from app.cli.output import tell
from app.company import settings
from app.journal import Journal
from app.month_end import alerts

_opened: list[Journal] = []


def close_opened() -> None:
    """Close what the command opened: a journal that stays open cannot be restored or moved."""
    while _opened:
        _opened.pop().close()


def open_home(chosen: argparse.Namespace) -> Journal:
    """The journal of the home that was chosen. What is wrong with it as a whole (where it lies,
    what it does not know of what was sent) is said by every command.
    """
    journal = settings.open_journal(settings.home_folder(chosen.home))
    _opened.append(journal)
    if journal.signer is not None and (told := journal.signer.told()):
        tell(told)
    for alert in alerts.of_journal(journal):
        tell(f"▲ {alert.text}")
    return journal
