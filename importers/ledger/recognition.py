"""What the first rows of a table say of its columns: which role each plays, and how numbers and
dates are written.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from importers.amounts import is_state_heading, side_words, usual_side_words
from importers.currencies import currency_of_heading
from importers.findings import Finding
from importers.ledger.columns import NUMBERS, SAMPLE, Columns
from importers.ledger.dates import (
    DateOrder,
    Order,
    Period,
    date_in_form,
    date_order,
    period_of_month,
    period_of_name,
    turned_texts,
)
from importers.ledger.sides import (
    Sides,
    Spoken,
    Table,
    sides_by_balance,
    sides_by_words,
    without_currency,
)
from importers.profile import Profile, column_roles, is_ledger_heading
from importers.source import Source
from importers.tables import Cell, Container, Row, cell_text, date_formats
from importers.titles import title_block
from importers.unreadable import Unreadable
from importers.values import NumberStyle, compact, is_ambiguous_number, number_style, to_cents

_LONGEST_TITLE = 200


def header_line(source: Source) -> int | None:
    """The 1-based line of the heading row: the first of the sample whose words name enough columns.
    0 where the layout has none and says itself where its columns stand.
    """
    if source.profile.table.get("positions"):
        return 0
    for row in itertools.islice(source.rows(), 200):
        if is_heading(row.cells, source.profile):
            return row.number
    return None


def is_heading(cells: Sequence[Cell], profile: Profile) -> bool:
    """Whether a row names enough columns to read movements by."""
    return is_ledger_heading(_roles(cells, profile))


def columns_of(source: Source, heading_line: int) -> Columns:
    """The columns of a source whose heading stands at ``heading_line``. Raises Unreadable where
    none of them is a date.
    """
    sample = list(itertools.islice(source.rows(), heading_line + SAMPLE))
    place = _place_of_heading(sample, source.profile, heading_line)
    above, heading = sample[: max(place, 0)], sample[place].cells if place >= 0 else ()
    table = Table(heading, [row.cells for row in sample[place + 1 :]])
    sides = _sides(table, source.profile)
    if not sides.roles.keys() & {"date", "year"}:
        raise Unreadable("no-date-column", seen=", ".join(_texts(heading))[:_LONGEST_TITLE])
    period = _period(source, above)
    styles, doubtful = _styles(sides.roles, table, source)
    dates = _date_order(sides.roles, table, source, period)
    options = dict(source.profile.table)
    if _is_generic(source.profile):
        title = " ".join([*(row.text for row in above), *source.sheets[:1], source.name])
        spoken = Spoken(title, source.options.sides)
        sides = sides_by_balance(sides, table, styles, dates.order, spoken)
        options |= sides.options
    strict = (
        source.container is Container.TEXT
        and bool(heading)
        and not options.keys() & {"aligned", "spans"}
    )
    columns = Columns(
        roles=sides.roles,
        styles=styles,
        order=dates.order,
        options=options,
        period=period,
        strict_width=strict,
        side_words=sides.side_words,
        turned=_turned(sides.roles, source, heading_line, period),
        account_of_sheet=_account_of_sheet(source),
        remarks=(
            *(replace(remark, line=heading_line) for remark in sides.remarks),
            *dates.remarks(heading_line),
            *_number_remarks(styles, doubtful, heading_line),
        ),
    )
    columns = _with_names(columns, heading)
    return replace(columns, currency=columns.currency or title_block(above).currency)


def _place_of_heading(sample: Sequence[Row], profile: Profile, heading_line: int) -> int:
    """Where the heading stands among some rows, several of which may share a line; -1 where the
    layout has none.
    """
    if not heading_line:
        return -1
    return next(
        place
        for place, row in enumerate(sample)
        if row.number == heading_line and is_heading(row.cells, profile)
    )


def with_heading(columns: Columns, row: Row, source: Source) -> Columns:
    """The columns as a later heading (of another sheet, or of a pasted export) names them. Where it
    names too little to read movements by, nothing below it can be placed, and each row says so.
    """
    roles = _roles(row.cells, source.profile)
    if len(roles) < 2:
        return columns
    if not is_ledger_heading(roles):
        return replace(columns, roles={}, styles={}, width=len(row.cells))
    same = [cell_text(cell).strip() for cell in row.cells]
    if all(
        columns.headings.get(role) == same[at]
        for role, at in columns.roles.items()
        if at < len(same)
    ):
        roles = dict(columns.roles)
    style = next(iter(columns.styles.values()), NumberStyle())
    styles = {role: columns.styles.get(role, style) for role in NUMBERS if role in roles}
    return _with_names(replace(columns, roles=roles, styles=styles), row.cells)


_WHERE = ("skip_where", "opening_where", "closing_where")


def _with_names(columns: Columns, heading: Sequence[Cell]) -> Columns:
    """What the heading calls the columns, how many they are, which nobody reads, and the currency
    their names name.
    """
    headings = {
        role: cell_text(heading[at]).strip()
        for role, at in columns.roles.items()
        if at < len(heading)
    }
    taken = set(columns.roles.values())
    unread = {
        place: cell_text(cell).strip()
        for place, cell in enumerate(heading)
        if place not in taken and cell_text(cell).strip()
    }
    named = {
        currency_of_heading(headings[role])
        for role in ("debit", "credit", "amount")
        if role in headings
    } - {""}
    currency = named.pop() if len(named) == 1 else columns.currency
    named_columns = replace(columns, unread=unread)
    heard = {place for option in _WHERE for place, _ in named_columns.heard(option)}
    states = [at for at, text in unread.items() if at not in heard and is_state_heading(text)]
    return replace(
        columns,
        headings=headings,
        width=len(_without_blank_end(heading)),
        unread=unread,
        states=tuple(states),
        currency=currency,
    )


def _is_generic(profile: Profile) -> bool:
    """Whether the layout leaves it to the table which columns are its sides."""
    return profile.table.get("sides") == "by-meaning"


def _roles(heading: Sequence[Cell], profile: Profile) -> Mapping[str, int]:
    if not _is_generic(profile):
        return column_roles(heading, profile.columns)
    return _sides(Table(heading, ()), profile).roles


def _sides(table: Table, profile: Profile) -> Sides:
    positions = profile.table.get("positions")
    if isinstance(positions, Mapping):
        return Sides({role: int(at) - 1 for role, at in positions.items()})
    if not _is_generic(profile):
        roles = _roles_of_filled(table.heading, table, profile)
        if "side" not in roles or roles.keys() & {"debit", "credit"}:
            roles.pop("side", None)
            return Sides(roles)
        words = side_words(table.values(roles["side"])) or usual_side_words()
        return Sides(roles, words.is_certain, words)
    heading, named = without_currency(table.heading)
    roles = _roles_of_filled(heading, table, profile)
    found = sides_by_words(roles, Table(heading, table.below))
    # What is said of a column in another currency is said by its whole heading.
    remarks = [remark for remark in found.remarks if remark.column - 1 not in named]
    others = [*named, *_same_word(heading, found.roles, profile)]
    return replace(found, remarks=(*remarks, *_not_read(others, found.roles, table)))


def _same_word(
    heading: Sequence[Cell], roles: Mapping[str, int], profile: Profile
) -> Sequence[int]:
    """The columns that could be the one amount by their headings too (Importe beside Total)."""
    words = profile.columns.get("amount", ())
    if "amount" not in roles:
        return ()
    return [place for place, cell in enumerate(heading) if compact(cell_text(cell)) in words]


def _not_read(places: Sequence[int], roles: Mapping[str, int], table: Table) -> Iterator[Finding]:
    """What is said of amounts that stand beside those that are read: in another currency, or under
    a heading that may be theirs.
    """
    read = [roles[role] for role in ("debit", "credit", "amount") if role in roles]
    for place in dict.fromkeys(places) if read else ():
        has_amounts = any(cell_text(value).strip() for value in table.values(place))
        if place not in roles.values() and has_amounts and table.holds_amounts(place):
            values = {
                "seen": cell_text(table.heading[place]).strip(),
                "expected": cell_text(table.heading[read[0]]).strip(),
            }
            yield Finding("side-not-read", 0, place + 1, values)


def _roles_of_filled(heading: Sequence[Cell], table: Table, profile: Profile) -> dict[str, int]:
    """The roles of a heading, where two columns could play one the first that is not blank."""
    filled = [
        cell if not table.below or _holds_something(table, place) else None
        for place, cell in enumerate(heading)
    ]
    roles = column_roles(filled, profile.columns)
    taken = set(roles.values())
    every = column_roles(heading, profile.columns)
    rest = {role: at for role, at in every.items() if role not in roles and at not in taken}
    return {**roles, **rest}


def _holds_something(table: Table, place: int) -> bool:
    return any(cell_text(value).strip() for value in table.values(place))


def _styles(
    roles: Mapping[str, int], table: Table, source: Source
) -> tuple[dict[str, NumberStyle], str]:
    """How each number column is written, and a number that reads two ways while nothing in the
    table says which (empty when all is clear).
    """
    amounts = [role for role in NUMBERS if role in roles]
    values = {role: table.values(roles[role]) for role in amounts}
    every = list(itertools.chain.from_iterable(values.values()))
    together = number_style(every)
    own = {role: number_style(values[role]) for role in amounts}
    styles = {role: style if style.certain else together for role, style in own.items()}
    decimal = source.options.decimal or str(source.profile.table.get("decimal", ""))
    if decimal:
        together = NumberStyle(decimal, certain=True)
        styles = dict.fromkeys(styles, together)
    if together.certain:
        return styles, ""
    texts = [value.strip() for value in every if isinstance(value, str)]
    return styles, next((text for text in texts if is_ambiguous_number(text)), "")


def _number_remarks(
    styles: Mapping[str, NumberStyle], doubtful: str, heading_line: int
) -> Iterator[Finding]:
    if doubtful:
        style = next(iter(styles.values()))
        read = style.parse(doubtful)
        values = {"seen": doubtful, "expected": to_cents(read)}
        yield Finding("ambiguous-numbers", heading_line, 0, values)


def _date_order(
    roles: Mapping[str, int], table: Table, source: Source, period: Period | None
) -> DateOrder:
    if source.options.dates:
        return DateOrder(Order(source.options.dates))
    said = source.profile.table.get("day_first")
    if isinstance(said, bool):
        return DateOrder(Order.DAY_FIRST if said else Order.MONTH_FIRST)
    if "date" not in roles or source.profile.table.get("date_format"):
        return DateOrder(Order.DAY_FIRST)
    found = date_order(table.values(roles["date"]), period)
    is_known = source.profile.source_system != "table"
    if is_known and found.order is Order.DAY_FIRST:
        return DateOrder(found.order)
    return found


def _turned(
    roles: Mapping[str, int], source: Source, heading_line: int, period: Period | None
) -> Mapping[date, str]:
    form = str(source.profile.table.get("date_format", ""))
    if not form or "yyyy" in form or "date" not in roles or source.container is not Container.XLSX:
        return {}
    return turned_texts(_formatted(source, roles["date"], heading_line), _fits(form, period))


def _fits(form: str, period: Period | None) -> Callable[[str], bool]:
    def fits(text: str) -> bool:
        try:
            day = date_in_form(text, form, period)
        except ValueError:
            return False
        return period is not None and period[0] <= day <= period[1]

    return fits


def _formatted(source: Source, place: int, heading_line: int) -> Iterator[tuple[Cell, str]]:
    """The cells of the date column with their number formats."""
    formats = date_formats(source.content.whole, source.sheets[0] if source.sheets else "", place)
    for row in source.rows():
        if row.number > heading_line and place < len(row.cells):
            yield row.cells[place], formats.get(source.place(row.number)[1], "")


_ACCOUNT_NAME = re.compile(r"\s*(\d[\d.\-]{3,}?)\s*[-–·]\s*(\D.*)")


def _account_of_sheet(source: Source) -> tuple[str, str]:
    """Code and name where the layout has one account a sheet (``11100507 -BOGOTA``)."""
    if not source.profile.table.get("account_of_sheet") or not source.sheets:
        return "", ""
    found = _ACCOUNT_NAME.fullmatch(source.sheets[0])
    return (found[1], found[2].strip()) if found else (source.sheets[0].strip(), "")


def _period(source: Source, above: Sequence[Row]) -> Period | None:
    if source.options.period:
        return period_of_month(source.options.period)
    title = title_block(above)
    if title.end:
        return title.start or title.end, title.end
    return period_of_name(source.sheets[0]) if source.sheets else None


def _texts(cells: Sequence[Cell]) -> list[str]:
    return [text for cell in cells if (text := cell_text(cell).strip())]


def _without_blank_end(cells: Sequence[Cell]) -> Sequence[Cell]:
    last = max((place for place, cell in enumerate(cells) if cell_text(cell).strip()), default=-1)
    return cells[: last + 1]
