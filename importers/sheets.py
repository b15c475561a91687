"""A workbook has sheets: each is a table by itself.

Those that are of one layout with one heading are read; what the others hold is said. A sheet that
only repeats rows of another (people filter their expenses there) is not counted twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from importers.findings import Finding
from importers.profile import column_roles, is_ledger_heading
from importers.records import Disposition, Line, Record, TitleBlock
from importers.source import RECOGNISED_FROM, Source
from importers.tables import Cell, cell_text
from importers.values import compact

Item = Line | Finding | Record | TitleBlock
Readers = Mapping[str, Callable[[Source], Iterator[Item]]]

_REPEATED_FROM = 0.5
"""Share of a sheet's rows that stand in another before it is worth a word."""
_LOOKED_AT = 60


def fitting_sheets(source: Source) -> list[Source]:
    """The sheets that are read: of the file's layout, with the heading of the first of them."""
    if len(source.sheets) < 2:
        return [source] if source.sheets else []
    wanted = source.profile.name
    fitting = [view for view in source.views if _fits(view, wanted)]
    if not fitting:
        return source.views[:1]
    heading = _heading(fitting[0])
    return [view for view in fitting if _heading(view) == heading]


def read_sheets(source: Source, readers: Readers) -> Iterator[Item]:
    """Every sheet in its order: read, or told why it is not."""
    profile = source.profile
    fitting = fitting_sheets(source)
    known: Counter[tuple[Cell, ...]] = Counter()
    for view in source.views:
        view.__dict__["profile"] = profile
        rows = Counter(row.cells for row in view.rows() if row.text.strip())
        if not any(view is one for one in fitting):
            said = _said(view, rows - _heading_rows(view))
            yield from _left_out(view, Finding("sheet-not-read", *_first(view), said))
            continue
        body = rows - _heading_rows(view)
        repeated = sum((body & known).values())
        if known and repeated == body.total() > 0:
            yield from _left_out(view, Finding("sheet-repeats", *_first(view), _said(view, body)))
            continue
        if known and repeated >= _REPEATED_FROM * body.total() > 0:
            values = {**_said(view, body), "seen": repeated}
            yield Finding("rows-repeated", *_first(view), values)
        known += body
        yield from readers[profile.reader](view)
        source.unused_headings += view.unused_headings


def _fits(view: Source, wanted: str) -> bool:
    return any(
        score.profile.name == wanted and score.score >= RECOGNISED_FROM for score in view.ranking
    )


def _heading(view: Source) -> tuple[str, ...]:
    """The words of a sheet's heading row; empty where it has none (a report with blocks)."""
    for row in list(view.rows())[:_LOOKED_AT]:
        profile = next((score.profile for score in view.ranking[:1]), None)
        if profile and is_ledger_heading(column_roles(row.cells, profile.columns)):
            words = (compact(cell_text(cell)) for cell in row.cells)
            return tuple(word for word in words if word)
    return ()


def _heading_rows(view: Source) -> Counter[tuple[Cell, ...]]:
    """Rows that are headings or titles: texts without a number."""
    return Counter(
        row.cells
        for row in view.rows()
        if row.text.strip() and not any(character.isdigit() for character in row.text)
    )


def _first(view: Source) -> tuple[int, int]:
    first = next(view.rows(), None)
    return (first.number if first else 0), 0


def _said(view: Source, rows: Counter[tuple[Cell, ...]]) -> dict[str, object]:
    return {"name": view.sheets[0], "count": rows.total()}


def _left_out(view: Source, why: Finding) -> Iterator[Item]:
    yield why
    for row in view.rows():
        line = row.line()
        line.disposition, line.rule = Disposition.HEADING, "other-sheet"
        yield line
