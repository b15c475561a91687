"""Books against banks, acquirers, marketplaces and suppliers of Mexico and Colombia: each world has
its own reference schemes, names, delays and orphans, and knows which rows belong together.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import accumulate

from tests.benchmarks.ledgers import Line, Truth

Maker = Callable[[date, int], Line]
Contract = tuple[int, str, str, int]  # service, number, party, the amount always paid or 0
FIRST = date(2026, 3, 2)
MONTH = 30


def words(text: str) -> tuple[str, ...]:
    return tuple(text.split("|"))


_TRADES = words(
    "Comercializadora|Distribuidora|Ferretería|Constructora|Transportes|Refaccionaria|Papelería|"
    "Laboratorios|Cárnicos|Panificadora|Maquiladora|Químicos|Autopartes|Logística|Asesoría|Almacenes|"
    "Droguería|Lácteos|Agrícola|Inmobiliaria|Muebles|Empaques|Tornillería|Ópticas|Confecciones|Café"
)
_SURNAMES = words(
    "Núñez|Peña|Muñoz|Castañeda|Ibáñez|Hernández|García|Pérez|Rodríguez|Gómez|Restrepo|Villaseñor|"
    "Zúñiga|Ordóñez|Quiñones|Londoño|Echeverría|Treviño|Garza|Bolaños|Sepúlveda|Ávila|Cárdenas|Ospina|"
    "Jaramillo|Patiño|Escareño|Magaña|Güitrón|Arango|Uribe|Salazar|Montaño|Cantú|Elizondo|Rincón|"
    "Marín|Beltrán|Acuña|Yáñez"
)
_PLACES = words(
    "del Bajío|del Norte|de Occidente|Andina|del Valle|de Querétaro|Antioqueña|Michoacana|de León|"
    "del Caribe|San José|La Montaña|El Ñandú|de Yucatán|Cundinamarca|Bogotá|Mérida|El Peñón|"
    "Tolimense|Santa María"
)
_GIVEN = words(
    "María|José|Ángel|Lucía|Sofía|Andrés|Íñigo|Begoña|Inés|Raúl|Óscar|Mónica|Julián|Ximena|Camilo|"
    "Valentina|Héctor|Adrián|Rocío|Tomás|Paola|Nicolás|Verónica|Iván"
)
_FORMS = {
    "MX": ("S.A. de C.V.", "S. de R.L. de C.V.", "S.A.P.I. de C.V.", "S.C."),
    "CO": ("S.A.S.", "Ltda.", "S.A.", "y Cía. S. en C."),
}
_BANKS = ("BANORTE", "BBVA MEXICO", "SANTANDER", "HSBC", "STP", "BANAMEX", "AFIRME", "BAJIO")
_LETTERS = "ABCDEFGHIJKLMNPQRSTUVWXYZ"
_RFC_ORDER = "0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ Ñ"
_NIT_WEIGHTS = (3, 7, 13, 17, 19, 23, 29, 37, 41, 43, 47, 53, 59, 67, 71)


@dataclass(frozen=True)
class Party:
    name: str
    tax_id: str


def bare(text: str) -> str:
    """``text`` as a bank prints it: capitals, without accents, dots or commas."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    return plain.replace(".", "").replace(",", "").upper()


def with_rfc_digit(start: str) -> str:
    """The RFC of which ``start`` is all but the check digit."""
    total = sum(_RFC_ORDER.index(sign) * (13 - place) for place, sign in enumerate(start.rjust(12)))
    return start + "0A987654321"[total % 11]


def with_nit_digit(number: int) -> str:
    """The NIT of ``number``, a dash and its check digit."""
    rest = sum(
        int(sign) * by for sign, by in zip(reversed(str(number)), _NIT_WEIGHTS, strict=False)
    )
    rest %= 11
    return f"{number}-{11 - rest if rest > 1 else rest}"


class Books:
    """Rows and groups of one world in the making; everything is decided by the seed."""

    def __init__(self, lines: int, seed: int, world: str, country: str, many: int = 0) -> None:
        self.chance = random.Random(f"{world} {seed}")
        self.lines, self.country = lines, country
        self.left: list[Line] = []
        self.right: list[Line] = []
        self.groups: list[tuple[tuple[int, ...], tuple[int, ...], str]] = []
        self.number = self.chance.randint(100, 5000)
        names: dict[str, Party] = {}
        while len(names) < (many or max(60, lines * 7 // 100)):
            party = self._party()
            names[party.name] = party
        self.parties = list(names.values())
        self.weights = list(accumulate(1 / (rank + 8) for rank in range(len(names))))
        self.common = [round(self.chance.lognormvariate(8.2, 1.1)) * 100 for _ in range(40)]

    def _party(self) -> Party:
        one, two = self.chance.sample(_SURNAMES, 2)
        if self.chance.random() < 0.3:
            given = " ".join(self.chance.sample(_GIVEN, self.chance.randint(1, 2)))
            return Party(f"{given} {one} {two}", self._tax_id(True))
        owner = f"{one} {self.chance.choice(_PLACES)}" if self.chance.random() < 0.6 else one
        if self.chance.random() < 0.3:
            owner = f"{one} y {two}"
        trade, form = self.chance.choice(_TRADES), self.chance.choice(_FORMS[self.country])
        return Party(f"{trade} {owner} {form}", self._tax_id(False))

    def _tax_id(self, person: bool) -> str:
        if self.country == "CO":
            low, high = (10_000_000, 1_150_000_000) if person else (800_000_000, 901_999_999)
            return with_nit_digit(self.chance.randint(low, high))
        letters = "".join(self.chance.choices(_LETTERS, k=4 if person else 3))
        born = date(1960, 1, 1) + timedelta(self.chance.randrange(15_000))
        tail = "".join(self.chance.choices(_LETTERS + "123456789", k=2))
        return with_rfc_digit(f"{letters}{born:%y%m%d}{tail}")

    def party(self) -> Party:
        return self.chance.choices(self.parties, cum_weights=self.weights)[0]

    def next(self) -> int:
        self.number += self.chance.choice((1, 1, 1, 2))
        return self.number

    def digits(self, count: int) -> str:
        return str(self.chance.randrange(10**count)).zfill(count)

    def likely(self, share: float) -> bool:
        return self.chance.random() < share

    def amount(self) -> int:
        """Cents: log-normal, one in three an amount that comes back again and again."""
        if self.likely(0.33):
            return self.chance.choice(self.common)
        return round(self.chance.lognormvariate(8.4, 1.2) * 100) + 100

    def day(self) -> date:
        return workday(FIRST + timedelta(self.chance.randrange(MONTH)))

    def later(self, day: date, low: int, high: int) -> date:
        return workday(day + timedelta(self.chance.randint(low, high)))

    def match(self, left: Sequence[Line], right: Sequence[Line], kind: str) -> None:
        ones = range(len(self.left), len(self.left) + len(left))
        others = range(len(self.right), len(self.right) + len(right))
        self.left += left
        self.right += right
        self.groups.append((tuple(ones), tuple(others), kind))

    def open(self) -> bool:
        return max(len(self.left), len(self.right)) < self.lines * 0.96

    def parts(self, total: int, count: int) -> list[int]:
        """``count`` amounts of the sign of ``total`` that add up to it."""
        share = [self.chance.uniform(0.5, 1.5) for _ in range(count)]
        cut = [int(total * each / sum(share)) for each in share[1:]]
        return [total - sum(cut), *cut]

    def orphans(self, left: Maker, right: Maker, fees: str, low: int, high: int) -> None:
        """Double postings, decoys of the same amount, things in transit and fees."""
        seen_left, seen_right = self.left[:], self.right[:]
        for _ in range(round(len(seen_left) * self.chance.uniform(0.025, 0.055))):
            seen, roll = self.chance.choice(seen_left), self.chance.random()
            if roll < 0.3:
                self.left.append(replace(seen, day=self.later(seen.day, 4, 9)))
            elif roll < 0.65:
                self.left.append(left(self.later(seen.day, -3, 3), seen.cents))
            else:
                self.left.append(left(self.day(), self._like(seen.cents)))
        for _ in range(round(len(seen_right) * self.chance.uniform(0.025, 0.055))):
            seen, roll = self.chance.choice(seen_right), self.chance.random()
            if roll < 0.5:
                text, cents = self.chance.choice(words(fees)), self.chance.randint(low, high)
                fee = Line(self.day(), cents, "", "", "", text, currency=seen.currency)
                self.right.append(fee)
            elif roll < 0.75:
                self.right.append(right(self.later(seen.day, -3, 3), seen.cents))
            else:
                self.right.append(right(self.day(), self._like(seen.cents)))

    def _like(self, cents: int) -> int:
        """An amount of its own of the sign and roundness of ``cents``."""
        step = next(each for each in (100_000, 100, 1) if cents % each == 0)
        size = max(1, round(abs(cents) * self.chance.uniform(0.6, 1.5) / step)) * step
        return size if cents > 0 else -size

    def truth(self) -> Truth:
        """Both sides in the order of their days, and the groups in that order's numbers."""
        left, ones = self._sorted(self.left)
        right, others = self._sorted(self.right)
        groups = [
            (tuple(sorted(ones[row] for row in a)), tuple(sorted(others[row] for row in b)), kind)
            for a, b, kind in self.groups
        ]
        return Truth(left, right, groups)

    def _sorted(self, lines: list[Line]) -> tuple[list[Line], dict[int, int]]:
        keys = [(line.day, self.chance.random()) for line in lines]
        order = sorted(range(len(lines)), key=keys.__getitem__)
        return [lines[row] for row in order], {row: place for place, row in enumerate(order)}


def workday(day: date) -> date:
    """``day``, or the Monday after it."""
    return day + timedelta(max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


def bank_mexico(lines: int, seed: int) -> Truth:
    """A Mexican company's bank account by cheque, transfer or folio number, with full names and
    RFC; the bank has its own numbers and puts what it knows of the other side into the text.
    """
    b = Books(lines, seed, "bank_mexico", "MX")
    cheque, shown = b.chance.randint(1000, 8000), ("", "n", "ni", "inr", "nr", "i", "r")

    def book(day: date, cents: int, party: Party, invoice: str) -> Line:
        kind = "ING" if cents > 0 else "EGR"
        reference = f"{kind}-{b.next():04d}" if b.likely(0.6) else str(b.next() + 20_000)
        said = "Cobro" if cents > 0 else "Pago"
        return Line(day, cents, reference, party.name, party.tax_id, f"{said} factura {invoice}")

    def bank(day: date, cents: int, party: Party, invoice: str) -> Line:
        known = b.chance.choices(shown, (20, 36, 17, 3, 4, 15, 3))[0]
        way = "RECIBIDO" if cents > 0 else "ENVIADO"
        text = f"SPEI {way} {b.chance.choice(_BANKS)} {b.digits(7)} {day:%m%d}"
        text += f" PAGO FACT {invoice}" if "i" in known else b.chance.choice((" TRANSF", ""))
        text += f" RFC {party.tax_id}" if "r" in known else ""
        text += f" {bare(party.name)[: b.chance.randint(12, 24)].strip()}" if "n" in known else ""
        return Line(day, cents, b.digits(7), "", "", text)

    def payroll() -> None:
        day = workday(b.chance.choice((date(2026, 3, 13), date(2026, 3, 30))))
        people = [b.party() for _ in range(b.chance.randint(6, 30))]
        pays = [-b.chance.choice(b.common[:20]) - b.chance.randrange(50_000) for _ in people]
        booked = [
            Line(day, pay, f"NOM-{b.next()}", who.name, who.tax_id, "Nómina quincenal")
            for pay, who in zip(pays, people, strict=True)
        ]
        text = f"PAGO DE NOMINA {len(people)} ABONOS"
        b.match(booked, [Line(day, sum(pays), b.digits(7), "", "", text)], "payroll")

    while b.open():
        day, party, invoice, roll = b.day(), b.party(), str(b.next()), b.chance.random()
        if roll < 0.004:
            payroll()
        elif roll < 0.03:
            many = range(b.chance.randint(2, 6))
            cash = [book(day, b.amount(), b.party(), str(b.next())) for _ in many]
            total = sum(line.cents for line in cash)
            text = f"DEPOSITO EN EFECTIVO SUC {b.digits(4)}"
            b.match(cash, [Line(b.later(day, 0, 1), total, b.digits(7), "", "", text)], "batch")
        elif roll < 0.12:
            cheque += 1
            booked = replace(book(day, -b.amount(), party, invoice), reference=str(cheque))
            text = f"CHEQUE PAGADO NO. {cheque:07d}"
            paid = Line(b.later(day, 0, 3), booked.cents, b.digits(7), "", "", text)
            b.match([booked], [paid], "cheque")
        else:
            cents = b.amount() if b.likely(0.5) else -b.amount()
            paid = bank(b.later(day, 0, 3), cents, party, invoice)
            b.match([book(day, cents, party, invoice)], [paid], "transfer")
    b.orphans(
        lambda day, cents: book(day, cents, b.party(), str(b.next())),
        lambda day, cents: bank(day, cents, b.party(), str(b.next())),
        "COMISION SPEI|IVA COMISION|SERV BANCA INTERNET",
        -45_000,
        -80,
    )
    return b.truth()


def bank_colombia(lines: int, seed: int) -> Truth:
    """A Colombian company's receipts and payments with names and NIT with check digit; the bank has
    hardly a reference, sometimes the payer's number without the digit, and many equal round pesos.
    """
    b = Books(lines, seed, "bank_colombia", "CO")
    round_pesos = [each * 100_000 for each in (20, 35, 50, 50, 80, 100, 100, 120, 200, 500)]

    def pesos() -> int:
        roll = b.chance.random()
        if roll < 0.5:
            return b.chance.choice(round_pesos)
        size = round(b.chance.lognormvariate(12.6, 1.1))
        return (size // 1000 + 1) * 100_000 if roll < 0.75 else (size + 1) * 100

    def book(day: date, cents: int, party: Party) -> Line:
        text = f"Recaudo cartera FV-{b.next()}" if cents > 0 else f"Cancela factura {b.digits(5)}"
        reference = f"{'RC' if cents > 0 else 'CE'}-{b.next():06d}"
        return Line(day, cents, reference, party.name, party.tax_id, text)

    def bank(day: date, cents: int, party: Party) -> Line:
        name = bare(party.name)[: b.chance.randint(9, 16)].strip()
        ways = (f"PAGO PSE {name}", "TRANSFERENCIA CTA SUC VIRTUAL", "CONSIGNACION CORRESPONSAL")
        text = b.chance.choices((*ways, f"PAGO INTERBANC {name}"), (30, 30, 25, 15))[0]
        if cents < 0:
            text = b.chance.choice((f"PAGO A PROV {name}", "PAGO PROVEEDORES SUC VIRTUAL"))
        known = b.chance.choices(("", party.tax_id.split("-")[0], b.digits(4)), (50, 40, 10))[0]
        return Line(day, cents, known, "", "", text)

    while b.open():
        day, roll = b.day(), b.chance.random()
        if roll < 0.02:
            cash = [book(day, pesos(), b.party()) for _ in range(b.chance.randint(2, 7))]
            total = sum(line.cents for line in cash)
            text = f"CONSIGNACION EFECTIVO OF {b.digits(3)}"
            b.match(cash, [Line(b.later(day, 0, 1), total, "", "", "", text)], "batch")
        elif roll < 0.035:
            party, cents = b.party(), pesos() * 3
            halves = [part // 100_000 * 100_000 for part in b.parts(cents, 2)]
            paid = [bank(b.later(day, 0, 2), part, party) for part in halves]
            b.match([book(day, sum(halves), party)], paid, "split")
        else:
            party, cents = b.party(), pesos() if b.likely(0.8) else -pesos()
            when = b.later(day, 0, b.chance.choice((0, 0, 1, 3)))
            b.match([book(day, cents, party)], [bank(when, cents, party)], "one")
    b.orphans(
        lambda day, cents: book(day, cents, b.party()),
        lambda day, cents: bank(day, cents, b.party()),
        "IMPTO GOBIERNO 4X1000|IVA COMISIONES|COMISION PAGO PROVEEDORES",
        -900_000,
        -8_000,
    )
    return b.truth()


def _slip(b: Books, start: str, contract: Contract, day: date, cents: int) -> str:
    """The bar code of a school's, a water company's or a gas company's slip."""
    due, number = day + timedelta(b.chance.randint(0, 9)), contract[1]
    if contract[0] == 0:
        return f"{start}{number:0>10}{due:%m%y}{b.digits(1)}"
    if contract[0] == 1:
        return f"0{start}{number:0>9}{due:%y%m%d}{cents % 10**8:08d}{b.digits(2)}"
    return f"{start}{number:0>12}96{due:%y%m%d}{b.digits(2)}"


def barcode_references(lines: int, seed: int) -> Truth:
    """School and utility receipts under the contract number; the bank has the bar code of the slip,
    in which the number stands among agreement, zeros, due date and check digits.
    """
    b = Books(lines, seed, "barcode_references", "MX")
    agreements = (b.digits(5), "4" + b.digits(3), "8020")
    fees = [hundred * 10_000 for hundred in (18, 24, 24, 31, 35, 42)]
    contracts: list[Contract] = []
    used: set[str] = set()
    while len(contracts) < max(30, lines * 3 // 4):
        service = b.chance.randrange(3)
        low = (100_000, 1_000_000, 10_000_000)[service]
        number = str(b.chance.randrange(low, min(low * 10, low + lines * 40 + 800_000)))
        if number not in used:
            used.add(number)
            cents = b.chance.choice(fees) if service == 0 else b.chance.choice((0, 31_900))
            contracts.append((service, number, b.party().name, cents))

    def book(day: date, cents: int, contract: Contract) -> Line:
        text = ("Colegiatura marzo", "Servicio de agua", "Gas natural")[contract[0]]
        return Line(day, cents, contract[1], contract[2], "", text)

    def bank(day: date, cents: int, contract: Contract) -> Line:
        text = b.chance.choice(("RECAUDO CODIGO DE BARRAS", "DEP REFERENCIADO", "PAGO CIE OXXO"))
        return Line(
            day, cents, _slip(b, agreements[contract[0]], contract, day, cents), "", "", text
        )

    while b.open():
        day, contract = b.day(), b.chance.choice(contracts)
        cents = contract[3] or b.chance.randint(9_000, 140_000)
        booked = [book(day, cents, contract)]
        if b.likely(0.02):
            extra = b.chance.choice((15_000, 50_000))
            booked.append(replace(booked[0], cents=extra, text="Recargos"))
        total = sum(line.cents for line in booked)
        kind = "slip" if len(booked) == 1 else "batch"
        b.match(booked, [bank(b.later(day, 0, 2), total, contract)], kind)

    def stranger() -> Contract:
        return (b.chance.randrange(3), "9" + b.digits(6), b.party().name, 0)

    b.orphans(
        lambda day, cents: book(day, cents, stranger()),
        lambda day, cents: bank(day, cents, stranger()),
        "COMISION RECAUDO|IVA COMISION RECAUDO",
        -120_000,
        -1_440,
    )
    return b.truth()


def card_settlements(lines: int, seed: int) -> Truth:
    """A shop's card tickets with authorisation codes; the acquirer pays each one net of commission
    and its IVA on some terminals, and on others a day in one line, gross ('batch') or net.
    """
    b = Books(lines, seed, "card_settlements", "MX")
    many = range(max(5, lines // 250))
    terminals = [(f"T{b.digits(6)}", b.chance.choice((232, 290))) for _ in many]
    daily = [(f"D{b.digits(6)}", b.likely(0.7)) for _ in many]
    closed: set[tuple[str, date]] = set()

    def net(gross: int, rate: int) -> int:
        commission = (gross * rate + 5_000) // 10_000
        return gross - commission - (commission * 16 + 50) // 100

    def price() -> int:
        usual = (9_900, 14_900, 19_900, 25_000, 49_900)
        return b.chance.choice((*usual, round(b.chance.lognormvariate(10.6, 0.8))))

    def ticket(day: date, cents: int, code: str, terminal: str) -> Line:
        inside = b.likely(0.6)
        text = f"Venta tarjeta {terminal}" + ("" if inside else f" aut. {code}")
        party = b.party().name if b.likely(0.15) else "Público en general"
        return Line(day, cents, code if inside else f"TKT-{b.next()}", party, "", text)

    def paid(day: date, cents: int, code: str, terminal: str) -> Line:
        text = f"LIQ VTA {terminal} TARJ {b.digits(4)}" + (f" AUT {code}" if b.likely(0.5) else "")
        return Line(day, cents, code if b.likely(0.7) else b.digits(9), "", "", text)

    while b.open():
        day, (terminal, rate) = b.day(), b.chance.choice(terminals)
        if b.likely(0.96):
            gross, code = price(), b.digits(6)
            settled = paid(b.later(day, 1, 2), net(gross, rate), code, terminal)
            b.match([ticket(day, gross, code, terminal)], [settled], "net")
            continue
        place, whole = b.chance.choice(daily)
        if (place, day) in closed:
            continue
        closed.add((place, day))
        count = b.chance.randint(3, 14)
        booked = [ticket(day, price(), b.digits(6), place) for _ in range(count)]
        total = sum(line.cents if whole else net(line.cents, rate) for line in booked)
        text = f"LIQUIDACION TERMINAL {place} {day:%d%m} {count} OPER"
        line = Line(b.later(day, 1, 1), total, b.digits(9), "", "", text)
        b.match(booked, [line], "batch" if whole else "netbatch")
    b.orphans(
        lambda day, cents: ticket(day, cents, b.digits(6), b.chance.choice(terminals)[0]),
        lambda day, cents: paid(day, cents, b.digits(6), b.chance.choice(terminals)[0]),
        "RENTA TERMINAL|CONTRACARGO|IVA RENTA TERMINAL",
        -90_000,
        -3_200,
    )
    return b.truth()


def payouts(lines: int, seed: int) -> Truth:
    """A web shop's orders by customer; the marketplace releases them one by one under its longer
    numbers or pays many at once, the pay-out's id being known to the books on most.
    """
    b = Books(lines, seed, "payouts", "MX")
    b.number += 2_000_000_000

    def book(day: date, cents: int, order: int, note: str = "") -> Line:
        party = b.party()
        known = party.tax_id if b.likely(0.2) else ""
        return Line(day, cents, f"ORD-{order}", party.name, known, f"Venta en línea{note}")

    def released(day: date, cents: int, order: int) -> Line:
        long = f"{order}{b.digits(6)}" if b.likely(0.7) else f"{order:016d}"
        return Line(day, cents, long, "", "", f"Liberación de dinero MELI{b.digits(9)}")

    def price() -> int:
        usual = (19_900, 29_900, 34_900, 59_900)
        return b.chance.choice((*usual, round(b.chance.lognormvariate(10.9, 0.7))))

    def payout(day: date) -> None:
        name = f"PO-{b.digits(8)}" if b.likely(0.5) else f"{b.digits(11)}"
        note = f", retiro {name}" if b.likely(0.7) else ""
        count = b.chance.choice((b.chance.randint(3, 12), b.chance.randint(3, 40)))
        booked = [book(b.later(day, 0, 2), price(), b.next(), note) for _ in range(count)]
        total = sum(line.cents for line in booked)
        b.match(booked, [Line(b.later(day, 3, 6), total, name, "", "", f"Payout {name}")], "batch")

    while b.open():
        day = b.day()
        if b.likely(0.02):
            payout(day)
            continue
        order, cents = b.next(), price()
        b.match([book(day, cents, order)], [released(b.later(day, 1, 5), cents, order)], "order")
    b.orphans(
        lambda day, cents: book(day, cents, b.next()),
        lambda day, cents: released(day, cents, b.next()),
        "Cargo por envío|Devolución|Publicidad",
        -90_000,
        -6_000,
    )
    return b.truth()


def unrelated(lines: int, seed: int) -> Truth:
    """One company's books and the bank statement of quite another one: nothing belongs together,
    though dates, numbers and round amounts meet by chance.
    """
    ours, theirs = (Books(lines, seed, f"unrelated {side}", "MX") for side in ("left", "right"))
    tens = [thousands * 100_000 for thousands in (1, 2, 3, 5, 8, 10, 12, 15, 20, 50)]

    def amount(b: Books) -> int:
        size = b.chance.choice(tens) if b.likely(0.15) else b.amount()
        return size if b.likely(0.5) else -size

    for _ in range(lines):
        party, text = ours.party(), f"Pago factura {ours.next()}"
        reference = f"EGR-{ours.next():04d}"
        ours.left.append(Line(ours.day(), amount(ours), reference, party.name, party.tax_id, text))
        text = f"SPEI {theirs.digits(7)} PAGO FACT {theirs.next()}"
        text += f" {bare(theirs.party().name)[:18].strip()}" if theirs.likely(0.6) else ""
        ours.right.append(Line(theirs.day(), amount(theirs), theirs.digits(7), "", "", text))
    return ours.truth()


def _payable(day: date, cents: int, party: Party, reference: str, text: str) -> Line:
    return Line(day, cents, reference, party.name, party.tax_id, text)


def _stated(day: date, cents: int, party: Party, reference: str, text: str) -> Line:
    """A line of the supplier's, who gives only the first words of its own name."""
    short = " ".join(party.name.split()[: 2 + (cents % 3 == 0)])
    return Line(day, cents, reference, bare(short), "", text)


def supplier_statement(lines: int, seed: int) -> Truth:
    """The payables of some thirty suppliers against the suppliers' own statements: opposite signs,
    invoice numbers written otherwise, short names, and payments applied to several invoices.
    """
    b = Books(lines, seed, "supplier_statement", "MX", many=30)
    written = ("F-{:06d}", "{}", "FE{}", "FAC {:08d}", "A{:05d}")
    style = {party.name: b.chance.sample(written, 2) for party in b.parties}
    numbers = {party.name: b.chance.randint(50, 9000) for party in b.parties}

    def number(party: Party) -> int:
        numbers[party.name] += b.chance.choice((1, 1, 2, 3))
        return numbers[party.name]

    def settle(day: date, party: Party) -> None:
        several = [(number(party), b.amount()) for _ in range(b.chance.randint(2, 6))]
        total = sum(cents for _, cents in several)
        listed = ", ".join(str(invoice) for invoice, _ in several) if b.likely(0.5) else "varias"
        ours, theirs = style[party.name]
        when = b.later(day, 0, 3)
        if b.likely(0.5):
            paid = _payable(day, total, party, f"TR-{b.next()}", f"Pago facturas {listed}")
            refs = [(theirs.format(each), part) for each, part in several]
            applied = [_stated(when, -part, party, ref, "ABONO") for ref, part in refs]
            b.match([paid], applied, "split")
            return
        refs = [(ours.format(each), part) for each, part in several]
        booked = [_payable(day, part, party, ref, "Pago de factura") for ref, part in refs]
        b.match(booked, [_stated(when, -total, party, b.digits(6), f"SU PAGO {listed}")], "batch")

    while b.open():
        day, party, roll, cents = b.day(), b.party(), b.chance.random(), b.amount()
        ours, theirs = style[party.name]
        if roll < 0.06:
            settle(day, party)
        elif roll < 0.22:
            paid = _payable(day, cents, party, f"TR-{b.next()}", f"Pago {number(party)}")
            theirs = paid.reference[3:] if b.likely(0.4) else b.digits(6)
            met = _stated(b.later(day, 0, 3), -cents, party, theirs, "SU PAGO")
            b.match([paid], [met], "payment")
        else:
            note, each = roll < 0.28, number(party)
            kind, sign, start = ("credit", 1, "NC-") if note else ("invoice", -1, "")
            ref = start + ours.format(each)
            booked = _payable(b.later(day, 0, 5), sign * cents, party, ref, "Compra")
            text = "NOTA DE CREDITO" if note else "FACTURA"
            b.match([booked], [_stated(day, -sign * cents, party, theirs.format(each), text)], kind)

    def left(day: date, cents: int) -> Line:
        party = b.party()
        return _payable(day, cents, party, style[party.name][0].format(number(party)), "Compra")

    def right(day: date, cents: int) -> Line:
        party = b.party()
        return _stated(day, cents, party, style[party.name][1].format(number(party)), "FACTURA")

    b.orphans(left, right, "INTERESES MORATORIOS|FLETE", 5_000, 300_000)
    return b.truth()


def currencies(lines: int, seed: int) -> Truth:
    """A treasury's transfers in pesos, dollars and euros, numbered by currency; the banks repeat
    the number in their own manner, and the same figures are paid in several currencies.
    """
    b = Books(lines, seed, "currencies", "MX")
    units = (50_000, 100_000, 250_000)
    figures = [b.chance.choice(units) * b.chance.randint(1, 60) for _ in range(90)]
    numbers = dict.fromkeys(("MXN", "USD", "EUR"), 10)

    def next_of(currency: str) -> int:
        numbers[currency] += 1
        return numbers[currency]

    def book(day: date, cents: int, currency: str, number: int) -> Line:
        party = b.party()
        text = b.chance.choice(("Traspaso", "Pago proveedor", "Fondeo"))
        reference = f"TR {number}-2026"
        return Line(day, cents, reference, party.name, party.tax_id, text, currency=currency)

    def bank(day: date, cents: int, currency: str, number: int, name: str) -> Line:
        known = f"OUR REF TR{number}"
        name = bare(name)[:20].strip() if b.likely(0.5) else ""
        text = f"WIRE {'IN' if cents > 0 else 'OUT'} {name}".strip()
        if b.likely(0.3):
            return Line(day, cents, b.digits(10), "", "", f"{text} {known}", currency=currency)
        reference = known if b.likely(0.75) else b.digits(10)
        return Line(day, cents, reference, "", "", text, currency=currency)

    while b.open():
        day, cents = b.day(), b.chance.choice(figures) if b.likely(0.8) else b.amount()
        cents = cents if b.likely(0.4) else -cents
        for currency in b.chance.sample(tuple(numbers), b.chance.choice((1, 1, 2, 3))):
            number = next_of(currency)
            booked = book(b.later(day, 0, 1), cents, currency, number)
            parts = b.parts(cents, 2) if b.likely(0.02) else [cents]
            when, name = b.later(booked.day, 0, 2), booked.party
            paid = [bank(when, part, currency, number, name) for part in parts]
            b.match([booked], paid, "wire" if len(parts) == 1 else "split")

    def left(day: date, cents: int) -> Line:
        currency = b.chance.choice(tuple(numbers))
        return book(day, cents, currency, next_of(currency))

    def right(day: date, cents: int) -> Line:
        currency = b.chance.choice(tuple(numbers))
        return bank(day, cents, currency, next_of(currency), b.party().name)

    b.orphans(left, right, "WIRE FEE|IVA COMISION", -4_500, -240)
    return b.truth()


_ALL = (bank_mexico, bank_colombia, barcode_references, card_settlements)
_MORE = (payouts, unrelated, supplier_statement, currencies)
WORLDS: dict[str, Callable[[int, int], Truth]] = {each.__name__: each for each in (*_ALL, *_MORE)}
