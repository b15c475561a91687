"""Report profiles: layouts as data. One TOML file a report says how to recognise it and where its
fields are.

Shipped profiles live in ``resources/profiles``; more folders (a consultant's own) can be given to
:func:`load_profiles`, later ones win by name.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache, cached_property, partial
from itertools import chain
from operator import itemgetter
from pathlib import Path

import resources
from importers import patterns
from importers.amounts import Word, headings_of
from importers.currencies import currency_of_heading
from importers.tables import Cell, cell_text
from importers.unreadable import Unreadable
from importers.values import compact


@dataclass(frozen=True)
class RecordLayout:
    """A fixed-width record: its full length and ``fields`` name → (start from 0, end)."""

    length: int
    fields: Mapping[str, tuple[int, int]]

    def cut(self, text: str) -> dict[str, str]:
        """The record's fields, stripped; a line whose trailing blanks were trimmed reads the
        same.
        """
        return dict(zip(self.fields, map(str.strip, self._cut(text)), strict=True))

    @cached_property
    def _cut(self) -> Callable[[str], Sequence[str]]:
        places = [slice(*place) for place in self.fields.values()]
        if len(places) == 1:
            return lambda text: (text[places[0]],)
        return itemgetter(*places)


class Certainty(StrEnum):
    """On what a layout stands, the surest first."""

    REAL_FILE = "real-file"
    VENDOR_DOCUMENT = "vendor-document"
    PUBLIC_CODE = "public-code"
    INFERRED = "inferred"


@dataclass(frozen=True, slots=True)
class Profile:
    name: str
    title: str
    source_system: str
    reader: str
    containers: frozenset[str]
    fixed_width: bool = False
    recognise: Mapping[str, object] = field(default_factory=dict)
    records: Mapping[str, RecordLayout] = field(default_factory=dict)
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Role → the headings that play it, the likeliest first."""
    table: Mapping[str, object] = field(default_factory=dict)
    """How the rows of a table are read: ``vouchers`` (always, never, auto), ``carry`` (roles whose
    value runs on into the rows below), ``code_and_name`` (both stand in one cell), ``opening`` and
    ``total`` (patterns), ``skip_where``, ``opening_where`` and ``closing_where`` (heading → pattern
    of the values that make a row no movement, or a balance), ``facts`` (patterns with named groups
    of what a text holds), ``counterparty`` (which accounts of the other side are parties),
    ``currency`` (where the file names none), ``spans`` (where the columns of a text without
    delimiter begin, from 0).
    """
    debit_type: str = ""
    credit_type: str = ""
    certainty: Certainty = Certainty.INFERRED

    @property
    def record_kind(self) -> str:
        """What one of its records is: movement, document, open-item, trial-balance-row, account."""
        if said := self.table.get("records"):
            return str(said)
        return _RECORD_KINDS.get(self.reader, "movement")


_RECORD_KINDS = {
    "sat-cfdi": "document",
    "dian": "document",
    "document-listing": "document",
    "trial-balance": "trial-balance-row",
    "contpaqi-balanza": "trial-balance-row",
    "contpaqi-catalogo": "account",
    "contpaqi-catalogo-txt": "account",
    "listing": "account",
}


@dataclass(frozen=True, slots=True)
class Score:
    profile: Profile
    score: float

    @property
    def rank(self) -> tuple[float, int]:
        """For sorting, best first: by score, then the layout that names more headings."""
        words = self.profile.recognise.get("header")
        return -self.score, -len(words) if isinstance(words, list) else 0


_LEDGER_WORDS = frozenset(
    {
        "cuenta",
        "cuentacontable",
        "codigocuenta",
        "nombrecuenta",
        "poliza",
        "numeropoliza",
        "tipopoliza",
        "comprobante",
        "tipocomprobante",
        "asiento",
        "voucher",
        "centrodecosto",
        "centrocosto",
        "segmento",
    }
)
"""Headings of a ledger: where one stands that a bank's layout does not know, the table is no
statement of that bank.
"""


def starts_of(table: Mapping[str, object]) -> Sequence[int]:
    """Where the columns of a fixed-width table begin; empty for a layout of another kind."""
    spans = table.get("spans", ())
    assert isinstance(spans, list | tuple) and all(isinstance(start, int) for start in spans)
    return spans


def load_profiles(folders: Sequence[Path] = ()) -> dict[str, Profile]:
    """All profiles by name, the shipped ones first."""
    found = dict(_shipped())
    for folder in folders:
        found |= {profile.name: profile for profile in _read_folder(folder)}
    return found


def rank_text(lines: Sequence[str], profiles: Iterable[Profile]) -> list[Score]:
    """How well each fixed-width profile fits the first lines of a text file, best first, between 0
    and 1.
    """
    shown = [line for line in lines if line.strip()]
    scores = []
    for profile in profiles:
        if "text" not in profile.containers or "line" not in profile.recognise:
            continue
        scores.append(_scored(profile, partial(_line_score, shown, profile)))
    return sorted(scores, key=lambda score: score.rank)


def _line_score(shown: Sequence[str], profile: Profile) -> float:
    """The share of lines that look like a layout's, where one that must be there is."""
    required, pattern = (str(profile.recognise[key]) for key in ("required", "line"))
    if not any(patterns.match(required, line) for line in shown):
        return 0.0
    return sum(1 for line in shown if patterns.match(pattern, line.ljust(12))) / len(shown)


def _scored(profile: Profile, score: Callable[[], float]) -> Score:
    """A layout whose pattern does not come to an end fits nothing, so that the others do."""
    try:
        return Score(profile, score())
    except Unreadable:
        return Score(profile, 0.0)


def rank_root(root: str, profiles: Iterable[Profile]) -> list[Score]:
    """Which profile an XML's root element (``namespace}Name``) belongs to; there is no half fit."""
    of_markup = (profile for profile in profiles if "xml" in profile.containers)
    fitting = [_scored(profile, partial(_root_score, root, profile)) for profile in of_markup]
    return sorted((score for score in fitting if score.score), key=lambda score: -score.score)


def _root_score(root: str, profile: Profile) -> float:
    """1 for the very root a profile names, a little less for one of a family it takes."""
    rule = profile.recognise
    if rule.get("root") == root:
        return 1.0
    return 0.9 if patterns.fullmatch(str(rule.get("root_pattern", "(?!)")), root) else 0.0


def rank_rows(rows: Sequence[Sequence[Cell]], profiles: Iterable[Profile]) -> list[Score]:
    """The same for the first rows of a sheet or delimited file."""
    rows = [row[:WIDEST_HEADING] for row in rows]
    texts = [[compact(cell_text(cell)).strip("'") for cell in row] for row in rows]
    scores = [
        _scored(profile, partial(_row_score, rows, texts, profile))
        for profile in profiles
        if not profile.fixed_width and profile.containers & {"xlsx", "xls", "text", "dbf"}
    ]
    return sorted(scores, key=lambda score: score.rank)


def column_roles(cells: Sequence[Cell], columns: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Which role (date, debit …) each heading cell plays: for each role its first name that stands
    in the heading and is not taken.
    """
    places: dict[str, list[int]] = {}
    for place, cell in enumerate(cells):
        places.setdefault(_heading_word(cell), []).append(place)
    for place, cell in enumerate(cells):
        words = cell_text(cell).split()
        if len(words) > 1 and currency_of_heading(words[-1]):
            places.setdefault(_heading_word(" ".join(words[:-1])), []).append(place)
    places.pop("", None)
    roles: dict[str, int] = {}
    for role, names in columns.items():
        free = next((places[name] for name in names if places.get(name)), None)
        if free:
            roles[role] = free.pop(0)
    return roles


def _heading_word(cell: Cell) -> str:
    return compact(cell_text(cell)).replace("_", "").strip(":.'")


def is_ledger_heading(roles: Mapping[str, int]) -> bool:
    """Whether the roles of a heading row suffice to read movements: an amount and something that
    identifies it.
    """
    return bool(roles.keys() & {"debit", "credit", "amount", "quantity"}) and bool(
        roles.keys() & {"date", "year", "account", "reference", "voucher"}
    )


WIDEST_HEADING = 300
"""Columns a report is looked for in: beyond them there is no heading."""


def _row_score(
    rows: Sequence[Sequence[Cell]], texts: Sequence[Sequence[str]], profile: Profile
) -> float:
    """``texts`` are the cells of ``rows`` as headings are compared."""
    rule = profile.recognise
    if profile.columns and not rule:
        return max((_heading_score(row, profile) for row in rows), default=0.0)
    own = _own_rows(texts, profile)
    if rule.get("required_headers") and not own:
        return 0.0
    score = 0.0
    if "first_cell" in rule:
        score = max(score, _first_cell_score(rows, str(rule["first_cell"]), str(rule["required"])))
    if "title" in rule:
        score = max(score, _title_score(texts, str(rule["title"])))
    if "cell" in rule:
        score = max(score, _cell_score(rows, str(rule["cell"])))
    if "row" in rule:
        score = max(score, _row_pattern_score(rows, str(rule["row"])))
    if "roles" in rule:
        score = max(score, _roles_score(rows, profile))
    words = rule.get("header")
    if isinstance(words, list) and words:
        share = _header_share(own, words, str(rule.get("required_header", "")))
        if "title" not in rule and "first_cell" not in rule:
            score = share
        else:
            score = score + 0.1 * share if score else 0.5 * share
    return min(score, 1.0)


def _title_score(texts: Sequence[Sequence[str]], title: str) -> float:
    found = (patterns.search(title, "".join(row)) for row in texts[:40])
    return 0.9 if any(found) else 0.0


def _own_rows(texts: Sequence[Sequence[str]], profile: Profile) -> Sequence[Sequence[str]]:
    """The rows that may be a profile's heading: with all the headings it cannot do without, and,
    for a bank, whose sides are the other way round, with none that only a ledger has.
    """
    needed = profile.recognise.get("required_headers")
    if isinstance(needed, list) and needed:
        texts = [
            row for row in texts if set(needed) <= {text.strip(":. ") for text in row} | set(row)
        ]
    if profile.source_system == "bank":
        known = set(chain.from_iterable(profile.columns.values()))
        texts = [row for row in texts if not _LEDGER_WORDS & (set(row) - known)]
    return texts


def _header_share(texts: Sequence[Sequence[str]], words: Sequence[str], required: str) -> float:
    """The largest share of the heading words found in one row; none where a required heading is
    missing.
    """
    best = 0.0
    for row in texts:
        present = {text.replace("_", "").strip(":. ") for text in row} | set(row)
        if not required or any(patterns.fullmatch(required, text) for text in present):
            best = max(
                best,
                sum(1 for word in words if word in present or word.strip(":.") in present)
                / len(words),
            )
    return best


def _heading_score(row: Sequence[Cell], profile: Profile) -> float:
    roles = column_roles(row, profile.columns)
    return min(0.35 + 0.07 * len(roles), 0.85) if is_ledger_heading(roles) else 0.02 * len(roles)


def _first_cell_score(rows: Sequence[Sequence[Cell]], pattern: str, required: str) -> float:
    firsts = [
        cell_text(row[0]).strip()
        for row in rows
        if row and any(cell_text(cell).strip() for cell in row)
    ]
    if not any(patterns.search(required, first) for first in firsts):
        return 0.0
    return sum(1 for first in firsts if patterns.search(pattern, first)) / len(firsts)


def _cell_score(rows: Sequence[Sequence[Cell]], pattern: str) -> float:
    """For a layout that a word of its own in any cell tells from all others."""
    cells = (cell for row in rows for cell in row if isinstance(cell, str))
    return 0.9 if any(patterns.fullmatch(pattern, cell.strip()) for cell in cells) else 0.0


def _row_pattern_score(rows: Sequence[Sequence[Cell]], pattern: str) -> float:
    """The share of rows whose cells, joined with bars, are as a layout without heading has them."""
    joined = ["|".join(cell_text(cell).strip() for cell in row) for row in rows]
    filled = [text for text in joined if text.strip("|")]
    return (
        sum(1 for text in filled if patterns.match(pattern, text)) / len(filled) if filled else 0.0
    )


def _roles_score(rows: Sequence[Sequence[Cell]], profile: Profile) -> float:
    """For a layout known by what its columns are rather than by their words: a row that names all
    the roles it needs and none of those it has not, unless such a column never differs.
    """
    needed, absent = (profile.recognise.get(name, []) for name in ("roles", "absent"))
    assert isinstance(needed, list) and isinstance(absent, list)
    for number, row in enumerate(rows[:40]):
        roles = column_roles(row, profile.columns)
        if set(needed) <= roles.keys() and not any(
            _differs(rows[number + 1 :], roles[role]) for role in absent if role in roles
        ):
            return 0.86
    return 0.0


def _differs(rows: Sequence[Sequence[Cell]], place: int) -> bool:
    """Whether a column says more than one thing: a trial balance may print its day in every row."""
    said = {cell_text(row[place]).strip() for row in rows if place < len(row)}
    return len(said - {""}) > 1


_PATTERNS = (
    "required",
    "line",
    "title",
    "first_cell",
    "required_header",
    "root_pattern",
    "row",
    "cell",
)


@cache
def _shipped() -> dict[str, Profile]:
    return {profile.name: profile for profile in _read_folder(resources.path("profiles"))}


def _read_folder(folder: Path) -> list[Profile]:
    return [parse_profile(file.read_text("utf-8")) for file in sorted(folder.glob("*.toml"))]


def parse_profile(text: str) -> Profile:
    """A profile from its TOML. Raises ValueError (with what is wrong) when it is none."""
    try:
        return _parse(tomllib.loads(text))
    except (
        KeyError,
        AssertionError,
        TypeError,
        AttributeError,
        patterns.NotAPattern,
        tomllib.TOMLDecodeError,
    ) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from None


def _parse(data: Mapping[str, object]) -> Profile:
    records, columns = data.get("records", {}), data.get("columns", {})
    assert isinstance(records, dict) and isinstance(columns, dict)
    table = data.get("table", {})
    assert isinstance(table, dict)
    containers, recognise = data["containers"], data.get("recognise", {})
    assert isinstance(containers, list) and isinstance(recognise, dict)
    wheres = [table.get(name, {}) for name in ("skip_where", "opening_where", "closing_where")]
    assert all(isinstance(where, dict) for where in wheres)
    facts = table.get("facts", [])
    assert isinstance(facts, list)
    for pattern in [
        *(recognise.get(name) for name in _PATTERNS),
        *(table.get(name) for name in ("total", "opening", "skip", "counterparty")),
        *facts,
        *(pattern for where in wheres for pattern in where.values()),
    ]:
        patterns.check(str(pattern or ""))
    starts = starts_of(table)
    assert list(starts) == sorted(set(starts)) and min(starts, default=0) >= 0
    return Profile(
        name=str(data["name"]),
        title=str(data["title"]),
        source_system=str(data["source_system"]),
        reader=str(data["reader"]),
        containers=frozenset(containers),
        fixed_width=bool(data.get("fixed_width", False)),
        recognise=recognise,
        records={marker: _layout(record) for marker, record in records.items()},
        columns=_columns(columns, table),
        table=table,
        debit_type=str(data.get("debit_type", "")),
        credit_type=str(data.get("credit_type", "")),
        certainty=Certainty(str(data.get("certainty", Certainty.INFERRED.value))),
    )


def _columns(
    columns: Mapping[str, Sequence[str]], table: Mapping[str, object]
) -> dict[str, tuple[str, ...]]:
    """The headings of each role; where the sides go by their meaning, with all words for them."""
    found = {role: tuple(names) for role, names in columns.items()}
    if table.get("sides") == "by-meaning":
        found["debit"] = (*headings_of(Word.DEBIT), *headings_of(Word.IN))
        found["credit"] = (*headings_of(Word.CREDIT), *headings_of(Word.OUT))
    return found


def _layout(record: Mapping[str, object]) -> RecordLayout:
    fields, length = record["fields"], record["length"]
    assert isinstance(fields, dict) and isinstance(length, int)
    return RecordLayout(
        length, {name: (start - 1, start - 1 + size) for name, (start, size) in fields.items()}
    )
