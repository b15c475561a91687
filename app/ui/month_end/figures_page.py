"""The figures over time: how long documents took, how they ended, what waited, what was orphaned;
each chart with its table.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QGridLayout,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from app.journal.figures import Point
from app.month_end import history
from app.month_end.figures import LATENCY_TARGET_SECONDS
from app.month_end.history import History, Hour
from app.sheets import write_csv
from app.ui.month_end.chart import Chart, Series, Shape
from app.ui.plain import Label
from app.ui.session import Session
from app.ui.tables import Column, RowsModel, Table
from app.ui.widgets import Hint, Title, row

_WINDOWS = (timedelta(hours=24), timedelta(days=7), timedelta(days=30))
_MOST_PLACES = 72
"""More hours than this are put together, so that a bar stays a bar."""


class FiguresPage(QWidget):
    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._history: History | None = None
        self.window_box = QComboBox()
        self.window_box.addItems(
            [self.tr("Last 24 hours"), self.tr("Last 7 days"), self.tr("Last 30 days")]
        )
        label = Label(self.tr("Time:"))
        label.setBuddy(self.window_box)
        self.save = QPushButton(self.tr("Save table…"))
        self.latency = Chart(
            self.tr("Sync latency"), Shape.LINES, "s", LATENCY_TARGET_SECONDS, is_log=True
        )
        self.outcomes = Chart(self.tr("How documents ended"), Shape.BARS)
        self.queue = Chart(self.tr("Retry queue"), Shape.AREAS)
        self.orphans = Chart(self.tr("Orphan records"), Shape.LINES)
        charts = QWidget()
        grid = QGridLayout(charts)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(14)
        for place, chart in enumerate((self.latency, self.outcomes, self.queue, self.orphans)):
            grid.addWidget(chart, place // 2, place % 2)
        self.model = RowsModel(self._columns())
        self.table = Table(self.model, self.tr("The figures as a table"))
        parts = QSplitter(Qt.Orientation.Vertical)
        parts.addWidget(charts)
        parts.addWidget(self.table)
        parts.setStretchFactor(0, 3)
        parts.setStretchFactor(1, 1)
        self.hint = Hint()
        box = QVBoxLayout(self)
        box.addWidget(Title(self.tr("Figures over time")))
        box.addLayout(row(label, self.window_box, self.hint, self.save))
        box.addWidget(parts, 1)
        self.window_box.currentIndexChanged.connect(self.refresh)
        self.save.clicked.connect(self._save)
        session.changed.connect(self._when_seen)

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]
        self.refresh()

    def refresh(self) -> None:
        window = _WINDOWS[self.window_box.currentIndex()]
        self._session.tasks.run(
            lambda _: history.read(self._session.journal, window), self.show_history
        )

    def show_history(self, found: History) -> None:
        self._history = found
        groups = _grouped(found.hours)
        names = [_name(part, len(found.hours)) for part in groups]
        parts = [History(part[0].at, part) for part in groups]
        self.latency.show_series(
            names,
            [
                Series(self.tr("median"), [part.p50 for part in parts]),
                Series(self.tr("95 %"), [part.p95 for part in parts]),
            ],
        )
        kinds = (
            ("ok", self.tr("sent")),
            ("again", self.tr("sent at another attempt")),
            ("refused_documents", self.tr("refused")),
            ("conflicts", self.tr("in conflict")),
        )
        self.outcomes.show_series(
            names,
            [
                Series(text, [float(part.outcomes.get(kind, 0)) for part in parts])
                for kind, text in kinds
            ],
        )
        waiting = (
            ("queued", self.tr("waiting")),
            ("uncertain", self.tr("uncertain")),
            ("inbox", self.tr("events")),
            ("dead", self.tr("set apart")),
        )
        self.queue.show_series(
            names, [Series(text, _levels(found.points[kind], groups)) for kind, text in waiting]
        )
        orphans = _levels(found.points["orphans"], groups)
        self.orphans.show_series(names, [Series(self.tr("orphan records"), orphans)])
        ended = [hour for hour in reversed(found.hours) if hour.buckets or hour.outcomes]
        self.model.set_rows(ended)
        self.table.fit_columns()
        nothing = self.tr(
            "Nothing came to an end in this time; the program keeps figures while it"
            " is open or “cuadre work” runs."
        )
        self.hint.setText("" if ended else nothing)

    def _when_seen(self) -> None:
        if self.isVisible():
            self.refresh()

    def _columns(self) -> list[Column]:
        def count(kind: str) -> Column:
            titles = {
                "ok": self.tr("Sent"),
                "again": self.tr("At another attempt"),
                "refused_documents": self.tr("Refused"),
                "conflicts": self.tr("In conflict"),
            }
            return Column(titles[kind], lambda hour: f"{hour.outcomes.get(kind, 0):,}", right=True)

        return [
            Column(self.tr("Hour"), lambda hour: f"{hour.at.astimezone():%Y-%m-%d %H:00}"),
            count("ok"),
            count("again"),
            count("refused_documents"),
            count("conflicts"),
            Column(self.tr("Median"), lambda hour: _seconds(hour.p50), right=True),
            Column(self.tr("95 % within"), lambda hour: _seconds(hour.p95), right=True),
        ]

    def _save(self) -> None:
        path, _ = QFileDialog.getSaveFileName(
            self, self.tr("Save table"), "figuras.csv", self.tr("CSV (*.csv)")
        )
        if path:
            heading = [column.title for column in self.model.columns]
            rows = [[column.value(one) for column in self.model.columns] for one in self.model.rows]
            write_csv(Path(path), [heading, *rows])


def _grouped(hours: Sequence[Hour]) -> list[Sequence[Hour]]:
    size = max(1, -(-len(hours) // _MOST_PLACES))
    return [hours[start : start + size] for start in range(0, len(hours), size)]


def _levels(points: Sequence[Point], groups: Sequence[Sequence[Hour]]) -> list[float | None]:
    """The highest level within each group of hours; None where nothing was kept."""
    found: list[float | None] = [None] * len(groups)
    starts = [part[0].at for part in groups]
    place = 0
    for point in points:
        at = datetime.fromisoformat(point.at)
        while place + 1 < len(starts) and starts[place + 1] <= at:
            place += 1
        found[place] = max(found[place] or 0.0, float(point.value))
    return found


def _name(part: Sequence[Hour], hours: int) -> str:
    at = part[0].at.astimezone()
    return f"{at:%H:%M}" if hours <= 50 else f"{at:%d/%m}"


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f} s"
