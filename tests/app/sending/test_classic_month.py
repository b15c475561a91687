"""A month on a classic chart (1101 Caja, 1102 Bancos …, no codes of the SAT) goes to an Odoo whose
chart is of l10n_mx's pattern: every account suggested is right or asked, customers' lines have
their partner, and nothing of concept, folio, reference and segment is lost.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from app.documents.maps import BY_BANK, Link, MapKind
from app.intake.importing import import_file
from app.journal import Journal
from app.sending import maps, proposals
from app.sending import push as pushing
from app.sending.choosing import TargetNames
from connectors import Transport
from connectors.odoo import OdooConnector
from tests import polizas
from tests.conftest import DATA
from tests.connectors.fake_odoo import DATABASE, KEY, USER, FakeOdoo

CUSTOMERS = {"1103001": "Comercial San José SA de CV", "1103002": "Núñez"}
ENGLISH = {
    "101.01.01": "Cash",
    "102.01.01": "Domestic banks",
    "105.01.01": "Domestic customers",
    "201.01.01": "Domestic suppliers",
    "401.01.01": "Sales",
}
MONTH = (
    # folio, type, concept, (account, side, amount, reference, text)
    (1, 3, "Factura A-1003 San José", ("1103001", 0, "1160.00", "A-1003", "Venta a crédito")),
    (2, 1, "Cobro A-1003", ("1102", 0, "1160.00", "SPEI 88", "Depósito")),
    (3, 2, "Renta de enero", ("6105", 0, "5000.00", "R-1", "Renta")),
    (4, 3, "Factura A-1004 Núñez", ("1103002", 0, "232.00", "A-1004", "Venta a crédito")),
)
OTHER_SIDE = {1: "4101", 2: "1103001", 3: "1102", 4: "4101"}


def read(name: str) -> list[dict[str, str]]:
    with (DATA / "charts" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def odoo() -> Iterator[FakeOdoo]:
    server = FakeOdoo()
    server.accounts = {
        number: {
            **server.accounts[1],
            "id": number,
            "code": row["code"],
            "name": row["name"],
            "account_type": "asset_receivable" if row["code"] == "105.01.01" else row["kind"],
        }
        for number, row in enumerate(read("target_mx"), 1)
    }
    bank = next(n for n, row in server.accounts.items() if row["code"] == "102.01.01")
    server.journals[2]["default_account_id"] = [bank, ""]
    server.english = ENGLISH
    server.partners[8] = {**server.partners[7], "id": 8, "name": "COMERCIAL SAN JOSE S.A. DE C.V."}
    yield server
    server.stop()


@pytest.fixture
def connector(odoo: FakeOdoo) -> Iterator[OdooConnector]:
    made = OdooConnector(Transport(odoo.url), DATABASE, USER, KEY)
    yield made
    made.close()


def catalogue(path: Path) -> Path:
    """As CONTPAQi exports it."""
    sample = DATA / "contpaqi" / "catalogo_cuentas_excel_synthetic.xlsx"
    book = openpyxl.load_workbook(sample)
    sheet = book.active
    assert sheet is not None
    sheet.delete_rows(5, sheet.max_row)
    names = {row["code"]: row["name"] for row in read("source_classic")} | CUSTOMERS
    for code, name in names.items():
        above = code[:4] if len(code) > 4 else ""
        row = ["C", code, name, None, above, "A", 0, 2, 0, "20260101", 11, "   1", 0, "0", 0, 0, ""]
        sheet.append(row)
    book.save(path)
    return path


def month(path: Path) -> Path:
    vouchers = []
    for folio, kind, concept, (account, side, amount, reference, text) in MONTH:
        lines = [polizas.header(folio, f"202601{folio + 4:02}", kind, concept)]
        for code, on in ((account, side), (OTHER_SIDE[folio], 1 - side)):
            line = polizas.movement(code, on, amount, reference, text)
            lines.append(line.replace(f" {'':>4} {polizas.GUID}", f" {'2':>4} {polizas.GUID}"))
        vouchers.append(lines)
    path.write_bytes(polizas.file(*vouchers))
    return path


def right_answers() -> Mapping[str, set[str]]:
    return {row["code"]: set(row["target_mx"].split("|")) for row in read("source_classic")}


def test_the_month_arrives_whole(
    journal: Journal, tmp_path: Path, odoo: FakeOdoo, connector: OdooConnector
) -> None:
    import_file(journal, catalogue(tmp_path / "catalogo.xlsx"))
    import_file(journal, month(tmp_path / "enero.txt"))
    found = proposals.unmapped(journal, "odoo", connector)
    customer = next(item for item in found if item.source == "1103001")
    assert (customer.suggestion, customer.partner) == ("105.01.01", "8"), "by its parent and name"
    sure = {item.source: item.suggestion for item in found if item.is_sure}
    right = right_answers()
    for source, code in sure.items():
        if source in right:
            assert code in right[source], f"{source} → {code}"
    maps.accept_suggestions(journal, "odoo", found)
    names = TargetNames(connector)
    for item in proposals.unmapped(journal, "odoo", connector):
        maps.save(journal, "odoo", [names.resolved(by_hand(item.kind, item.source))])
    assert proposals.unmapped(journal, "odoo", connector) == []

    result = pushing.push(journal, "odoo", connector)
    assert (result.confirmed, result.rejected, result.waiting) == (4, 0, 0)
    assert result.preflight.left_out == {}
    lines = list(odoo.lines.values())
    codes = {line["id"]: odoo.accounts[line["account"]]["code"] for line in lines}
    receivable = [line for line in lines if codes[line["id"]] == "105.01.01"]
    assert {line["partner"] for line in receivable} == {7, 8}, "each customer is a partner"
    assert {line["analytic"] for line in lines} == {'{"32": 100}'}
    labels = {line["name"] for line in lines}
    assert "A-1003 Venta a crédito" in labels and "SPEI 88 Depósito" in labels
    said = {move["narration"] for move in odoo.moves.values()}
    assert "<p>Cobro A-1003</p><p>2</p>" in said
    in_bank = [move["id"] for move in odoo.moves.values() if journal_of(odoo, move) == "BNK1"]
    assert len(in_bank) == 2, "money in and money out, by the account they move"


def by_hand(kind: MapKind, source: str) -> Link:
    """What a bookkeeper answers, in words."""
    if kind is MapKind.DIMENSION:
        return Link(kind, source, "200 Sucursal Norte")
    if source in CUSTOMERS:
        return Link(kind, source, "Clientes nacionales", CUSTOMERS[source])
    if kind is MapKind.JOURNAL:
        return Link(kind, source, BY_BANK if source in "12" else "Operaciones varias")
    (code, *_) = sorted(right_answers()[source])
    return Link(kind, source, code)


def journal_of(odoo: FakeOdoo, move: dict[str, Any]) -> str:
    return str(odoo.journals[int(move["journal"])]["code"])
