"""Which columns of any table are its two sides, and whose books they are: by the words of heading
and cells, and by the balance column, which is heard wherever there is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from importers.amounts import (
    BALANCE_WORDS,
    Pair,
    SideWords,
    Word,
    amount_pair,
    heading_word,
    is_side_heading,
    may_be_numbers,
    side_words,
    usual_side_words,
    value_word,
)
from importers.currencies import currency_code
from importers.findings import Finding
from importers.ledger.dates import Order, read_date
from importers.ledger.polarity import (
    Evidence,
    Judgement,
    Verdict,
    directions_of,
    is_signed_by_side,
    judge,
)
from importers.tables import Cell, cell_text
from importers.values import SIDE_MARKS, NumberStyle, code_text, number_style, plain, to_cents

_ZERO = Decimal("0.00")
_WORDS_SHOWN = 6
_NUMERIC_FROM = 0.8
"""Share of a column's values that must be amounts for it to be a side."""


@dataclass(frozen=True, slots=True)
class Table:
    """The first rows of a table: its heading and what stands below it."""

    heading: Sequence[Cell]
    below: Sequence[Sequence[Cell]]

    def values(self, place: int) -> list[Cell]:
        return [cells[place] for cells in self.below if place < len(cells)]

    def holds_amounts(self, place: int) -> bool:
        """Whether a column is empty or holds little but amounts."""
        values = [value for value in self.values(place) if cell_text(value).strip()]
        style = number_style(values)
        readable = sum(1 for value in values if _amount(style, value) is not None)
        return readable >= _NUMERIC_FROM * len(values)


@dataclass(frozen=True, slots=True)
class Sides:
    """How the amounts of a table are to be read: the roles of its columns, ``options`` as a layout
    would state them, what the words of a side column stand for, and what is to be said of it.
    """

    roles: Mapping[str, int]
    is_certain: bool = False
    side_words: SideWords | None = None
    options: Mapping[str, object] = field(default_factory=dict)
    remarks: tuple[Finding, ...] = ()


def sides_by_words(roles: Mapping[str, int], table: Table) -> Sides:
    """Both amount columns or none, chosen as a pair by what their headings mean; else one amount
    with a column whose values all are sides.
    """
    numeric = [
        cell if heading_word(cell) and table.holds_amounts(place) else None
        for place, cell in enumerate(table.heading)
    ]
    numeric, others = _one_a_word(numeric, table)
    pair = amount_pair(numeric)
    if pair is not None:
        kept = {
            role: place
            for role, place in roles.items()
            if place not in (pair.debit, pair.credit) and role not in ("debit", "credit", "side")
        }
        chosen = {**kept, "debit": pair.debit, "credit": pair.credit}
        return Sides(chosen, pair.is_certain, remarks=tuple(_not_read(others, table, pair)))
    roles = dict(roles)
    lone = roles.keys() & {"debit", "credit"}
    if "amount" in roles and len(lone) == 1:
        return _without_lone_side(roles, table, roles[lone.pop()])
    if "amount" not in roles or roles.keys() & {"debit", "credit"}:
        roles.pop("side", None)
        return Sides(roles)
    return _with_side_column(roles, table)


def _one_a_word(numeric: Sequence[Cell], table: Table) -> tuple[list[Cell], list[int]]:
    """The headings of sides with one column a word, and the places left out that hold amounts too:
    of several columns of one direction those with decimals are the amounts, numbers of cheques are
    none.
    """
    kept, others = _without_numbers(numeric, table), list[int]()
    by_word: dict[Word, list[int]] = {}
    for place, cell in enumerate(kept):
        if cell is not None and (word := heading_word(cell)) is not None:
            by_word.setdefault(word, []).append(place)
    for places in by_word.values():
        if len(places) < 2:
            continue
        best = max(places, key=lambda place: (_amounts_in(table, place), -place))
        for place in places:
            if place != best:
                kept[place] = None
                others += [place] if _moves_anything(table, place) else []
    return kept, others


def _without_numbers(numeric: Sequence[Cell], table: Table) -> list[Cell]:
    """The headings of sides without those of numbers of cheques: beside both sides of a movement a
    column of cheques without decimals holds numbers, or amounts that are told where they stand
    alone.
    """
    if sum(cell is not None for cell in numeric) <= 2:
        return list(numeric)
    return [
        None if cell and may_be_numbers(cell) and not _amounts_in(table, place) else cell
        for place, cell in enumerate(numeric)
    ]


def _moves_anything(table: Table, place: int) -> bool:
    return any(cell_text(value).strip("0.,$ -") for value in table.values(place))


def _amounts_in(table: Table, place: int) -> int:
    """How many cells of a column are amounts with decimals, none of them zero."""
    found = 0
    for value in table.values(place):
        if isinstance(value, Decimal):
            found += bool(value) and value != value.to_integral_value()
        else:
            found += bool(re.search(r"[1-9].*[.,]\d{2}\b|[.,]\d?[1-9]", cell_text(value)))
    return found


def _not_read(others: Sequence[int], table: Table, pair: Pair) -> Iterator[Finding]:
    """Said of a second column of amounts of one direction (cheques beside withdrawals)."""
    read = " / ".join(cell_text(table.heading[at]).strip() for at in (pair.debit, pair.credit))
    for place in others:
        named = {"seen": cell_text(table.heading[place]).strip(), "expected": read}
        yield Finding("side-not-read", 0, place + 1, named)


def _without_lone_side(roles: Mapping[str, int], table: Table, lone: int) -> Sides:
    """The sides of a table with one amount and half a pair, which is not read; where it holds
    amounts (what was paid of each invoice), that is said.
    """
    found = _with_side_column({role: at for role, at in roles.items() if at != lone}, table)
    values = [value for value in table.values(lone) if cell_text(value).strip()]
    if not values or not table.holds_amounts(lone):
        return found
    named = {
        "seen": cell_text(table.heading[lone]).strip(),
        "expected": cell_text(table.heading[roles["amount"]]).strip(),
    }
    return replace(found, remarks=(Finding("side-not-read", 0, 0, named),))


def _with_side_column(roles: dict[str, int], table: Table) -> Sides:
    """The side column: one called so, or any whose values all are words of sides."""
    roles.pop("side", None)
    called = [place for place, cell in enumerate(table.heading) if is_side_heading(cell)]
    for place in [*called, *_unnamed(roles, table, called)]:
        words = side_words(table.values(place)) or _usual(table, place)
        if words is not None and (len(_said(table, place)) > 1 or _is_called_side(table, place)):
            kept = {role: at for role, at in roles.items() if at != place}
            return Sides({**kept, "side": place}, words.is_certain, words)
    if called:
        kept = {role: at for role, at in roles.items() if at != called[0]}
        return Sides({**kept, "side": called[0]}, side_words=usual_side_words())
    return Sides(roles)


def _unnamed(roles: Mapping[str, int], table: Table, called: Sequence[int]) -> list[int]:
    """The columns that may hold sides although their headings do not say so, the type first."""
    taken = {place for role, place in roles.items() if role != "kind"} | set(called)
    free = [place for place in range(len(table.heading)) if place not in taken]
    return sorted(free, key=lambda place: place != roles.get("kind"))


def _usual(table: Table, place: int) -> SideWords | None:
    """The usual words for a column called side whose values are among them."""
    usual, said = usual_side_words(), _said(table, place)
    is_side = bool(said) and is_side_heading(table.heading[place])
    return usual if is_side and said <= usual.debit | usual.credit else None


def _said(table: Table, place: int) -> set[str]:
    return {value_word(value) for value in table.values(place)} - {""}


def _is_called_side(table: Table, place: int) -> bool:
    return is_side_heading(table.heading[place]) or all(
        len(word) > 2 for word in _said(table, place)
    )


@dataclass(frozen=True, slots=True)
class Spoken:
    """What is said of a table outside of it: the words above it with its sheet and its file, and
    whose books it is by a person's choice (empty: nobody chose).
    """

    title: str = ""
    chosen: str = ""


def sides_by_balance(
    sides: Sides, table: Table, styles: Mapping[str, NumberStyle], order: Order, spoken: Spoken
) -> Sides:
    """The same sides the way their balances, texts and signs say; with a remark where they are
    turned round, and where nothing decides. A person's choice stands above all but words that have
    one meaning only.
    """
    if not sides.roles.keys() & {"debit", "credit", "amount"}:
        return sides
    evidence = list(_evidence(sides, table, styles, order))
    judgement, is_chosen = _judged(sides, table, evidence, spoken)
    options, remarks = _signs(sides, table, evidence, judgement)
    if judgement.verdict is Verdict.BANK:
        if judgement.contradicted:
            remarks.append(Finding("sides-undecided", 0, 0, _named(sides, table)))
        elif not is_chosen:
            remarks.append(Finding("sides-by-balance", 0, 0, _named(sides, table)))
        sides = _turned(sides, options)
    elif _is_open(sides, judgement, evidence):
        if taught := _taught(sides, table, evidence):
            return taught
        remarks.append(Finding("sides-undecided", 0, 0, _named(sides, table)))
    elif not is_chosen and _marked(sides, table, judgement):
        remarks.append(Finding("sides-undecided", 0, 0, _named(sides, table)))
    return Sides(sides.roles, sides.is_certain, sides.side_words, options, tuple(remarks))


_FEW_BALANCES = 2
"""Words of certain meaning are held against more balances than these, also where they refute
them.
"""


def _signs(
    sides: Sides, table: Table, evidence: Sequence[Evidence], judgement: Judgement
) -> tuple[dict[str, object], list[Finding]]:
    """Whether the balance runs on and signs count, as options of the layout, with what is to be
    said of it.
    """
    options: dict[str, object] = {}
    remarks = list(sides.remarks)
    balances = sum(1 for row in evidence if row.balance is not None)
    refuted = sides.is_certain and not judgement.by_balance and balances > _FEW_BALANCES
    if (judgement.by_balance and not judgement.before) or refuted:
        options["running"] = True
    by_side = is_signed_by_side(evidence) and not judgement.by_balance
    if judgement.absolute or by_side:
        options["absolute"] = True
    if judgement.signs_assumed or (by_side and not judgement.absolute):
        remarks.append(Finding("signs-by-side", 0, 0, _named(sides, table)))
    return options, remarks


def _marked(sides: Sides, table: Table, judgement: Judgement) -> bool:
    """Whether amounts bear their side behind them (``1,234.56 CR``), which a bank and a ledger mean
    the other way round, while no balance without such a mark says which of them it is.
    """
    marked = {
        role
        for role in ("amount", "balance")
        if role in sides.roles and any(map(_bears_mark, table.values(sides.roles[role])))
    }
    return "amount" in marked and (not judgement.by_balance or "balance" in marked)


def _bears_mark(cell: Cell) -> bool:
    words = cell_text(cell).upper().replace(".", " ").split()
    return bool(words) and words[-1] in SIDE_MARKS


def _judged(
    sides: Sides, table: Table, evidence: Sequence[Evidence], spoken: Spoken
) -> tuple[Judgement, bool]:
    """Whose books it is, and whether a person said so."""
    judgement = judge(evidence, sides.is_certain)
    if spoken.chosen and (not sides.is_certain or judgement.contradicted):
        return replace(judgement, verdict=Verdict(spoken.chosen), contradicted=False), True
    return Judgement(Verdict.BOOKS) if _is_ledger(sides, table, spoken.title) else judgement, False


def _taught(sides: Sides, table: Table, evidence: Sequence[Evidence]) -> Sides | None:
    """The sides of a table with one amount that bears no sign, by a column each of whose words
    always goes with money of one direction, as the balance before and after a row says; None where
    the balances do not follow, or a word goes both ways.
    """
    if sides.side_words is not None or "amount" not in sides.roles:
        return None
    directions = directions_of(evidence)
    if directions is None:
        return None
    for place in _unnamed(sides.roles, table, ()):
        words: dict[str, set[int]] = {}
        for row, direction in zip(evidence, directions, strict=True):
            cells = row.cells
            if not direction:
                continue
            words.setdefault(value_word(cells[place] if place < len(cells) else ""), set()).add(
                direction
            )
        inward = frozenset(word for word, ways in words.items() if 1 in ways)
        outward = frozenset(word for word, ways in words.items() if -1 in ways)
        if inward and outward and not inward & outward and "" not in inward | outward:
            kept = {role: at for role, at in sides.roles.items() if at != place}
            words_learnt = SideWords(inward, outward, is_certain=True)
            found = Sides({**kept, "side": place}, is_certain=True, side_words=words_learnt)
            seen = {
                "seen": cell_text(table.heading[place]).strip(),
                "inward": ", ".join(sorted(inward)[:_WORDS_SHOWN]).upper(),
                "outward": ", ".join(sorted(outward)[:_WORDS_SHOWN]).upper(),
            }
            told = Finding("sides-learnt", 0, 0, seen)
            # Rows beyond those looked at are held against their balances too.
            return replace(found, options={"running": True}, remarks=(*sides.remarks, told))
    return None


def _is_open(sides: Sides, judgement: Judgement, evidence: Sequence[Evidence]) -> bool:
    """Whether two readings remain: nothing decides, or words and balances contradict each other."""
    has_sides = sides.side_words is not None or sides.roles.keys() >= {"debit", "credit"}
    if judgement.contradicted:
        return True
    doubted = has_sides or any(row.balance is not None for row in evidence)
    doubted |= _is_list_of_amounts(sides, evidence)
    return judgement.verdict is Verdict.UNDECIDED and doubted and bool(evidence)


def _is_list_of_amounts(sides: Sides, evidence: Sequence[Evidence]) -> bool:
    """Whether amounts without sign, side and account stand alone: of expenses as well as of
    receipts.
    """
    alone = "amount" in sides.roles and not sides.roles.keys() & {"account", "debit", "credit"}
    return alone and len(evidence) > 1 and all(row.debit > 0 for row in evidence)


def _turned(sides: Sides, options: dict[str, object]) -> Sides:
    """The sides as the company's books have them where the table has them the bank's way."""
    roles = dict(sides.roles)
    if roles.keys() >= {"debit", "credit"}:
        roles["debit"], roles["credit"] = roles["credit"], roles["debit"]
        return Sides(roles)
    if sides.side_words is not None:
        words = sides.side_words
        turned = SideWords(words.credit, words.debit, words.is_certain)
        return Sides(roles, side_words=turned)
    options["negate"] = True
    return Sides(roles)


def _named(sides: Sides, table: Table) -> dict[str, object]:
    roles = [role for role in ("debit", "credit", "side", "amount") if role in sides.roles]
    names = [cell_text(table.heading[sides.roles[role]]).strip() for role in roles]
    return {"seen": " / ".join(names[:2])}


_LEDGER_TITLE = re.compile(r"auxiliar|libro|mayor|ledger|poliza|comprobante|movimientos por cuenta")
_LEDGER_HEADINGS = re.compile(
    r"(numero|tipo)?(de)?(poliza|comprobante|asiento)|voucher|journal.*|"
    r"(codigo|nombre)(de)?(la)?cuenta|cuentacontable|centrode?costos?|segmento"
)


def _is_ledger(sides: Sides, table: Table, title: str) -> bool:
    """Whether the table says of itself that it is of the company's books, where a balance may well
    grow with the credits (of a supplier): its words are not a bank's then.
    """
    if sides.is_certain:
        return False
    if _LEDGER_TITLE.search(plain(title)):
        return True
    words = [plain(cell_text(cell)).replace(" ", "") for cell in table.heading]
    if any(_LEDGER_HEADINGS.fullmatch(word) for word in words):
        return True
    return "account" in sides.roles and not _is_bank_account(table.values(sides.roles["account"]))


def _is_bank_account(values: Sequence[Cell]) -> bool:
    """Whether a column of accounts repeats one number of a bank rather than codes of a chart."""
    codes = {code_text(value) for value in values} - {""}
    return len(codes) <= 1 and all(re.fullmatch(r"\d{9,}|\*+\d+", code) for code in codes)


def _evidence(
    sides: Sides, table: Table, styles: Mapping[str, NumberStyle], order: Order
) -> Iterator[Evidence]:
    """What the rows say that have a date and amounts, or a balance alone."""
    roles = sides.roles

    def cell(cells: Sequence[Cell], role: str) -> Cell:
        place = roles.get(role, -1)
        return cells[place] if 0 <= place < len(cells) else None

    for cells in table.below:
        amounts = {role: _amount(styles[role], cell(cells, role)) for role in styles}
        if None in (amounts.get(role, _ZERO) for role in ("debit", "credit", "amount")):
            continue
        debit, credit = _two_sides(amounts, cell(cells, "side"), sides)
        balance = amounts.get("balance") if cell_text(cell(cells, "balance")).strip() else None
        try:
            day = read_date(cell(cells, "date"), order)
        except (ValueError, TypeError):
            day = None
        if day is None and (debit or credit or balance is None):
            continue
        text = cell_text(cell(cells, "description"))
        account = code_text(cell(cells, "account"))
        yield Evidence(debit, credit, balance, day, account, text, tuple(cells))


def _two_sides(
    amounts: Mapping[str, Decimal | None], side: Cell, sides: Sides
) -> tuple[Decimal, Decimal]:
    debit, credit = amounts.get("debit") or _ZERO, amounts.get("credit") or _ZERO
    amount = amounts.get("amount") or _ZERO
    if sides.side_words is not None and value_word(side) in BALANCE_WORDS:
        return _ZERO, _ZERO
    if debit or credit or not amount:
        return debit, credit
    if sides.side_words is not None:
        return (amount, _ZERO) if value_word(side) in sides.side_words.debit else (_ZERO, amount)
    return (amount, _ZERO) if amount > 0 else (_ZERO, -amount)


def _amount(style: NumberStyle, value: Cell) -> Decimal | None:
    try:
        return to_cents(style.parse(value))
    except (ValueError, TypeError):
        return None


def without_currency(heading: Sequence[Cell]) -> tuple[Sequence[Cell], dict[int, str]]:
    """The heading without the currencies its cells name (``Importe USD``), and those by place."""
    plainly: list[Cell] = []
    named: dict[int, str] = {}
    for place, cell in enumerate(heading):
        words = cell_text(cell).split()
        code = currency_code(words[-1].strip("()[]")) if len(words) > 1 else None
        is_amount = code is not None and len(words[-1].strip("()[]$")) > 1
        if is_amount and code is not None:
            plainly.append(" ".join(words[:-1]))
            if code:
                named[place] = code
        else:
            plainly.append(cell)
    return plainly, named
