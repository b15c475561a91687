"""The counterpart of one of our codes, chosen from the target's own list by code or by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QCompleter,
    QFormLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.documents.maps import NONE, Link, MapKind
from app.refusals import Refused
from app.sending.proposals import Unmapped
from app.ui.mnemonics import Dialog
from app.ui.plain import Label
from app.ui.widgets import Hint, Title, row

GAP = "   "


class CounterpartDialog(Dialog):
    """``names`` and ``partners`` are the target's, by code; ``resolve`` finds what was typed there
    and raises Refused. ``chosen`` gets the link.
    """

    def __init__(
        self,
        item: Unmapped,
        names: Mapping[str, str],
        partners: Mapping[str, str],
        *,
        resolve: Callable[[Link], Link],
        chosen: Callable[[Link], None],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Counterpart"))
        self.setMinimumWidth(620)
        self._item, self._resolve, self._chosen = item, resolve, chosen
        self.target = _choice(names, item.suggestion, self.tr("Code or name in the target"))
        self.partner = _choice(partners, item.partner, self.tr("None"))
        self.said = Hint("")
        self.keep = QPushButton(self.tr("Set"))
        cancel = QPushButton(self.tr("Cancel"))
        self.keep.clicked.connect(self._keep)
        cancel.clicked.connect(self.reject)
        self.keep.setDefault(True)
        box = QVBoxLayout(self)
        box.addWidget(Title(f"{item.source}{GAP}{item.name}".strip()))
        form = QFormLayout()
        form.addRow(_label(self.tr("Counterpart:"), self.target), self.target)
        if item.kind is MapKind.ACCOUNT and partners:
            form.addRow(_label(self.tr("Customer or supplier:"), self.partner), self.partner)
        box.addLayout(form)
        if item.kind in (MapKind.PARTY, MapKind.DIMENSION, MapKind.TAX):
            box.addWidget(Hint(self.tr("Write “-” to send without one.")))
        box.addWidget(self.said)
        box.addLayout(row(1, cancel, self.keep))

    def _keep(self) -> None:
        target, partner = _said(self.target), _said(self.partner)
        if not target:
            self.said.setText(self.tr("Choose one from the list, or type its code or name."))
            return
        try:
            link = self._resolve(Link(self._item.kind, self._item.source, target, partner))
        except Refused as refused:
            self.said.setText("▲ " + refused.told())
            return
        self._chosen(link)
        self.accept()


def _choice(names: Mapping[str, str], first: str, hint: str) -> QComboBox:
    """An editable list in which any part of a code or a name finds."""
    box = QComboBox()
    box.setEditable(True)
    box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
    for code, name in names.items():
        box.addItem(f"{code}{GAP}{name}".rstrip(), code)
    found = QCompleter(box.model(), box)
    found.setFilterMode(Qt.MatchFlag.MatchContains)
    found.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
    found.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
    box.setCompleter(found)
    box.setCurrentIndex(box.findData(first) if first else -1)
    edit = box.lineEdit()
    assert edit is not None
    edit.setPlaceholderText(hint)
    edit.setClearButtonEnabled(True)
    return box


def _said(box: QComboBox) -> str:
    """The code of what is chosen; what is typed where that is no item of the list."""
    text = box.currentText().strip()
    place = box.findText(text, Qt.MatchFlag.MatchFixedString)
    if text in ("", NONE) or place < 0:
        return text
    return str(box.itemData(place))


def _label(text: str, buddy: QWidget) -> Label:
    label = Label(text)
    label.setBuddy(buddy)
    return label
