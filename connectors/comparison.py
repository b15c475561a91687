"""Whether a document found in a target says what ours says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from connectors.documents import (
    Attachment,
    Contact,
    EntryLine,
    Invoice,
    JournalEntry,
    RemoteRecord,
    Sent,
)


class Difference(str):
    """One thing that differs, as English text that also knows its parts: ``kind`` of thing (date,
    account, total …), ``of`` which one (empty where there is only one), and the two ``sides``, ours
    first.
    """

    kind: str
    of: str
    sides: tuple[str, str]

    def __new__(cls, kind: str, of: str, ours: object, theirs: object) -> Difference:
        made = super().__new__(
            cls, f"{kind} {of}: {ours} ≠ {theirs}" if of else f"{kind} {ours} ≠ {theirs}"
        )
        made.kind, made.of, made.sides = kind, of, (str(ours), str(theirs))
        return made


Amounts = Counter[tuple[Decimal, Decimal]]


def differences(document: Sent, record: RemoteRecord) -> list[Difference]:
    """In what a document found in the target differs from ours; empty when it may be adopted.

    An entry is compared by date, amounts by account, number of lines, and parties where both name
    any; an invoice or payment by date, total and party; a contact by its tax id, or its name where
    it has none; a file by its name. What the target does not say is not compared.
    """
    if isinstance(document, Attachment):
        is_same = document.name == record.name
        return [] if is_same else [Difference("name", "", document.name, record.name)]
    if isinstance(document, JournalEntry):
        return [*_dates(document.date, record), *_lines(document.lines, record.lines)]
    if isinstance(document, Contact):
        by_tax_id = ("tax id", document.tax_id, record.number)
        kind, ours, theirs = by_tax_id if document.tax_id else ("name", document.name, record.name)
        is_same = _plain(theirs) in (_plain(ours), _plain(document.number) or _plain(ours))
        return [Difference(kind, "", ours, theirs)] if theirs and not is_same else []
    found = _dates(document.date, record)
    total = document.total if isinstance(document, Invoice) else document.amount
    if total is not None and record.total is not None and total != record.total:
        found.append(Difference("total", "", f"{total:,.2f}", f"{record.total:,.2f}"))
    if record.contact and document.contact not in ("", record.contact):
        found.append(Difference("contact", "", document.contact, record.contact))
    return found


def _dates(day: object, record: RemoteRecord) -> list[Difference]:
    return [Difference("date", "", day, record.date)] if record.date != day else []


def _lines(ours: Sequence[EntryLine], theirs: Sequence[EntryLine]) -> list[Difference]:
    found = []
    mine, other = _by_account(ours), _by_account(theirs)
    for account in sorted(mine.keys() | other.keys()):
        if mine.get(account) != other.get(account):
            found.append(
                Difference(
                    "account", account, _shown(mine.get(account)), _shown(other.get(account))
                )
            )
    if len(ours) != len(theirs):
        found.append(Difference("lines", "", len(ours), len(theirs)))
    parties, others = (
        Counter(line.partner for line in ours),
        Counter(line.partner for line in theirs),
    )
    if any(parties) and any(others) and parties != others:
        found.append(
            Difference(
                "party",
                "",
                *(", ".join(sorted(filter(None, names))) for names in (parties, others)),
            )
        )
    return found


def _by_account(lines: Sequence[EntryLine]) -> dict[str, Amounts]:
    """Amounts of each account, as a multiset: the order of lines and the scale of an amount say
    nothing.
    """
    found: dict[str, Amounts] = {}
    for line in lines:
        found.setdefault(line.account, Counter())[
            (line.debit.normalize(), line.credit.normalize())
        ] += 1
    return found


def _shown(amounts: Amounts | None) -> str:
    if not amounts:
        return "–"
    return " + ".join(f"{debit or -credit:,.2f}" for debit, credit in sorted(amounts.elements()))


def _plain(text: str) -> str:
    return "".join(letter for letter in text.upper() if letter.isalnum())
