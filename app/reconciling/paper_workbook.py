"""The xlsx working paper of a reconciliation: summary with proof, matches, open items with their
age, adjustments and what people decided.

Texts are written as text, so that a value beginning with ``=`` is never a formula; totals are live
formulas.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from app.matching.outcome import MatchState
from app.matching.reasons import posted_to, reason, why_open
from app.matching.side import Side
from app.money import from_minor
from app.reconciling.paper import Paper
from app.translation import QT_TRANSLATE_NOOP, translate

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
"""Characters a workbook cannot hold."""
AMOUNT_FORMAT = "#,##0.00;[Red]-#,##0.00"
_WIDTHS = (14, 12, 16, 26, 30, 16, 3, 14, 12, 16, 26, 30, 16, 14, 60)

_SIDE_TITLES = (
    QT_TRANSLATE_NOOP("report", "Row"),
    QT_TRANSLATE_NOOP("report", "Date"),
    QT_TRANSLATE_NOOP("report", "Account"),
    QT_TRANSLATE_NOOP("report", "Reference"),
    QT_TRANSLATE_NOOP("report", "Text"),
    QT_TRANSLATE_NOOP("report", "Amount"),
)
STATE_TEXTS = {
    MatchState.MATCHED: QT_TRANSLATE_NOOP("reconcile", "matched"),
    MatchState.SUGGESTED: QT_TRANSLATE_NOOP("reconcile", "suggested"),
    MatchState.DIFFERENT: QT_TRANSLATE_NOOP("reconcile", "different"),
}


def write_report(path: Path, paper: Paper) -> None:
    """Write the working paper, the same byte for byte from the same state. Raises OSError when the
    file cannot be written (open in Excel, say).
    """
    import openpyxl

    book = openpyxl.Workbook()
    _summary(book.worksheets[0], paper)
    _matches(book.create_sheet(translate("report", "Matches")), paper)
    _open_items(book.create_sheet(translate("report", "Open items")), paper)
    _adjustments(book.create_sheet(translate("report", "Adjustments")), paper)
    _decisions(book.create_sheet(translate("report", "Decisions")), paper)
    book.properties.creator = "Cuadre"
    written = BytesIO()
    book.save(written)
    path.write_bytes(_timeless(written))


def _timeless(book: BytesIO) -> bytes:
    """The workbook without the instants and the system the libraries write into it."""
    found = BytesIO()
    with (
        zipfile.ZipFile(book) as source,
        zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in sorted(source.namelist()):
            content = source.read(name)
            if name == "docProps/core.xml":
                content = re.sub(
                    rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2000-01-01T00:00:00Z", content
                )
            info = zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0))
            info.create_system = 0  # else it says which system wrote it
            target.writestr(info, content, zipfile.ZIP_DEFLATED, compresslevel=6)
    return found.getvalue()


def _summary(sheet: Worksheet, paper: Paper) -> None:
    left, right, matching, proof = paper.left, paper.right, paper.matching, paper.proof
    sheet.title = translate("report", "Summary")
    rows: list[Sequence[object]] = [
        (translate("report", "Reconciliation"), paper.company, paper.period, paper.tax_ids),
        (translate("report", "State"), paper.state, paper.reason),
        (translate("report", "Prepared"), paper.prepared),
        (translate("report", "Reviewed"), paper.reviewed),
        (translate("report", "Signed"), paper.signed),
        (translate("report", "Rules"), paper.rules),
        (translate("report", "Journal anchor"), paper.anchor),
        (
            translate("report", "Left"),
            paper.left_origin.title,
            len(left),
            *_net(paper, "left_movements"),
        ),
        ("", paper.left_origin.proof),
        (
            translate("report", "Right"),
            paper.right_origin.title,
            len(right),
            *_net(paper, "right_movements"),
        ),
        ("", paper.right_origin.proof),
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
                QT_TRANSLATE_NOOP("report", "Opening right"),
                QT_TRANSLATE_NOOP("report", "Movements right"),
                QT_TRANSLATE_NOOP("report", "Closing right"),
                QT_TRANSLATE_NOOP("report", "Unexplained"),
                QT_TRANSLATE_NOOP("report", "Open items"),
                QT_TRANSLATE_NOOP("report", "State"),
            )
        ),
    ]
    for row in rows:
        _append(sheet, row)
    header = _last_row(sheet)
    first = header + 1
    for account in proof.accounts:
        line = _last_row(sheet) + 1
        amounts = (account.left_opening, account.left_movements)
        rest = (
            sum(account.explained.values()),
            account.only_left,
            account.only_right,
            account.differing,
        )
        _append(
            sheet,
            (
                account.title,
                *map(from_minor, amounts),
                _Formula(f"=B{line}+C{line}"),
                *map(from_minor, rest),
                from_minor(account.right_opening),
                from_minor(account.right_movements),
                _Formula(f"=I{line}+J{line}"),
                _Formula(f"=D{line}-E{line}-K{line}"),
                account.open_items,
                paper.account_state(account.state),
            ),
        )
    last = _last_row(sheet)
    if not proof.is_mixed:
        totals = [_Formula(f"=SUM({column}{first}:{column}{last})") for column in "BCDEFGHIJKLM"]
        _append(sheet, (translate("report", "Total"), *totals))
    for code, amount in sorted(proof.explained.items()):
        _append(
            sheet, (translate("report", "Explained"), paper.category(code), "", from_minor(amount))
        )
    _ages(sheet, paper)
    widths = (34, 24, 16, 16, 16, 16, 16, 18, 16, 16, 16, 16, 12, 14)
    _finish(sheet, widths, header=header, last=last)


def _ages(sheet: Worksheet, paper: Paper) -> None:
    """What is open, by how long it has been."""
    _append(sheet, ())
    count, amount = translate("report", "Open items"), translate("report", "Amount")
    names = translate("report", "Left"), translate("report", "Right")
    heads = [f"{word} {name}" for name in names for word in (count, amount)]
    _append(sheet, (translate("report", "Days open"), *heads))
    for age in paper.ages:
        left, right = from_minor(age.left_sum), from_minor(age.right_sum)
        _append(sheet, (age.days, age.left, left, age.right, right))


def _net(paper: Paper, name: str) -> Iterator[object]:
    """The net of a side, and its currency where one is named; of several currencies each by
    itself.
    """
    for code in paper.proof.currencies:
        accounts = paper.proof.of_currency(code).accounts
        yield from_minor(sum(getattr(account, name) for account in accounts))
        yield code


def _matches(sheet: Worksheet, paper: Paper) -> None:
    """A band with the two sides over their columns."""
    left, right, matching = paper.left, paper.right, paper.matching
    side = tuple(translate("report", text) for text in _SIDE_TITLES)
    band = [paper.left_origin.title, *[""] * len(side), paper.right_origin.title]
    _append(sheet, band)
    sheet.merge_cells(start_row=1, end_row=1, start_column=1, end_column=len(side))
    sheet.merge_cells(
        start_row=1, end_row=1, start_column=len(side) + 2, end_column=2 * len(side) + 1
    )
    _append(sheet, (*side, "", *side, translate("report", "State"), translate("report", "Reason")))
    for group in matching.groups:
        for place in range(max(len(group.left), len(group.right))):
            cells = [*_line(left, group.left, place), "", *_line(right, group.right, place)]
            _append(
                sheet,
                (
                    *cells,
                    translate("reconcile", STATE_TEXTS[group.state]),
                    reason(group, left, right),
                ),
            )
    _finish(sheet, _WIDTHS, header=2)


def _open_items(sheet: Worksheet, paper: Paper) -> None:
    left, right, matching = paper.left, paper.right, paper.matching
    _append(
        sheet,
        (
            translate("report", "Side"),
            translate("report", "Row"),
            translate("report", "Date"),
            translate("report", "Account"),
            translate("report", "Reference"),
            translate("report", "Text"),
            translate("report", "Amount"),
            translate("report", "Days open"),
            translate("report", "Why it is open"),
            translate("report", "Explained"),
        ),
    )
    for side, title, lines, why in (
        (left, paper.left_origin.title, matching.only_left, matching.why_left),
        (right, paper.right_origin.title, matching.only_right, matching.why_right),
    ):
        for index in lines:
            explained = paper.category(side.explained[index]) if index in side.explained else ""
            open_because = why_open(why[index], side) if index in why else ""
            age = paper.as_of - int(side.day[index])
            _append(sheet, (title, *_line(side, (index,), 0), age, open_because, explained))
    _finish(sheet, (30, 10, 12, 16, 26, 40, 16, 12, 60, 30), header=1)


def _adjustments(sheet: Worksheet, paper: Paper) -> None:
    """Differences that rules allow, as they would be posted: nothing is forced to zero before they
    are.
    """
    left, right, matching = paper.left, paper.right, paper.matching
    _append(
        sheet,
        (
            translate("report", "Post to"),
            translate("report", "Date"),
            translate("report", "Account"),
            translate("report", "Reference"),
            translate("report", "Left"),
            translate("report", "Right"),
            translate("report", "Difference"),
            translate("report", "Reason"),
        ),
    )
    sign = -1 if matching.contra else 1
    for group in matching.groups:
        if group.state is MatchState.MATCHED and group.adjustment and group.left and group.right:
            line = _last_row(sheet) + 1
            first = group.left[0]
            sums = (
                sum(int(left.amount[i]) for i in group.left),
                sign * sum(int(right.amount[j]) for j in group.right),
            )
            _append(
                sheet,
                (
                    posted_to(group.adjustment),
                    left.date(first),
                    left.account[first],
                    left.reference[first],
                    *map(from_minor, sums),
                    _Formula(f"=E{line}-F{line}"),
                    reason(group, left, right),
                ),
            )
    _vouchers(sheet, paper)
    _finish(sheet, (24, 12, 16, 26, 16, 16, 16, 70), header=1)


def _vouchers(sheet: Worksheet, paper: Paper) -> None:
    """The vouchers proposed, below the differences, with how far each has come."""
    if not paper.vouchers:
        return
    _append(sheet, ())
    _append(
        sheet,
        (
            translate("report", "Account"),
            translate("report", "Contra account"),
            translate("report", "Amount"),
            translate("report", "State"),
            translate("report", "Voucher"),
        ),
    )
    for voucher in paper.vouchers:
        amount = from_minor(voucher.amount)
        _append(sheet, (voucher.account, voucher.contra, amount, voucher.state, voucher.reference))


def _decisions(sheet: Worksheet, paper: Paper) -> None:
    _append(
        sheet,
        (
            translate("report", "When"),
            translate("report", "Who"),
            translate("report", "What"),
            translate("report", "Lines"),
            translate("report", "Reason"),
        ),
    )
    for row in paper.decisions:
        _append(sheet, tuple(row))
    _finish(sheet, (30, 24, 20, 60, 60), header=1)


def _line(side: Side, indexes: tuple[int, ...], place: int) -> tuple[object, ...]:
    if place >= len(indexes):
        return ("",) * 6
    index = indexes[place]
    return (
        side.row[index],
        side.date(index),
        " ".join(filter(None, (side.account[index], _currency(side, index)))),
        side.reference[index] or side.document[index],
        side.text[index],
        from_minor(int(side.amount[index])),
    )


def _currency(side: Side, index: int) -> str:
    """The currency of a line where the side has several."""
    return side.currency[index] if side.has_currencies else ""


class _Formula(str):
    """A formula of our own making, the only text that may begin with an equals sign."""


def _last_row(sheet: Worksheet) -> int:
    """What the library itself goes on from; ``max_row`` looks at every cell."""
    return int(sheet._current_row)  # type: ignore[attr-defined]


def _append(sheet: Worksheet, values: Sequence[object]) -> None:
    row = _last_row(sheet) + 1
    sheet._current_row = row  # type: ignore[attr-defined]
    for column, value in enumerate(values, start=1):
        cell = sheet.cell(row, column)
        cell.value = _UNPRINTABLE.sub("\ufffd", value) if type(value) is str else value  # type: ignore[assignment]
        if isinstance(value, str) and not isinstance(value, _Formula):
            cell.data_type = "s"
        elif isinstance(value, _Formula) or not isinstance(value, int | str):
            cell.number_format = AMOUNT_FORMAT if not hasattr(value, "isoformat") else "yyyy-mm-dd"
    if not values:
        sheet.cell(row, 1).value = " "


def _finish(sheet: Worksheet, widths: Sequence[int], header: int, last: int = 0) -> None:
    """Widths, a heading that stays, a filter over its rows (to ``last``, else all), and how it is
    printed: across, one page wide, the headings on each.
    """
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.properties import PageSetupProperties

    for column, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    bands = [header] if header > 2 else range(1, header + 1)
    for row in bands:
        for cell in sheet[row]:
            cell.font = Font(bold=True)
            cell.fill = PatternFill("solid", fgColor="D9E2EC")
            if row < header:
                cell.alignment = Alignment(horizontal="center")
    sheet.freeze_panes = f"A{header + 1}"
    end = get_column_letter(len(widths))
    sheet.auto_filter.ref = f"A{header}:{end}{max(last or _last_row(sheet), header)}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = f"{header}:{header}" if header > 2 else f"1:{header}"
    foot = sheet.oddFooter
    assert foot is not None
    foot.center.text = "&P / &N"
