"""The Odoo connector against a stateful server with the behaviour observed on 19.0, by both of its
interfaces.
"""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from connectors import (
    Application,
    Contact,
    EntryLine,
    Invoice,
    InvoiceLine,
    JournalEntry,
    Kind,
    Payment,
    RemoteRecord,
    Transport,
)
from connectors.errors import Conflict, PeriodClosed, Rejected, Unauthorized, Unavailable, Uncertain
from connectors.odoo import OdooConnector, attachments
from connectors.odoo.external import external_id
from connectors.transport import Timeouts
from tests.connectors.fake_odoo import DATABASE, KEY, PASSWORD, USER, FakeOdoo

Connect = Callable[..., OdooConnector]


@pytest.fixture(params=[19, 16], ids=["json-2", "json-rpc"])
def odoo(request: pytest.FixtureRequest) -> Iterator[FakeOdoo]:
    server = FakeOdoo(request.param)
    yield server
    server.stop()


@pytest.fixture
def connect(odoo: FakeOdoo) -> Iterator[Connect]:
    opened: list[OdooConnector] = []

    def make(
        key: str = KEY, database: str = DATABASE, user: str = USER, company: str = ""
    ) -> OdooConnector:
        transport = Transport(odoo.url, Timeouts(read=10), sleep=lambda _: None)
        opened.append(OdooConnector(transport, database, user, key, company=company))
        return opened[-1]

    yield make
    for connector in opened:
        connector.close()


def entry(
    reference: str = "R/1", amount: str = "100.10", day: date = date(2026, 3, 10), **changes: str
) -> JournalEntry:
    debit = changes.get("debit", amount)
    return JournalEntry(
        reference,
        day,
        changes.get("journal", "MISC"),
        "Póliza señor Núñez",
        (
            EntryLine(
                changes.get("account", "102.01.01"),
                Decimal(debit),
                Decimal(0),
                "Depósito ñ €",
                changes.get("partner", ""),
            ),
            EntryLine("401.01.01", Decimal(0), Decimal(amount), "Venta"),
        ),
    )


def created(outcome: object) -> RemoteRecord:
    assert isinstance(outcome, RemoteRecord), outcome
    return outcome


def test_who_where_and_which_periods_are_locked(odoo: FakeOdoo, connect: Connect) -> None:
    odoo.company["fiscalyear_lock_date"] = "2025-12-31"
    found = connect().identify()
    assert (found.company, found.currency, found.server, found.locked_until) == (
        "Empresa MX",
        "MXN",
        f"Odoo {odoo.version}",
        date(2025, 12, 31),
    )


def test_an_entry_is_created_posted_and_read_back(odoo: FakeOdoo, connect: Connect) -> None:
    record = created(connect().create_entries([entry(partner="7")])[0])
    assert (record.state, record.date, record.changes) == ("posted", date(2026, 3, 10), ())
    assert [(line.account, line.debit, line.credit) for line in record.lines] == [
        ("102.01.01", Decimal("100.10"), Decimal("0.00")),
        ("401.01.01", Decimal("0.00"), Decimal("100.10")),
    ]
    (line,) = [line for line in odoo.lines.values() if line["debit"]]
    assert (line["name"], line["partner"]) == ("Depósito ñ €", 7)


def test_a_repeat_never_doubles(odoo: FakeOdoo, connect: Connect) -> None:
    connector = connect()
    connector.create_entries([entry()])
    assert isinstance(connector.create_entries([entry()])[0], Conflict)
    assert len(odoo.moves) == 1
    assert len(odoo.lines) == 2


def test_a_draft_left_by_a_lost_answer_is_finished_not_doubled(
    odoo: FakeOdoo, connect: Connect
) -> None:
    connector = connect()
    connector.accounts()
    odoo.fail_next = [lambda call: "lost" if call == "account.move.load" else ""] * 8
    with pytest.raises(Uncertain):
        connector.create_entries([entry()])
    odoo.fail_next.clear()
    assert connector.find_entries([entry("R/1")])["R/1"][0].state == "draft"
    assert created(connector.create_entries([entry()])[0]).state == "posted"
    assert (len(odoo.moves), len(odoo.lines)) == (1, 2)


def test_four_at_once_make_one(odoo: FakeOdoo, connect: Connect) -> None:
    connectors = [connect() for _ in range(4)]
    outcomes: list[object] = []

    def send(connector: OdooConnector) -> None:
        try:
            outcomes.extend(connector.create_entries([entry()]))
        except Unavailable as error:
            outcomes.append(error)

    threads = [threading.Thread(target=send, args=(connector,)) for connector in connectors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(odoo.moves), len(odoo.lines)) == (1, 2)
    assert any(isinstance(outcome, RemoteRecord) for outcome in outcomes)


def test_a_bad_document_does_not_take_its_batch_along(odoo: FakeOdoo, connect: Connect) -> None:
    outcomes = connect().create_entries([entry("A"), entry("B", debit="100.11"), entry("C")])
    assert created(outcomes[0]).reference == "A"
    assert isinstance(outcomes[1], Rejected)
    assert "not balanced" in outcomes[1].words
    assert created(outcomes[2]).reference == "C"
    assert len(odoo.moves) == 2


def test_an_archived_account_is_found_by_splitting_the_batch(
    odoo: FakeOdoo, connect: Connect
) -> None:
    odoo.accounts[4]["archived"] = True
    entries = [entry(f"N{n}", account="601.84.01" if n == 3 else "102.01.01") for n in range(8)]
    outcomes = connect().create_entries(entries)
    assert [n for n, outcome in enumerate(outcomes) if isinstance(outcome, Rejected)] == [3]
    assert "archived" in str(outcomes[3])
    assert "draft" in str(outcomes[3])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"account": "999.99"}, "unknown_account"),
        ({"journal": "NOPE"}, "unknown_journal"),
        ({"partner": "999"}, "unknown_partner"),
    ],
)
def test_unknown_codes_are_refused_before_anything_is_sent(
    odoo: FakeOdoo, connect: Connect, changes: dict[str, str], code: str
) -> None:
    (outcome,) = connect().create_entries([entry(**changes)])
    assert isinstance(outcome, Rejected)
    assert outcome.code == code
    assert "account.move.load" not in odoo.calls


def test_a_locked_period_is_refused_instead_of_moving_the_date(
    odoo: FakeOdoo, connect: Connect
) -> None:
    odoo.company["hard_lock_date" if odoo.version >= 18 else "period_lock_date"] = "2026-03-31"
    (outcome,) = connect().create_entries([entry()])
    assert isinstance(outcome, PeriodClosed)
    assert not odoo.moves


def test_a_date_the_server_moved_is_reported(odoo: FakeOdoo, connect: Connect) -> None:
    connector = connect()
    connector.accounts()
    locks: list[str] = []

    def lock(call: str) -> str:
        if call == "account.move.action_post":
            odoo.company["fiscalyear_lock_date"] = "2026-03-31"
            locks.append(call)
        return ""

    odoo.fail_next = [lock] * 20
    record = created(connector.create_entries([entry()])[0])
    assert locks
    assert record.changes == ("date: 2026-03-10 → 2026-04-30",)


def test_a_clash_of_transactions_is_tried_later(odoo: FakeOdoo, connect: Connect) -> None:
    odoo.serialization_failures = 1
    connector = connect()
    with pytest.raises(Unavailable):
        connector.create_entries([entry()])
    assert created(connector.create_entries([entry()])[0])


def test_the_ledger_is_paged_and_exact(
    odoo: FakeOdoo, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.odoo.connector.PAGE", 3)
    connector = connect()
    connector.create_entries([entry(f"L{n}", amount=f"{n}.10") for n in range(1, 6)])
    connector.create_entries([entry("OTHER", day=date(2026, 4, 1))])
    moves = list(connector.ledger(date(2026, 3, 1), date(2026, 3, 31)))
    assert len(moves) == 10
    assert sum(move.debit for move in moves) == Decimal("15.50")
    assert {move.account for move in moves} == {"102.01.01", "401.01.01"}


@pytest.mark.parametrize(("key", "database"), [("wrong", DATABASE), (KEY, "other")])
def test_a_wrong_key_or_database_is_said(connect: Connect, key: str, database: str) -> None:
    with pytest.raises((Unauthorized, Rejected)) as caught:
        connect(key, database).identify()
    assert KEY not in str(caught.value)


def test_a_password_works_where_only_rpc_takes_it(connect: Connect) -> None:
    assert connect(PASSWORD).identify().company == "Empresa MX"


def test_a_database_without_english_still_works(odoo: FakeOdoo, connect: Connect) -> None:
    odoo.languages = {"es_MX"}
    assert connect().identify().company == "Empresa MX"


def test_reads_are_repeated_after_a_bad_gateway(odoo: FakeOdoo, connect: Connect) -> None:
    odoo.fail_next = [lambda _: "before"] * 2
    assert len(connect().accounts()) == 4


def test_external_ids_never_collide() -> None:
    assert external_id("A/1") != external_id("A_1")
    assert external_id("A/1") == external_id("A/1")
    assert " " not in external_id("EMP/contpaqi/3/2026-01/1 bis").partition(".")[2]


def test_default_taxes_are_never_computed_and_the_company_is_the_keys(
    odoo: FakeOdoo, connect: Connect
) -> None:
    odoo.accounts[9] = {
        "id": 9,
        "code": "102.01.01",
        "name": "Otra",
        "active": True,
        "company_id": 2,
        "company_ids": [2],
    }
    connector = connect()
    record = created(connector.create_entries([entry()])[0])
    assert odoo.last_load_context["skip_computed_taxes"] is True
    assert record.lines[0].account == "102.01.01"
    assert {line["account"] for line in odoo.lines.values()} == {1, 3}
    assert connector.identify().user == USER


def test_a_sale_journal_obeys_the_sale_lock(odoo: FakeOdoo, connect: Connect) -> None:
    if odoo.version < 18:
        return
    odoo.company["sale_lock_date"] = "2026-03-31"
    odoo.journals[2] |= {"code": "INV", "name": "Ventas", "type": "sale"}
    outcomes = connect().create_entries([entry("A", journal="INV"), entry("B")])
    assert isinstance(outcomes[0], PeriodClosed)
    assert created(outcomes[1]).date == date(2026, 3, 10)
    assert connect().identify().locked_until is None


def test_many_lines_go_in_several_calls(
    odoo: FakeOdoo, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.odoo.rows.LINES_PER_LOAD", 4)
    outcomes = connect().create_entries([entry(f"E{n}") for n in range(5)])
    assert all(isinstance(outcome, RemoteRecord) for outcome in outcomes)
    assert odoo.calls.count("account.move.load") == 3


def invoice(total: str = "116.58", **changes: object) -> Invoice:
    line = InvoiceLine("Servicio ñ", Decimal(2), Decimal("50.25"), "401.01.01", "", ("21",))
    kept = Invoice(
        "F/1",
        Kind.INVOICE,
        "F-1",
        date(2026, 3, 10),
        "7",
        (line,),
        date(2026, 4, 10),
        Decimal(total),
    )
    return replace(kept, **changes)  # type: ignore[arg-type]


def test_a_total_odoo_does_not_come_to_is_not_posted(odoo: FakeOdoo, connect: Connect) -> None:
    with pytest.raises(Rejected, match=r"116\.58.*116\.59.*draft 1 remains"):
        connect().create(invoice("116.59"))
    assert [move["state"] for move in odoo.moves.values()] == ["draft"]


def test_a_payment_is_put_against_its_invoice(odoo: FakeOdoo, connect: Connect) -> None:
    connector = connect()
    made = connector.create(invoice())
    payment = Payment(
        "P/1",
        Kind.RECEIPT,
        date(2026, 3, 12),
        "7",
        Decimal(100),
        "BNK1",
        (Application(made.remote_id, Decimal(100)),),
    )
    assert connector.create(payment).changes == ()
    assert [record.residual for record in connector.find(invoice())] == [Decimal("16.58")]


def test_a_part_of_more_than_is_open_is_refused_before_anything_is_written(
    odoo: FakeOdoo, connect: Connect
) -> None:
    connector = connect()
    made = connector.create(invoice())
    odoo.moves[int(made.remote_id)]["amount_residual"] = 0.0
    paid = Application(made.remote_id, Decimal(100))
    with pytest.raises(Rejected, match=r"0\.00 open"):
        connector.create(
            Payment("P/1", Kind.RECEIPT, date(2026, 3, 12), "7", Decimal(100), "BNK1", (paid,))
        )
    assert odoo.payments == {}


def test_a_payment_that_comes_again_with_another_amount_is_a_conflict(
    odoo: FakeOdoo, connect: Connect
) -> None:
    connector = connect()
    paid = Payment("P/1", Kind.RECEIPT, date(2026, 3, 10), "7", Decimal("50.00"), "BNK1")
    connector.create(paid)
    assert connector.create(paid).remote_id == "1", "the same again is the same"
    with pytest.raises(Conflict, match=r"posted with 50\.00"):
        connector.create(replace(paid, amount=Decimal("60.00")))
    assert odoo.payments[1]["amount"] == 50.0, "nothing was written over it"


def test_the_locks_of_sales_hold_for_invoices_only(odoo: FakeOdoo, connect: Connect) -> None:
    if odoo.version < 18:
        pytest.skip("locks a kind came with 18")
    odoo.company["sale_lock_date"] = "2026-03-31"
    connector = connect()
    with pytest.raises(PeriodClosed):
        connector.create(invoice())
    assert connector.create(invoice(kind=Kind.BILL)).state == "posted"


def test_a_contact_is_written_with_its_country_and_changed_when_it_comes_again(
    odoo: FakeOdoo, connect: Connect
) -> None:
    connector = connect()
    contact = Contact(
        "C/1", "Ferretería Núñez", "GODE561231GR8", email="a@b.mx", city="León", country="mx"
    )
    first = connector.create(contact)
    assert odoo.partners[int(first.remote_id)]["city"] == "León"
    assert connector.create(replace(contact, email="otro@b.mx")).remote_id == first.remote_id
    (held,) = [partner for partner in connector.partners() if partner.reference == "C/1"]
    assert (held.fields["email"], held.fields["city"]) == ("otro@b.mx", "León")
    with pytest.raises(Rejected, match="country"):
        connector.create(replace(contact, country="XX"))


def test_taxes_are_listed_with_their_rate(connect: Connect) -> None:
    assert [(tax.code, tax.name, tax.rate, tax.use) for tax in connect().taxes()] == [
        ("21", "IVA 16%", Decimal("16.0"), "sale")
    ]


def test_the_company_stays_when_the_users_default_changes(odoo: FakeOdoo, connect: Connect) -> None:
    odoo.companies = [1, 2]
    connector = connect()
    connector.identify()
    odoo.companies = [2, 1]
    assert created(connector.create_entries([entry()])[0]).state == "posted"
    assert odoo.last_load_context["allowed_company_ids"] == [1]


@pytest.mark.parametrize("said", ["2", "Empresa 2"])
def test_a_company_is_chosen_by_name_or_id(odoo: FakeOdoo, connect: Connect, said: str) -> None:
    odoo.companies = [1, 2]
    assert connect(company=said).identify().company == "Empresa 2"
    with pytest.raises(Unauthorized, match="1 Empresa MX, 2 Empresa 2"):
        connect(company="Empresa 3").identify()


def test_a_lock_set_between_loading_and_posting_leaves_a_draft_with_its_date(
    odoo: FakeOdoo, connect: Connect
) -> None:
    def lock() -> None:
        odoo.company["fiscalyear_lock_date"] = "2026-03-31"

    odoo.after_load = lock
    (outcome,) = connect().create_entries([entry()])
    assert isinstance(outcome, PeriodClosed) and "draft 1 remains" in outcome.words
    assert [(move["state"], move["date"]) for move in odoo.moves.values()] == [
        ("draft", "2026-03-10")
    ]


def test_who_may_only_read_is_known_beforehand(odoo: FakeOdoo, connect: Connect) -> None:
    assert connect().identify().may_write is True
    odoo.may_create = False
    assert connect().identify().may_write is False


def test_a_key_of_somebody_else_is_refused(odoo: FakeOdoo, connect: Connect) -> None:
    if odoo.version < 19:
        return  # the older interface asks for the user itself
    with pytest.raises(Unauthorized, match=USER):
        connect(user="otra@example.mx").identify()
    assert connect(user=USER.upper()).identify().user == USER


def test_concept_folio_and_fiscal_documents_stand_in_the_entry(
    odoo: FakeOdoo, connect: Connect
) -> None:
    said = replace(entry(), description="Compra <A&B>", folio="Diario 15", uuids=("8D3F-1",))
    created(connect().create_entries([said])[0])
    assert [move["narration"] for move in odoo.moves.values()] == [
        "<p>Compra &lt;A&amp;B&gt;</p><p>Diario 15</p><p>8D3F-1</p>"
    ]


@pytest.mark.parametrize(
    ("version", "sent"), [(19, '{"32": 100}'), (16, '{"32": 100}'), (15, "32")]
)
def test_a_dimension_goes_to_the_analytic_account(version: int, sent: str) -> None:
    server = FakeOdoo(version)
    connector = OdooConnector(Transport(server.url, sleep=lambda _: None), DATABASE, USER, KEY)
    assert [(item.code, item.name) for item in connector.dimensions()] == [
        ("31", "100 Matriz"),
        ("32", "200 Sucursal Norte"),
    ]
    given = entry()
    lines = (replace(given.lines[0], dimension="32"), given.lines[1])
    created(connector.create_entries([replace(given, lines=lines)])[0])
    assert [line["analytic"] for line in server.lines.values()] == [sent, ""]
    created(connector.create_entries([replace(given, reference="R/3")])[0])
    assert server.last_load_fields[-1] == "line_ids/partner_id/.id", "Odoo's own rules hold"
    unknown = replace(given, reference="R/2", lines=(replace(lines[0], dimension="99"), lines[1]))
    (outcome,) = connector.create_entries([unknown])
    assert isinstance(outcome, Rejected)
    connector.close()
    server.stop()


def test_an_account_tells_its_own_currency_and_whose_its_lines_are(
    odoo: FakeOdoo, connect: Connect
) -> None:
    odoo.accounts[1]["currency_id"] = [2, "USD"]
    odoo.accounts[2] |= {"account_type": "asset_receivable", "internal_type": "receivable"}
    found = {account.code: account for account in connect().accounts()}
    assert [(item.currency, item.of_parties) for item in found.values()] == [
        ("USD", False),
        ("", True),
        ("", False),
        ("", False),
    ]


def test_lists_longer_than_a_page_are_read_whole(
    odoo: FakeOdoo, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.odoo.connector.PAGE", 3)
    odoo.partners |= {n: {**odoo.partners[7], "id": n, "name": f"P{n}"} for n in range(10, 27)}
    assert len(connect().partners()) == 18
    assert len(connect().accounts()) == 4
    assert all(asked <= 3 for asked in odoo.limits)


def test_accounts_are_named_in_the_users_language_and_in_english(
    odoo: FakeOdoo, connect: Connect
) -> None:
    odoo.english = {"102.01.01": "Banks", "401.01.01": "Sales"}
    names = [(item.name, item.other_name) for item in connect().accounts()]
    assert names == [("Bancos", "Banks"), ("Clientes", ""), ("Ventas", "Sales"), ("Gastos", "")]
    odoo.user_language = "en_US"
    assert connect().accounts()[0].name == "Banks"


def test_a_bank_journal_tells_its_account(connect: Connect) -> None:
    assert [(item.code, item.account) for item in connect().journals()] == [
        ("MISC", ""),
        ("BNK1", "102.01.01"),
    ]


@pytest.fixture
def attaching(odoo: FakeOdoo) -> Iterator[OdooConnector]:
    transport = Transport(odoo.url, sleep=lambda _: None)
    made = OdooConnector(transport, DATABASE, USER, KEY, attach=True)
    yield made
    made.close()


def test_the_vouchers_own_text_stands_beside_its_entry_once(
    odoo: FakeOdoo, attaching: OdooConnector
) -> None:
    said = replace(entry(), folio="Diario/15", original="Póliza 15\n1102 Ñ 100.10")
    created(attaching.create_entries([said])[0])
    (kept,) = odoo.attachments
    assert (kept["name"], kept["res_id"]) == ("cuadre-Diario-15.txt", 1)
    assert base64.b64decode(kept["datas"]).decode() == "Póliza 15\n1102 Ñ 100.10"
    assert attachments.missing(attaching._search, {1: (kept["name"], "x")}) == []


def test_an_entry_without_its_text_is_posted_and_says_so(
    odoo: FakeOdoo, attaching: OdooConnector
) -> None:
    lost = lambda call: "before" if call == "ir.attachment.create" else ""  # noqa: E731
    odoo.fail_next = [lost] * 40
    record = created(attaching.create_entries([replace(entry(), original="x")])[0])
    assert record.state == "posted"
    assert "voucher text not attached" in record.changes[0]


def test_what_odoo_moved_is_moved_back_once_its_period_is_open(
    odoo: FakeOdoo, connect: Connect
) -> None:
    connector = connect()
    record = created(connector.create_entries([entry()])[0])
    odoo.moves[1]["date"] = "2026-04-30"
    odoo.company["fiscalyear_lock_date"] = "2026-03-31"
    with pytest.raises(PeriodClosed):
        connector.move_to(record.remote_id, date(2026, 3, 10))
    assert odoo.moves[1]["state"] == "posted"
    odoo.company["fiscalyear_lock_date"] = "2026-02-28"
    back = connector.move_to(record.remote_id, date(2026, 3, 10))
    assert (back.state, back.date, back.changes) == ("posted", date(2026, 3, 10), ())


def test_an_entry_that_cannot_be_posted_on_the_other_day_is_put_back(
    odoo: FakeOdoo, connect: Connect
) -> None:
    connector = connect()
    record = created(connector.create_entries([entry()])[0])
    posts: list[str] = []

    def fail_once(call: str) -> str:
        if call == "account.move.action_post" and not posts:
            posts.append(call)
            odoo.accounts[1]["archived"] = True
        elif call == "account.move.write" and posts:
            odoo.accounts[1]["archived"] = False
        return ""

    odoo.fail_next = [fail_once] * 20
    with pytest.raises(Rejected, match="archived"):
        connector.move_to(record.remote_id, date(2026, 3, 5))
    assert (odoo.moves[1]["state"], odoo.moves[1]["date"]) == ("posted", "2026-03-10")
    odoo.fail_next = []
    odoo.moves[1]["state"] = "draft"  # as after a lost answer
    assert connector.move_to(record.remote_id, date(2026, 3, 5)).state == "posted"


@pytest.mark.parametrize(
    ("person", "is_company", "kind"), [(False, "1", "5"), (True, "0", "3"), (None, False, False)]
)
def test_a_contact_is_a_company_or_a_person_with_its_country_and_kind_of_number(
    odoo: FakeOdoo,
    connect: Connect,
    person: bool | None,
    is_company: object,
    kind: object,
) -> None:
    odoo.identification_types = [
        {"id": 5, "name": "NIT"},
        {"id": 3, "name": "Cédula de ciudadanía"},
    ]
    contact = Contact("C/1", "Suministros SAS", "900123456-8", number="900123456", person=person)
    made = connect().create(contact)
    held = odoo.partners[int(made.remote_id)]
    assert (held["is_company"], held["country_id/.id"]) == (is_company, "156")
    assert held["l10n_latam_identification_type_id/.id"] == kind
