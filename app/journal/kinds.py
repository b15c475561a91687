"""The kinds of documents there are, as far as the journal has to know them.

Each kind makes itself known here when its module is imported (see :mod:`app.documents`); the
journal itself names none of them.
"""

from __future__ import annotations

from dataclasses import dataclass

_BY_RECORD: dict[str, StoredKind] = {}
_BY_NAME: dict[str, StoredKind] = {}


@dataclass(frozen=True, slots=True)
class StoredKind:
    """``record`` is what the journal calls a document of it, ``name`` what the outbox calls it;
    those of a lower ``rank`` are sent first. ``is_awaited``: one that is ready and in no outbox is
    missed.
    """

    name: str
    record: str
    rank: int
    is_awaited: bool = True


def register(kind: StoredKind) -> None:
    """Make a kind known. Raises ValueError where another has its name: it would be sent in the
    order of that one.
    """
    if _BY_NAME.setdefault(kind.name, kind) != kind:
        raise ValueError(kind.name)
    _BY_RECORD[kind.record] = kind


def unregister(kind: StoredKind) -> None:
    """Forget a kind."""
    del _BY_NAME[kind.name], _BY_RECORD[kind.record]


def of_record(record: str) -> StoredKind:
    """The kind of a journaled document. Raises LookupError."""
    return _BY_RECORD[record]


def of_name(name: str) -> StoredKind:
    """The kind of a row of the outbox. Raises LookupError."""
    return _BY_NAME[name]


def awaited() -> list[str]:
    """What the journal calls the documents that have to be sent some day."""
    return [record for record, kind in _BY_RECORD.items() if kind.is_awaited]
