"""Statements nobody designed: whatever the words, signs, order and dates, the reading has the right
sums or says that it is in doubt.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.intake.extract import extract
from importers import Options
from importers.archives import Export
from importers.content import Content
from importers.profile import load_profiles

DOUBTS = {"sides-undecided", "balance-chain", "sides-swapped", "amount-elsewhere"}
COUNTED: Counter[str] = Counter()


PAIRS = [
    ("Retiros", "Depósitos"),
    ("Cargos", "Abonos"),
    ("Débito", "Crédito"),
    ("Debe", "Haber"),
    ("Withdrawals", "Deposits"),
    ("Saídas", "Entradas"),
    ("Haber", "Debe"),
    ("Crédito", "Débito"),
]
WORDS = [
    ("D", "C"),
    ("C", "D"),
    ("ND", "NC"),
    ("Cargo", "Abono"),
    ("DB", "CR"),
    ("H", "D"),
    ("-", "+"),
]


def written(day: date, order: str) -> str:
    return {"dmy": f"{day:%d/%m/%Y}", "iso": f"{day:%Y-%m-%d}", "mdy": f"{day:%m/%d/%Y}"}[order]


@st.composite
def statements(draw: st.DrawFn) -> tuple[str, Decimal, Decimal]:
    """A statement's text with its true sums: money in, money out."""
    moves = draw(st.lists(st.integers(-900_000, 900_000).filter(bool), min_size=4, max_size=14))
    start = date(2026, 3, 1) + timedelta(days=draw(st.integers(0, 100)))
    days = [start + timedelta(days=2 * place) for place in range(len(moves))]
    balance = Decimal(draw(st.integers(0, 10_000_000))).scaleb(-2)
    kind = draw(st.sampled_from(["pair", "words", "signed"]))
    pair, words = draw(st.sampled_from(PAIRS)), draw(st.sampled_from(WORDS))
    turned, negative = draw(st.booleans()), draw(st.booleans())
    order = draw(st.sampled_from(["dmy", "iso", "mdy"]))
    rows = []
    for day, cents in zip(days, moves, strict=True):
        amount = Decimal(cents).scaleb(-2)
        balance += amount
        size, is_in = abs(amount), amount > 0
        shown = -size if negative and not is_in else size
        if kind == "pair":
            out_cell, in_cell = ("", str(shown)) if is_in else (str(shown), "")
            cells = [in_cell, out_cell] if turned else [out_cell, in_cell]
        elif kind == "words":
            cells = [words[is_in], str(shown)]
        else:
            cells = [str(amount)]
        rows.append(",".join([written(day, order), "MOV", *cells, str(balance)]))
    if draw(st.booleans()):
        rows.reverse()
    headings = {"pair": ",".join(reversed(pair) if turned else pair), "words": "Tipo,Importe"}
    text = "\n".join([f"Fecha,Concepto,{headings.get(kind, 'Importe')},Saldo", *rows]) + "\n"
    came_in = sum((Decimal(cents) for cents in moves if cents > 0), Decimal(0)).scaleb(-2)
    went_out = -sum((Decimal(cents) for cents in moves if cents < 0), Decimal(0)).scaleb(-2)
    return text, came_in, went_out


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(statements())
def test_no_statement_is_wrong_without_a_word(statement: tuple[str, Decimal, Decimal]) -> None:
    text, came_in, went_out = statement
    export = Export("estado.csv", Content.of(text.encode()), "estado.csv")
    read = extract(export, Options(), load_profiles()).as_json()
    sums = [
        sum((Decimal(record[side]) for record in read["records"]), Decimal("0.00"))
        for side in ("debit", "credit")
    ]
    is_right = sums == [came_in, went_out]
    is_told = bool(DOUBTS & {finding["code"] for finding in read["findings"]})
    COUNTED["read" if is_right else "asked" if is_told else "wrong"] += 1
    assert is_right or is_told, text


def test_the_figures_are_printed() -> None:
    print({name: COUNTED[name] for name in ("read", "asked", "wrong")})
    assert not COUNTED["wrong"]
