"""Between the importers' records and the journal's rows, and back.

The external reference is made here and only here: company, source system, kind, period and number, the same on every
run, so that a document can never be sent under two names.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from app.journal.events import canonical
from app.money import from_minor, to_minor
from importers import LedgerLine, Voucher, VoucherLine


def external_reference(company: str, source_system: str, voucher: Voucher) -> str:
    """``COMPANY/system/kind/yyyy-mm/number``; slashes and blanks inside a part are written ``%2F`` and ``%20``, so that
    two numbers never share a reference."""
    parts = (company, source_system, voucher.kind or "-", voucher.period, voucher.number or f"L{voucher.line}")
    return "/".join(re.sub(r"[%/\s]", lambda found: f"%{ord(found[0]):02X}", part) for part in parts)


def document_row(
    identifier: int, batch: int, company: str, source_system: str, voucher: Voucher, blocked_by: str
) -> dict[str, object]:
    """The ``document`` row of a voucher."""
    content = _content(voucher)
    return {
        "id": identifier, "batch_id": batch, "line": voucher.line, "last_line": voucher.last_line, "kind": "voucher",
        "source_kind": voucher.kind, "number": voucher.number, "date": voucher.date.isoformat(),
        "period": voucher.period, "description": voucher.description,
        "external_ref": external_reference(company, source_system, voucher),
        "content_hash": _content_hash(content), "content": canonical(content), "debit": to_minor(voucher.debit),
        "credit": to_minor(voucher.credit), "state": "blocked" if blocked_by else "ready", "blocked_by": blocked_by,
    }  # fmt: skip


def ledger_row(
    batch: int, document: int | None, line: LedgerLine | VoucherLine, voucher: Voucher | None = None
) -> dict[str, object]:
    """The ``ledger_line`` row of a movement; a voucher lends its lines date, kind and number."""
    if isinstance(line, LedgerLine):
        day, kind, number = line.date, line.kind, line.number
    else:
        assert voucher is not None
        day, kind, number = voucher.date, voucher.kind, voucher.number
    return {
        "batch_id": batch, "line": line.line, "document_id": document, "date": day.isoformat(),
        "account": line.account, "account_name": line.account_name, "debit": to_minor(line.debit),
        "credit": to_minor(line.credit), "kind": kind, "number": number, "reference": line.reference,
        "description": line.description, "party": line.party, "tax_id": line.tax_id, "currency": line.currency,
    }  # fmt: skip


def voucher_lines(content: str) -> list[VoucherLine]:
    """The movements kept in a document's ``content``."""
    return [_line(item) for item in json.loads(content)["lines"]]


def _content(voucher: Voucher) -> dict[str, Any]:
    return {
        "date": voucher.date.isoformat(), "kind": voucher.kind, "number": voucher.number,
        "description": voucher.description, "uuids": list(voucher.uuids),
        "lines": [
            {
                "line": line.line, "account": line.account, "debit": to_minor(line.debit),
                "credit": to_minor(line.credit), "reference": line.reference, "description": line.description,
                "segment": line.segment, "account_name": line.account_name, "party": line.party,
                "tax_id": line.tax_id, "currency": line.currency,
            }
            for line in voucher.lines
        ],
    }  # fmt: skip


def _content_hash(content: Mapping[str, Any]) -> str:
    """Hash of what the voucher says, not of where in the file it says it."""
    lines = [{name: value for name, value in line.items() if name != "line"} for line in content["lines"]]
    return hashlib.sha256(canonical({**content, "lines": lines}).encode()).hexdigest()


def _line(item: Mapping[str, Any]) -> VoucherLine:
    return VoucherLine(
        line=item["line"], account=item["account"], debit=from_minor(item["debit"]),
        credit=from_minor(item["credit"]), reference=item["reference"], description=item["description"],
        segment=item["segment"], account_name=item["account_name"], party=item["party"], tax_id=item["tax_id"],
        currency=item["currency"],
    )  # fmt: skip
