"""The steps of a reconciliation towards its signature, and why a line is open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QComboBox,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from app.matching.proof import AccountProof
from app.money import show
from app.reconciling import summaries
from app.reconciling.changed_lines import lost_text
from app.reconciling.decisions import CATEGORIES
from app.reconciling.runs import Reconciliation
from app.reconciling.signing import STATE_TEXTS as WORKBOOK_STATES
from app.reconciling.signing import State
from app.reconciling.words import category_text, noticed
from app.translation import translate
from app.ui.mnemonics import Dialog
from app.ui.plain import escaped
from app.ui.reconciling.alignment import Aligned
from app.ui.theme import colours
from app.ui.widgets import Title

MOST_CAUSES = 4
"""Causes of explained differences told in the heading; the working paper has them all."""
NEXT = {State.OPEN: State.PREPARED, State.PREPARED: State.REVIEWED, State.REVIEWED: State.SIGNED}


def next_step(state: State) -> str:
    """What the button for the next step says."""
    words = {
        State.OPEN: QCoreApplication.translate("Workbook", "Mark as prepared"),
        State.PREPARED: QCoreApplication.translate("Workbook", "Mark as reviewed"),
        State.REVIEWED: QCoreApplication.translate("Workbook", "Sign…"),
        State.SIGNED: QCoreApplication.translate("Workbook", "Open again…"),
    }
    return words[state]


def sums(result: Reconciliation, chosen: list[Aligned]) -> str:
    """What the selected lines come to on both sides, and what is missing."""
    left = sum(int(result.left.amount[item.left]) for item in chosen if item.left >= 0)
    sign = -1 if result.matching.contra else 1
    right = sum(sign * int(result.right.amount[item.right]) for item in chosen if item.right >= 0)
    text = QCoreApplication.translate(
        "Workbook", "Selected: left {left} · right {right} · missing {missing}"
    )
    return text.format(left=show(left), right=show(right), missing=show(left - right))


def proof_text(result: Reconciliation, account: str, palette: QPalette) -> str:
    """The counts, where it stands, and opening + movements = closing on both sides, of one account
    or of all.
    """
    proof = result.proof
    rows = [row for row in proof.accounts if account in ("", row.account)]
    counts = QCoreApplication.translate(
        "Workbook",
        "matched {matched} · suggested {suggested} · different {different} · only left {only_left}"
        " ({only_left_explained} explained) · only right {only_right}",
    )
    state = translate("workbook", WORKBOOK_STATES[result.standing.state])
    heading = (
        f"{counts.format(**summaries.summary(result))} · <b>{result.period} {escaped(state)}</b>"
    )
    if result.dropped:
        lost = lost_text(len(result.dropped))
        heading = f"{heading} · <b>{escaped(lost)}</b>"
    is_part = bool(account) or proof.is_mixed
    bridges = []
    for code in sorted({row.currency for row in rows}):
        own = [row for row in rows if row.currency == code]
        is_open = any(row.unexplained or row.open_items for row in own)
        bridges.append(_bridge(own, code, palette, not is_open if is_part else result.settled))
    said = [] if account else [f"ℹ {escaped(text)}" for text in noticed(result.matching)]
    return "<br>".join([heading, *bridges, *said])


def _bridge(rows: Sequence[AccountProof], code: str, palette: QPalette, good: bool) -> str:
    """Opening + movements = closing on both sides, in one currency."""
    sides = [
        (sum(row.left_opening for row in rows), sum(row.left_movements for row in rows)),
        (sum(row.right_opening for row in rows), sum(row.right_movements for row in rows)),
    ]
    left, right = (
        f"{show(opening)} + {show(moved)} = {show(opening + moved)}" for opening, moved in sides
    )
    bridge = QCoreApplication.translate(
        "Workbook", "Left {left} · Right {right} · explained {explained} · to explain"
    )
    text = bridge.format(left=left, right=right, explained=escaped(_explained(rows)))
    colour = colours(palette)["good" if good else "bad"].name()
    named = f"<b>{escaped(code)}</b> " if code else ""
    over = f"{show(left_over(rows))} {'✓' if good else '▲'}"
    return f"{named}{text} <b style='color:{colour}'>{over}</b>"


def left_over(rows: Sequence[AccountProof]) -> int:
    """What is to be explained in all; where accounts make up for each other, by how much they
    differ.
    """
    net = sum(row.unexplained for row in rows)
    return net or sum(abs(row.unexplained) for row in rows)


def _explained(rows: Sequence[AccountProof]) -> str:
    """What is explained, and by what where there are causes to tell apart."""
    causes: Counter[str] = Counter()
    for row in rows:
        causes.update(row.explained)
    whole = show(sum(causes.values()))
    told = sorted(causes.items(), key=lambda item: (-abs(item[1]), item[0]))[:MOST_CAUSES]
    parts = " · ".join(
        f"{category_text(category)} {show(amount)}" for category, amount in told if amount
    )
    return f"{whole} ({parts})" if parts else whole


class ExplainDialog(Dialog):
    """A category and a note."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Why is it open?"))
        self.resize(460, 180)
        self.category, self.note = QComboBox(), QLineEdit()
        for name in CATEGORIES:
            self.category.addItem(category_text(name), name)
        form = QFormLayout()
        form.addRow(self.tr("Because:"), self.category)
        form.addRow(self.tr("Note:"), self.note)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.button(QDialogButtonBox.StandardButton.Ok).setText(self.tr("Explain"))
        buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(self.tr("Cancel"))
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        box = QVBoxLayout(self)
        box.addWidget(Title(self.windowTitle()))
        box.addLayout(form)
        box.addStretch(1)
        box.addWidget(buttons)
