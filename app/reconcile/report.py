"""The xlsx working paper of a reconciliation: summary with proof, matches, open items.

Texts are written as text, so that a value beginning with ``=`` is never a formula; totals are live formulas.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from app.money import from_minor, show
from app.reconcile.matching import REASONS, Group, Matching, MatchState, Rule
from app.reconcile.proof import Proof
from app.reconcile.sides import Side
from app.translation import QT_TRANSLATE_NOOP, translate

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
"""Characters a workbook cannot hold."""
AMOUNT_FORMAT = "#,##0.00;[Red]-#,##0.00"
_WIDTHS = (14, 12, 16, 26, 30, 16, 3, 14, 12, 16, 26, 30, 16, 14, 60)

_SIDE_TITLES = (
    QT_TRANSLATE_NOOP("report", "Row"), QT_TRANSLATE_NOOP("report", "Date"), QT_TRANSLATE_NOOP("report", "Account"),
    QT_TRANSLATE_NOOP("report", "Reference"), QT_TRANSLATE_NOOP("report", "Text"), QT_TRANSLATE_NOOP("report", "Amount"),
)  # fmt: skip
STATE_TEXTS = {
    MatchState.MATCHED: QT_TRANSLATE_NOOP("reconcile", "matched"),
    MatchState.SUGGESTED: QT_TRANSLATE_NOOP("reconcile", "suggested"),
    MatchState.DIFFERENT: QT_TRANSLATE_NOOP("reconcile", "different"),
}


def reason(group: Group) -> str:
    """Why the group was made, in the current language."""
    values = dict(group.parameters)
    if group.rule is not Rule.PERSON:
        values["amount"] = show(int(str(values["amount"])))
    if group.rule is Rule.REFERENCE_OTHER_AMOUNT:
        values["other"] = show(int(str(values["other"])))
    return translate("reconcile", REASONS[group.rule]).format(**values)


def write_report(
    path: Path,
    left: Side,
    right: Side,
    matching: Matching,
    proof: Proof,
    company: str = "",
    prepared: str = "",
    category: Callable[[str], str] = str,
    anchor: str = "",
) -> None:
    """Write the working paper; ``category`` puts a category of explanation into words, ``anchor`` is the journal's. Raises OSError when the file cannot be written (open in Excel, say)."""
    import openpyxl

    book = openpyxl.Workbook()
    _summary(book.worksheets[0], left, right, matching, proof, company, prepared, category, anchor)
    _matches(book.create_sheet(translate("report", "Matches")), left, right, matching)
    _open_items(book.create_sheet(translate("report", "Open items")), left, right, matching, category)
    book.properties.creator = "Cuadre"
    book.properties.created = book.properties.modified = datetime(2000, 1, 1)  # noqa: DTZ001 - xlsx has no zone
    book.save(path)


def _summary(
    sheet: Worksheet,
    left: Side,
    right: Side,
    matching: Matching,
    proof: Proof,
    company: str,
    prepared: str,
    category: Callable[[str], str],
    anchor: str,
) -> None:
    sheet.title = translate("report", "Summary")
    rows: list[Sequence[object]] = [
        (translate("report", "Reconciliation"), company),
        (translate("report", "Prepared"), prepared),
        (translate("report", "Journal anchor"), anchor),
        (translate("report", "Left"), left.name, len(left), from_minor(left.total)),
        (translate("report", "Right"), right.name, len(right), from_minor(right.total)),
        (translate("report", "Matched groups"), matching.count(MatchState.MATCHED)),
        (translate("report", "Suggested"), matching.count(MatchState.SUGGESTED)),
        (translate("report", "Different"), matching.count(MatchState.DIFFERENT)),
        (translate("report", "Only left"), len(matching.only_left)),
        (translate("report", "Only right"), len(matching.only_right)),
        (),
        tuple(
            translate("report", text)
            for text in (
                QT_TRANSLATE_NOOP("report", "Account"),
                QT_TRANSLATE_NOOP("report", "Opening left"),
                QT_TRANSLATE_NOOP("report", "Movements left"),
                QT_TRANSLATE_NOOP("report", "Closing left"),
                QT_TRANSLATE_NOOP("report", "Explained"),
                QT_TRANSLATE_NOOP("report", "Only left"),
                QT_TRANSLATE_NOOP("report", "Only right"),
                QT_TRANSLATE_NOOP("report", "Amount differences"),
                QT_TRANSLATE_NOOP("report", "Movements right"),
                QT_TRANSLATE_NOOP("report", "Unexplained"),
            )
        ),
    ]
    for row in rows:
        _append(sheet, row)
    first = sheet.max_row + 1
    for account in proof.accounts:
        line = sheet.max_row + 1
        amounts = (account.left_opening, account.left_movements)
        rest = (sum(account.explained.values()), account.only_left, account.only_right, account.differing)
        _append(
            sheet,
            (
                account.account, *map(from_minor, amounts), _Formula(f"=B{line}+C{line}"), *map(from_minor, rest),
                from_minor(account.right_movements), _Formula(f"=C{line}-E{line}-I{line}"),
            ),
        )  # fmt: skip
    last = sheet.max_row
    totals = [_Formula(f"=SUM({column}{first}:{column}{last})") for column in "BCDEFGHIJ"]
    _append(sheet, (translate("report", "Total"), *totals))
    for code, amount in sorted(proof.explained.items()):
        _append(sheet, (translate("report", "Explained"), category(code), "", from_minor(amount)))
    _finish(sheet, (34, 24, 16, 16, 16, 16, 16, 18, 16, 16), header=12)


def _matches(sheet: Worksheet, left: Side, right: Side, matching: Matching) -> None:
    side = tuple(translate("report", text) for text in _SIDE_TITLES)
    _append(sheet, (*side, "", *side, translate("report", "State"), translate("report", "Reason")))
    for group in matching.groups:
        for place in range(max(len(group.left), len(group.right))):
            cells = [*_line(left, group.left, place), "", *_line(right, group.right, place)]
            _append(sheet, (*cells, translate("reconcile", STATE_TEXTS[group.state]), reason(group)))
    _finish(sheet, _WIDTHS, header=1)


def _open_items(sheet: Worksheet, left: Side, right: Side, matching: Matching, category: Callable[[str], str]) -> None:
    _append(
        sheet,
        (
            translate("report", "Side"), translate("report", "Row"), translate("report", "Date"),
            translate("report", "Account"), translate("report", "Reference"), translate("report", "Text"),
            translate("report", "Amount"), translate("report", "Explained"),
        ),
    )  # fmt: skip
    for side, indexes in ((left, matching.only_left), (right, matching.only_right)):
        for index in indexes:
            _append(
                sheet,
                (
                    side.name,
                    *_line(side, (index,), 0),
                    category(side.explained[index]) if index in side.explained else "",
                ),
            )
    _finish(sheet, (30, 10, 12, 16, 26, 40, 16, 24), header=1)


def _line(side: Side, indexes: tuple[int, ...], place: int) -> tuple[object, ...]:
    if place >= len(indexes):
        return ("",) * 6
    index = indexes[place]
    return (
        side.row[index], side.date(index), side.account[index], side.reference[index] or side.document[index],
        side.text[index], from_minor(int(side.amount[index])),
    )  # fmt: skip


class _Formula(str):
    """A formula of our own making, the only text that may begin with an equals sign."""


def _append(sheet: Worksheet, values: Sequence[object]) -> None:
    row = sheet.max_row + 1 if sheet.max_row > 1 or sheet.cell(1, 1).value is not None else 1
    for column, value in enumerate(values, start=1):
        cell = sheet.cell(row, column)
        cell.value = _UNPRINTABLE.sub("\ufffd", value) if type(value) is str else value  # type: ignore[assignment]
        if isinstance(value, str) and not isinstance(value, _Formula):
            cell.data_type = "s"
        elif isinstance(value, _Formula) or not isinstance(value, int | str):
            cell.number_format = AMOUNT_FORMAT if not hasattr(value, "isoformat") else "yyyy-mm-dd"
    if not values:
        sheet.cell(row, 1).value = " "


def _finish(sheet: Worksheet, widths: Sequence[int], header: int) -> None:
    from openpyxl.styles import Font, PatternFill
    from openpyxl.utils import get_column_letter

    for column, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    for cell in sheet[header]:
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="D9E2EC")
    sheet.freeze_panes = f"A{header + 1}"
