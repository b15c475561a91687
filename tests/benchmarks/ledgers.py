"""Pairs of ledgers of which is known what belongs to what: one month, log-normal amounts with many
repeats, filler references, names cut and without accents on one side; and a bank statement without
folios.
"""

from __future__ import annotations

import csv
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import astuple, dataclass, field
from datetime import date, timedelta
from itertools import accumulate
from pathlib import Path

from app.matching import Side, SideBuilder

FIRST = date(2026, 1, 1)
SHARES = {"exact": 0.80, "noise": 0.08, "shift": 0.05, "split": 0.03, "cents": 0.02, "orphan": 0.02}
RECURRING = 0.35
FILLERS = ("S/N", "0", "VARIOS", "", "NOMINA")
FILLER_SHARE = 0.06
_TRADES = (
    "Ferretería",
    "Comercializadora",
    "Grupo",
    "Servicios",
    "Distribuidora",
    "Transportes",
    "Constructora",
    "Abarrotes",
    "Materiales",
    "Refacciones",
    "Papelería",
    "Farmacia",
    "Consultoría",
    "Textiles",
    "Plásticos",
    "Aceros",
)
_NAMES = (
    "El Peñón",
    "Núñez",
    "Güemes",
    "San José",
    "La Ñapa",
    "Ávila",
    "Muñoz",
    "del Bajío",
    "Azteca",
    "Andina",
    "Occidental",
    "del Norte",
    "Cóndor",
    "Águila",
    "Rincón",
    "Peña",
    "Márquez",
    "Zúñiga",
    "Íñiguez",
    "León",
    "Éxito",
    "Bogotá",
    "Medellín",
    "Monterrey",
    "Yucatán",
    "Ibáñez",
    "Ordóñez",
    "Quiñones",
    "Cañón",
    "Pinzón",
    "Röhm",
    "Ácida",
)
_FORMS = (", S.A. de C.V.", " S.A.S.", " Ltda.", ", S. de R.L.", "")


@dataclass
class Line:
    day: date
    cents: int
    reference: str
    party: str
    tax_id: str
    text: str
    account: str = ""
    currency: str = ""


@dataclass
class Truth:
    """``groups`` are rows of both sides (from 0) that belong together, each with its kind."""

    left: list[Line] = field(default_factory=list)
    right: list[Line] = field(default_factory=list)
    groups: list[tuple[tuple[int, ...], tuple[int, ...], str]] = field(default_factory=list)

    def sides(self) -> tuple[Side, Side]:
        built = []
        for name, lines in (("left", self.left), ("right", self.right)):
            side = SideBuilder(name)
            for number, line in enumerate(lines):
                side.add(
                    f"{name}:{number}",
                    line.day,
                    line.cents,
                    reference=line.reference,
                    party=line.party,
                    tax_id=line.tax_id,
                    text=line.text,
                    account=line.account,
                    currency=line.currency,
                )
            built.append(side.build())
        return built[0], built[1]

    def write(self, left: Path, right: Path) -> None:
        """Both sides as CSV files a ledger program would export."""
        for path, lines in ((left, self.left), (right, self.right)):
            with path.open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(("Fecha", "Folio", "Tercero", "RFC", "Concepto", "Importe"))
                for line in lines:
                    amount = f"{line.cents / 100:.2f}"
                    writer.writerow(
                        (
                            line.day.isoformat(),
                            line.reference,
                            line.party,
                            line.tax_id,
                            line.text,
                            amount,
                        )
                    )


class Maker:
    """Makes pairs; ``seed`` decides everything."""

    def __init__(self, lines: int, seed: int = 1, bank: bool = False) -> None:
        self.chance, self.count, self.bank = random.Random(seed), lines, bank
        self.truth = Truth()
        many = max(40, lines // 80)
        self.parties = [self._party(number) for number in range(many)]
        self.weights = list(accumulate(1.0 / (rank + 3) for rank in range(many)))
        self.tax_of = dict(self.parties)
        self.amounts = [round(self.chance.lognormvariate(7.3, 1.0)) * 100 for _ in range(60)]
        self.largest_folio = max(60_000, lines // 4)

    def make(self) -> Truth:
        kinds, shares = list(SHARES), list(SHARES.values())
        makers = {
            "exact": self._exact,
            "noise": self._noise,
            "shift": self._shift,
            "split": self._split,
            "cents": self._cents,
            "orphan": self._orphan,
        }
        for kind in self.chance.choices(kinds, shares, k=self.count):
            makers[kind]()
        return self._shuffled()

    def _party(self, number: int) -> tuple[str, str]:
        chance = self.chance
        name = f"{chance.choice(_TRADES)} {chance.choice(_NAMES)}"
        if chance.random() < 0.7:
            name += (
                f" y {chance.choice(_NAMES)}"
                if chance.random() < 0.5
                else f" {chance.choice(_NAMES)} {number}"
            )
        letters = "".join(chance.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ") for _ in range(3))
        born = f"{chance.randint(60, 99)}{chance.randint(1, 12):02}{chance.randint(1, 28):02}"
        tax = f"{letters}{born}{number % 1000:03}"
        return name + chance.choice(_FORMS), tax

    def _line(self) -> Line:
        chance = self.chance
        party, tax = chance.choices(self.parties, cum_weights=self.weights)[0]
        cents = (
            chance.choice(self.amounts)
            if chance.random() < RECURRING
            else round(chance.lognormvariate(11.5, 1.4))
        )
        cents = max(cents, 100) * (1 if chance.random() < 0.6 else -1)
        folio = (
            f"{chance.choice(('FAC', 'A', 'B', 'NC'))}-{chance.randint(1, self.largest_folio):06}"
        )
        reference = chance.choice(FILLERS) if chance.random() < FILLER_SHARE else folio
        word = "Cobro" if cents > 0 else "Pago"
        day = FIRST + timedelta(days=chance.randint(0, 29))
        return Line(
            day,
            cents,
            reference,
            party,
            tax if chance.random() < 0.3 else "",
            f"{word} {party[:12]}",
        )

    def _other(self, line: Line, **changes: object) -> Line:
        """The same line as the other system has it."""
        made = Line(
            line.day,
            line.cents,
            line.reference,
            _plain(line.party)[:22],
            line.tax_id,
            _plain(line.text),
        )
        for name, value in changes.items():
            setattr(made, name, value)
        if self.bank:
            made.reference = str(self.chance.randint(10**8, 10**9 - 1))
            start = self.chance.choice(
                ("SPEI RECIBIDO", "TRANSFERENCIA", "PAGO CUENTA DE TERCERO", "DEPOSITO", "TRASPASO")
            )
            full = self.tax_of[line.party]
            tax = f" RFC {full}" if self.chance.random() < 0.2 else ""
            made.text = (
                f"{start} {_plain(line.party)[: self.chance.randint(10, 20)]}"
                f" {self.chance.randint(1000, 9999)}{tax}"
            )
            made.party = made.tax_id = ""
            if self.chance.random() < 0.5:
                made.day = line.day + timedelta(days=self.chance.choice((0, 0, 1)))
        return made

    def _keep(self, left: Sequence[Line], right: Sequence[Line], kind: str) -> None:
        truth = self.truth
        mine = tuple(range(len(truth.left), len(truth.left) + len(left)))
        theirs = tuple(range(len(truth.right), len(truth.right) + len(right)))
        truth.left += left
        truth.right += right
        if left and right:
            truth.groups.append((mine, theirs, kind))

    def _exact(self) -> None:
        line = self._line()
        self._keep([line], [self._other(line)], "exact")

    def _noise(self) -> None:
        line, chance = self._line(), self.chance
        number = line.reference.partition("-")[2] or str(chance.randint(1, 9999))
        slip = chance.randrange(len(number))
        noisy = chance.choice(
            (
                f"F {number.lstrip('0')}",
                f"fac.{number}",
                number,
                f"{line.reference}/2026",
                number.lstrip("0") or "0",
                "",
                f"FAC{number[:slip]}{(int(number[slip]) + 1) % 10}{number[slip + 1 :]}",
                "S/N",
                f"Folio {number}",
            )
        )
        text = (
            f"{_plain(line.text)} FAC {number}"
            if not noisy and chance.random() < 0.5
            else _plain(line.text)
        )
        self._keep([line], [self._other(line, reference=noisy, text=text)], "noise")

    def _shift(self) -> None:
        line, chance = self._line(), self.chance
        moved = line.day + timedelta(days=chance.choice((-3, -2, -1, 1, 2, 3)))
        reference = line.reference if chance.random() < 0.55 else chance.choice(FILLERS)
        self._keep([line], [self._other(line, day=moved, reference=reference)], "shift")

    def _cents(self) -> None:
        line = self._line()
        other = line.cents + self.chance.choice((-1, 1)) * self.chance.randint(1, 99)
        self._keep([line], [self._other(line, cents=other)], "cents")

    def _orphan(self) -> None:
        self._keep([self._line()], [], "orphan")
        self._keep([], [self._other(self._line())], "orphan")

    def _split(self) -> None:
        chance, total = self.chance, self._line()
        while abs(total.cents) < 5000:
            total = self._line()
        count = chance.randint(2, 5)
        cuts = sorted(chance.sample(range(100, abs(total.cents) - 100), count - 1))
        sign = 1 if total.cents > 0 else -1
        parts = [sign * (b - a) for a, b in zip([0, *cuts], [*cuts, abs(total.cents)], strict=True)]
        style, lines = chance.choice(("shared", "listed", "party")), []
        for place, cents in enumerate(parts, 1):
            line = self._line()
            line.party, line.tax_id, line.cents = total.party, total.tax_id, cents
            line.day = total.day + timedelta(days=chance.choice((0, 0, 0, 1)))
            if style == "shared" and total.reference not in FILLERS:
                line.reference = (
                    total.reference if chance.random() < 0.7 else f"{total.reference}-{place}"
                )
            lines.append(line)
        if style == "listed":
            listed = ", ".join(line.reference.partition("-")[2].lstrip("0") for line in lines)
            total.text = f"Pago de facturas {listed}"
        if chance.random() < 0.5:
            other = self._other(total)
            if style == "listed" and not self.bank:
                other.text = _plain(total.text)
            self._keep(lines, [other], f"split-{style}")
        else:
            self._keep([total], [self._other(line) for line in lines], f"split-{style}")

    def _shuffled(self) -> Truth:
        """The rows in another order, so that it tells nothing."""
        truth = self.truth
        orders = []
        for name in ("left", "right"):
            lines = getattr(truth, name)
            order = list(range(len(lines)))
            self.chance.shuffle(order)
            place = {old: new for new, old in enumerate(order)}
            setattr(truth, name, [lines[old] for old in order])
            orders.append(place)
        truth.groups = [
            (
                tuple(sorted(orders[0][i] for i in mine)),
                tuple(sorted(orders[1][j] for j in theirs)),
                kind,
            )
            for mine, theirs, kind in truth.groups
        ]
        return truth


def _plain(text: str) -> str:
    return (
        text.upper()
        .translate(str.maketrans("ÁÉÍÓÚÑÜÖ", "AEIOUNUO"))
        .replace(",", "")
        .replace(".", "")
    )


@dataclass
class Score:
    """Links right, made and true; the same by kind; groups of several lines: true ones found whole,
    made ones wrong.
    """

    right: int
    made: int
    true: int
    by_kind: dict[str, tuple[int, int]]
    whole: int
    several: int
    wrong_groups: int
    made_groups: int

    @property
    def precision(self) -> float:
        return self.right / self.made if self.made else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.true if self.true else 1.0


def judge(truth: Truth, groups: Sequence[tuple[tuple[int, ...], tuple[int, ...]]]) -> Score:
    """What of the groups is true. Lines that are the same in everything stand in for each other."""
    twins = [_twins(truth.left), _twins(truth.right)]
    kinds: dict[tuple[int, int], list[str]] = {}
    for mine, theirs, kind in truth.groups:
        for a in mine:
            for b in theirs:
                kinds.setdefault((twins[0][a], twins[1][b]), []).append(kind)
    left = Counter({pair: len(found) for pair, found in kinds.items()})
    right = made = 0
    by_kind: Counter[str] = Counter()
    for mine, theirs in groups:
        for a in mine:
            for b in theirs:
                pair = (twins[0][a], twins[1][b])
                made += 1
                if left[pair] > 0:
                    left[pair] -= 1
                    right += 1
                    by_kind[kinds[pair].pop()] += 1
    totals = Counter(
        kind for mine, theirs, kind in truth.groups for _ in range(len(mine) * len(theirs))
    )
    true_groups = Counter(
        _named(twins, mine, theirs)
        for mine, theirs, _ in truth.groups
        if len(mine) + len(theirs) > 2
    )
    made_groups = Counter(
        _named(twins, mine, theirs)
        for mine, theirs in groups
        if mine and theirs and len(mine) + len(theirs) > 2
    )
    whole = sum((true_groups & made_groups).values())
    return Score(
        right,
        made,
        sum(totals.values()),
        {kind: (by_kind[kind], totals[kind]) for kind in sorted(totals)},
        whole,
        sum(true_groups.values()),
        sum((made_groups - true_groups).values()),
        sum(made_groups.values()),
    )


def _named(
    twins: list[list[int]], mine: tuple[int, ...], theirs: tuple[int, ...]
) -> tuple[tuple[int, ...], ...]:
    return tuple(sorted(twins[0][a] for a in mine)), tuple(sorted(twins[1][b] for b in theirs))


def _twins(lines: list[Line]) -> list[int]:
    known: dict[tuple[object, ...], int] = {}
    return [known.setdefault(astuple(line), len(known)) for line in lines]
