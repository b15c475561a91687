"""What a person may decide instead of the detection: encoding, report, style of amounts and dates,
period.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.ui.plain import Label
from importers import Options
from importers.profile import Profile

ENCODINGS = (
    "",
    "cp1252",
    "utf-8",
    "cp850",
    "cp437",
    "mac_roman",
    "latin-1",
    "utf-16-le",
    "utf-16-be",
)


class Corrections(QWidget):
    """``changed`` when something was decided; ``options`` says what; ``refused`` carries a period
    that is no month; ``own_said`` and ``currency_said`` the company's own tax ids and
    currency, which hold for every file.
    """

    changed = Signal()
    refused = Signal(str)
    own_said = Signal(list)
    currency_said = Signal(str)

    def __init__(self, profiles: Iterable[Profile]) -> None:
        super().__init__()
        detected = (self.tr("detected"), "")
        self.encoding = _choices(detected, *((name, name) for name in ENCODINGS if name))
        named = sorted(profiles, key=lambda item: item.title)
        self.profile = _choices(detected, *((profile.title, profile.name) for profile in named))
        self.profile.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.profile.setMinimumContentsLength(18)
        self.decimal = _choices(
            detected, (self.tr("1,234.50 (point)"), "."), (self.tr("1.234,50 (comma)"), ",")
        )
        self.dates = _choices(
            detected,
            (self.tr("day first (31/12)"), "day-first"),
            (self.tr("month first (12/31)"), "month-first"),
        )
        self.period = QLineEdit()
        self.period.setPlaceholderText(self.tr("yyyy-mm"))
        self.period.setToolTip(
            self.tr("Every date must lie in this month; empty: the period the file states")
        )
        self.period.setMaximumWidth(90)
        self._period = ""
        self.sides = _choices(
            detected, (self.tr("as our books"), "books"), (self.tr("as the bank"), "bank")
        )
        self.sides.setToolTip(
            self.tr("Whose debit and credit the columns are, where the table does not say it")
        )
        self.own_tax_ids = QLineEdit()
        self.own_tax_ids.setPlaceholderText("RFC / NIT")
        self.own_tax_ids.setToolTip(
            self.tr(
                "The company's own tax ids, with blanks between: they decide which documents are"
                " issued and which received"
            )
        )
        self.own_tax_ids.setMinimumWidth(150)
        self._own_tax_ids = ""
        self.currency = _choices(("–", ""), *((code, code) for code in ("MXN", "COP", "USD")))
        self.currency.setToolTip(
            self.tr("The currency of the company's books: that of amounts whose file names none")
        )
        self.source = QLineEdit()
        self.source.setToolTip(
            self.tr("A branch or series whose folios are its own, apart from those of other files")
        )
        self.source.setMaximumWidth(120)
        self._source = ""
        self._lay_out()
        self.source.editingFinished.connect(self._source_entered)
        for box in self._boxes:
            box.currentIndexChanged.connect(lambda _: self.changed.emit())
        self.period.editingFinished.connect(self._period_entered)
        self.own_tax_ids.editingFinished.connect(self._own_entered)
        self.currency.activated.connect(
            lambda _: self.currency_said.emit(self.currency.currentData())
        )

    def show_currency(self, code: str) -> None:
        """The one the company's books are in, as far as it is known."""
        if code and self.currency.findData(code) < 0:
            self.currency.addItem(code, code)
        self.currency.setCurrentIndex(max(self.currency.findData(code), 0))

    def show_own_tax_ids(self, tax_ids: Iterable[str]) -> None:
        """Those the company has said so far."""
        self._own_tax_ids = " ".join(tax_ids)
        self.own_tax_ids.setText(self._own_tax_ids)

    def _lay_out(self) -> None:
        rows = (
            (
                (self.tr("Encoding:"), self.encoding),
                (self.tr("Report:"), self.profile),
                (self.tr("Period:"), self.period),
            ),
            (
                (self.tr("Amounts:"), self.decimal),
                (self.tr("Dates:"), self.dates),
                (self.tr("Debit and credit:"), self.sides),
            ),
            (
                (self.tr("Own RFC or NIT:"), self.own_tax_ids),
                (self.tr("Currency of the books:"), self.currency),
                (self.tr("Branch or series:"), self.source),
            ),
        )
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(6)
        for widgets in rows:
            line = QHBoxLayout()
            line.setSpacing(8)
            for text, widget in widgets:
                label = Label(text)
                label.setBuddy(widget)
                line.addWidget(label)
                line.addWidget(widget)
            line.addStretch(1)
            box.addLayout(line)

    @property
    def options(self) -> Options:
        encoding, profile, decimal, dates, sides = (box.currentData() or "" for box in self._boxes)
        return Options(encoding, profile, self._period, decimal, dates, sides, self._source)

    def reset(self, options: Options | None = None) -> None:
        """Back to the detection, or to what was decided before, without a word."""
        said = options or Options()
        values = (said.encoding, said.profile, said.decimal, said.dates, said.sides)
        self.blockSignals(True)
        for box, value in zip(self._boxes, values, strict=True):
            if value and box.findData(value) < 0:
                box.addItem(value, value)
            box.setCurrentIndex(box.findData(value) if value else 0)
        self._period, self._source = said.period, said.source
        self.period.setText(said.period)
        self.source.setText(said.source)
        self.blockSignals(False)

    def choose_profile(self, profile: Profile) -> None:
        """Choose a profile, a new one as well; ``changed`` also where it was chosen already and is
        now corrected.
        """
        if self.profile.findData(profile.name) < 0:
            self.profile.addItem(profile.title, profile.name)
        index = self.profile.findData(profile.name)
        if index == self.profile.currentIndex():
            self.changed.emit()
        self.profile.setCurrentIndex(index)

    @property
    def _boxes(self) -> tuple[QComboBox, ...]:
        return self.encoding, self.profile, self.decimal, self.dates, self.sides

    def _source_entered(self) -> None:
        text = self.source.text().strip()
        if text != self._source:
            self._source = text
            self.changed.emit()

    def _own_entered(self) -> None:
        text = " ".join(self.own_tax_ids.text().replace(",", " ").split()).upper()
        if text != self._own_tax_ids:
            self._own_tax_ids = text
            self.own_said.emit(text.split())

    def _period_entered(self) -> None:
        text = self.period.text().strip()
        if text and not re.fullmatch(r"(19|20)[0-9]{2}-(0[1-9]|1[0-2])", text):
            self.refused.emit(text)
        elif text != self._period:
            self._period = text
            self.changed.emit()


def _choices(*choices: tuple[str, str]) -> QComboBox:
    box = QComboBox()
    for text, value in choices:
        box.addItem(text, value)
    return box
