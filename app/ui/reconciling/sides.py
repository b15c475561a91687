"""Which two sides are reconciled, and the months of the target's books that are read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from PySide6.QtCore import QDate, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDateEdit,
    QFileDialog,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.journal import batches, listings
from app.ui.icons import put
from app.ui.plain import Label, plain
from app.ui.session import Session
from app.ui.widgets import Title, primary, row


class Sides(QWidget):
    """``asked`` carries the two sides to reconcile, ``wanted`` the connection whose books are to be
    read and the first and the last day.
    """

    asked = Signal(str, str)
    wanted = Signal(str, object, object)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._chosen: set[QComboBox] = set()
        self._files: list[str] = []
        self.left, self.right = QComboBox(), QComboBox()
        self.start, self.end = QDateEdit(), QDateEdit()
        self.run_button = primary(QPushButton(self.tr("Reconcile")))
        self.pull_button = QPushButton(self.tr("Read target's books"))
        put(self.run_button, "arrows-exchange")
        put(self.pull_button, "refresh")
        self._lay_out()
        self.run_button.clicked.connect(self._ask)
        self.pull_button.clicked.connect(self._want)
        self.left.currentIndexChanged.connect(self._take_dates)
        for box in (self.left, self.right):
            box.activated.connect(lambda _, box=box: self._chosen.add(box))

    def refresh(self) -> None:
        """Offer what can be a side now; keep what a person chose, else offer the newest batch and
        its target.
        """
        complete = [row for row in batches.every(self._session.journal) if row.state == "complete"]
        sides = [(f"batch:{row.id}", f"{row.name}  (batch:{row.id})") for row in complete]
        pulls = [
            (f"pull:{item.name}", self.tr("books of {name}").format(name=item.name))
            for item in self._session.connections()
        ]
        for box, offered in ((self.left, [*sides, *pulls]), (self.right, [*pulls, *sides])):
            kept = box.currentData()
            box.blockSignals(True)
            box.clear()
            for spec, text in [*offered, *((path, Path(path).name) for path in self._files)]:
                box.addItem(text, spec)
            box.addItem(self.tr("a file…"), "")
            place = box.findData(kept) if kept and box in self._chosen else -1
            box.setCurrentIndex(place if place >= 0 else self._offered(box))
            box.blockSignals(False)
            if place < 0 and box is self.left:
                self._take_dates()

    def _offered(self, box: QComboBox) -> int:
        """The first entry; at the right the first that is not what stands at the left."""
        if box is self.left:
            return 0
        left = self.left.currentData()
        return next((place for place in range(box.count()) if box.itemData(place) != left), 0)

    @property
    def files(self) -> list[str]:
        """The files that can be chosen besides what is imported."""
        return list(self._files)

    def offer(self, files: Sequence[str]) -> None:
        """Offer files besides."""
        self._files += [path for path in files if path not in self._files]
        self.refresh()

    def show_chosen(self, specs: Sequence[str]) -> None:
        """Show what is being reconciled as what was chosen."""
        files = [spec for spec in specs if not spec.startswith(("batch:", "pull:"))]
        if new := [path for path in files if path not in self._files]:
            self._files += new
            self.refresh()
        for box, spec in zip((self.left, self.right), specs, strict=True):
            place = box.findData(spec)
            if place >= 0:
                box.setCurrentIndex(place)
                self._chosen.add(box)

    def _lay_out(self) -> None:
        today = QDate.currentDate()
        first = QDate(today.year(), today.month(), 1)
        for edit, day in ((self.start, first.addMonths(-1)), (self.end, first.addDays(-1))):
            edit.setCalendarPopup(True)
            edit.setDisplayFormat("dd/MM/yyyy")
            edit.setDate(day)
        labels = Label(self.tr("Left:")), Label(self.tr("Right:"))
        for label, box in zip(labels, (self.left, self.right), strict=True):
            label.setBuddy(box)
            box.setMinimumWidth(200)
            box.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addLayout(
            row(Title(self.tr("Reconcile")), 1, self.start, Label("–"), self.end, self.pull_button)
        )
        chosen = row(labels[0], self.left, labels[1], self.right, self.run_button)
        chosen.setStretch(1, 1)
        chosen.setStretch(3, 1)
        rows.addLayout(chosen)

    def _take_dates(self) -> None:
        """The months of the batch on the left are the ones to read from the target."""
        spec = str(self.left.currentData() or "")
        dates = (
            listings.batch_dates(self._session.journal, int(spec[6:]))
            if spec.startswith("batch:")
            else None
        )
        if dates:
            start, end = (QDate.fromString(text, "yyyy-MM-dd") for text in dates)
            self.start.setDate(QDate(start.year(), start.month(), 1))
            self.end.setDate(QDate(end.year(), end.month(), end.daysInMonth()))

    def _ask(self) -> None:
        specs = [box.currentData() or self._choose_file() for box in (self.left, self.right)]
        if specs[0] and specs[0] == specs[1]:
            text = self.tr("Both sides are the same: choose what is to be compared with it.")
            QMessageBox.information(self, self.tr("Reconcile"), plain(text))
        elif all(specs):
            self.asked.emit(*specs)

    def _choose_file(self) -> str:
        name, _ = QFileDialog.getOpenFileName(self, self.tr("Choose a side"), "")
        return name

    def _want(self) -> None:
        spec = str(self.right.currentData() or "")
        days = sorted(_python_date(edit.date()) for edit in (self.start, self.end))
        self.wanted.emit(spec.removeprefix("pull:") if spec.startswith("pull:") else "", *days)


def _python_date(day: QDate) -> date:
    return date(day.year(), day.month(), day.day())
