"""The lines of a previewed file: what each is, what was read from it, and its text."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontDatabase

from app.intake.preview import Parsed, Preview
from app.ui.tables import Column, RowsModel, Table
from app.ui.theme import colours
from importers import Line

_NOTHING = Parsed()
_LOOKED_AT = 2000
"""So many lines decide which columns are worth showing."""


class FileLines(Table):
    def __init__(self) -> None:
        self._parsed: dict[int, Parsed] = {}
        self._bad_lines: dict[int, str] = {}
        super().__init__(RowsModel([], None, background=self._colour), "")
        self.setAccessibleName(self.tr("Lines of the file"))
        self.rows_model.columns = [
            Column(self.tr("Line"), lambda line: f"{line.number:,}", right=True),
            Column(self.tr("What it is"), self._disposition),
            *self._parsed_columns(),
            Column(self.tr("Text of the file"), lambda line: line.text),
        ]
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPointSizeF(self.font().pointSizeF())
        self.setFont(font)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)

    def show_lines(self, preview: Preview | None) -> None:
        """The lines of a file; those with an error or a warning are coloured, columns nothing was
        read for hidden.
        """
        self._parsed = preview.parsed if preview else {}
        self._bad_lines = {}
        for finding in preview.inspection.findings if preview else []:
            if self._bad_lines.get(finding.line) != "error":
                self._bad_lines[finding.line] = finding.severity.value
        self.rows_model.set_rows(preview.lines if preview else [])
        for place, name in enumerate(Parsed._fields, 2):
            used = any(
                getattr(parsed, name) for parsed in islice(self._parsed.values(), _LOOKED_AT)
            )
            self.setColumnHidden(place, not used)
        self.fit_columns(2400)

    def go_to_line(self, number: int) -> None:
        self.go_to(self.rows_model.position_of(lambda line: line.number == number))

    def _parsed_columns(self) -> list[Column]:
        """What was read from a line, beside its text."""

        def cell(name: str) -> Callable[[Line], str]:
            return lambda line: getattr(self._parsed.get(line.number, _NOTHING), name)

        def amount(name: str) -> Callable[[Line], str]:
            def shown(line: Line) -> str:
                value = getattr(self._parsed.get(line.number, _NOTHING), name)
                return f"{value:,.2f}" if value else ""

            return shown

        texts = (
            (self.tr("Date"), "date"),
            (self.tr("Voucher"), "voucher"),
            (self.tr("Account"), "account"),
            (self.tr("Reference"), "reference"),
            (self.tr("Concept"), "description"),
            (self.tr("Third party"), "party"),
        )
        amounts = ((self.tr("Debit"), "debit"), (self.tr("Credit"), "credit"))
        return [Column(title, cell(name)) for title, name in texts] + [
            Column(title, amount(name), right=True) for title, name in amounts
        ]

    def _disposition(self, line: Line) -> str:
        word = {
            "record": self.tr("record"),
            "heading": self.tr("heading"),
            "rejected": self.tr("rejected"),
        }[line.disposition.value]
        return f"{word} · {line.rule}" if line.rule else word

    def _colour(self, line: Line, _: int) -> QColor | None:
        severity = self._bad_lines.get(
            line.number, "error" if line.disposition.value == "rejected" else ""
        )
        return colours(self.palette())[severity] if severity in ("error", "warning") else None
