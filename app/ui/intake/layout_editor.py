"""The layout editor: a person says which row is the heading and what each column is, tries it, and
keeps it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtWidgets import (
    QComboBox,
    QDialogButtonBox,
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.ui.mnemonics import Dialog
from app.ui.plain import MarkedLabel, marked
from app.ui.tables import Column, RowsModel, Table
from app.ui.widgets import Hint
from importers import Inspection, LedgerLine, Options, Source, Voucher, read
from importers.layout import (
    ROLES,
    TABLES,
    Layout,
    Proposal,
    heading_texts,
    propose,
    to_profile,
    to_toml,
)
from importers.tables import cell_text

SHOWN_COLUMNS = 24


class LayoutEditor(Dialog):
    """``saved`` is the new profile's name after the dialog was accepted. ``folder`` is where
    profiles are kept.
    """

    def __init__(self, source: Source, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Layout of {file}").format(file=source.name))
        self.resize(1080, 680)
        self.saved = ""
        self._source, self._folder = source, folder
        self._proposal = propose(source)
        self._boxes: list[QComboBox] = []
        self._headings: list[str] = []
        self.header_line = QSpinBox()
        self.header_line.setRange(1, 60)
        self.header_line.setValue(self._proposal.header_line or 1)
        self.decimal, self.dates, self.vouchers = QComboBox(), QComboBox(), QComboBox()
        self.totals, self.name, self.title = QLineEdit("^(sub)?total"), QLineEdit(), QLineEdit()
        self.try_button = QPushButton(self.tr("Try"))
        self.outcome = Hint(
            self.tr("Say which row is the heading and what each column is, then try.")
        )
        self._rows = RowsModel(self._row_columns(), self)
        self.rows = Table(self._rows, self.tr("First rows of the file"))
        self._fill_choices()
        self._lay_out()
        self._rows.set_rows(self._proposal.rows)
        self._show_columns(self._proposal)
        self.header_line.valueChanged.connect(self._heading_changed)
        self.rows.doubleClicked.connect(
            lambda index: self.header_line.setValue(self._rows.row_at(index.row())[0])
        )
        self.try_button.clicked.connect(self._try)

    def layout_chosen(self) -> Layout:
        """What the dialog says now."""
        roles = [box.currentData() for box in self._boxes if box.currentData()]
        if len(roles) != len(set(roles)):
            raise ValueError("twice")
        columns = {
            box.currentData(): heading
            for box, heading in zip(self._boxes, self._headings, strict=True)
            if box.currentData()
        }
        if not all(columns.values()):
            raise ValueError("blank")
        return Layout(
            self.name.text().strip(),
            self.title.text().strip(),
            self.header_line.value(),
            columns,
            self.decimal.currentData(),
            self.dates.currentData() == "dmy",
            self.totals.text().strip(),
            self.vouchers.currentData(),
            containers=("text",) if self._proposal.starts else TABLES,
            headings=self._headings,
            starts=self._proposal.starts,
        )

    def accept(self) -> None:
        try:
            layout = self.layout_chosen()
            text = to_toml(layout)
        except ValueError as missing:
            self.outcome.setText("▲ " + self._missing(str(missing)))
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / f"{layout.name}.toml").write_text(text, encoding="utf-8")
        self.saved = layout.name
        super().accept()

    def _try(self) -> None:
        """Read the file by the layout as it stands and say what comes out."""
        try:
            layout = self.layout_chosen()
            profile = to_profile(layout if layout.name else replace(layout, name="ensayo"))
        except ValueError as missing:
            self.outcome.setText("▲ " + self._missing(str(missing)))
            return
        profiles = {**self._source.profiles, profile.name: profile}
        source = Source(
            self._source.name, self._source.content, Options(profile=profile.name), profiles
        )
        found = Inspection(source.name)
        for item in read(source):
            if isinstance(item, LedgerLine | Voucher):
                lines = item.lines if isinstance(item, Voucher) else (item,)
                found.movements += len(lines)
                found.debit += sum(line.debit for line in lines)
                found.credit += sum(line.credit for line in lines)
            elif getattr(item, "disposition", None) == "rejected":
                found.dispositions["rejected"] += 1
        text = self.tr(
            "{movements} movements, debits {debit}, credits {credit}; {rejected} rows could not be"
            " read."
        )
        sign = "✓ " if found.movements and not found.dispositions["rejected"] else "▲ "
        self.outcome.setText(
            sign
            + text.format(
                movements=f"{found.movements:,}",
                debit=f"{found.debit:,.2f}",
                credit=f"{found.credit:,.2f}",
                rejected=f"{found.dispositions['rejected']:,}",
            )
        )

    def _heading_changed(self, line: int) -> None:
        self._proposal = propose(self._source, line)
        self._show_columns(self._proposal)

    def _show_columns(self, found: Proposal) -> None:
        heading = next(
            (cells for number, cells in found.rows if number == self.header_line.value()), ()
        )
        below = found.example(self.header_line.value())
        self._headings = heading_texts(heading)
        self._boxes = []
        form = QFormLayout()
        words = self._role_words()
        for place, text in enumerate(self._headings):
            box = QComboBox()
            box.addItem("–", "")
            for role in ROLES:
                box.addItem(words[role], role)
            box.setCurrentIndex(max(box.findData(found.roles.get(place, "")), 0))
            example = cell_text(below[place])[:28] if place < len(below) else ""
            label = MarkedLabel(
                marked("<b>{name}</b>  {example}", name=text[:32] or place + 1, example=example)
            )
            label.setBuddy(box)
            form.addRow(label, box)
            self._boxes.append(box)
        body = QWidget()
        body.setLayout(form)
        self.columns.setWidget(body)
        self.decimal.setCurrentIndex(self.decimal.findData(found.decimal))
        self.dates.setCurrentIndex(self.dates.findData("dmy" if found.day_first else "mdy"))

    def _fill_choices(self) -> None:
        for mark, text in ((".", "1,234.56"), (",", "1.234,56")):
            self.decimal.addItem(text, mark)
        for order, text in (("dmy", self.tr("day/month/year")), ("mdy", self.tr("month/day/year"))):
            self.dates.addItem(text, order)
        for mode, text in (
            ("auto", self.tr("if they balance")),
            ("always", self.tr("always")),
            ("never", self.tr("never")),
        ):
            self.vouchers.addItem(text, mode)

    def _lay_out(self) -> None:
        self.columns = QScrollArea()
        self.columns.setWidgetResizable(True)
        choices = QFormLayout()
        choices.addRow(self.tr("Heading in line:"), self.header_line)
        choices.addRow(self.tr("Numbers:"), self.decimal)
        choices.addRow(self.tr("Dates:"), self.dates)
        choices.addRow(self.tr("Form vouchers:"), self.vouchers)
        choices.addRow(self.tr("Rows to leave out:"), self.totals)
        choices.addRow(self.tr("Name (a-z, 0-9, -):"), self.name)
        choices.addRow(self.tr("Title:"), self.title)
        group = QGroupBox(self.tr("What each column is"))
        inner = QVBoxLayout(group)
        inner.addWidget(self.columns)
        lower = QHBoxLayout()
        lower.addWidget(group, 3)
        lower.addLayout(choices, 2)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.addButton(self.try_button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        box = QVBoxLayout(self)
        box.addWidget(self.rows, 2)
        box.addLayout(lower, 3)
        box.addWidget(self.outcome)
        box.addWidget(buttons)

    def _row_columns(self) -> list[Column]:
        width = max((len(cells) for _, cells in self._proposal.rows), default=0)

        def cell(place: int) -> Column:
            return Column(
                str(place + 1), lambda row: cell_text(row[1][place]) if place < len(row[1]) else ""
            )

        line = Column(self.tr("Line"), lambda row: str(row[0]), right=True)
        return [line, *(cell(place) for place in range(min(width, SHOWN_COLUMNS)))]

    def _missing(self, what: str) -> str:
        return {
            "name": self.tr("Give it a name with lower-case letters, digits and hyphens."),
            "date": self.tr("Say which column is the date."),
            "totals": self.tr("The rows to leave out are not a regular expression."),
            "repeated": self.tr(
                "A chosen heading stands twice in the table; rename one of the two in the file"
                " first."
            ),
            "blank": self.tr(
                "A chosen column has no heading in that line, and a layout finds columns by their"
                " headings: choose another line, or write a heading in the file first."
            ),
            "twice": self.tr("Two columns were given the same meaning."),
            "amount": self.tr("Say which columns are debit and credit, or which is the amount."),
        }.get(what, what)

    def _role_words(self) -> dict[str, str]:
        return {
            "date": self.tr("date"),
            "reference": self.tr("reference (folio)"),
            "voucher": self.tr("voucher number"),
            "kind": self.tr("voucher type"),
            "account": self.tr("account"),
            "account_name": self.tr("account name"),
            "description": self.tr("description"),
            "debit": self.tr("debit"),
            "credit": self.tr("credit"),
            "amount": self.tr("amount (signed)"),
            "side": self.tr("D or C"),
            "balance": self.tr("balance"),
            "party": self.tr("third party"),
            "tax_id": self.tr("RFC or NIT"),
            "currency": self.tr("currency"),
            "identifier": self.tr("identifier"),
            "void": self.tr("annulled"),
        }
