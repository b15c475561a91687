"""Pictures of every page and the main dialogs, in both languages, light and dark, in two sizes, of
a month that is half closed. To be looked at by a person::

    python -m tests.ui.pictures DIR [--only es-light-1366]
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from app.company import settings
from app.company.settings import ConnectionSettings
from app.intake.importing import import_file
from app.matching.rules import RuleSet
from app.month_end import figures, history
from app.sending import maps, proposals, pull
from app.sending.push import push
from app.ui import theme
from app.ui.company.company_dialog import CompanyDialog
from app.ui.company.field_owners import FieldsDialog
from app.ui.company.policy import RulesDialog
from app.ui.intake.files_page import LIST
from app.ui.keys import KeysDialog
from app.ui.language import install
from app.ui.main_window import PAGE_NAMES, MainWindow
from app.ui.reconciling.rules_editor import RulesEditor
from app.ui.reconciling.signing import ExplainDialog
from app.ui.reconciling.step_dialog import StepDialog
from app.ui.reconciling.sure_dialog import SureDialog
from app.ui.sending.document_dialogs import DocumentsDialog, StoryDialog
from connectors.sandbox import SandboxConnector, SandboxServer, SandboxStore
from connectors.sandbox.server import DEFAULT_PASSWORD, DEFAULT_USER
from connectors.transport import Transport
from tests import polizas
from tests.conftest import SAMPLE
from tests.ui.month_end.test_figures_page import simulate_week

SIZES = {"1366": (1366, 738), "1920": (1920, 1050), "910": (910, 472)}
"""The last is 1366 by 768 at 150 %, less the bar of the system."""
NAME = "practica"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="es-light-1366")
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    application = QApplication(sys.argv[:1])
    application.setApplicationName("Cuadre")
    os.environ[f"CUADRE_SECRET_{NAME.upper()}"] = DEFAULT_PASSWORD
    with half_closed_month() as (home, specs):
        for name, language, is_dark, size in _ways():
            if chosen.only in ("", name):
                theme.choose(application, is_dark)
                install(application, language)
                draw(home, specs, SIZES[size], chosen.folder / name)
                print(chosen.folder / name)
    return 0


def _ways() -> Iterator[tuple[str, str, bool, str]]:
    for language in ("es", "en"):
        for shade in ("light", "dark"):
            for size in SIZES:
                yield f"{language}-{shade}-{size}", language, shade == "dark", size


@contextmanager
def half_closed_month() -> Iterator[tuple[Path, tuple[str, str]]]:
    """January of the sample sent to a sandbox where somebody worked since, a later month that is
    not sent, and a file with errors. Answers the home and the sides of a reconciliation.
    """
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "Empresa Ejemplo"
        store = SandboxStore(Path(folder) / "erp.db")
        server = SandboxServer(store).start()
        journal = settings.open_journal(home)
        settings.add_connection(
            journal, ConnectionSettings(NAME, "sandbox", server.url, user=DEFAULT_USER)
        )
        first = import_file(journal, SAMPLE)
        with contextlib.closing(
            SandboxConnector(Transport(server.url), DEFAULT_USER, DEFAULT_PASSWORD)
        ) as target:
            maps.accept_suggestions(journal, NAME, proposals.unmapped(journal, NAME, target))
            push(journal, NAME, target)
            with store._writing() as cursor:
                cursor.execute("UPDATE line SET debit = debit + 10 WHERE id = 21")
                cursor.execute("UPDATE line SET credit = credit + 10 WHERE id = 22")
                cursor.execute("UPDATE entry SET date = '2026-01-28' WHERE id BETWEEN 40 AND 44")
            store.delete("entry", _number(store, 60))
            pull.pull(journal, NAME, target, date(2026, 1, 1), date(2026, 1, 31))
        later = Path(folder) / "polizas_febrero_2026.txt"
        later.write_bytes(polizas.file(polizas.balanced()))
        import_file(journal, later)
        simulate_week(journal)
        history.keep(journal, figures.measure(journal))
        journal.close()
        yield home, (f"batch:{first.batch}", f"pull:{NAME}")
        server.stop()
        store.close()


def _number(store: SandboxStore, entry: int) -> str:
    return str(store._read("SELECT number FROM entry WHERE id = ?", entry)[0][0])


def draw(home: Path, specs: tuple[str, str], size: tuple[int, int], folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    window = MainWindow(home)
    window.resize(*size)
    window.show()
    window.go_to("reconciling")
    window.reconciling.run(*specs)
    wait(lambda: not window.session.tasks.running)
    for name in PAGE_NAMES:
        window.go_to(name)
        if name == "intake":
            window.intake.open(SAMPLE)
        if name == "sending":
            window.sending.check.click()
        wait(lambda: not window.session.tasks.running)
        save(window, folder / f"{PAGE_NAMES.index(name) + 1}_{name}.png")
    window.go_to("reconciling")
    window.reconciling.pairs_button.setChecked(True)
    for place in (0, 2):
        window.reconciling.lines.pairs.go_to(place)
        window.reconciling.deciding.tick()
    save(window, folder / "4_pairs.png")
    window.go_to("intake")
    window.files.tabs.setCurrentIndex(LIST)
    save(window, folder / "2_files.png")
    window.go_to("sending")
    window.sending.tabs.setCurrentIndex(3)
    save(window, folder / "3_mapped.png")
    dialogs(window, folder)
    window.close()
    first_start(size, folder)


def first_start(size: tuple[int, int], folder: Path) -> None:
    """What a person sees who opens the program for the first time."""
    with tempfile.TemporaryDirectory() as home:
        window = MainWindow(Path(home))
        window.resize(*size)
        window.show()
        wait(lambda: not window.session.tasks.running)
        save(window, folder / "0_first_start.png")
        window.close()


def dialogs(window: MainWindow, folder: Path) -> None:
    """The main dialogs, over the page they belong to."""
    session, page = window.session, window.reconciling
    assert page.result is not None
    references = [row.external_ref for row in window.sending._queue.rows[:8]]
    for name, dialog in (
        ("step", StepDialog(page.result, session.journal.actor, page)),
        ("company", CompanyDialog(session, window)),
        ("matching", RulesEditor(RuleSet(), lambda _: None, page)),
        ("keys", KeysDialog(window)),
        ("sure", SureDialog(page.result, lambda _: None, page)),
        ("explain", ExplainDialog(page)),
        ("documents", DocumentsDialog(window.tr("Journal"), references, session, window)),
        ("story", StoryDialog(references[0], session, window)),
        ("rules", RulesDialog(session, window)),
        ("fields", FieldsDialog(session, window)),
    ):
        dialog.show()
        wait(lambda: not session.tasks.running)
        save(dialog, folder / f"dialog_{name}.png")
        dialog.close()


def save(widget: QWidget, path: Path) -> None:
    wait(lambda: False, 250)
    widget.grab().save(str(path))


def wait(until: Callable[[], bool], milliseconds: int = 20_000) -> None:
    """Let the window work until something is so."""
    loop, poll, limit = QEventLoop(), QTimer(), QTimer()
    poll.timeout.connect(lambda: loop.quit() if until() else None)
    limit.setSingleShot(True)
    limit.timeout.connect(loop.quit)
    poll.start(50)
    limit.start(milliseconds)
    loop.exec()
    poll.stop()


if __name__ == "__main__":
    raise SystemExit(main())
