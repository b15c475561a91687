"""Between the importers' records and the journal's rows, and back.

The external reference is made here and only here: company, source system, kind, period and number,
the same on every run, so that a document can never be sent under two names.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from app.journal.blocks import Movement
from app.money import from_minor, to_minor
from importers import Finding, LedgerLine, Voucher, VoucherLine
from importers.records import ColumnLines


def external_reference(company: str, source_system: str, voucher: Voucher, period: str = "") -> str:
    """``COMPANY/system/kind/yyyy-mm/number``; slashes and blanks inside a part are written ``%2F``
    and ``%20``, so that two numbers never share a reference. ``period`` is the voucher's, where the
    caller has it at hand.
    """
    kind, number, period = (
        voucher.kind or "-",
        voucher.number or f"L{voucher.line}",
        period or voucher.period,
    )
    if number.isalnum() and kind.isalnum() and len(number) + len(kind) < _SHORT:
        return f"{_escaped(company)}/{_escaped(source_system)}/{kind}/{period}/{number}"
    return joined_reference(company, source_system, kind, period, number)


def joined_reference(*parts: str) -> str:
    """Parts as one reference, each kept apart from the next; one that would be too long ends in a
    digest of itself.
    """
    reference = "/".join(map(_escaped, parts))
    if len(reference) <= LONGEST_REFERENCE:
        return reference
    digest = hashlib.sha256(reference.encode()).hexdigest()[:32]
    return f"{reference[: LONGEST_REFERENCE - 33]}~{digest}"


LONGEST_REFERENCE = 160
"""Characters the journal keeps of a reference."""
_SHORT = 60


def too_long(voucher: Voucher) -> Iterator[Finding]:
    """What of a voucher is longer than the journal keeps, which no accounting system writes."""
    for name, text, most in (
        ("folio", voucher.number, LONGEST_NUMBER),
        ("tipo", voucher.kind, LONGEST_KIND),
    ):
        if len(text) > most:
            yield too_long_text(voucher.line, name, text, most)


def too_long_text(line: int, name: str, text: str, most: int = 60) -> Finding:
    """A text of a field (by the source's word for it) that is longer than the journal keeps."""
    return Finding("too-long", line, 0, {"field": name, "seen": len(text), "most": most})


LONGEST_NUMBER, LONGEST_KIND = 60, 40
"""Characters of a folio and of a voucher's type."""


def printable(text: str) -> str:
    """A name of a file as text a database takes; bytes that are no UTF-8 become replacement
    characters.
    """
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


_SAID = (
    "account",
    "debit",
    "credit",
    "reference",
    "description",
    "segment",
    "account_name",
    "party",
    "tax_id",
    "currency",
)


_ONLY_OF_LINES = ("segment", "identifier", "rate", "direction")
"""What movements that are kept as columns never say."""


@lru_cache(maxsize=4096)
def _escaped(part: str) -> str:
    return re.sub(r"[%/\s]", lambda found: f"%{ord(found[0]):02X}", part)


def movement_columns(first: int, groups: Sequence[Group]) -> dict[str, Sequence[Any]]:
    """The movements of vouchers and of lines that stand alone as columns of the journal, in their
    order, numbered from ``first``. A voucher lends its lines date, kind and number.
    """
    columns: dict[str, list[Any]] = {name: [] for name in Movement._fields}
    documents, dates, kinds, numbers = (
        columns[name] for name in ("document", "date", "kind", "number")
    )
    waiting: list[VoucherLine] = []
    run: ColumnLines | None = None
    for document, day, kind, number, own in groups:
        count = len(own)
        documents += [document] * count
        dates += [day] * count
        kinds += [kind] * count
        numbers += [number] * count
        if not isinstance(own, ColumnLines):
            _add_run(columns, run)
            run = None
            waiting += own
        elif run is not None and own.columns is run.columns and own.start == run.end:
            run = ColumnLines(run.columns, run.start, own.end)
        else:
            _add_lines(columns, waiting)
            _add_run(columns, run)
            run = own
    _add_lines(columns, waiting)
    _add_run(columns, run)
    columns["position"] = list(range(first, first + len(documents)))
    return {name: columns[name] for name in Movement._fields}


def _add_run(columns: dict[str, list[Any]], run: ColumnLines | None) -> None:
    """Add the movements of vouchers that stand one after another in the same columns of a file."""
    if run is not None:
        for name in ColumnLines.COLUMNS:
            columns[name] += run.column(name)
        for name in _ONLY_OF_LINES:
            columns[name] += [""] * len(run)


def _add_lines(columns: dict[str, list[Any]], lines: list[VoucherLine]) -> None:
    """Add lines to the columns of what they say themselves, and forget them."""
    if lines:
        fields = dict(zip(VoucherLine._fields, zip(*lines, strict=True), strict=True))
        for name in (*ColumnLines.COLUMNS, *_ONLY_OF_LINES):
            columns[name] += (
                map(to_minor, fields[name]) if name in ("debit", "credit") else fields[name]
            )
        lines.clear()


def said(columns: Mapping[str, Sequence[Any]]) -> list[tuple[Any, ...]]:
    """Movement by movement what its voucher says by it: all but where it stands."""
    return list(zip(*(columns[name] for name in _SAID), strict=True))


class Group(NamedTuple):
    """Movements of one voucher (``document`` its number in the journal) or one that stands
    alone.
    """

    document: int | None
    date: str
    kind: str
    number: str
    lines: Sequence[VoucherLine]


def alone(line: LedgerLine) -> Group:
    """A movement that belongs to no voucher."""
    as_line = VoucherLine(
        line=line.line,
        account=line.account,
        debit=line.debit,
        credit=line.credit,
        reference=line.reference,
        description=line.description,
        account_name=line.account_name,
        party=line.party,
        tax_id=line.tax_id,
        currency=line.currency,
        rate=line.rate,
        identifier=line.identifier,
        direction=line.direction,
    )
    return Group(None, line.date.isoformat(), line.kind, line.number, (as_line,))


def content_hash(voucher: Voucher, movements: Sequence[tuple[Any, ...]]) -> str:
    """Hash of what the voucher says, not of where in the file it says it; its movements as
    :func:`said` gives them.
    """
    content = (
        voucher.date,
        voucher.kind,
        voucher.number,
        voucher.description,
        voucher.uuids,
        movements,
    )
    return hashlib.sha256(orjson.dumps(content)).hexdigest()


def voucher_line(movement: Movement) -> VoucherLine:
    """A journaled movement as the voucher line it was."""
    return VoucherLine(
        line=movement.line,
        account=movement.account,
        debit=from_minor(movement.debit),
        credit=from_minor(movement.credit),
        reference=movement.reference,
        description=movement.description,
        segment=movement.segment,
        account_name=movement.account_name,
        party=movement.party,
        tax_id=movement.tax_id,
        currency=movement.currency,
        rate=movement.rate,
        identifier=movement.identifier,
        direction=movement.direction,
    )
