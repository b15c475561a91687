"""``setup``, ``support``, ``update``: taking a company's set-up along, helping, newer versions."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from app.agent import setup
from app.agent.setup import KINDS, Change
from app.cli.home import open_home
from app.cli.output import Stop, answer, decided, say, table, tell
from app.company import settings, updates
from app.company.program import portable_folder
from app.month_end import support
from app.system_words import system_words
from app.translation import translate

_SHOWN = 60
T = TypeVar("T")


def setup_export(chosen: argparse.Namespace) -> int:
    journal, path = open_home(chosen), Path(chosen.file)
    home = settings.home_folder(chosen.home)
    count = decided(lambda: _written(path, lambda: setup.export_setup(journal, home, path)))
    text = translate("setup", "{count} parts written to {path}, without secrets.")
    answer(chosen.json, {"parts": count}, [text.format(count=count, path=path)])
    return 0


def setup_import(chosen: argparse.Namespace) -> int:
    """With ``--dry-run`` only said."""
    journal, path = open_home(chosen), Path(chosen.file)
    home = settings.home_folder(chosen.home)
    given = decided(lambda: _written(path, lambda: setup.read_setup(path)))
    if chosen.dry_run:
        found = setup.changes(journal, home, given)
    else:
        if not chosen.reason.strip():
            raise Stop(translate("setup", "Say why with --reason, or look first with --dry-run."))
        try:
            found = decided(lambda: setup.import_setup(journal, home, given, chosen.reason))
        except settings.ConnectionInUse as used:
            text = translate(
                "setup",
                "A connection of this name sent to {url} already; the import stopped there.",
            )
            raise Stop(text.format(url=used)) from None
    value = [
        {"kind": one.kind, "name": one.name, "before": one.before, "after": one.after}
        for one in found
    ]
    answer(chosen.json, {"changes": value}, _change_lines(found))
    return 0


def support_bundle(chosen: argparse.Namespace) -> int:
    """Shown before it is saved, and saved only when somebody says so."""
    journal, path = open_home(chosen), Path(chosen.file)
    parts = support.bundle(journal, settings.home_folder(chosen.home))
    if not chosen.yes:
        for name, text in sorted(parts.items()):
            tell(f"── {name}")
            tell(text)
        tell(
            translate("setup", "This would be saved to {path}. Save it? (yes/no)").format(path=path)
        )
        if sys.stdin.readline().strip().casefold() not in ("s", "si", "sí", "y", "yes"):
            raise Stop(translate("setup", "Nothing was saved."), 1)
    _written(path, lambda: support.write(parts, path))
    text = translate("setup", "{count} parts written to {path}.")
    answer(chosen.json, {"parts": sorted(parts)}, [text.format(count=len(parts), path=path)])
    return 0


def update_check(chosen: argparse.Namespace) -> int:
    """1 where there is a newer version and it was not installed."""
    journal = open_home(chosen)
    release = decided(lambda: updates.check(journal))
    if not release.is_newer:
        text = translate("setup", "This is the newest version.")
        answer(chosen.json, {"version": release.version, "newer": False}, [text])
        return 0
    text = translate("setup", "Version {version} is there.").format(version=release.version)
    value = {"version": release.version, "newer": True, "url": release.url}
    answer(chosen.json, value, [text, release.told])
    if not chosen.install:
        return 1
    tell(translate("setup", "Download and install it? (yes/no)"))
    if sys.stdin.readline().strip().casefold() not in ("s", "si", "sí", "y", "yes"):
        return 1
    folder = Path(tempfile.mkdtemp(prefix="cuadre-update-"))
    installer = decided(lambda: updates.download(release, folder))
    if updates.can_start() and portable_folder() is None:
        updates.start(installer)
    else:
        say(translate("setup", "The installer lies in {path}.").format(path=installer))
    return 0


def update_address(chosen: argparse.Namespace) -> int:
    """Empty: never ask."""
    journal = open_home(chosen)
    settings.put(journal, updates.ADDRESS_SETTING, chosen.url)
    text = (
        translate("setup", "Updates are looked for at {url} when you ask.").format(url=chosen.url)
        if chosen.url
        else translate("setup", "Updates are not looked for.")
    )
    answer(chosen.json, {"url": chosen.url}, [text])
    return 0


def _change_lines(found: Sequence[Change]) -> list[str]:
    if not found:
        return [translate("setup", "Everything is set up so already.")]
    new = translate("setup", "new")
    rows: list[tuple[str, ...]] = []
    for one in found:
        is_whole = one.kind == "connection"  # where it points is never cut off
        before, after = (text if is_whole else _short(text) for text in (one.before, one.after))
        rows.append((translate("setup", KINDS[one.kind]), one.name, before or new, after))
    return table(rows)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"


def _written(path: Path, work: Callable[[], T]) -> T:
    try:
        return work()
    except OSError as error:
        raise Stop(f"{path}: {system_words(error)}") from None
