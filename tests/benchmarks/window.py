"""How long the window takes with many lines on both sides, and the longest it stands still.

    python -m tests.benchmarks.window --lines 100000

A reconciliation of two CSV files of ``ledgers``. Each act is done as a person does it; the time
is until everything is shown again, *longest block* the longest time the event loop did not turn.
Beside it: the same number of plain texts in a ``QTableWidget``, filled and sorted.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import psutil
from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTableWidget, QTableWidgetItem

from app.ui.language import install
from app.ui.main_window import MainWindow
from tests.benchmarks.ledgers import Maker

AMOUNT = 4


class Watch:
    """Counts how long the event loop does not turn."""

    def __init__(self) -> None:
        self.longest, self._last = 0.0, time.monotonic()
        self._timer = QTimer(interval=5)
        self._timer.timeout.connect(self._turn)
        self._timer.start()

    def _turn(self) -> None:
        now = time.monotonic()
        self.longest = max(self.longest, now - self._last)
        self._last = now

    def begin(self) -> None:
        self.longest, self._last = 0.0, time.monotonic()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=100_000)
    chosen = parser.parse_args()
    application = QApplication([])
    install(application, "es")
    with tempfile.TemporaryDirectory() as folder:
        left, right = Path(folder) / "left.csv", Path(folder) / "right.csv"
        Maker(chosen.lines).make().write(left, right)
        window = MainWindow(Path(folder) / "home")
        window.resize(1366, 738)
        window.show()
        _acts(window, left, right)
        memory = psutil.Process().memory_info().rss / 1e6
        print(f"{'resident memory':<28}{memory:>9,.0f} MB")
        window.close()
    _baseline(chosen.lines)


def _acts(window: MainWindow, left: Path, right: Path) -> None:
    page, watch = window.reconciling, Watch()
    window.go_to("reconciling")
    lines = page.lines

    def still() -> bool:
        return not window.session.tasks.running and not page._typing.isActive()

    def act(name: str, do: Callable[[], object]) -> None:
        _turn(50)
        watch.begin()
        began = time.monotonic()
        do()
        _until(still)
        took = time.monotonic() - began
        _turn(30)
        print(f"{name:<28}{took * 1000:>9,.0f} ms   longest block {watch.longest * 1000:>7,.0f} ms")

    print(f"{'':<28}{'until shown':>12}")
    act("match and open", lambda: page.run(str(left), str(right)))
    assert page.result is not None
    suggested = page.filter.findData("suggested")
    act("filter: suggested", lambda: page.filter.setCurrentIndex(suggested))
    if lines.models[0].rowCount():
        lines.go_to_first()
        act("accept one", page.accept_button.click)
        act("undo", page.undo_button.click)
    act("filter: everything", lambda: page.filter.setCurrentIndex(0))
    header = lines.tables[0].horizontalHeader()
    act("sort by amount", lambda: header.sectionClicked.emit(AMOUNT))
    act("search a number", lambda: page.search.setText("77"))
    act("search nothing", page.search.clear)
    act("scroll to the end", lines.tables[0].scrollToBottom)
    keys = (Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    act("select all", lambda: QTest.keyClick(lines.tables[0], *keys))


def _baseline(count: int) -> None:
    table = QTableWidget(count, 5)
    began = time.monotonic()
    for place in range(count):
        for column in range(5):
            table.setItem(place, column, QTableWidgetItem(f"{place * 7919 % count:,}"))
    filled = time.monotonic()
    table.show()
    table.sortItems(AMOUNT)
    took = (time.monotonic() - filled) * 1000
    print(f"{'QTableWidget: fill':<28}{(filled - began) * 1000:>9,.0f} ms")
    print(f"{'QTableWidget: sort':<28}{took:>9,.0f} ms")


def _until(ready: Callable[[], bool]) -> None:
    loop, poll = QEventLoop(), QTimer(interval=2)
    poll.timeout.connect(lambda: loop.quit() if ready() else None)
    poll.start()
    loop.exec()
    poll.stop()


def _turn(milliseconds: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


if __name__ == "__main__":
    main()
