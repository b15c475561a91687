"""``cuadre documents``: what files of fiscal documents say, before anything is sent."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from decimal import Decimal

from app.cli.intake import exports_of
from app.cli.output import answer, table
from app.cli.reading import known_tax_ids
from app.company import settings
from app.translation import QT_TRANSLATE_NOOP, render, translate
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
_STATES = {
    "valid": QT_TRANSLATE_NOOP("cli", "valid"),
    "cancelled": QT_TRANSLATE_NOOP("cli", "cancelled"),
    "unknown": QT_TRANSLATE_NOOP("cli", "unknown"),
}
