"""Papers that are not as they should be, or not alone: each is held with words or written right,
never written wrong in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from app.documents import FISCAL
from app.documents.attachment import AttachmentKind
from app.documents.kind import Reader
from app.documents.maps import Link, MapKind
from app.documents.obstacles import Problem
from app.journal import Journal
from app.reconciling.fiscal_documents import State, compare
from app.sending import maps, proposals
from app.sending import push as pushing
from app.sending.push import PushResult
from connectors import Invoice, Kind
from connectors.documents import Attachment, InvoiceLine
from connectors.sandbox import SandboxConnector, SandboxStore
from tests.app.sending.test_fiscal_documents import NAME, bring, held, mapped, push
from tests.cfdi_month import OWN, OWN_NAME, Month

Connect = Callable[..., SandboxConnector]
XENON = ("XIA190128J61", "XENON INDUSTRIAL ARTICLES")


def uuid(number: int) -> str:
    return f"AAAAAAAA-0000-4000-8000-{number:012d}"


def parties(other: tuple[str, str], extra: str = "") -> str:
    return (
        f'<cfdi:Emisor Rfc="{OWN}" Nombre="{OWN_NAME}" RegimenFiscal="601"/>'
        f'<cfdi:Receptor Rfc="{other[0]}" Nombre="{other[1]}" DomicilioFiscalReceptor="26015"'
        f' RegimenFiscalReceptor="601" UsoCFDI="G03"{extra}/>'
    )


def document(type_: str, head: str, inside: str, complement: str, number: int) -> str:
    return (
        '<cfdi:Comprobante xmlns:cfdi="http://www.sat.gob.mx/cfd/4" Version="4.0" Serie="A"'
        f' Folio="{number}" {head} TipoDeComprobante="{type_}" Exportacion="01"'
        f' LugarExpedicion="26015">{inside}<cfdi:Complemento>{complement}'
        '<tfd:TimbreFiscalDigital xmlns:tfd="http://www.sat.gob.mx/TimbreFiscalDigital"'
        f' Version="1.1" UUID="{uuid(number)}" FechaTimbrado="2026-03-10T10:00:05"/>'
        "</cfdi:Complemento></cfdi:Comprobante>"
    )


def invoice(
    number: int,
    net: str = "1000.00",
    currency: str = "MXN",
    rate: str = "1",
    day: str = "2026-03-10T10:00:00",
    other: tuple[str, str] = XENON,
    related: str = "",
    type_: str = "I",
    extra: str = "",
) -> str:
    """Net and 16 % of it."""
    tax = (Decimal(net) * Decimal("0.16")).quantize(Decimal("0.01"))
    total = Decimal(net) + tax
    transferred = (
        f'<cfdi:Traslado Base="{net}" Impuesto="002" TipoFactor="Tasa" TasaOCuota="0.160000"'
        f' Importe="{tax}"/>'
    )
    lines = (
        '<cfdi:Conceptos><cfdi:Concepto ClaveProdServ="43211500" Cantidad="1" ClaveUnidad="H87"'
        f' Descripcion="Cosa" ValorUnitario="{net}" Importe="{net}" ObjetoImp="02"><cfdi:Impuestos>'
        f"<cfdi:Traslados>{transferred}</cfdi:Traslados></cfdi:Impuestos></cfdi:Concepto>"
        f'</cfdi:Conceptos><cfdi:Impuestos TotalImpuestosTrasladados="{tax}"><cfdi:Traslados>'
        f"{transferred}</cfdi:Traslados></cfdi:Impuestos>"
    )
    head = (
        f'Fecha="{day}" SubTotal="{net}" Total="{total}" Moneda="{currency}"'
        f' TipoCambio="{rate}" MetodoPago="PPD" FormaPago="99"'
    )
    return document(type_, head, related + parties(other, extra) + lines, "", number)


def relation(type_: str, number: int) -> str:
    return (
        f'<cfdi:CfdiRelacionados TipoRelacion="{type_}"><cfdi:CfdiRelacionado'
        f' UUID="{uuid(number)}"/></cfdi:CfdiRelacionados>'
    )


def payment(
    number: int,
    of: int,
    paid: str = "1160.00",
    amount: str = "1160.00",
    currency: str = "MXN",
    equivalence: str = "1",
    day: str = "2026-03-20T12:00:00",
    related: str = "",
) -> str:
    part = (
        f'<pago20:DoctoRelacionado IdDocumento="{uuid(of)}" Folio="{of}" MonedaDR="{currency}"'
        f' EquivalenciaDR="{equivalence}" NumParcialidad="1" ImpSaldoAnt="{paid}"'
        f' ImpPagado="{paid}" ImpSaldoInsoluto="0.00" ObjetoImpDR="01"/>'
    )
    complement = (
        '<pago20:Pagos xmlns:pago20="http://www.sat.gob.mx/Pagos20" Version="2.0"><pago20:Totales'
        f' MontoTotalPagos="{amount}"/><pago20:Pago FechaPago="{day}" FormaDePagoP="03"'
        f' MonedaP="MXN" TipoCambioP="1" Monto="{amount}">{part}</pago20:Pago></pago20:Pagos>'
    )
    lines = (
        '<cfdi:Conceptos><cfdi:Concepto ClaveProdServ="84111506" Cantidad="1" ClaveUnidad="ACT"'
        ' Descripcion="Pago" ValorUnitario="0" Importe="0" ObjetoImp="01"/></cfdi:Conceptos>'
    )
    head = 'Fecha="2026-03-21T10:00:00" SubTotal="0" Total="0" Moneda="XXX"'
    return document("P", head, related + parties(XENON) + lines, complement, number)


def listing(**states: str) -> str:
    """Metadata of the SAT: number of a document → 1 or 0."""
    rows = [
        "Uuid~RfcEmisor~NombreEmisor~RfcReceptor~NombreReceptor~RfcPac~FechaEmision~"
        "FechaCertificacionSat~Monto~EfectoComprobante~Estatus~FechaCancelacion"
    ]
    for number, state in states.items():
        rows.append(
            f"{uuid(int(number[1:]))}~{OWN}~{OWN_NAME}~{XENON[0]}~{XENON[1]}~SAT970701NN3~"
            f"2026-03-10 10:00:00~2026-03-10 10:00:05~1160.00~I~{state}~2026-04-01 10:00:00"
        )
    return "\r\n".join(rows) + "\r\n"


@dataclass
class Books:
    """The sandbox and the journal, for what a test brings and sends."""

    journal: Journal
    target: SandboxConnector
    store: SandboxStore
    folder: Path
    brought: int = 0
    results: list[PushResult] = field(default_factory=list)

    def bring(self, *texts: str, metadata: str = "") -> None:
        self.brought += 1
        files = {f"{n}.xml": text for n, text in enumerate(texts)}
        made = Month(files=files, metadata=metadata)
        bring(self.journal, made, self.folder / str(self.brought))

    def push(self, **how: Any) -> Mapping[Problem, str]:
        found = proposals.unmapped(self.journal, NAME, self.target, fiscal=True)
        maps.accept_suggestions(self.journal, NAME, found)
        self.results.append(push(self.journal, self.target, **how))
        return {problem: what for problem, what in self.results[-1].preflight.obstacles}

    @property
    def held(self) -> dict[str, dict[str, Any]]:
        """Number of the document → what the target has of it."""
        rows = held(self.store)
        return {row["reference"].partition("#")[0][-3:].lstrip("0"): row for row in rows}


@pytest.fixture
def books(journal: Journal, connect: Connect, store: SandboxStore, tmp_path: Path) -> Books:
    target = connect()
    mapped(journal, target)
    return Books(journal, target, store, tmp_path)


@pytest.mark.parametrize("equivalence", ["17.25", "1"])
def test_an_equivalence_upside_down_is_no_loss_of_nearly_everything(
    books: Books, equivalence: str
) -> None:
    books.bring(
        invoice(1, "862.07", "USD", "17.25"),
        payment(2, 1, "1000.00", "17250.00", "USD", equivalence),
    )
    told = books.push()
    assert Problem.EQUIVALENCE_UNUSUAL in told
    assert list(books.held) == ["1"]


def test_a_part_in_another_currency_than_its_invoice_is_held(books: Books) -> None:
    books.bring(
        invoice(1, currency="EUR", rate="19.0287"),
        payment(2, 1, "1160.00", "20010.00", "USD", "0.057971"),
    )
    assert Problem.PART_IN_OTHER_CURRENCY in books.push()
    assert list(books.held) == ["1"]


def test_the_digits_of_an_equivalence_are_no_difference(books: Books) -> None:
    """1,160 USD are 20,010.00 MXN; at 0.057971 they would be 20,010.01."""
    books.bring(
        invoice(1, currency="USD", rate="17.25"),
        payment(2, 1, "1160.00", "20010.00", "USD", "0.057971"),
    )
    assert books.push() == {}
    assert (books.held["1"]["residual"], books.held["2"]["residual"]) == (0, 0)


def test_the_same_identifier_with_other_content_is_asked_about(books: Books) -> None:
    books.bring(invoice(1), invoice(1, "2000.00"))
    assert Problem.FOLIO_TWICE in books.push()
    assert books.held == {}


def test_other_content_in_a_later_file_is_asked_about(books: Books) -> None:
    books.bring(invoice(1))
    books.bring(invoice(1, "2000.00"))
    assert Problem.FOLIO_TWICE in books.push()
    assert books.held == {}


def test_other_content_after_it_was_sent_is_said(books: Books) -> None:
    books.bring(invoice(1))
    books.push()
    books.bring(invoice(1, "2000.00"))
    assert Problem.CHANGED_AFTER_SENDING in books.push()
    assert books.held["1"]["total"] == 116000


def test_the_same_file_again_is_the_same_document(books: Books) -> None:
    books.bring(invoice(1))
    books.push()
    books.bring(invoice(1), invoice(2))
    assert books.push() == {}
    assert sorted(books.held) == ["1", "2"]


def test_two_foreigners_of_one_generic_tax_id_are_two_partners(books: Books) -> None:
    for number, (name, own) in enumerate([("ACME INC", "123456789"), ("BETA GMBH", "DE9")], 1):
        abroad = f' ResidenciaFiscal="USA" NumRegIdTrib="{own}"'
        books.bring(invoice(number, other=("XEXX010101000", name), extra=abroad))
        books.store.add_partner(f"E{number}", name, "XEXX010101000")
    assert Problem.UNMAPPED_PARTY in books.push()
    asked = [
        item.source
        for item in proposals.unmapped(books.journal, NAME, books.target, fiscal=True)
        if item.kind is MapKind.PARTY
    ]
    assert sorted(asked) == ["XEXX010101000 123456789", "XEXX010101000 DE9"]
    links = [Link(MapKind.PARTY, source, f"E{at}") for at, source in enumerate(sorted(asked), 1)]
    maps.save(books.journal, NAME, links)
    assert books.push() == {}
    assert [books.held[one]["contact"] for one in ("1", "2")] == ["E1", "E2"]


def test_of_a_substitution_only_the_new_document_is_sent(books: Books) -> None:
    books.bring(invoice(1), invoice(2, related=relation("04", 1)))
    assert Problem.REPLACED in books.push()
    assert list(books.held) == ["2"]


def test_what_replaces_a_cancelled_document_nobody_sent_goes(books: Books) -> None:
    books.bring(invoice(1), invoice(2, related=relation("04", 1)), metadata=listing(n1="0", n2="1"))
    assert books.push() == {}
    assert list(books.held) == ["2"]


def test_an_old_document_that_comes_after_its_replacement_is_held(books: Books) -> None:
    books.bring(invoice(2, related=relation("04", 1)))
    books.push()
    books.bring(invoice(1))
    assert Problem.REPLACED in books.push()
    assert list(books.held) == ["2"]


def test_what_replaces_a_document_in_the_books_waits(books: Books) -> None:
    books.bring(invoice(1))
    books.push()
    books.bring(invoice(2, related=relation("04", 1)))
    assert Problem.REPLACES_ANOTHER in books.push()
    assert list(books.held) == ["1"]


def test_what_is_cancelled_while_it_waits_is_not_sent(books: Books) -> None:
    """A payment waits because its invoice was refused; then the authority cancels it."""
    accounts = books.target.accounts()
    with books.store._writing() as cursor:
        cursor.execute("DELETE FROM account WHERE code = '401.01'")
    books.target.accounts = lambda: accounts  # type: ignore[method-assign]
    books.bring(invoice(1), payment(2, 1))
    books.push()
    books.bring(metadata=listing(n2="0"))
    books.store.add_account("401.01", "Ventas")
    books.push(retry=True)
    assert list(books.held) == ["1"]
    assert books.results[-1].waiting == 0


def test_a_payment_of_a_cancelled_invoice_is_said_at_once(books: Books) -> None:
    books.bring(invoice(1), payment(2, 1), metadata=listing(n1="0"))
    assert Problem.WAITS_FOR_INVOICE in books.push(deadline=5.0)
    assert books.held == {}


def test_another_companys_documents_are_held(books: Books) -> None:
    books.store.set_setting("tax_id", "CTE950627K46")
    books.bring(invoice(1))
    assert Problem.OTHER_COMPANY in books.push()
    assert books.held == {}


@pytest.mark.parametrize("rate", ["0.058", "1"])
def test_a_rate_that_cannot_be_is_held_even_alone(books: Books, rate: str) -> None:
    books.bring(invoice(1, currency="USD", rate=rate))
    books.push()
    assert books.held == {}


def test_a_rate_a_person_let_go_goes(books: Books) -> None:
    from app.sending import fiscal_documents

    books.bring(
        *(invoice(n, currency="USD", rate="17.5") for n in (1, 2, 3)),
        invoice(4, currency="USD", rate="24.5"),
    )
    assert Problem.RATE_UNUSUAL in books.push()
    assert sorted(books.held) == ["1", "2", "3"]
    fiscal_documents.tell_apart(books.journal, NAME, [f"CFDI:{uuid(4)}"], "así se pactó")
    assert books.push() == {}
    assert sorted(books.held) == ["1", "2", "3", "4"]


@pytest.mark.parametrize("day", ["2026-02-30T12:00:00", "20/03/2026", "", "2026-03-20 12:00:00"])
def test_a_day_that_is_none_blocks_its_document_and_no_other(books: Books, day: str) -> None:
    books.bring(invoice(1), payment(2, 1, day=day))
    told = books.push()
    is_a_day = day.startswith("2026-03-20")
    assert ("2" in books.held) is is_a_day
    assert "1" in books.held and (Problem.BLOCKED in told) is not is_a_day


def test_drafts_of_two_payments_do_not_stop_a_folder(books: Books) -> None:
    draft = payment(2, 1).replace(f'UUID="{uuid(2)}"', 'UUID=""')
    one = draft.index("<pago20:Pago F"), draft.index("</pago20:Pago>") + len("</pago20:Pago>")
    twice = draft[: one[1]] + draft[slice(*one)] + draft[one[1] :]
    books.bring(invoice(1), twice)
    books.push()
    assert list(books.held) == ["1"]


def test_a_credit_note_after_full_payment_stays_open(books: Books) -> None:
    """Paid whole on the 20th, credited on the 28th: the invoice is settled, 116 are owed back."""
    books.bring(
        invoice(1),
        payment(2, 1),
        invoice(3, "100.00", type_="E", day="2026-03-28T10:00:00", related=relation("01", 1)),
    )
    assert books.push() == {}
    open_ones = {name: row["residual"] for name, row in books.held.items()}
    assert open_ones == {"1": 0, "2": 0, "3": 11600}
    found = compare(books.journal, NAME, books.target, date(2026, 3, 1), date(2026, 3, 31))
    assert found.unexplained == 0, found.counts


def test_a_missing_first_part_is_seen_in_the_check(books: Books) -> None:
    """Part 2 begins at 660 of an invoice of 1,160: part 1 is not here."""
    second = payment(2, 1, "160.00", "160.00")
    second = second.replace('ImpSaldoAnt="160.00"', 'ImpSaldoAnt="660.00"')
    second = second.replace('ImpSaldoInsoluto="0.00"', 'ImpSaldoInsoluto="500.00"')
    books.bring(invoice(1), second.replace('NumParcialidad="1"', 'NumParcialidad="2"'))
    assert books.push() == {}
    found = compare(books.journal, NAME, books.target, date(2026, 3, 1), date(2026, 3, 31))
    assert found.counts[State.PAPER_MISSING] == 1


@pytest.mark.parametrize(
    ("column", "value", "state"),
    [("currency", "MXN", State.CURRENCY), ("contact", "C99", State.PARTY)],
)
def test_the_check_sees_another_currency_and_another_party(
    books: Books, column: str, value: str, state: State
) -> None:
    books.bring(invoice(1, currency="USD", rate="17.5"))
    books.push()
    with books.store._writing() as cursor:
        cursor.execute(f"UPDATE document SET {column} = ? WHERE kind = 'invoice'", (value,))
    found = compare(books.journal, NAME, books.target, date(2026, 3, 1), date(2026, 3, 31))
    assert [one.state for one in found.rows] == [state]


def test_what_was_refused_and_then_typed_by_hand_is_a_question(books: Books) -> None:
    accounts = books.target.accounts()
    with books.store._writing() as cursor:
        cursor.execute("DELETE FROM account WHERE code = '401.01'")
    books.target.accounts = lambda: accounts  # type: ignore[method-assign]
    books.bring(invoice(1))
    books.push()
    books.store.add_account("401.01", "Ventas")
    code = next(one.code for one in books.target.partners() if one.tax_id == XENON[0])
    line = InvoiceLine("a mano", Decimal(1), Decimal("1160.00"), "401.01")
    typed = Invoice("", Kind.INVOICE, "A MANO", date(2026, 3, 10), code, (line,))
    books.target.create(typed)
    assert Problem.TYPED_ALREADY in books.push(retry=True)
    assert len(held(books.store)) == 1


def test_an_old_document_that_waits_is_not_sent_once_another_takes_its_place(
    books: Books,
) -> None:
    accounts = books.target.accounts()
    with books.store._writing() as cursor:
        cursor.execute("DELETE FROM account WHERE code = '401.01'")
    books.target.accounts = lambda: accounts  # type: ignore[method-assign]
    books.bring(invoice(1))
    books.push()
    books.store.add_account("401.01", "Ventas")
    books.bring(invoice(2, related=relation("04", 1)))
    assert Problem.REPLACED in books.push(retry=True)
    assert list(books.held) == ["2"]


def test_a_file_that_is_no_longer_what_it_was_is_refused_and_never_sent_empty(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    books.bring(invoice(1))
    real = AttachmentKind.reader

    def of_nothing(kind: AttachmentKind, journal: Journal) -> Reader:
        read = real(kind, journal)
        return lambda payload: read({**payload, "sha256": "0" * 64})

    monkeypatch.setattr(AttachmentKind, "reader", of_nothing)
    books.push()
    assert books.results[-1].rejected == 1
    assert books.store.attachments(int(books.held["1"]["id"])) == []


def test_a_file_that_is_held_is_said_in_the_same_sending(books: Books) -> None:
    """Somebody changed the journal past the program between the document and its file."""
    books.bring(invoice(1))
    books.push()
    books.bring(invoice(2))
    without = [name for name in FISCAL if name != "attachment"]
    pushing.push(books.journal, NAME, books.target, also=without, sleep=lambda _: None)
    with books.journal.engine.begin() as connection:
        connection.execute(sa.text("UPDATE document SET description = 'x' WHERE number = 'A-2'"))
    assert Problem.NOT_VOUCHED in books.push()
    assert books.store.attachments(int(books.held["2"]["id"])) == []


def test_told_to_stop_no_file_is_begun(books: Books) -> None:
    books.bring(invoice(1))
    books.push(progress=lambda _done, _all: False)
    assert "1" not in books.held
    books.push()
    assert len(books.store.attachments(int(books.held["1"]["id"]))) == 1


def test_a_file_of_the_name_that_is_there_already_is_not_given_again(books: Books) -> None:
    """Whoever put it there, our guard for documents is none for files."""
    books.bring(invoice(1))
    without = [name for name in FISCAL if name != "attachment"]
    books.push()
    books.bring(invoice(2))
    pushing.push(books.journal, NAME, books.target, also=without, sleep=lambda _: None)
    of = str(books.held["2"]["id"])
    name = f"{uuid(2)}.xml"
    books.target.attach(Attachment("by hand", of, Kind.INVOICE, name, "application/xml", b"<a/>"))
    assert books.push() == {}
    assert [one["name"] for one in books.store.attachments(int(of))] == [name]
