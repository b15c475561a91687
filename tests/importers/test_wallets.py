"""Files of wallets and small banks, made after the vendors' glossaries: what counts is what reaches
the account. Expected sums are those of the files' own balances.
"""

from __future__ import annotations

import pytest

from tests.importers.reading import codes, nets, read

SETTLEMENT = (
    "EXTERNAL_REFERENCE,SOURCE_ID,TRANSACTION_TYPE,TRANSACTION_AMOUNT,FEE_AMOUNT,"
    "SETTLEMENT_NET_AMOUNT,TRANSACTION_DATE,SETTLEMENT_DATE,SETTLEMENT_CURRENCY\n"
    "P-1,1001,SETTLEMENT,1000.00,-35.80,964.20,2026-10-05T11:00:00.000-03:00,"
    "2026-10-07T13:00:00.000-03:00,MXN\n"
    "P-1,1001,REFUND,-200.00,0.00,-200.00,2026-10-06T11:00:00.000-03:00,"
    "2026-10-07T20:00:00.000-03:00,MXN\n"
)
SUMMARY = (
    "INITIAL_BALANCE;CREDITS;DEBITS;FINAL_BALANCE\n1.000,00;964,20;-1.500,00;464,20\n\n"
    "RELEASE_DATE;TRANSACTION_TYPE;REFERENCE_ID;TRANSACTION_NET_AMOUNT;PARTIAL_BALANCE\n"
    "07-10-2026;Cobro;1001;964,20;1.964,20\n08-10-2026;Retiro;9001;-1.500,00;464,20\n"
)
STRIPE = (
    "balance_transaction_id,created_utc,available_on_utc,currency,gross,fee,net,"
    "reporting_category,source_id,description,automatic_payout_id\n"
    "txn_1,2026-09-02 10:00:00,2026-09-04 00:00:00,mxn,1000.00,36.00,964.00,charge,ch_1,x,po_1\n"
    "txn_2,2026-09-03 10:00:00,2026-09-04 00:00:00,mxn,-200.00,0.00,-200.00,refund,re_1,,po_1\n"
)
BANKAOOL = (
    "Fecha,Descripción,Referencia,Monto,Saldo,Clave Rastreo,Comprobante Electrónico\n"
    "13/09/2026,SPEI RECIBIDO,123,500.00,1500.00,MBAN01002602050012345678,\u00a0\n"
    "14/09/2026,COMISION,0,-5.00,1495.00,\u00a0,\u00a0\n"
)


@pytest.mark.parametrize(
    ("text", "profile", "amounts", "first", "ends"),
    [
        (
            SETTLEMENT,
            "bank-mercadopago-movimientos",
            ["964.20", "-200.00"],
            {"date": "2026-10-07", "identifier": "1001", "reference": "P-1", "currency": "MXN"},
            None,
        ),
        (
            SUMMARY,
            "bank-mercadopago-resumen",
            ["964.20", "-1500.00"],
            {"date": "2026-10-07", "reference": "1001"},
            ("1000.00", "464.20"),
        ),
        (
            STRIPE,
            "bank-stripe",
            ["964.00", "-200.00"],
            {"date": "2026-09-02", "identifier": "txn_1", "currency": "MXN"},
            None,
        ),
        (
            BANKAOOL,
            "bank-mx-bankaool",
            ["500.00", "-5.00"],
            {"date": "2026-09-13", "identifier": "MBAN01002602050012345678"},
            ("1000.00", "1495.00"),
        ),
    ],
)
def test_the_net_of_each_row_counts(
    text: str,
    profile: str,
    amounts: list[str],
    first: dict[str, str],
    ends: tuple[str, str] | None,
) -> None:
    found = read("archivo.csv", text)
    assert (found["profile"], nets(found), codes(found)) == (profile, amounts, set())
    assert {name: found["records"][0][name] for name in first} == first
    balances = [(one["opening"], one["closing"]) for one in found["balances"]]
    assert balances == ([ends] if ends else [])
