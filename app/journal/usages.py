"""Which codes a batch uses, how often, and what they are called: what a map will be asked for.

Derived from the movements and vouchers of the batch, while they are written and again from them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import compress
from typing import Any, NamedTuple

import sqlalchemy as sa

from app.journal import blocks, schema
from app.journal.rows import Transaction

ACCOUNT, PARTY, JOURNAL, DIMENSION = "account", "party", "journal", "dimension"
_KINDS = (ACCOUNT, PARTY, JOURNAL, DIMENSION)


class Usage(NamedTuple):
    """A code of a kind, the name it was last called by, and how often it is used."""

    kind: str
    source: str
    name: str
    uses: int


class Uses:
    """Counts the codes of one batch as its movements and vouchers come."""

    def __init__(self) -> None:
        self._names: dict[str, dict[str, str]] = {kind: {} for kind in _KINDS}
        self._counts: dict[str, Counter[str]] = {kind: Counter() for kind in _KINDS}

    def take(self, columns: Mapping[str, Sequence[Any]]) -> None:
        """Movements as columns; those outside of vouchers do not count."""
        nothing = [""] * len(columns["account"])
        accounts, account_names, parties, tax_ids, segments = (
            columns.get(name, nothing)
            for name in ("account", "account_name", "party", "tax_id", "segment")
        )
        if None in columns["document"]:
            inside = [document is not None for document in columns["document"]]
            accounts, account_names, parties, tax_ids, segments = (
                list(compress(values, inside))
                for values in (accounts, account_names, parties, tax_ids, segments)
            )
        self._count(ACCOUNT, accounts, account_names)
        if any(parties) or any(tax_ids):
            self._count(PARTY, list(map(party_key, tax_ids, parties)), parties)
        if any(segments):
            self._count(DIMENSION, list(map(dimension_key, segments)), nothing[: len(segments)])

    def take_voucher(self, source_kind: str) -> None:
        self._counts[JOURNAL][source_kind] += 1

    def __iter__(self) -> Iterator[Usage]:
        for kind, counts in self._counts.items():
            for source, uses in counts.items():
                yield Usage(kind, source, self._names[kind].get(source, ""), uses)

    def _count(self, kind: str, keys: Sequence[str], named: Sequence[str]) -> None:
        names, counts = self._names[kind], self._counts[kind]
        counts.update(keys)
        counts.pop("", None)
        if any(named):
            pairs = zip(keys, named, strict=True)
            names.update(pairs if "" not in named else ((key, name) for key, name in pairs if name))


def party_key(tax_id: str, name: str) -> str:
    """How a party is known in a map: by its tax id, else by its name."""
    return tax_id or name.strip()


def dimension_key(segment: str) -> str:
    """How a segment is known in a map; CONTPAQi writes none as zeros."""
    return segment.strip() if segment.strip("0 ") else ""


def keep(transaction: Transaction, batch: int, uses: Uses) -> None:
    """Write what a batch uses, instead of what was written of it before."""
    table = schema.usage
    transaction.execute(table.delete().where(table.c.batch_id == batch))
    rows = [{"batch_id": batch, **usage._asdict()} for usage in uses]
    if rows:
        transaction.execute(table.insert(), rows)


def derived(transaction: Transaction, batch: int) -> Uses:
    """What a batch uses, by its movements and vouchers."""
    found, document, record = Uses(), schema.document, schema.record
    for columns in blocks.block_columns(transaction, batch, blocks.MOVEMENTS):
        found.take(columns)
    others = sa.select(record.c.document_id).where(record.c.batch_id == batch)
    vouchers = sa.select(document.c.source_kind).where(
        document.c.batch_id == batch, document.c.id.not_in(others)
    )
    for source_kind in transaction.execute(vouchers.order_by(document.c.id)).scalars():
        found.take_voucher(source_kind)
    return found


def kept(transaction: Transaction, batch: int) -> list[Usage]:
    """What is written of a batch."""
    table = schema.usage
    columns = [table.c[name] for name in Usage._fields]
    rows = transaction.execute(sa.select(*columns).where(table.c.batch_id == batch))
    return [Usage(*row) for row in rows]
