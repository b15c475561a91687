"""Accounting tables made at random, harder than most real ones, each with what is true of it:
delimited and print-image, Spanish and English, with page heads, wrapped texts, groups, subtotals,
two-row heads, catalogues, and amounts written in every way people write them.

What they hold is arithmetic done here with integers; nothing of the reader is used.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

Cents = int


@dataclass
class Table:
    """``roles`` are those of the lines, ``columns`` of the columns (empty: none is asked),
    ``total`` the sum of each money column by role, in cents.
    """

    lines: list[str] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    delimiter: str = ""
    heading: tuple[int, ...] = ()
    columns: list[str] = field(default_factory=list)
    total: dict[str, Cents] = field(default_factory=dict)
    kind: str = ""

    @property
    def is_fixed(self) -> bool:
        return not self.delimiter

    def add(self, line: str, role: str) -> None:
        self.lines.append(line)
        self.roles.append(role)


TITLES = {
    "date": (["Fecha", "FECHA", "Fecha Mov.", "Fecha de operación"], ["Date", "Posting Date"]),
    "reference": (["Referencia", "Documento", "Folio", "Comprobante"], ["Reference", "Doc No"]),
    "account": (["Cuenta", "Código cuenta", "CUENTA CONTABLE"], ["Account", "Account Code"]),
    "party": (["Tercero", "Nombre", "Razón Social", "Cliente"], ["Customer", "Payee", "Name"]),
    "text": (["Concepto", "Descripción", "DETALLE"], ["Description", "Memo", "Details"]),
    "debit": (["Debe", "Débitos", "CARGOS", "Cargo"], ["Debit", "DEBIT"]),
    "credit": (["Haber", "Créditos", "ABONOS", "Abono"], ["Credit", "CREDIT"]),
    "amount": (["Importe", "Monto", "Valor"], ["Amount", "Net Amount"]),
    "balance": (["Saldo", "SALDO", "Saldo final"], ["Balance", "Running Balance"]),
}
LAYOUTS = (
    ("date", "reference", "text", "debit", "credit", "balance"),
    ("date", "account", "reference", "text", "debit", "credit"),
    ("account", "date", "reference", "party", "text", "debit", "credit", "balance"),
    ("date", "text", "amount", "balance"),
    ("date", "reference", "party", "amount"),
    ("reference", "date", "account", "party", "debit", "credit"),
    ("date", "text", "reference", "amount"),
)
COMPANIES = (
    [
        "COMERCIAL SAN JOSÉ SA DE CV",
        "FERRETERÍA NÚÑEZ SAS",
        "PAPELERÍA EL NIÑO LTDA",
        "TRANSPORTES ANDINOS S.A.",
        "SUMINISTROS DEL NORTE SA DE CV",
        "GÓMEZ & CÍA SAS",
    ],
    ["ACME TOOLS INC", "NORTHWIND TRADERS LLC", "CONTOSO LTD", "GLOBEX INC", "INITECH LLC"],
)
TEXTS = (
    [
        "Pago de factura",
        "Depósito en efectivo",
        "Compra de papelería",
        "Renta del mes",
        "Honorarios contables",
        "Comisión por manejo de cuenta",
        "Venta de mostrador",
    ],
    [
        "Invoice payment",
        "Cash deposit",
        "Office supplies",
        "Monthly rent",
        "Bank fee",
        "Consulting services",
        "Counter sale",
    ],
)
ACCOUNTS = ("110505", "111005", "130505", "220505", "240805", "413505", "513535", "519530")
DOTTED = ("102.01.01", "105.01.02", "201.01.01", "401.01.01", "601.84.01", "213.01.01")


def generate(seed: int, *, hard: bool = False) -> Table:
    """The same table for the same seed; ``hard`` adds what makes real ones difficult: two-row,
    blank and repeated heads, catalogues without a number, lone quotes, delimiters in titles, short
    rows, CR behind amounts, pages of 132 and 220 columns, groups with subtotals.
    """
    chance = random.Random(seed)
    if hard and chance.random() < 0.12:
        return _catalogue(chance)
    return _Maker(chance, hard).table()


def _catalogue(chance: random.Random) -> Table:
    """A chart of accounts: no date and no amount in it."""
    mark = chance.choice((";", "\t", "|", ","))
    made = Table(delimiter=mark, columns=["account", "account_name", ""], kind="catalogue")
    for title in ("EMPRESA DEMO SA DE CV", "Catálogo de cuentas")[: chance.randrange(0, 3)]:
        made.add(title, "title")
    made.heading = (len(made.lines),)
    heads = chance.choice(
        (["Cuenta", "Nombre de la cuenta", "Tipo"], ["Código", "Denominación", "Clase"])
    )
    made.add(mark.join(heads), "heading")
    for number in range(chance.randrange(15, 80)):
        code = f"{1 + number % 6}{number // 6:02d}-{number % 9:03d}"
        name = chance.choice(("Caja", "Bancos", "Clientes", "Proveedores", "Ventas", "Gastos"))
        made.add(mark.join([code, f"{name} {number}", chance.choice("ADKR")]), "data")
    return made


class _Maker:
    def __init__(self, chance: random.Random, hard: bool = False) -> None:
        self.chance = chance
        self.hard = hard
        self.language = chance.random() < 0.35
        self.layout = list(chance.choice(LAYOUTS))
        self.amount = chance.choice(_AMOUNTS)
        self.date = chance.choice(_DATES)
        self.accounts = chance.choice((ACCOUNTS, DOTTED))
        self.titles = [chance.choice(TITLES[role][self.language]) for role in self.layout]
        if hard and chance.random() < 0.15:
            self.amount = _credited
        if hard and chance.random() < 0.2:
            self.titles[self.layout.index("text") if "text" in self.layout else 0] = ""
        self.second: list[str] = []
        if hard and chance.random() < 0.25:
            self._break_heads()
        self.balance = chance.randrange(0, 9_000_000)
        self.number = chance.randrange(100, 9000)
        self.day = 1

    def _break_heads(self) -> None:
        """Heads of two rows: the money under one word, or every title of two words broken."""
        money = [n for n, role in enumerate(self.layout) if role in ("debit", "credit")]
        over = list(self.titles)
        self.second = [""] * len(over)
        if len(money) == 2:
            for place in money:
                self.second[place] = over[place]
                over[place] = ("Movimientos", "Movements")[self.language]
        for place, title in enumerate(over):
            if " " in title and place not in money:
                over[place], _, self.second[place] = title.partition(" ")
        if sum(map(bool, self.second)) < 2:
            self.second = []
        else:
            self.titles = over

    def table(self) -> Table:
        rows = [self._row() for _ in range(self.chance.randrange(12, 160))]
        made = Table(columns=list(self.layout))
        for role in ("debit", "credit", "amount"):
            if role in self.layout:
                made.total[role] = sum(row[role] for row in rows)
        if self.chance.random() < 0.5:
            self._delimited(made, rows)
        else:
            self._printed(made, rows)
        return made

    def _row(self) -> dict[str, object]:
        self.number += self.chance.randrange(1, 4)
        self.day = min(self.day + (self.chance.random() < 0.25), 28)
        cents = self.chance.randrange(100, 90_000_000 if self.chance.random() < 0.1 else 900_000)
        is_debit = self.chance.random() < 0.5
        signed = cents if is_debit else -cents
        self.balance += signed
        return {
            "date": self.date(self.day),
            "reference": f"{self.chance.choice(('FV', 'RC', 'CE', 'A'))}-{self.number}",
            "account": self.chance.choice(self.accounts),
            "party": self.chance.choice(COMPANIES[self.language]),
            "text": self._text(),
            "debit": cents if is_debit else 0,
            "credit": 0 if is_debit else cents,
            "amount": signed,
            "balance": self.balance,
        }

    def _text(self) -> str:
        said = f"{self.chance.choice(TEXTS[self.language])} {self.number}"
        return f'{said} 3" x 2"' if self.hard and self.chance.random() < 0.05 else said

    def _cells(self, row: dict[str, object]) -> list[str]:
        return [self._cell(role, row[role]) for role in self.layout]

    def _cell(self, role: str, value: object) -> str:
        if not isinstance(value, int):
            return str(value)
        if role in ("debit", "credit") and not value:
            return ""
        return self.amount(value)

    def _title_lines(self) -> list[str]:
        words = (
            ["EMPRESA DEMO SA DE CV", "Auxiliar de movimientos", "Del 01/01/2026 al 31/01/2026"],
            ["DEMO COMPANY INC", "General ledger detail", "From 01/01/2026 to 01/31/2026"],
        )[self.language]
        return words[: self.chance.randrange(0, 4)]

    # -- delimited

    def _delimited(self, made: Table, rows: Sequence[dict[str, object]]) -> None:
        marks = [";", "\t", "|"] + ([","] if self.amount in _WITHOUT_COMMA else [])
        made.delimiter, made.kind = self.chance.choice(marks), "delimited"
        mark = made.delimiter
        for title in self._title_lines():
            padded = self.chance.random() < 0.5
            made.add(title + (mark * (len(self.layout) - 1) if padded else ""), "title")
        if made.lines and self.chance.random() < 0.5:
            made.add("", "note")
        self._heads(made, mark.join)
        has_groups = self.chance.random() < 0.2 and self.layout[0] != "account"
        every = self.chance.choice((0, 0, 0, 40))
        for place, row in enumerate(rows):
            if has_groups and place % 15 == 0:
                group = f"{self.accounts[place // 15 % len(self.accounts)]} Caja general"
                made.add(group + mark * (len(self.layout) - 1), "group")
            if every and place and place % every == 0:
                made.add(mark.join(self.titles), "repeated-heading")
            line = mark.join(self._cells(row))
            short = self.hard and self.chance.random() < 0.1
            made.add(line.rstrip(mark) if short else line, "data")
        if self.chance.random() < 0.6:
            made.add(mark.join(self._totals(rows)), "total")

    def _heads(self, made: Table, drawn: Callable[[Sequence[str]], str]) -> None:
        made.heading = (len(made.lines), *([len(made.lines) + 1] if self.second else []))
        made.add(drawn(self.titles), "heading")
        if self.second:
            made.add(drawn(self.second), "heading")

    def _totals(self, rows: Sequence[dict[str, object]]) -> list[str]:
        sums = [
            self.amount(sum(int(str(row[role])) for row in rows))
            if role in ("debit", "credit", "amount")
            else ""
            for role in self.layout
        ]
        first = next(n for n, cell in enumerate(sums) if not cell)
        sums[first] = self.chance.choice(
            (["Total", "TOTALES", "Sumas iguales"], ["Total", "Totals"])[self.language]
        )
        return sums

    # -- printed

    def _printed(self, made: Table, rows: Sequence[dict[str, object]]) -> None:
        made.kind = "fixed"
        cells = [self._cells(row) for row in rows]
        totals = self._totals(rows)
        numeric = [role in ("debit", "credit", "amount", "balance") for role in self.layout]
        widths = [
            max(
                len(self.titles[n]),
                len(self.second[n]) if self.second else 0,
                len(totals[n]),
                *(len(row[n]) for row in cells),
            )
            for n in range(len(self.layout))
        ]
        gap = " " * self.chance.choice((1, 2, 2, 3))
        if self.hard and (free := self.chance.choice((80, 132, 220)) - sum(widths)) > 20:
            widths[self.chance.randrange(len(widths))] += free // 2

        def drawn(parts: Sequence[str]) -> str:
            set_ = [
                part.rjust(width) if right else part.ljust(width)
                for part, width, right in zip(parts, widths, numeric, strict=True)
            ]
            return gap.join(set_).rstrip()

        titles, page = self._title_lines() or ["LISTADO"], self.chance.choice((0, 30, 50))
        rule = "-" * (sum(widths) + len(gap) * (len(widths) - 1))
        has_rule = self.chance.random() < 0.5

        def head(first: bool) -> None:
            for n, title in enumerate(titles):
                feed = "\f" if not first and n == 0 else ""
                made.add(f"{feed}{title}", "title")
            if first:
                self._heads(made, drawn)
            else:
                made.add(drawn(self.titles), "repeated-heading")
                if self.second:
                    made.add(drawn(self.second), "repeated-heading")
            if has_rule:
                made.add(rule, "note")

        head(True)
        wraps = self.chance.random() < 0.2 and "text" in self.layout
        for place, row in enumerate(cells):
            if page and place and place % page == 0:
                head(False)
            made.add(drawn(row), "data")
            if wraps and place % 7 == 3:
                at = self.layout.index("text")
                start = sum(widths[:at]) + len(gap) * at
                made.add(" " * start + ("(continúa)", "(continued)")[self.language], "note")
        if self.chance.random() < 0.6:
            made.add(drawn(totals), "total")


def _grouped(cents: Cents, group: str, mark: str) -> str:
    whole, rest = divmod(abs(cents), 100)
    digits = f"{whole:,}".replace(",", group)
    return f"{digits}{mark}{rest:02d}"


def _plain(cents: Cents) -> str:
    return f"{'-' if cents < 0 else ''}{_grouped(cents, '', '.')}"


def _mexican(cents: Cents) -> str:
    return f"{'-' if cents < 0 else ''}{_grouped(cents, ',', '.')}"


def _colombian(cents: Cents) -> str:
    return f"{'-' if cents < 0 else ''}{_grouped(cents, '.', ',')}"


def _bracketed(cents: Cents) -> str:
    return f"({_grouped(cents, ',', '.')})" if cents < 0 else _grouped(cents, ",", ".")


def _trailing(cents: Cents) -> str:
    return f"{_grouped(cents, ',', '.')}{'-' if cents < 0 else ''}"


def _credited(cents: Cents) -> str:
    return f"{_grouped(cents, ',', '.')}{' CR' if cents < 0 else ''}"


_AMOUNTS: Sequence[Callable[[Cents], str]] = (
    _plain,
    _mexican,
    _mexican,
    _colombian,
    _bracketed,
    _trailing,
)
_WITHOUT_COMMA = (_plain,)
_DATES: Sequence[Callable[[int], str]] = (
    lambda day: f"{day:02d}/01/2026",
    lambda day: f"2026-01-{day:02d}",
    lambda day: f"{day:02d}-01-2026",
    lambda day: f"{day:02d}/Ene/2026",
    lambda day: f"202601{day:02d}",
    lambda day: f"{day:02d}/01/26",
)
