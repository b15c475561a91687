"""What was imported is listed with what became of it, and can be looked at again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from pytestqt.qtbot import QtBot

from app.intake.importing import import_file
from app.intake.imports import imports
from app.journal import listings
from app.ui.intake.files_page import FILE, LIST
from app.ui.main_window import MainWindow
from importers import Options
from tests.conftest import SAMPLE

Idle = Callable[[], None]


def cells(window: MainWindow) -> list[list[str]]:
    model = window.files.table.rows_model
    return [
        [column.value(model.row_at(place)) for column in model.columns]
        for place in range(model.rowCount())
    ]


def test_files_are_listed_newest_first(
    qtbot: QtBot, window: MainWindow, idle: Idle, tmp_path: Path
) -> None:
    journal = window.session.journal
    import_file(journal, SAMPLE)
    cut = tmp_path / "cortado.txt"
    cut.write_bytes(SAMPLE.read_bytes()[:-40])
    import_file(journal, cut)
    window.session.changed.emit()
    idle()
    rows = cells(window)
    assert [row[2] for row in rows] == ["cortado.txt", SAMPLE.name]
    assert rows[1][1] == "2026-01" and rows[1][4:8] == ["1,112", "0", "236", "2"]
    assert rows[1][3] == "CONTPAQi Contabilidad: pólizas (TXT)"
    assert rows[1][8] == "✓ importado" and rows[0][8].startswith("▲ ")
    assert rows[1][9] == journal.actor
    assert "(2)" in window.files.tabs.tabText(LIST)
    window.files.search.setText("CORTADO")
    assert [row[2] for row in cells(window)] == ["cortado.txt"]
    window.files.search.setText("enero no-hay")
    assert cells(window) == []


def test_a_file_is_seen_again_as_it_was_imported(
    qtbot: QtBot, window: MainWindow, idle: Idle, tmp_path: Path
) -> None:
    path = tmp_path / "polizas.txt"
    path.write_bytes(SAMPLE.read_bytes())
    import_file(window.session.journal, path)
    path.unlink()
    window.session.changed.emit()
    idle()
    window.go_to("intake")
    window.files.tabs.setCurrentIndex(LIST)
    window.files.table.activated.emit(window.files.table.rows_model.index(0, 0))
    idle()
    assert window.files.tabs.currentIndex() == FILE
    assert window.intake.lines.rows_model.rowCount() == 1112
    assert window.remembered.recent() == [], "it was not opened from a disk"


def test_what_a_person_decided_at_the_import_holds_when_it_is_seen_again(
    qtbot: QtBot, window: MainWindow, idle: Idle
) -> None:
    """Read by another encoding the accents are others: what is shown is what was journaled."""
    decided = Options(encoding="cp850", source="SUC-1")
    taken = import_file(window.session.journal, SAMPLE, options=decided)
    window.session.changed.emit()
    idle()
    window.files.table.activated.emit(window.files.table.rows_model.index(0, 0))
    idle()
    shown = window.intake.corrections.options
    assert (shown.encoding, shown.source) == ("cp850", "SUC-1")
    assert "cp850" in window.intake.facts.text()
    journaled = listings.batch_lines(window.session.journal, taken.batch)
    texts = {line.number: line.text for line in journaled}
    rows = [window.intake.lines.rows_model.row_at(place) for place in range(10)]
    assert [row.text for row in rows] == [texts[row.number] for row in rows]
    assert any("Ë" in row.text or "Ý" in row.text or "┴" in row.text for row in rows)
    window.open_files([str(SAMPLE)])
    idle()
    assert window.intake.corrections.options == Options()


def test_several_files_dropped_anywhere_are_all_taken(
    qtbot: QtBot, window: MainWindow, idle: Idle, tmp_path: Path
) -> None:
    window.go_to("log")
    paths = [tmp_path / name for name in ("uno.txt", "dos.txt")]
    for number, path in enumerate(paths):
        path.write_bytes(SAMPLE.read_bytes() + b"\r\n" * number)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    action, button = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    keys = Qt.KeyboardModifier.NoModifier
    window.dropEvent(QDropEvent(QPointF(5, 5), action, data, button, keys))
    idle()
    assert window.pages.currentWidget() is window.files
    assert window.intake.files.count() == 2 and window.intake.all_button.isVisible()
    assert [Path(path).name for path in window.remembered.recent()] == ["uno.txt", "dos.txt"]
    window.intake.all_button.click()
    idle()
    assert {one.batch.name for one in imports(window.session.journal)} == {"uno.txt", "dos.txt"}


def test_a_picture_is_not_offered_to_be_imported(
    qtbot: QtBot, window: MainWindow, idle: Idle, tmp_path: Path
) -> None:
    picture = tmp_path / "foto.jpg"
    picture.write_bytes(b"\xff\xd8\xff\xe0" + bytes(range(256)) * 8)
    window.open_files([str(picture)])
    idle()
    assert not window.intake.import_button.isEnabled()
    window.open_files([str(SAMPLE)])
    idle()
    assert window.intake.import_button.isEnabled()
