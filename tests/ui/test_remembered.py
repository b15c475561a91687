"""What the window keeps from one day to the next."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from app.ui.main_window import MainWindow
from app.ui.remembered import MOST_RECENT, Remembered


def test_files_opened_last_stand_first_and_once(qtbot: QtBot, tmp_path: Path) -> None:
    for number in range(MOST_RECENT + 3):
        Remembered(tmp_path).opened([tmp_path / "á" / f"{number}.txt"])
    Remembered(tmp_path).opened([tmp_path / "á" / "5.txt"])
    kept = Remembered(tmp_path)
    names = [Path(path).name for path in kept.recent()]
    assert names[:2] == ["5.txt", f"{MOST_RECENT + 2}.txt"]
    assert len(names) == len(set(names)) == MOST_RECENT
    assert kept.folder == str(tmp_path / "á")


def test_one_file_is_a_list_too(qtbot: QtBot, tmp_path: Path) -> None:
    Remembered(tmp_path).opened([tmp_path / "a,b.txt"])
    assert [Path(path).name for path in Remembered(tmp_path).recent()] == ["a,b.txt"]
    assert Remembered(tmp_path / "otra").recent() == []


def test_the_window_comes_back_where_it_was(qtbot: QtBot, window: MainWindow, home: Path) -> None:
    window.resize(900, 633)  # no larger than the screen there is
    window.remembered.keep(window)
    window.resize(1200, 700)
    Remembered(home).place(window)
    assert (window.width(), window.height()) == (900, 633)


def test_a_reconciliation_is_looked_at_as_it_was_left(
    qtbot: QtBot, window: MainWindow, home: Path, tmp_path: Path
) -> None:
    files = [tmp_path / "mayor.csv", tmp_path / "banco.csv"]
    for file in files:
        file.write_text("Fecha,Folio,Importe\n2026-01-05,F-1,100.00\n", "utf-8")
    page = window.reconciling
    page.run(*map(str, files))
    qtbot.waitUntil(lambda: page.result is not None, timeout=20_000)
    page.pairs_button.click()
    page.lines.pairs.setColumnWidth(2, 177)
    window.close()
    again = MainWindow(home)
    qtbot.addWidget(again)
    assert again.reconciling.pairs_button.isChecked()
    offered = [
        again.reconciling.sides.left.itemData(place)
        for place in range(again.reconciling.sides.left.count())
    ]
    assert {str(file) for file in files} <= set(offered)
    again.reconciling.run(*map(str, files))
    qtbot.waitUntil(lambda: again.reconciling.result is not None, timeout=20_000)
    assert again.reconciling.lines.pairs.columnWidth(2) == 177
    again.close()


def test_a_file_nobody_understands_is_forgotten(qtbot: QtBot, tmp_path: Path) -> None:
    kept = Remembered(tmp_path)
    kept._kept.setValue("widths", "{")
    assert kept.widths == []
