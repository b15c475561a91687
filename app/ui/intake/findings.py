"""What is wrong or worth knowing of a file, gathered by rule."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QComboBox, QPushButton, QVBoxLayout, QWidget

from app.intake.finding_sheets import by_rule, severity_text
from app.translation import render
from app.ui.icons import put
from app.ui.plain import Label
from app.ui.tables import Column, RowsModel, Table
from app.ui.theme import colours
from app.ui.widgets import row
from importers import Finding


class Findings(QWidget):
    """``line_chosen`` carries the line a selected finding is about."""

    line_chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._found: Sequence[Finding] = ()
        self.model = RowsModel(
            [
                Column(self.tr("Severity"), self._severity, order=lambda f: f.severity.value),
                Column(
                    self.tr("Line"),
                    lambda f: f"{f.line:,}" if f.line else "–",
                    right=True,
                    order=lambda f: f.line,
                ),
                Column(self.tr("Finding"), lambda f: render(f.message, "findings")),
            ],
            self,
            background=self._colour,
        )
        self.table = Table(self.model, self.tr("Findings"), sortable=True)
        self.rule = QComboBox()
        self.rule.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.export_button = QPushButton(self.tr("Export findings…"))
        self.export_button.setEnabled(False)
        put(self.export_button, "upload")
        label = Label(self.tr("Findings:"))
        label.setBuddy(self.rule)
        line = row(label, self.rule, self.export_button)
        line.setStretch(1, 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 4, 0, 0)
        box.addLayout(line)
        box.addWidget(self.table)
        self.rule.currentIndexChanged.connect(self._filter)
        self.table.selectionModel().selectionChanged.connect(self._choose)

    def show_findings(self, findings: Sequence[Finding]) -> None:
        """One entry a rule with its count, so that forty thousand of a kind stay readable."""
        self._found = findings
        self.rule.blockSignals(True)
        self.rule.clear()
        self.rule.addItem(self.tr("all ({count})").format(count=f"{len(findings):,}"), "")
        for group in by_rule(findings):
            text = render(group.first.message, "findings")
            self.rule.addItem(
                f"{group.count:,} × {severity_text(group.severity)}: {text}", group.code
            )
        self.rule.blockSignals(False)
        self.export_button.setEnabled(bool(findings))
        self._filter()
        self.table.fit_columns(900)

    def _filter(self) -> None:
        code = self.rule.currentData()
        self.model.set_rows(
            sorted((f for f in self._found if not code or f.code == code), key=_by_severity)
        )

    def _choose(self) -> None:
        selected = self.table.selected_rows()
        if selected and selected[0].line:
            self.line_chosen.emit(selected[0].line)

    def _severity(self, finding: Finding) -> str:
        return {
            "error": "✖ " + self.tr("error"),
            "warning": "▲ " + self.tr("warning"),
            "note": "• " + self.tr("note"),
        }[finding.severity.value]

    def _colour(self, finding: Finding, _: int) -> QColor | None:
        name = finding.severity.value
        return colours(self.palette())[name] if name in ("error", "warning") else None


def _by_severity(finding: Finding) -> tuple[int, int]:
    return {"error": 0, "warning": 1, "note": 2}[finding.severity.value], finding.line
