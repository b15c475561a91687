"""Rows of Odoo: what goes into ``load()``, and what its answers mean."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from connectors.documents import (
    EntryLine,
    JournalEntry,
    LedgerMove,
    RemoteAccount,
    RemoteRecord,
)

LINES_PER_LOAD = 2000
"""At the 85 lines a second seen on a busy server this stays within a time-out of two minutes."""
_CLASH = ("could not serialize", "serializ", "concurrent", "concurrente")

ENTRY_LOCKS = ("fiscalyear_lock_date", "hard_lock_date", "period_lock_date")
_JOURNAL_LOCKS = {
    "sale": ("sale_lock_date",),
    "purchase": ("purchase_lock_date",),
    "tax": ("tax_lock_date",),
}
_STATES = {"draft": "draft", "posted": "posted", "cancel": "cancelled"}


def account_of(row: Mapping[str, Any], spoken: str) -> RemoteAccount:
    """``spoken`` is its name in the user's language, empty where that is English."""
    kind = str(row.get("account_type") or "")
    of_parties = kind or str(row.get("internal_type") or "")
    return RemoteAccount(
        row["code"],
        spoken or row["name"],
        kind.split("_", maxsplit=1)[0],
        currency=row["currency_id"][1] if row["currency_id"] else "",
        of_parties=of_parties.split("_")[-1] in ("receivable", "payable"),
        other_name=row["name"] if spoken not in ("", row["name"]) else "",
    )


def narration_of(entry: JournalEntry) -> str:
    """What people know the entry by, as HTML: its concept, its folio, the fiscal documents."""
    said = [entry.description, entry.folio, *entry.uuids]
    return "".join(f"<p>{html.escape(text)}</p>" for text in said if text)


def last_lock(company: Mapping[str, Any], kind: str) -> str:
    """The last locked day for a journal of that kind; empty where nothing is locked."""
    names = (*ENTRY_LOCKS, *_JOURNAL_LOCKS.get(kind, ()))
    return max((company[name] for name in names if company.get(name)), default="")


def by_lines(entries: Sequence[JournalEntry]) -> Iterator[list[JournalEntry]]:
    """Entries in chunks of so many lines that a busy server answers within the read time-out."""
    chunk: list[JournalEntry] = []
    lines = 0
    for entry in entries:
        if chunk and lines + len(entry.lines) > LINES_PER_LOAD:
            yield chunk
            chunk, lines = [], 0
        chunk.append(entry)
        lines += len(entry.lines)
    if chunk:
        yield chunk


def bad_entries(messages: Sequence[Mapping[str, Any]], owners: Sequence[int]) -> dict[int, str]:
    """Index of entry → the server's words, by ``rows.from`` or ``record``; a clash of transactions
    names none.
    """
    bad: dict[int, str] = {}
    for message in messages:
        words = str(message.get("message", ""))
        if message.get("type", "error") != "error" or any(word in words.lower() for word in _CLASH):
            continue
        row = (message.get("rows") or {}).get("from")
        index = (
            owners[row]
            if isinstance(row, int) and 0 <= row < len(owners)
            else message.get("record")
        )
        if isinstance(index, int):
            bad.setdefault(index, words)
    return bad


def first_words(answer: Mapping[str, Any]) -> str:
    return next(
        (str(message.get("message")) for message in answer.get("messages") or []),
        "load() gave no ids",
    )


def with_changes(record: RemoteRecord, entry: JournalEntry) -> RemoteRecord:
    changes = list(record.changes)
    if record.date != entry.date:
        changes.append(f"date: {entry.date} → {record.date}")
    if record.state != "posted":
        changes.append(f"state: {record.state}")
    return RemoteRecord(
        record.remote_id,
        record.number,
        record.reference,
        record.date,
        record.state,
        record.lines,
        tuple(changes),
    )


def record_of(move: Mapping[str, Any], lines: tuple[EntryLine, ...]) -> RemoteRecord:
    return RemoteRecord(
        str(move["id"]),
        move["name"] or "",
        move["ref"] or "",
        date.fromisoformat(move["date"]),
        _STATES.get(move["state"], move["state"]),
        lines,
    )


def move_of(row: Mapping[str, Any], codes: Mapping[int, str]) -> LedgerMove:
    account, name = row["account_id"] or (0, "")
    partner = row["partner_id"] or (0, "")
    return LedgerMove(
        remote_id=str(row["id"]),
        entry_id=str(row["move_id"][0]),
        date=date.fromisoformat(row["date"]),
        account=codes.get(account, str(name).split(" ")[0]),
        account_name=name,
        debit=_amount(row["debit"]),
        credit=_amount(row["credit"]),
        number=row["move_name"] or "",
        reference=row["ref"] or "",
        label=row["name"] or "",
        partner=partner[1],
    )


def _amount(value: object) -> Decimal:
    """Odoo answers JSON floats; their shortest repr rounded to cents is the amount that was
    stored.
    """
    return Decimal(repr(value)).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def names_partner(entry: JournalEntry) -> bool:
    return any(line.partner for line in entry.lines)
