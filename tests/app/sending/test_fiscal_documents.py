"""A month of fiscal documents goes to an ERP: every total equal to the paper, every tax, every
residual; nothing twice, whatever breaks on the way.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.company import settings
from app.company.settings import ConnectionSettings
from app.documents import FISCAL
from app.documents.maps import Link, MapKind
from app.documents.obstacles import Problem
from app.intake.importing import import_export
from app.journal import Journal, verification
from app.sending import conflicts, fiscal_documents, maps, preflight, proposals
from app.sending import push as pushing
from connectors import Contact, Invoice, Kind, Transport
from connectors.documents import InvoiceLine
from connectors.errors import ConnectorError
from connectors.sandbox import Faults, SandboxConnector, SandboxServer, SandboxStore
from connectors.sandbox.server import DEFAULT_PASSWORD, DEFAULT_USER
from importers import Options
from importers.document_months import gathered
from tests import cfdi_month
from tests.cfdi_month import Month
from tests.conftest import DATA

Connect = Callable[..., SandboxConnector]
NAME = "sandbox"
ROOT = Path(__file__).parents[3]
LINKS = (
    ("item", "sale:*", "401.01"),
    ("item", "purchase:*", "601.34"),
    ("bank", "receipt:*", "102.01"),
    ("bank", "payment:*", "102.01"),
    ("tax", "MX:IVA:R:0.106667@purchase", "RIVA106667"),
)


def bring(journal: Journal, month: Month, folder: Path) -> None:
    month.write(folder)
    for export in gathered(folder).exports:
        import_export(journal, export, "DEMO", Options(own_tax_ids=(cfdi_month.OWN,)))


def mapped(journal: Journal, target: SandboxConnector) -> None:
    settings.add_connection(
        journal, ConnectionSettings(NAME, "sandbox", "http://127.0.0.1", user="contador")
    )
    maps.save(journal, NAME, [Link(MapKind(kind), one, two) for kind, one, two in LINKS])
    found = proposals.unmapped(journal, NAME, target, fiscal=True)
    maps.accept_suggestions(journal, NAME, found)


def push(journal: Journal, target: SandboxConnector, **how: Any) -> pushing.PushResult:
    return pushing.push(journal, NAME, target, also=FISCAL, sleep=lambda _: None, **how)


def held(store: SandboxStore) -> list[dict[str, Any]]:
    kinds = ("invoice", "bill", "refund", "bill-refund", "receipt", "payment")
    rows = []
    for kind in kinds:
        rows += store.documents(kind, "2026-01-01", "2026-12-31", 0, 100_000)
    return rows


def assert_as_on_paper(store: SandboxStore, month: Month) -> None:
    rows = {row["reference"].removeprefix("CFDI:").partition("#")[0]: row for row in held(store)}
    assert len(rows) == len(held(store))
    assert rows.keys() == {one.uuid for one in month.counting} | month.payments.keys()
    for paper in month.counting:
        row = rows[paper.uuid]
        assert Decimal(row["total"]).scaleb(-2) == paper.due, paper
        assert Decimal(row["residual"]).scaleb(-2) == paper.open, paper
        assert row["currency"] == paper.currency
    for uuid, (amount, _) in month.payments.items():
        assert (Decimal(rows[uuid]["total"]).scaleb(-2), rows[uuid]["residual"]) == (amount, 0)


def assert_taxes_as_on_paper(store: SandboxStore, month: Month) -> None:
    """The ledger's tax accounts come to the taxes of the papers in pesos, to a cent a document."""
    accounts = {
        ("sale", "002T"): "209.01",
        ("sale", "003T"): "209.02",
        ("bill", "002T"): "119.01",
        ("bill", "003T"): "119.03",
        ("bill", "001R"): "216.04",
        ("bill", "002R"): "216.10",
    }
    expected: Counter[str] = Counter()
    for paper in month.counting:
        side = paper.kind.removesuffix("-credit")
        sign = (1 if side == "bill" else -1) * (-1 if paper.kind.endswith("credit") else 1)
        for tax, amount in paper.taxes.items():
            pesos = sign * amount * cfdi_month.RATES[paper.currency]
            expected[accounts[side, tax]] += pesos  # type: ignore[assignment]
    found = store.balances("2026-12-31", 2026)
    for account, amount in expected.items():
        assert abs(Decimal(found[account]).scaleb(-2) - amount) <= Decimal("0.5"), account


@pytest.fixture
def month(tmp_path: Path) -> Month:
    return cfdi_month.month(80, seed=3)


def test_a_month_is_there_as_its_papers_have_it_and_once(
    journal: Journal, connect: Connect, store: SandboxStore, month: Month, tmp_path: Path
) -> None:
    bring(journal, month, tmp_path / "marzo")
    target = connect()
    mapped(journal, target)
    result = push(journal, target)
    assert result.clean, (result, list(result.preflight.obstacles))
    assert_as_on_paper(store, month)
    assert_taxes_as_on_paper(store, month)
    files = Counter(
        file["name"] for row in held(store) for file in store.attachments(int(row["id"]))
    )
    assert len(files) == len(held(store)) and set(files.values()) == {1}
    before = store.count()
    again = push(journal, target)
    assert (again.confirmed, again.clean) == (0, True)
    assert store.count() == before
    assert verification.verify(journal).problems == []
    states = Counter(one.authority for one in fiscal_documents.listed(journal))
    assert states["cancelled"] == sum(paper.cancelled for paper in month.papers) > 0


@pytest.mark.parametrize(
    "faults",
    [
        Faults(lose_answer=0.3),
        Faults(error_after=0.3),
        Faults(error_before=0.2, lose_answer=0.1, half_body=0.1, throttle=0.1),
    ],
    ids=["lost answers", "errors after the commit", "everything"],
)
def test_nothing_is_there_twice_whatever_breaks(
    journal: Journal, connect: Connect, store: SandboxStore, tmp_path: Path, faults: Faults
) -> None:
    month = cfdi_month.month(25, seed=9)
    bring(journal, month, tmp_path / "marzo")
    target = connect()
    mapped(journal, target)
    store.set_faults(faults)
    for _ in range(5):
        with contextlib.suppress(ConnectorError):  # its lists could not be read: try again
            push(journal, target, deadline=10.0)
    store.set_faults(Faults())
    for _ in range(5):
        if push(journal, target, deadline=60.0).clean:
            break
    assert_as_on_paper(store, month)
    files = Counter(
        (row["id"], file["name"]) for row in held(store) for file in store.attachments(row["id"])
    )
    assert len(files) == len(held(store)) and set(files.values()) == {1}


def test_a_payment_waits_for_its_invoice(
    journal: Journal, connect: Connect, store: SandboxStore, month: Month, tmp_path: Path
) -> None:
    """What a payment names that no file brings is said, with number and amount; once the invoice
    is imported it goes.
    """
    payment = next(iter(month.payments))
    alone = Month(files={f"{payment}.xml": month.files[f"{payment}.xml"]})
    bring(journal, alone, tmp_path / "pagos")
    target = connect()
    mapped(journal, target)
    found = preflight.check(journal, NAME, target, also=FISCAL)
    assert Problem.WAITS_FOR_INVOICE in {problem for problem, _ in found.obstacles}
    rest = Month(files={name: text for name, text in month.files.items() if payment not in name})
    rest.metadata = month.metadata
    bring(journal, rest, tmp_path / "facturas")
    maps.accept_suggestions(journal, NAME, proposals.unmapped(journal, NAME, target, fiscal=True))
    assert push(journal, target).clean
    assert_as_on_paper(store, month)


def test_a_refused_invoice_keeps_its_payment_waiting_and_nothing_is_lost(
    journal: Journal, connect: Connect, store: SandboxStore, month: Month, tmp_path: Path
) -> None:
    bring(journal, month, tmp_path / "marzo")
    target = connect()
    mapped(journal, target)
    with store._writing() as cursor:
        cursor.execute("DELETE FROM account WHERE code = '601.34'")
    target.accounts = lambda: [*SandboxConnector.accounts(target), _account("601.34")]  # type: ignore[method-assign]
    result = push(journal, target)
    assert result.rejected > 0 and result.waiting > 0
    store.add_account("601.34", "Honorarios")
    assert push(journal, target, retry=True).clean
    assert_as_on_paper(store, month)


def _account(code: str) -> Any:
    from connectors.documents import RemoteAccount

    return RemoteAccount(code, "")


def test_what_is_cancelled_after_it_was_sent_is_said_each_time(
    journal: Journal, connect: Connect, store: SandboxStore, month: Month, tmp_path: Path
) -> None:
    bring(journal, Month(files=month.files), tmp_path / "marzo")
    target = connect()
    mapped(journal, target)
    push(journal, target)
    bring(journal, Month(metadata=month.metadata), tmp_path / "metadata")
    found = preflight.check(journal, NAME, target, also=FISCAL)
    told = [
        one
        for (problem, _), one in found.obstacles.items()
        if problem is Problem.CANCELLED_AFTER_SENDING
    ]
    assert len(told) == sum(paper.cancelled for paper in month.papers)


def test_an_invoice_a_voucher_brought_is_not_sent_again(
    journal: Journal, connect: Connect, store: SandboxStore, month: Month, tmp_path: Path
) -> None:
    from app.journal import outbox
    from app.journal.outbox import Intent

    bring(journal, month, tmp_path / "marzo")
    target = connect()
    mapped(journal, target)
    paper = next(one for one in month.counting if one.kind == "sale")
    (row,) = (one.row for one in fiscal_documents.named(journal, paper.uuid))
    payload = {"reference": "DEMO/x/1", "uuids": [paper.uuid], "lines": [], "date": "2026-03-01"}
    outbox.enqueue(journal, NAME, [Intent("DEMO/x/1", row.id, "h", payload)], lambda _: set())
    found = preflight.check(journal, NAME, target, also=FISCAL)
    assert [what for problem, what in found.obstacles if problem is Problem.IN_A_VOUCHER] == [
        f"{row.number}: DEMO/x/1"
    ]


@pytest.fixture
def typed(
    journal: Journal, connect: Connect, tmp_path: Path
) -> tuple[SandboxConnector, cfdi_month.Paper]:
    """An invoice somebody typed into the target before its CFDI is sent."""
    month = cfdi_month.month(12, seed=7)
    paper = next(one for one in month.counting if (one.kind, one.currency) == ("sale", "MXN"))
    bring(journal, Month(files={f"{paper.uuid}.xml": month.files[f"{paper.uuid}.xml"]}), tmp_path)
    target = connect()
    target.create(Contact("typed", paper.party[1], paper.party[0]))
    code = next(one.code for one in target.partners() if one.reference == "typed")
    line = InvoiceLine("a mano", Decimal(1), paper.due, "401.01")
    target.create(Invoice("", Kind.INVOICE, "A MANO 1", paper.day, code, (line,)))
    mapped(journal, target)
    return target, paper


def test_what_somebody_typed_into_the_target_is_a_question(
    journal: Journal, store: SandboxStore, typed: tuple[SandboxConnector, cfdi_month.Paper]
) -> None:
    target, paper = typed
    result = push(journal, target)
    told = [
        what for problem, what in result.preflight.obstacles if problem is Problem.TYPED_ALREADY
    ]
    assert told == [f"{paper.number} = A MANO 1 ({paper.day})"]
    assert len(held(store)) == 1


def test_what_is_linked_is_not_sent_and_gets_its_file(
    journal: Journal, store: SandboxStore, typed: tuple[SandboxConnector, cfdi_month.Paper]
) -> None:
    target, paper = typed
    record = conflicts.link(journal, NAME, target, f"CFDI:{paper.uuid}", "A MANO 1", "capturada")
    assert push(journal, target).clean
    (row,) = held(store)
    assert (row["id"], len(store.attachments(int(row["id"])))) == (int(record.remote_id), 1)


def test_what_is_another_goes(
    journal: Journal, store: SandboxStore, typed: tuple[SandboxConnector, cfdi_month.Paper]
) -> None:
    target, paper = typed
    fiscal_documents.tell_apart(journal, NAME, [f"CFDI:{paper.uuid}"], "otra venta igual")
    assert push(journal, target).clean
    assert len(held(store)) == 2


def test_killed_again_and_again_everything_is_there_once(
    store: SandboxStore, sandbox: SandboxServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process that sends is killed at any moment, six times; then it is left alone."""
    month = cfdi_month.month(40, seed=11)
    home = tmp_path / "home"
    opened = settings.open_journal(home)
    bring(opened, month, tmp_path / "marzo")
    transport = Transport(sandbox.url)
    target = SandboxConnector(transport, DEFAULT_USER, DEFAULT_PASSWORD)
    settings.add_connection(
        opened, ConnectionSettings(NAME, "sandbox", sandbox.url, user=DEFAULT_USER)
    )
    links = [Link(MapKind(kind), one, two) for kind, one, two in LINKS]
    maps.save(opened, NAME, links)
    maps.accept_suggestions(opened, NAME, proposals.unmapped(opened, NAME, target, fiscal=True))
    opened.close()
    command = [sys.executable, "-m", "app", "--home", str(home), "push"]
    command += ["--connection", NAME, "--documents"]
    secret = {"CUADRE_SECRET_" + NAME.upper(): DEFAULT_PASSWORD}
    environment = os.environ | secret | {"PYTHONPATH": str(ROOT)}
    store.set_faults(Faults(lose_answer=0.1))
    chance = random.Random(5)
    for _ in range(6):
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        time.sleep(1.2 + chance.random() * 1.2)
        process.kill()
        process.wait()
    store.set_faults(Faults())
    for _ in range(4):
        done = subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False)
        if done.returncode == 0:
            break
    assert_as_on_paper(store, month)
    files = Counter(
        (row["id"], file["name"]) for row in held(store) for file in store.attachments(row["id"])
    )
    assert len(files) == len(held(store)) and set(files.values()) == {1}


@pytest.mark.parametrize(
    ("name", "own", "country"),
    [
        ("mx09_nomina12", "EKU9003173C9", "MX"),
        ("co07_nomina_individual", "900123456", "CO"),
    ],
)
def test_a_pay_slip_is_an_entry_by_concept_without_a_name(
    journal: Journal,
    connect: Connect,
    store: SandboxStore,
    tmp_path: Path,
    name: str,
    own: str,
    country: str,
) -> None:
    said = json.loads((DATA / "documents" / f"{name}.expected.json").read_text(encoding="utf-8"))
    expected = said["documents"][0]["entry"]
    folder = tmp_path / "nomina"
    folder.mkdir()
    shutil.copy(DATA / "documents" / f"{name}.xml", folder)
    for export in gathered(folder).exports:
        import_export(journal, export, "DEMO", Options(own_tax_ids=(own,)))
    target = connect()
    mapped(journal, target)
    found = proposals.unmapped(journal, NAME, target, fiscal=True)
    asked = {item.source for item in found if item.kind is MapKind.ITEM}
    assert asked == {line["key"] for line in expected}
    account = store.listing("account")[0]["code"]
    links = [Link(MapKind.ITEM, source, account) for source in asked]
    maps.save(journal, NAME, [*links, Link(MapKind.JOURNAL, "payroll", "DIA")])
    result = push(journal, target)
    assert result.clean, list(result.preflight.obstacles)
    moves = list(target.ledger(date(2026, 1, 1), date(2026, 12, 31)))
    assert sorted((move.debit, move.credit) for move in moves) == sorted(
        (Decimal(line["debit"]), Decimal(line["credit"]))
        for line in expected
        if Decimal(line["debit"]) or Decimal(line["credit"])
    )
    assert not any(move.partner or "TRABAJADOR" in move.label.upper() for move in moves)
