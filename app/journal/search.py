"""Full-text search over events, documents, movements and lines, in a blink also over millions of
them.

What is journaled is indexed in parts: a block of movements or lines, some hundred documents or
events. Of each part the index holds the words that occur in it (FTS5 on SQLite, a GIN index over
tsvector on PostgreSQL), folded to lower case without accents; amounts are words of their own
(``m123450`` for 1,234.50). A question finds the parts that hold all its words and reads only those.
The index is derived: it catches up after each import and before each question, and may be thrown
away.
"""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from app.journal import blocks, originals, schema
from app.journal.store import Journal
from app.money import from_minor
from importers.lines import LineDecoder

MOST_HITS = 500
LONGEST = 0.15
"""Seconds after which an answer is given with what was found until then."""

_MOST_WORDS = 300_000
"""Characters of words in one part: PostgreSQL takes a megabyte, some bytes a word included."""
_EVENTS_A_PART = 200
_DOCUMENTS_A_PART = 500
_AMOUNT = re.compile(r"-?\$?\d[\d.,]*[.,]\d{2}")
_WORD = re.compile(r"[^\W_]+")
_MARKS = re.compile("[\u0300-\u036f]")
_Row = sa.Row[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found. ``kind`` is event, document, movement or line; ``amount`` in minor units,
    None where it has none; ``document`` an external reference or what an event is about; ``line`` 0
    where it has none.
    """

    kind: str
    batch: int
    file: str
    line: int
    document: str
    date: str
    amount: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """``complete`` is False when there may be more than ``hits``."""

    hits: Sequence[Hit]
    complete: bool


def search(journal: Journal, text: str, limit: int = MOST_HITS, longest: float = LONGEST) -> Answer:
    """What contains every word of ``text`` (words of three letters or more also as the beginning of
    a longer one), newest first. An amount is found however it is written. Raises nothing on odd
    input; no word, no hit.
    """
    catch_up(journal)
    wanted = _wanted(text)
    if not wanted:
        return Answer((), True)
    end = time.monotonic() + longest
    hits: list[Hit] = []
    with journal.reading() as connection:
        files = _Files(connection)
        for part in _parts_with(connection, wanted):
            for hit in _READERS[part.kind](connection, files, part):
                if _fits(hit, wanted):
                    hits.append(hit)
                    if len(hits) == limit:
                        return Answer(hits, False)
            if time.monotonic() > end:
                return Answer(hits, False)
    return Answer(hits, True)


def try_catch_up(journal: Journal) -> str:
    """Bring the index up to date; answers why it could not be, empty where it is. A file that is
    imported stays imported without it.
    """
    try:
        catch_up(journal)
    except sa.exc.DatabaseError as error:
        return str(error.orig)
    return ""


def forget(journal: Journal) -> None:
    """Throw the index away; it is built anew by the next :func:`catch_up`."""
    with journal.writing() as connection:
        is_fts = connection.dialect.name == "sqlite"
        emptied = "INSERT INTO search_words (search_words) VALUES ('delete-all')"
        connection.execute(sa.text(emptied if is_fts else "DELETE FROM search_words"))
        connection.execute(schema.search_part.delete())


def catch_up(journal: Journal) -> None:
    """Index what was journaled since the last time."""
    while _index_batch(journal) or _index_events(journal):
        pass


def _index_batch(journal: Journal) -> bool:
    """Index one batch; False when there is none left."""
    batch, part = schema.batch, schema.search_part
    indexed = sa.select(part.c.batch_id).where(part.c.kind == "batch")
    waiting = (
        sa.select(batch.c.id, batch.c.lines_rejected)
        .where(batch.c.finished_at != "", batch.c.compacted_at == "", batch.c.id.not_in(indexed))
        .order_by(batch.c.id)
        .limit(1)
    )
    with journal.reading() as connection:
        if connection.execute(waiting).first() is None:
            return False
    with journal.writing() as connection:
        row = connection.execute(waiting).first()
        if row is None:
            return True
        add = _Adder(connection)
        add("batch", row.id, 0, 0, "")
        movements = 0
        for columns in blocks.block_columns(connection, row.id, blocks.MOVEMENTS):
            _add_movements(add, row.id, columns)
            movements += 1
        if not movements or row.lines_rejected:
            for first, last, cells in _line_cells(connection, row.id, everything=not movements):
                add("line", row.id, first, last, _words_of(cells))
        for documents in _documents(connection, row.id):
            texts = (
                f"{d.external_ref} {d.number} {d.date} {d.description} {_amount_words(d.debit)}"
                for d in documents
            )
            add("document", row.id, documents[0].id, documents[-1].id, _words_of(texts))
    return True


def _add_movements(add: _Adder, batch: int, columns: dict[str, Any]) -> None:
    """A block of movements as one part, or as two halves where its words would be too many for the
    index.
    """
    positions = columns["position"]
    words = _words_of(_movement_cells(columns))
    if len(words) <= _MOST_WORDS or len(positions) == 1:
        add("movement", batch, positions[0], positions[-1], words)
        return
    middle = len(positions) // 2
    for half in (slice(None, middle), slice(middle, None)):
        _add_movements(add, batch, {name: column[half] for name, column in columns.items()})


def _index_events(journal: Journal) -> bool:
    event, part = schema.event, schema.search_part
    newest = sa.select(sa.func.coalesce(sa.func.max(part.c.last), 0)).where(part.c.kind == "event")
    waiting = (
        sa.select(event)
        .where(event.c.sequence > newest.scalar_subquery())
        .order_by(event.c.sequence)
    )
    with journal.reading() as connection:
        if connection.execute(waiting.limit(1)).first() is None:
            return False
    with journal.writing() as connection:
        rows = connection.execute(waiting.limit(_EVENTS_A_PART * 50)).all()
        add = _Adder(connection)
        for start in range(0, len(rows), _EVENTS_A_PART):
            some = rows[start : start + _EVENTS_A_PART]
            cells = (f"{row.kind} {row.subject} {row.actor} {row.data}" for row in some)
            add("event", 0, some[0].sequence, some[-1].sequence, _words_of(cells))
    return len(rows) == _EVENTS_A_PART * 50


class _Adder:
    """Adds a part and the words in it."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        sqlite = "INSERT INTO search_words (rowid, words) VALUES (:part, :words)"
        other = (
            "INSERT INTO search_words (part, words) VALUES (:part, to_tsvector('simple', :words))"
        )
        self._statement = sa.text(sqlite if connection.dialect.name == "sqlite" else other)

    def __call__(self, kind: str, batch: int, first: int, last: int, words: str) -> None:
        values = {"kind": kind, "batch_id": batch, "first": first, "last": last}
        key = self._connection.execute(
            schema.search_part.insert().values(**values)
        ).inserted_primary_key
        assert key is not None
        if words:
            self._connection.execute(
                self._statement, {"part": key[0], "words": words[:_MOST_WORDS]}
            )


def folded(text: str) -> str:
    """Lower case without accents."""
    if text.isascii():
        return text.casefold()
    return _MARKS.sub("", unicodedata.normalize("NFKD", text.casefold()))


def _words_of(cells: Iterable[str]) -> str:
    return " ".join(set(_WORD.findall(folded("\n".join(cells)))))


def _amount_words(minor: int | None) -> str:
    return f"m{abs(minor)}" if minor else ""


_TEXTS = (
    "number",
    "account",
    "reference",
    "description",
    "party",
    "tax_id",
    "account_name",
    "date",
)


def _movement_cells(columns: dict[str, Any]) -> Iterator[str]:
    for name in _TEXTS:
        yield from {str(cell) for cell in columns[name] if cell}
    for name in ("debit", "credit"):
        yield from {_amount_words(cell) for cell in columns[name] if cell}


def _line_cells(
    connection: sa.Connection, batch: int, everything: bool
) -> Iterator[tuple[int, int, list[str]]]:
    """(first, last, texts) of each thousand lines: of all, or of those that were rejected."""
    lines = (
        (line.number, text)
        for line, text in _lines(connection, batch, None)
        if everything or _rejected(line)
    )
    waiting: list[tuple[int, str]] = []
    size = 0
    for item in lines:
        waiting.append(item)
        size += len(item[1])
        if len(waiting) == blocks.ROWS or size > _MOST_WORDS:
            size = 0
            yield waiting[0][0], waiting[-1][0], [text for _, text in waiting]
            waiting = []
    if waiting:
        yield waiting[0][0], waiting[-1][0], [text for _, text in waiting]


def _rejected(line: blocks.StoredLine) -> bool:
    return line.disposition == "rejected"


def _lines(
    connection: sa.Connection, batch: int, numbers: Sequence[int] | None
) -> Iterator[tuple[blocks.StoredLine, str]]:
    owner = connection.execute(
        sa.select(schema.batch.c.file_id, schema.batch.c.encoding).where(schema.batch.c.id == batch)
    ).one()
    decoder = LineDecoder(owner.encoding or "utf-8")
    for line in blocks.lines(connection, batch, numbers):
        if line.text is not None:
            yield line, line.text
        else:
            yield (
                line,
                decoder.shown(
                    originals.bytes_at(connection, owner.file_id, line.offset, line.length)
                ),
            )


def _documents(connection: sa.Connection, batch: int) -> Iterator[Sequence[_Row]]:
    table = schema.document
    query = sa.select(table).where(table.c.batch_id == batch).order_by(table.c.id)
    yield from connection.execute(query.execution_options(yield_per=_DOCUMENTS_A_PART)).partitions()


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A word looked for, as it is or also as a beginning, or an amount in minor units; either of
    the two will do.
    """

    word: str = ""
    prefix: bool = False
    amount: int | None = None

    def question(self, beginning: str, quote: str) -> str:
        """Itself in the language of an index: ``beginning`` marks a word that may go on."""
        texts = (
            [f"{quote}{self.word}{quote}" + (beginning if self.prefix else "")] if self.word else []
        )
        if self.amount is not None:
            texts.append(f"{quote}m{self.amount}{quote}")
        return (
            f"({texts[0]} {'OR' if beginning == '*' else '|'} {texts[1]})"
            if len(texts) > 1
            else texts[0]
        )


def _wanted(text: str) -> list[_Wanted]:
    found = []
    for amount in _AMOUNT.findall(text):
        found.append(_Wanted(amount=int(re.sub(r"\D", "", amount))))
    for word in _WORD.findall(folded(_AMOUNT.sub(" ", text))):
        whole = int(word) * 100 if word.isascii() and word.isdigit() and len(word) < 16 else None
        found.append(_Wanted(word, len(word) >= 3, whole))
    return found


def _parts_with(connection: sa.Connection, wanted: Sequence[_Wanted]) -> Sequence[_Row]:
    part = schema.search_part
    if connection.dialect.name == "sqlite":
        question = " AND ".join(item.question("*", '"') for item in wanted)
        found = sa.text("SELECT rowid FROM search_words WHERE search_words MATCH :question")
    else:
        question = " & ".join(item.question(":*", "'") for item in wanted)
        found = sa.text(
            "SELECT part FROM search_words WHERE words @@ to_tsquery('simple', :question)"
        )
    numbers = connection.execute(found, {"question": question}).scalars().all()
    rows: list[_Row] = []
    for start in range(0, len(numbers), 5000):
        some = part.c.id.in_(numbers[start : start + 5000])
        rows += connection.execute(sa.select(part).where(some)).all()
    order = {"document": 0, "movement": 1, "line": 2, "event": 3}
    return sorted(rows, key=lambda row: (order.get(row.kind, 9), -row.batch_id, -row.first))


def _fits(hit: Hit, wanted: Sequence[_Wanted]) -> bool:
    words = set(_WORD.findall(folded(f"{hit.document} {hit.date} {hit.text}")))
    return all(_fits_one(hit, words, item) for item in wanted)


def _fits_one(hit: Hit, words: set[str], item: _Wanted) -> bool:
    if item.amount is not None and hit.amount is not None and abs(hit.amount) == item.amount:
        return True
    if not item.word:
        return False
    return item.word in words or (item.prefix and any(word.startswith(item.word) for word in words))


class _Files:
    """Names of the files of batches."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self.name: Callable[[int], str] = lru_cache(maxsize=None)(self._name)

    def _name(self, batch: int) -> str:
        query = (
            sa.select(schema.file.c.name)
            .join(schema.batch, schema.batch.c.file_id == schema.file.c.id)
            .where(schema.batch.c.id == batch)
        )
        return str(self._connection.execute(query).scalar() or "")


def _movement_hits(connection: sa.Connection, files: _Files, part: _Row) -> Iterator[Hit]:
    name = files.name(part.batch_id)
    for item in blocks.movements(connection, part.batch_id, part.first, part.last):
        parts = (
            item.number,
            item.account,
            item.account_name,
            item.reference,
            item.description,
            item.party,
            item.tax_id,
        )
        shown = " · ".join(text for text in parts if text)
        amount = item.debit or -item.credit
        yield Hit(
            "movement",
            part.batch_id,
            name,
            item.line,
            f"{item.kind} {item.number}".strip(),
            item.date,
            amount,
            shown,
        )


def _line_hits(connection: sa.Connection, files: _Files, part: _Row) -> Iterator[Hit]:
    name = files.name(part.batch_id)
    for line, text in _lines(connection, part.batch_id, range(part.first, part.last + 1)):
        yield Hit("line", part.batch_id, name, line.number, "", "", None, text)


def _document_hits(connection: sa.Connection, files: _Files, part: _Row) -> Iterator[Hit]:
    table = schema.document
    query = sa.select(table).where(
        table.c.batch_id == part.batch_id, table.c.id.between(part.first, part.last)
    )
    name = files.name(part.batch_id)
    for row in connection.execute(query.order_by(table.c.id.desc())):
        yield Hit(
            "document",
            row.batch_id,
            name,
            row.line,
            row.external_ref,
            row.date,
            row.debit,
            f"{row.number} {row.description}",
        )


def _event_hits(connection: sa.Connection, _: _Files, part: _Row) -> Iterator[Hit]:
    table = schema.event
    query = sa.select(table).where(table.c.sequence.between(part.first, part.last))
    for row in connection.execute(query.order_by(table.c.sequence.desc())):
        yield Hit(
            "event", 0, "", 0, row.subject, row.at[:19], None, f"{row.kind} {row.actor} {row.data}"
        )


_READERS: dict[str, Callable[[sa.Connection, _Files, _Row], Iterator[Hit]]] = {
    "movement": _movement_hits,
    "line": _line_hits,
    "document": _document_hits,
    "event": _event_hits,
}


def amount_text(hit: Hit) -> str:
    """The amount for people, empty where there is none."""
    return "" if hit.amount is None else f"{from_minor(hit.amount):,.2f}"
