"""What is to be decided now: ours, why, theirs; or what ticked lines come to together."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout

from app.matching import Side
from app.matching.outcome import Group
from app.matching.reasons import reason
from app.money import show
from app.reconciling.runs import Reconciliation
from app.ui.icons import put
from app.ui.plain import Label, MarkedLabel, marked
from app.ui.reconciling.alignment import Aligned, line_amount
from app.ui.reconciling.saying import (
    are_alike,
    lines_of,
    lines_of_all,
    missing_of,
    other_possibilities,
)
from app.ui.reconciling.ticks import Ticks
from app.ui.widgets import Hint, row

MOST_LINES = 2
"""Of each side; the rest are counted."""
_Lines = tuple[tuple[int, ...], tuple[int, ...]]


class DecisionCard(QFrame):
    """``asked`` carries what a button asks for, as the keys of the lines do. ``other`` is the other
    possibility it shows, where a person turned to one. ``said`` is for whatever the page says.
    """

    asked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("card")
        self.other: Group | None = None
        self._result: Reconciliation | None = None
        self._rows: Sequence[Aligned] = ()
        self._place = 0
        self.said, self.ours, self.theirs = Hint(), MarkedLabel(), MarkedLabel()
        self.balance = Label()
        self.balance.setObjectName("balance")
        self.other_button = QPushButton(self.tr("Other possibility"))
        self.find_button = QPushButton(self.tr("Search what is missing"))
        self.untick_button = QPushButton(self.tr("Clear the ticks"))
        for button, icon, asks, key in (
            (self.other_button, "arrow-right", "other", "→"),
            (self.find_button, "list-details", "find", "F"),
            (self.untick_button, "x", "untick", "Esc"),
        ):
            put(button, icon)
            button.setToolTip(key)
            button.setAutoDefault(False)
            button.clicked.connect(lambda _=False, asks=asks: self.asked.emit(asks))
            button.hide()
        for label, name in ((self.ours, self.tr("Ours")), (self.theirs, self.tr("Theirs"))):
            label.setAccessibleName(name)
            label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
            label.setWordWrap(True)
            label.setMinimumWidth(180)
        middle = QVBoxLayout()
        middle.setSpacing(2)
        middle.addWidget(self.said, 1)
        middle.addLayout(
            row(self.balance, 1, self.other_button, self.find_button, self.untick_button)
        )
        box = QHBoxLayout(self)
        box.setContentsMargins(12, 6, 12, 6)
        box.setSpacing(16)
        box.addWidget(self.ours, 3)
        box.addLayout(middle, 4)
        box.addWidget(self.theirs, 3)

    def show_sides(self, shown: bool) -> None:
        """Whether there are lines to decide on, or only something is said."""
        for label in (self.ours, self.theirs, self.balance):
            label.setVisible(shown)
        if not shown:
            for button in (self.other_button, self.find_button, self.untick_button):
                button.hide()

    def show_rows(self, result: Reconciliation, rows: Sequence[Aligned], ticks: Ticks) -> None:
        """The lines that are ticked; else what is selected."""
        self._result, self._rows, self.other, self._place = result, rows, None, 0
        if ticks:
            left, right = ticks.lines
        elif len(rows) == 1:
            left, right = lines_of(rows[0])
        else:
            found = lines_of_all(rows)
            left, right = tuple(sorted(found[0])), tuple(sorted(found[1]))
        others = 0 if ticks or len(rows) != 1 else len(other_possibilities(result, rows))
        self._show((left, right), is_sum=bool(ticks) or len(rows) > 1)
        self.other_button.setText(self.tr("Other possibility (%n)", "", others))
        self.other_button.setVisible(bool(others))
        self.find_button.setVisible(
            bool(ticks) and are_alike(result, *ticks.lines) and ticks.missing(result) != 0
        )
        self.untick_button.setVisible(bool(ticks))

    def turn(self, step: int = 1) -> None:
        """To the next other possibility of the selected row, and after the last one back to
        itself.
        """
        result = self._result
        found = other_possibilities(result, self._rows) if result and len(self._rows) == 1 else []
        if result is None or not found:
            return
        self._place = (self._place + step) % (len(found) + 1)
        self.other = found[self._place - 1] if self._place else None
        group = self.other if self.other is not None else self._rows[0].group
        if group is None:
            self._show(lines_of(self._rows[0]), is_sum=False)
            self.said.setText("")
            return
        self._show((group.left, group.right), is_sum=False)
        words = reason(group, result.left, result.right)
        if self.other is not None:
            text = self.tr("Other possibility {place} of {count}: {why}")
            words = text.format(place=self._place, count=len(found), why=words)
        self.said.setText(words)

    def _show(self, lines: _Lines, is_sum: bool) -> None:
        result = self._result
        assert result is not None
        sides = (result.left, result.right)
        words = [
            {word for index in of_side for word in _words(side, index)}
            for side, of_side in zip(sides, lines, strict=True)
        ]
        for label, title, place in (
            (self.ours, self.tr("Ours"), 0),
            (self.theirs, self.tr("Theirs"), 1),
        ):
            shared = words[1 - place] if all(lines) else None
            label.setText(self._lines(title, sides[place], lines[place], shared))
        if not are_alike(result, *lines):
            self.balance.setVisible(True)
            self.balance.setText(self.tr("≠ several currencies: they do not add up"))
            return
        missing = missing_of(result, *lines)
        self.balance.setVisible(is_sum or bool(missing and all(lines)))
        sign = "✓" if not missing and all(lines) else "≠"
        text = self.tr("{sign} missing {amount}")
        self.balance.setText(text.format(sign=sign, amount=show(missing)))

    def _lines(self, title: str, side: Side, lines: Sequence[int], shared: set[str] | None) -> str:
        """Date, account, reference, amount and text of some lines; the words the other side does
        not have are marked.
        """
        if not lines:
            return marked("<b>{title}</b><br>—", title=title)
        total = sum(int(side.amount[index]) for index in lines)
        head = self.tr("{title}: %n line(s), {amount}", "", len(lines))
        if len(lines) == 1:
            head = title
        parts = [marked("<b>{head}</b>", head=head.format(title=title, amount=show(total)))]
        for index in lines[:MOST_LINES]:
            amount = line_amount(side, index)
            parts.append(
                marked("{before} ", before=f"{side.date(index).isoformat()} {side.account[index]}")
                + marked("<b>{amount}</b>", amount=amount)
            )
            parts.append(_marked_words(_words(side, index), shared))
        if len(lines) > MOST_LINES:
            more = self.tr("and %n more", "", len(lines) - MOST_LINES)
            parts.append(marked("{more}", more=more))
        return "<br>".join(part for part in parts if part)


def _words(side: Side, index: int) -> list[str]:
    text = f"{side.reference[index]} {side.text[index] or side.party[index]}"
    return text.split()


def _marked_words(words: Sequence[str], shared: set[str] | None) -> str:
    """Words, those nobody shares underlined; none where there is nothing to compare with."""
    known = {word.casefold() for word in shared} if shared is not None else None
    return " ".join(
        marked(
            "{word}" if known is None or word.casefold() in known else "<u>{word}</u>", word=word
        )
        for word in words
    )
