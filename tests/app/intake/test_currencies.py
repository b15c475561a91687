"""The currency of amounts from file to journal to side."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.company import settings
from app.intake.importing import import_file
from app.journal import Journal, listings
from app.reconciling import runs, summaries
from tests.conftest import DATA

DOLLARS = DATA / "cases" / "cfdi_dolares_concilia_con_pesos" / "factura_usd.xml"
UNNAMED = "Fecha,Concepto,Retiros,Depósitos\n13/03/2026,a,,100.00\n14/03/2026,b,30.00,\n"


@pytest.mark.parametrize(
    ("own", "said", "currency"),
    [
        ([], "", ""),
        (["EKU9003173C9"], "", "MXN"),
        (["800333444-2"], "", "COP"),
        (["EKU9003173C9"], "dólares", "USD"),
        ([], "pesos colombianos", "COP"),
    ],
)
def test_the_currency_of_the_books(
    journal: Journal, own: list[str], said: str, currency: str
) -> None:
    settings.keep_own_tax_ids(journal, own)
    if said:
        settings.keep_currency(journal, said)
    assert settings.currency(journal) == currency


@pytest.mark.parametrize("text", ["", "$", "conchas", "XQZ"])
def test_what_is_no_currency_is_refused(journal: Journal, text: str) -> None:
    with pytest.raises(settings.NoCurrency):
        settings.keep_currency(journal, text)


def test_an_import_says_that_it_assumed_the_companys_currency(
    journal: Journal, tmp_path: Path
) -> None:
    settings.keep_currency(journal, "MXN")
    path = tmp_path / "banco.csv"
    path.write_text(UNNAMED, encoding="utf-8")
    batch = import_file(journal, path).batch
    notes = [text for row, text in listings.batch_findings(journal, batch) if row.line == 0]
    assert any("MXN" in text for text in notes)


def test_an_assumed_currency_stays_what_it_was_when_the_file_was_imported(
    journal: Journal, tmp_path: Path
) -> None:
    settings.keep_currency(journal, "MXN")
    path = tmp_path / "banco.csv"
    path.write_text(UNNAMED, encoding="utf-8")
    batch = import_file(journal, path).batch
    settings.keep_currency(journal, "USD")
    other = tmp_path / "otro.csv"
    heading = "Fecha,Concepto,Retiros USD,Depósitos USD"
    other.write_text(UNNAMED.replace("Fecha,Concepto,Retiros,Depósitos", heading), "utf-8")
    result = runs.reconcile(journal, f"batch:{batch}", str(other))
    assert result.left.currency == ["MXN", "MXN"]


def test_an_imported_document_in_dollars_is_compared_by_its_own_rate(
    journal: Journal, tmp_path: Path
) -> None:
    settings.keep_own_tax_ids(journal, ["EKU9003173C9"])
    batch = import_file(journal, DOLLARS).batch
    bank = tmp_path / "banco.csv"
    bank.write_text(
        "Fecha,Concepto,Retiros,Depósitos\n15/01/2026,pago,,61389.80\n", encoding="utf-8"
    )
    result = runs.reconcile(journal, f"batch:{batch}", str(bank))
    assert list(result.left.foreign.values()) == ["3,248.00 USD × 18.9008"]
    assert [int(amount) for amount in abs(result.left.amount)] == [6138980]


def test_several_currencies_are_told_apart_in_the_answer(journal: Journal, tmp_path: Path) -> None:
    settings.keep_currency(journal, "MXN")
    left, right = tmp_path / "a.csv", tmp_path / "b.csv"
    left.write_text(
        "Fecha,Referencia,Retiros,Depósitos,Moneda\n13/03/2026,A,,100.00,USD\n"
        "14/03/2026,B,,70.00,MXN\n",
        encoding="utf-8",
    )
    right.write_text("Fecha,Referencia,Retiros,Depósitos\n14/03/2026,B,,70.00\n", encoding="utf-8")
    answer = summaries.summary(runs.reconcile(journal, str(left), str(right)))
    assert answer["currencies"] == {
        "MXN": {"left": "70.00", "right": "70.00", "difference": "0.00", "unexplained": "0.00"},
        "USD": {
            "left": "100.00",
            "right": "0.00",
            "difference": "100.00",
            "unexplained": "100.00",
        },
    }
