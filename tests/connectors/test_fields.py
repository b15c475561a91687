"""Every field of every kind of document through every connector: it is sent, or refused, or the
connector says beforehand that it leaves it out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors import DocumentConnector, JournalEntry, Kind
from connectors.contract import ListsDimensions
from connectors.documents import Document
from connectors.errors import Rejected
from tests.connectors.cases import CASES, Case

Change = Callable[[Any, Any], Any]
DUE = date(2026, 3, 17)
MADRID = datetime(2026, 3, 17, tzinfo=ZoneInfo("Europe/Madrid"))
SEEN = ("2026-03-17", str(int(MADRID.timestamp())))
UUID = "5B8C3F0E-11AA-4B6E-9D51-0A2C8E4F7D19"


def on_lines(**values: Any) -> Change:
    return lambda document, _: replace(
        document, lines=tuple(replace(line, **values) for line in document.lines)
    )


def on_head(**values: Any) -> Change:
    return lambda document, _: replace(document, **values)


def with_dimension(entry: JournalEntry, connector: DocumentConnector) -> JournalEntry:
    known = connector.dimensions() if isinstance(connector, ListsDimensions) else ()
    code = known[0].code if known else "CC-1"
    changed: JournalEntry = on_lines(dimension=code)(entry, connector)
    return changed


CONTACT: dict[str, tuple[Change, tuple[str, ...]]] = {
    "name": (on_head(name="Marca Única SA"), ("Marca Única SA", "Marca")),
    "email": (on_head(email="unica@marca.example"), ("unica@marca.example",)),
    "phone": (on_head(phone="3001234567"), ("3001234567",)),
    "street": (on_head(street="Calle Marca 9"), ("Calle Marca 9",)),
    "city": (on_head(street="Calle 9", city="Medellín"), ("Medellín", "05001")),
    "region": (on_head(street="Calle 9", region="Antioquia"), ("Antioquia",)),
    "postcode": (on_head(street="Calle 9", postcode="050034"), ("050034",)),
    "country": (on_head(street="Calle 9", country="CO"), ('"CO"', '"Co"', '"49"')),
    "terms": (on_head(terms=37), ("37",)),
}
INVOICE: dict[str, tuple[Change, tuple[str, ...]]] = {
    "number": (on_head(number="F-88172"), ("88172",)),
    "due": (on_head(due=DUE), SEEN),
    "description": (on_lines(description="Marca de línea"), ("Marca de línea",)),
    "product": (on_lines(product="PROD-77"), ("PROD-77",)),
    "taxes": (on_lines(taxes=("777001", "777002")), ("777002",)),
}
PAYMENT: dict[str, tuple[Change, tuple[str, ...]]] = {
    "amount": (on_head(amount=Decimal("47.13")), ("47.13", "4713")),
}
ENTRY: dict[str, tuple[Change, tuple[str, ...]]] = {
    "description": (on_head(description="Concepto marcado"), ("Concepto marcado",)),
    "folio": (on_head(folio="D-90817"), ("90817",)),
    "uuids": (on_head(uuids=(UUID,)), (UUID,)),
    "label": (on_lines(label="Etiqueta marcada"), ("Etiqueta marcada",)),
    "dimension": (with_dimension, ()),
    "partner": (lambda document, _: document, ()),
    "document": (on_lines(label="FV-55123 venta", document="FV-55123"), ("55123",)),
}
FIELDS = {
    Kind.CONTACT: CONTACT,
    Kind.ENTRY: ENTRY,
    Kind.RECEIPT: PAYMENT,
    Kind.PAYMENT: PAYMENT,
    **dict.fromkeys((Kind.INVOICE, Kind.REFUND, Kind.BILL, Kind.BILL_REFUND), INVOICE),
}
EVERY = [(kind, field) for kind, fields in FIELDS.items() for field in fields]


@pytest.fixture(params=CASES, ids=lambda case: case.name)
def running(request: pytest.FixtureRequest) -> Iterator[tuple[Case, Any, DocumentConnector]]:
    case: Case = request.param
    server = case.server()
    connector = case.connect(server)
    yield case, server, connector
    connector.close()
    server.stop()


@pytest.mark.parametrize(
    ("kind", "field"), EVERY, ids=[f"{kind.value}.{field}" for kind, field in EVERY]
)
def test_a_field_is_sent_or_refused_or_said_to_be_left_out(
    running: tuple[Case, Any, DocumentConnector], kind: Kind, field: str
) -> None:
    case, server, connector = running
    if kind not in connector.capabilities.push:
        pytest.skip(f"{case.name} has no {kind.value}")
    change, marks = FIELDS[kind][field]
    document: Document = change(case.document(kind), connector)
    marks = marks or _marks(document, field, connector)
    if not marks:
        pytest.skip(f"{case.name} has no {field} to send")
    server.requests.clear()
    is_left_out = f"{kind.value}.{field}" in connector.capabilities.leaves_out
    try:
        connector.create(document)
    except Rejected as refused:
        assert refused.words and not is_left_out
        return
    sent = "\n".join(
        json.dumps(request.body, ensure_ascii=False) if request.body else str(request.raw)
        for request in server.requests
        if request.method != "GET"
    )
    assert any(mark in sent for mark in marks) != is_left_out


def _marks(document: Document, field: str, connector: DocumentConnector) -> tuple[str, ...]:
    """What stands for a code of the target: the code as it is, or its name."""
    assert isinstance(document, JournalEntry)
    found = {getattr(line, field) for line in document.lines}
    if isinstance(connector, ListsDimensions) and field == "dimension":
        found |= {item.name for item in connector.dimensions() if item.code in found}
    return tuple(found - {""})
