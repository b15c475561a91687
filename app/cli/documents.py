"""``cuadre documents``: what files of fiscal documents say, before anything is sent."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, timedelta
from decimal import Decimal
from itertools import chain
from pathlib import Path

from app import telling
from app.cli.home import open_home
from app.cli.intake import exports_of
from app.cli.output import Stop, answer, decided, table
from app.cli.reading import known_tax_ids
from app.cli.targets import known_connection, open_target
from app.company import settings
from app.documents.obstacles import blocked_text
from app.journal import Journal
from app.journal.outbox import state_text
from app.reconciling.fiscal_documents import (
    EXPLAINED,
    STATE_TEXTS,
    Compared,
    Comparison,
    compare,
)
from app.sending import fiscal_documents
from app.sending.fiscal_documents import Listed
from app.sheets import write_rows
from app.translation import QT_TRANSLATE_NOOP, render, translate
from connectors.errors import ConnectorError
from importers.findings import Severity
from importers.fiscal import FiscalDocument, Kind, Reading, read_documents


def preview(chosen: argparse.Namespace) -> int:
    """The documents of a file, a folder or a zip as they would be sent. Exit status 1 where one of
    them has an error, 2 where none could be read.
    """
    own = chosen.own_tax_id or known_tax_ids(settings.home_folder(chosen.home))
    found = read_documents(exports_of(chosen.file), own)
    value = {**found.as_json(), "findings": list(_findings_json(found))}
    answer(chosen.json, value, _lines(found))
    if not found.documents and not found.status:
        return 2
    errors = any(said.finding.severity is Severity.ERROR for said in found.findings)
    return 1 if errors else 0


def list_(chosen: argparse.Namespace) -> int:
    """Every journaled document. Exit status 1 where one is blocked."""
    journal = open_home(chosen)
    found = list(fiscal_documents.listed(journal, chosen.period))
    answer(chosen.json, {"documents": [_listed_json(one) for one in found]}, _listed_lines(found))
    return 1 if any(one.blocked_by for one in found) else 0


def show(chosen: argparse.Namespace) -> int:
    """Everything one document says. Exit status 2 where there is none of that name."""
    journal = open_home(chosen)
    found = _named(journal, chosen.document)
    values = [
        {**_listed_json(one), "document": one.paper.as_json() if one.paper else None}
        for one in found
    ]
    answer(chosen.json, {"documents": values}, chain.from_iterable(map(_shown, found)))
    return 0


def accept(chosen: argparse.Namespace) -> int:
    """A document goes as it is, whatever is unusual about it."""
    journal = open_home(chosen)
    known_connection(journal, chosen.connection)
    found = _named(journal, chosen.document)
    references = [one.row.external_ref for one in found]
    decided(
        lambda: fiscal_documents.tell_apart(journal, chosen.connection, references, chosen.reason)
    )
    text = translate("cli", "{documents} goes at the next sending.")
    answer(chosen.json, {"accepted": references}, [text.format(documents=", ".join(references))])
    return 0


def check(chosen: argparse.Namespace) -> int:
    """The month's documents against a target. Exit status 1 where something is unexplained."""
    journal, target = open_target(chosen, chosen.connection)
    start = _first_day(chosen.period)
    end = (start + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    try:
        found = compare(journal, chosen.connection, target, start, end)
    except ConnectorError as error:
        raise Stop(telling.tell(error)) from None
    finally:
        target.close()
    if chosen.report:
        heading = [translate("cli", text) for text in _COMPARED]
        path = Path(chosen.report)
        write_rows(path, chosen.period, heading, [_cells(one) for one in found.rows], _WIDTHS)
    value = {
        "counts": {state.value: count for state, count in sorted(found.counts.items())},
        "unexplained": found.unexplained,
        "documents": [_compared_json(one) for one in found.rows],
    }
    answer(chosen.json, value, compared_lines(found))
    return 1 if found.unexplained else 0


def _first_day(period: str) -> date:
    try:
        return date.fromisoformat(f"{period}-01")
    except ValueError:
        text = translate("cli", "{value} is not a month; write it as 2026-01.")
        raise Stop(text.format(value=period)) from None


def _compared_json(one: Compared) -> dict[str, object]:
    said = asdict(one)
    return {
        name: str(value) if isinstance(value, Decimal) else value for name, value in said.items()
    }


def _cells(one: Compared) -> tuple[str, ...]:
    amounts = (one.total, one.in_books, one.open, one.open_in_books)
    shown = ("" if amount is None else f"{amount:,.2f}" for amount in amounts)
    kind = translate("cli", _KINDS[Kind(one.kind)]) if one.kind in set(Kind) else one.kind
    state = translate("documents", STATE_TEXTS[one.state])
    said = (state, kind, one.number, one.day, one.party, one.currency)
    return (*said, *shown, one.booked_as, one.booked_on, one.id)


def compared_lines(found: Comparison) -> Iterator[str]:
    """How many documents stand how, and each that asks for something."""
    for state, count in sorted(found.counts.items()):
        yield f"{count:>6,}  {translate('documents', STATE_TEXTS[state])}"
    rows = [_cells(one)[:-1] for one in found.rows if one.state not in EXPLAINED]
    if rows:
        heading = tuple(translate("cli", text) for text in _COMPARED[:-1])
        yield from table([heading, *rows[:SHOWN]], right=(6, 7, 8, 9))


_COMPARED = (
    QT_TRANSLATE_NOOP("cli", "how it stands"),
    QT_TRANSLATE_NOOP("cli", "document"),
    QT_TRANSLATE_NOOP("cli", "number"),
    QT_TRANSLATE_NOOP("cli", "date"),
    QT_TRANSLATE_NOOP("cli", "third party"),
    QT_TRANSLATE_NOOP("cli", "currency"),
    QT_TRANSLATE_NOOP("cli", "total"),
    QT_TRANSLATE_NOOP("cli", "in the books"),
    QT_TRANSLATE_NOOP("cli", "open"),
    QT_TRANSLATE_NOOP("cli", "open in the books"),
    QT_TRANSLATE_NOOP("cli", "booked as"),
    QT_TRANSLATE_NOOP("cli", "booked on"),
    QT_TRANSLATE_NOOP("cli", "identifier"),
)
_WIDTHS = (30, 20, 16, 12, 40, 10, 14, 14, 14, 16, 18, 12, 44)
SHOWN = 50


def _named(journal: Journal, name: str) -> list[Listed]:
    """The documents of a name. Raises Stop where there is none."""
    found = fiscal_documents.named(journal, name)
    if not found:
        text = translate("cli", "The journal has no fiscal document {name}.")
        raise Stop(text.format(name=name))
    return found


def _listed_json(one: Listed) -> dict[str, object]:
    return {
        "reference": one.row.external_ref,
        "kind": one.row.source_kind,
        "number": one.row.number,
        "date": one.row.date,
        "party": one.row.description,
        "file": one.row.name,
        "batch": one.row.batch_id,
        "line": one.row.line,
        "authority": one.authority,
        "blocked_by": one.blocked_by,
        "sent": {name: state.value for name, state in one.sent.items()},
    }


def _listed_lines(found: list[Listed]) -> Iterator[str]:
    heading = (
        translate("cli", "document"),
        translate("cli", "number"),
        translate("cli", "date"),
        translate("cli", "third party"),
        translate("cli", "currency"),
        translate("cli", "total"),
        translate("cli", "state"),
    )
    yield from table([heading, *map(_listed_row, found)], right=(5,))


def _listed_row(one: Listed) -> tuple[str, ...]:
    paper = one.paper
    total = paper.totals.get("due", paper.totals.get("total")) if paper else None
    amount = total if total is not None else (paper.amount if paper else None)
    return (
        translate("cli", _KINDS[Kind(one.row.source_kind)]),
        one.row.number,
        one.row.date,
        one.row.description[:36],
        paper.currency if paper else "",
        "" if amount is None else f"{amount:,.2f}",
        _state(one),
    )


def _state(one: Listed) -> str:
    """What blocks it, what the authority says of it, and how far it is in each target."""
    said = [blocked_text(one.blocked_by)] if one.blocked_by else []
    if one.authority in ("cancelled", "rejected"):
        said.append(translate("cli", _STATES[one.authority]))
    said += [f"{name}: {state_text(state)}" for name, state in one.sent.items()]
    return "; ".join(said)


def _shown(one: Listed) -> Iterator[str]:
    """The document as its paper has it."""
    yield from _listed_lines([one])
    yield f"  {one.row.external_ref}  ·  {one.row.name} L{one.row.line}"
    paper = one.paper
    if paper is None:
        return
    for line in paper.lines or ():
        taxes = ", ".join(f"{tax.key} {tax.amount:f}" for tax in line.taxes)
        yield f"  {line.n}. {line.text[:60]}  {line.quantity:f} × {line.unit_price:f}  {taxes}"
    for tax in paper.taxes or ():
        yield f"  {tax.key}  {tax.amount * tax.sign:,.2f}"
    for name, text in _TOTALS.items():
        if amount := paper.totals.get(name):
            yield f"  {translate('cli', text)}: {amount:,.2f} {paper.currency}"
    for relation in paper.relations or ():
        yield f"  → {relation.type} {relation.id}"
    for part in paper.applications or ():
        yield f"  → {part.number or part.id}: {part.paid:,.2f} {part.currency}"
    for file in paper.attachments:
        yield f"  📎 {file.name}"


def _findings_json(found: Reading) -> Iterator[dict[str, str]]:
    for said in found.findings:
        yield {
            "file": said.file,
            "document": said.document,
            "severity": said.finding.severity.value,
            "code": said.finding.code,
            "message": render(said.finding.message, "findings"),
        }


def _lines(found: Reading) -> Iterator[str]:
    heading = (
        translate("cli", "document"),
        translate("cli", "number"),
        translate("cli", "date"),
        translate("cli", "third party"),
        translate("cli", "currency"),
        translate("cli", "net"),
        translate("cli", "taxes"),
        translate("cli", "withheld"),
        translate("cli", "total"),
        translate("cli", "due"),
    )
    rows = [_row(document) for document in found.documents]
    yield from table([heading, *rows], right=(5, 6, 7, 8, 9))
    for status in found.status:
        said = {"id": status.id, "status": translate("cli", _STATES[status.status])}
        yield translate("cli", "{id}: {status} at the tax authority").format(**said)
    for name in found.missing_xml:
        yield translate("cli", "{id}: no XML here; nothing is made of it").format(id=name)
    for finding in found.findings:
        text = render(finding.finding.message, "findings")
        yield "  · " + " · ".join(filter(None, (finding.file, finding.document, text)))


def _row(document: FiscalDocument) -> tuple[str, ...]:
    totals = document.totals
    added = totals.get("transferred", Decimal(0)) + totals.get("local_transferred", Decimal(0))
    withheld = totals.get("withheld", Decimal(0)) + totals.get("local_withheld", Decimal(0))
    total = totals.get("total", totals.get("net", Decimal(0)))
    return (
        translate("cli", _KINDS[document.kind]),
        document.number["text"],
        document.dates.get("paid") or document.dates.get("issued") or "",
        f"{document.party.name[:30]} {document.party.tax_id}".strip(),
        document.currency,
        f"{totals.get('net', total):,.2f}",
        f"{added:,.2f}",
        f"{withheld:,.2f}",
        f"{total:,.2f}",
        f"{totals.get('due', total):,.2f}",
    )


_KINDS = {
    Kind.SALES_INVOICE: QT_TRANSLATE_NOOP("cli", "sales invoice"),
    Kind.SALES_CREDIT: QT_TRANSLATE_NOOP("cli", "credit note issued"),
    Kind.SALES_DEBIT: QT_TRANSLATE_NOOP("cli", "debit note issued"),
    Kind.PURCHASE_BILL: QT_TRANSLATE_NOOP("cli", "bill"),
    Kind.PURCHASE_CREDIT: QT_TRANSLATE_NOOP("cli", "credit note received"),
    Kind.PURCHASE_DEBIT: QT_TRANSLATE_NOOP("cli", "debit note received"),
    Kind.RECEIPT: QT_TRANSLATE_NOOP("cli", "receipt"),
    Kind.PAYMENT: QT_TRANSLATE_NOOP("cli", "payment"),
    Kind.PAYROLL: QT_TRANSLATE_NOOP("cli", "payroll"),
    Kind.CERTIFICATE: QT_TRANSLATE_NOOP("cli", "certificate of withholding"),
    Kind.EVENT: QT_TRANSLATE_NOOP("cli", "event"),
    Kind.IGNORED: QT_TRANSLATE_NOOP("cli", "ignored"),
}
_TOTALS = {
    "gross": QT_TRANSLATE_NOOP("cli", "before discounts"),
    "discount": QT_TRANSLATE_NOOP("cli", "discounts"),
    "net": QT_TRANSLATE_NOOP("cli", "net"),
    "transferred": QT_TRANSLATE_NOOP("cli", "taxes"),
    "withheld": QT_TRANSLATE_NOOP("cli", "withheld"),
    "withheld_stated": QT_TRANSLATE_NOOP("cli", "withholdings the paper states"),
    "local_transferred": QT_TRANSLATE_NOOP("cli", "local taxes"),
    "local_withheld": QT_TRANSLATE_NOOP("cli", "local taxes withheld"),
    "charges": QT_TRANSLATE_NOOP("cli", "charges"),
    "allowances": QT_TRANSLATE_NOOP("cli", "allowances"),
    "prepaid": QT_TRANSLATE_NOOP("cli", "prepaid"),
    "rounding": QT_TRANSLATE_NOOP("cli", "rounding"),
    "total": QT_TRANSLATE_NOOP("cli", "total"),
    "due": QT_TRANSLATE_NOOP("cli", "due"),
}
_STATES = {
    "valid": QT_TRANSLATE_NOOP("cli", "valid"),
    "cancelled": QT_TRANSLATE_NOOP("cli", "cancelled"),
    "unknown": QT_TRANSLATE_NOOP("cli", "unknown"),
    "rejected": QT_TRANSLATE_NOOP("cli", "rejected"),
}
