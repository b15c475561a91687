"""The systems the conformance suite runs over: how each is made, and documents that suit it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from connectors import (
    Application,
    Contact,
    DocumentConnector,
    EntryLine,
    Invoice,
    InvoiceLine,
    JournalEntry,
    Kind,
    Payment,
)
from connectors.budget import CallBudget
from connectors.documents import Document
from connectors.holded import HoldedV1Connector, HoldedV2Connector
from connectors.hubspot import HubSpotConnector
from connectors.oauth import Provider, Tokens
from connectors.odoo import OdooConnector
from connectors.sage import SageConnector
from connectors.sandbox import SandboxConnector, SandboxServer, SandboxStore
from connectors.sap_b1 import SapB1Connector
from connectors.siigo import SiigoConnector
from connectors.transport import Timeouts, Transport
from connectors.xero import SCOPES, XeroConnector
from connectors.zoho import SCOPES as ZOHO_SCOPES
from connectors.zoho import ZohoConnector
from tests.connectors import fake_odoo
from tests.connectors.fakes import holded, hubspot, sage, sap_b1, siigo, xero, zoho
from tests.connectors.fakes.front import Front
from tests.connectors.fakes.server import Answer, Request, VendorServer

DAY = date(2026, 1, 15)


@dataclass(frozen=True)
class Case:
    """``accounts`` are (debit, credit) the fake knows, ``guarded`` the kinds the vendor itself
    keeps from doubling, ``closed`` accounts that take no entries, ``lock`` closes a period up to a
    date where the system has that, ``unbalanced`` whether it refuses such entries.
    """

    name: str
    server: Callable[[], VendorServer]
    connect: Callable[[Any], DocumentConnector]
    accounts: tuple[str, str]
    contact: str
    tax_id: str
    guarded: frozenset[Kind]
    lock: Callable[[Any, date], None] | None = None
    journal: str = ""
    bank: str = ""
    product: str = ""
    taxes: tuple[str, ...] = ()
    rate: Decimal = Decimal(0)
    bad_tax_id: str = ""
    keyed_by_tax_id: bool = False
    secret: str = ""
    closed: tuple[str, ...] = ()
    has_session: bool = True
    options: Mapping[str, Any] = field(default_factory=dict)
    clock: Callable[[Any, datetime], None] | None = None

    def at(self, server: Any, moment: datetime) -> None:
        """Set the vendor's own clock."""
        if self.clock:
            self.clock(server, moment)
        else:
            server.offset = moment.timestamp() - time.time()

    def entry(
        self,
        reference: str,
        debit: str = "116.00",
        credit: str = "",
        text: str = "Venta",
        day: date = DAY,
        account: str = "",
    ) -> JournalEntry:
        lines = (
            EntryLine(
                account or self.accounts[0],
                Decimal(debit),
                Decimal(0),
                text,
                self.options.get("partner", ""),
            ),
            EntryLine(
                self.accounts[1],
                Decimal(0),
                Decimal(credit or debit),
                text,
                self.options.get("partner", ""),
            ),
        )
        return JournalEntry(reference, day, self.journal, text, lines)

    def document(self, kind: Kind, number: int = 1, day: date = DAY) -> Document:
        reference = f"ACME/siigo/{kind.value}/2026-01/{number}"
        if kind is Kind.ENTRY:
            return self.entry(reference, day=day)
        if kind is Kind.CONTACT:
            tax_id = self.options.get("tax_id", lambda n: f"{900123456 + n}-8")(number)
            return Contact(
                reference,
                f"Ferretería Núñez {number} SAS",
                tax_id,
                email=f"cliente{number}@acme.example",
                street="Cra 18 79A-42",
                city="Bogotá D.C.",
                country=self.options.get("country", ""),
                number=tax_id.partition("-")[0],
            )
        if kind in (Kind.RECEIPT, Kind.PAYMENT):
            to = self.options.get("applied", {}).get(kind)
            applied = (Application(to, Decimal("50.00")),) if to else ()
            return Payment(reference, kind, day, self.contact, Decimal("50.00"), self.bank, applied)
        line = InvoiceLine(
            "Servicio", Decimal(2), Decimal("50.25"), self.accounts[1], self.product, self.taxes
        )
        total = (line.amount * (100 + self.rate) / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
        return Invoice(
            reference,
            kind,
            f"F-{1000 + number}",
            day,
            self.contact,
            (line,),
            day,
            total,
            refunds=self.options.get("refunds", "") if kind is Kind.REFUND else "",
        )


def _transport(server: VendorServer, **options: Any) -> Transport:
    """On the server's own clock, so that what it asks to wait passes at once."""

    def pass_(seconds: float) -> None:
        server.offset += seconds

    budget = CallBudget(0, clock=server.now, sleep=pass_)
    return Transport(server.url, Timeouts(2, 5), budget, sleep=lambda _: None, **options)


def _siigo(server: Any) -> DocumentConnector:
    return SiigoConnector(_transport(server), "contador@acme.co", siigo.KEY)


def _lock_siigo(server: Any, until: date) -> None:
    server.blocked_until = until.isoformat()


def _xero(server: Any) -> DocumentConnector:
    provider = Provider("", f"{server.url}/connect/token", "client", SCOPES)
    tokens = Tokens(provider, server.refresh, lambda text: None)
    return XeroConnector(_transport(server), tokens, xero.TENANT)


def _lock_xero(server: Any, until: date) -> None:
    server.locked = until


def _sap(server: Any, udf: str = "", version: int = 1) -> DocumentConnector:
    return SapB1Connector(_transport(server), "SBO_ACME", "manager", sap_b1.PASSWORD, udf, version)


def _lock_sap(server: Any, until: date) -> None:
    server.locked = until


def _zoho(server: Any, unique_field: str = "") -> DocumentConnector:
    provider = Provider("", f"{server.url}/oauth/v2/token", "client", ZOHO_SCOPES)
    tokens = Tokens(provider, server.refresh, lambda text: None, scheme="Zoho-oauthtoken")
    return ZohoConnector(_transport(server), tokens, zoho.ORGANIZATION, unique_field)


def _lock_zoho(server: Any, until: date) -> None:
    server.locked = until.isoformat()


def _clock_of_sandbox(server: Any, moment: datetime) -> None:
    server.server.store.clock = moment.timestamp


def _clock_of_hubspot(server: Any, moment: datetime) -> None:
    server.clock = moment


def _clock_of_odoo(server: Any, moment: datetime) -> None:
    server.server.now = moment


def _hubspot(server: Any) -> DocumentConnector:
    return HubSpotConnector(_transport(server), hubspot.TOKEN)


def _sage(server: Any) -> DocumentConnector:
    tokens = Tokens(
        Provider("", f"{server.url}/token", "client", "full_access"),
        server.refresh,
        lambda text: None,
    )
    return SageConnector(_transport(server), tokens, sage.BUSINESS)


def _sandbox_server() -> Front:
    folder = tempfile.TemporaryDirectory()
    store = SandboxStore(Path(folder.name) / "erp.db", "CO")
    store.add_partner("900123456", "ACME SAS", "900123456")
    store.add_dimension("NORTE", "Sucursal Norte")
    server = SandboxServer(store).start()

    def stop() -> None:
        server.stop()
        store.close()
        folder.cleanup()

    return Front(
        server,
        lambda request: request.method == "POST" and "login" not in request.path,
        stop,
        server.expire_sessions,
    )


def _sandbox(server: Any) -> DocumentConnector:
    return SandboxConnector(_transport(server), "contador", "sandbox")


def _lock_sandbox(server: Any, until: date) -> None:
    server.server.store.set_setting("locked_until", until.isoformat())


def _odoo_server(version: int) -> Callable[[], Front]:
    changes = ("load", "action_post", "js_assign_outstanding_line")

    def is_write(request: Request) -> bool:
        return any(
            f"/{name}" in request.path or f'"{name}"'.encode() in request.raw for name in changes
        )

    def start() -> Front:
        server = fake_odoo.FakeOdoo(version)
        front = Front(server, is_write, server.stop, lambda: None)
        front.broken = lambda: Answer(
            502, b"<html>bad gateway</html>", {"Content-Type": "text/html"}
        )  # type: ignore[method-assign]
        return front

    return start


def _odoo(server: Any) -> DocumentConnector:
    return OdooConnector(_transport(server), fake_odoo.DATABASE, fake_odoo.USER, fake_odoo.KEY)


def _lock_odoo(server: Any, until: date) -> None:
    server.server.company["fiscalyear_lock_date"] = until.isoformat()


_HOLDED = {"applied": {Kind.RECEIPT: holded.INVOICE, Kind.PAYMENT: holded.BILL}}

CASES: Sequence[Case] = [
    *(
        Case(
            f"odoo {version}",
            _odoo_server(version),
            _odoo,
            ("102.01.01", "401.01.01"),
            "7",
            "EKU9003173C9",
            frozenset(Kind),
            _lock_odoo,
            journal="MISC",
            bank="BNK1",
            taxes=("21",),
            rate=Decimal(16),
            bad_tax_id="INVALIDO",
            secret=fake_odoo.KEY,
            has_session=False,
            clock=_clock_of_odoo,
        )
        for version in (19, 16)
    ),
    Case(
        "sandbox",
        _sandbox_server,
        _sandbox,
        ("130505", "413505"),
        "900123456",
        "900123456",
        frozenset(Kind),
        _lock_sandbox,
        journal="DIA",
        bank="111005",
        taxes=("IVA19",),
        rate=Decimal(19),
        secret="sandbox",
        clock=_clock_of_sandbox,
        options={"partner": "900123456"},
    ),
    Case(
        "holded v1",
        holded.FakeHoldedV1,
        lambda server: HoldedV1Connector(_transport(server), holded.KEY),
        ("43000000", "70000000"),
        holded.CONTACT,
        "B12345678",
        frozenset(),
        bank=holded.TREASURY,
        taxes=("21",),
        rate=Decimal(21),
        secret=holded.KEY,
        has_session=False,
        options=_HOLDED,
    ),
    Case(
        "holded v2",
        holded.FakeHoldedV2,
        lambda server: HoldedV2Connector(_transport(server), holded.TOKEN, True, server.now),
        ("43000000", "70000000"),
        holded.CONTACT,
        "B12345678",
        frozenset(),
        bank=holded.TREASURY,
        secret=holded.TOKEN,
        has_session=False,
        options=_HOLDED,
    ),
    Case(
        "sage",
        sage.FakeSage,
        _sage,
        ("1200", "4000"),
        sage.CONTACT,
        "900123456",
        frozenset({Kind.CONTACT, Kind.INVOICE, Kind.BILL, Kind.RECEIPT, Kind.PAYMENT, Kind.ENTRY}),
        _lock_zoho,
        bank="bank-1",
        secret=sage.SECRET,
        closed=("1100",),
    ),
    Case(
        "hubspot",
        hubspot.FakeHubSpot,
        _hubspot,
        ("", ""),
        "",
        "900123456",
        frozenset({Kind.CONTACT}),
        secret=hubspot.TOKEN,
        has_session=False,
        clock=_clock_of_hubspot,
    ),
    Case(
        "zoho",
        zoho.FakeZoho,
        lambda server: _zoho(server, "cf_cuadre"),
        ("1000", "4000"),
        zoho.CUSTOMER,
        "900123456",
        frozenset({Kind.CONTACT, Kind.INVOICE, Kind.BILL}),
        _lock_zoho,
        bank="1010",
        secret=zoho.SECRET,
    ),
    Case(
        "sap_b1",
        sap_b1.FakeSapB1,
        _sap,
        ("_SYS00000000019", "_SYS00000000120"),
        sap_b1.PARTNER,
        "900123456",
        frozenset({Kind.CONTACT}),
        _lock_sap,
        bank="_SYS00000000004",
        secret=sap_b1.PASSWORD,
    ),
    Case(
        "sap_b1 v2 with a user field",
        sap_b1.FakeSapB1,
        lambda server: _sap(server, "U_CuadreRef", 2),
        ("_SYS00000000019", "_SYS00000000120"),
        sap_b1.PARTNER,
        "900123456",
        frozenset({Kind.CONTACT}),
        _lock_sap,
        bank="_SYS00000000004",
        secret=sap_b1.PASSWORD,
    ),
    Case(
        "xero",
        xero.FakeXero,
        _xero,
        ("416", "200"),
        xero.CONTACT,
        "GB123",
        frozenset({Kind.CONTACT, Kind.INVOICE}),
        _lock_xero,
        bank="090",
        secret=xero.SECRET,
        closed=("090", "610", "800", "960"),
        options={"applied": {Kind.RECEIPT: xero.INVOICE, Kind.PAYMENT: xero.BILL}},
    ),
    Case(
        "siigo",
        siigo.FakeSiigo,
        _siigo,
        ("11050501", "41359501"),
        "900123456",
        "900123456",
        frozenset({Kind.CONTACT, Kind.INVOICE, Kind.REFUND, Kind.RECEIPT, Kind.ENTRY}),
        _lock_siigo,
        bank="5638",
        product="SRV01",
        taxes=("13156",),
        rate=Decimal(19),
        bad_tax_id="AB",
        keyed_by_tax_id=True,
        secret=siigo.KEY,
        options={"partner": "900123456", "refunds": "63f918c2-ff16-4c1d-8c3e-1ce2a7f27a2b"},
    ),
]
