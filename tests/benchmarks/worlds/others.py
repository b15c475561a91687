"""Six pairs of books kept side by side in Mexico and Colombia, of which is known what belongs to
what: two ERPs, a module and its ledger, two banks, a carrier and its shipper, an insurer and a
hospital. Debits are positive; a longer book covers more days rather than busier ones.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import accumulate

from tests.benchmarks.ledgers import Line, Truth

Group = tuple[list[Line], list[Line], str]


def listed(names: str) -> list[str]:
    return [name.strip() for name in names.split(",")]


TRADES = listed(
    "Aceros,Suministros,Empaques,Llantas,Lubricantes,Alimentos,Tornillos,Maderas,Vidrios,"
    "Químicos,Imprenta,Pinturas,Muebles,Uniformes,Herramientas,Cementos,Cables,Bombas,Hules,"
    "Lácteos,Rodamientos,Etiquetas,Tarimas,Soldaduras"
)
PLACES = listed(
    "del Valle,La Sierra,San Ángel,del Pacífico,Tres Ríos,Santa Fe,El Roble,Industriales,del Golfo,"
    "Los Álamos,Hidalgo,Juárez,del Centro,La Paz,Anáhuac,Chapultepec,El Dorado,Tequendama,"
    "La Candelaria,Cauca,Boyacá,Santander,El Poblado,Montaña,Vía Láctea,Cuauhtémoc,Tolteca,Loma"
)
SURNAMES = listed(
    "Hernández,García,Martínez,López,González,Rodríguez,Pérez,Sánchez,Ramírez,Cruz,Flores,"
    "Gómez,Morales,Vázquez,Reyes,Jiménez,Torres,Díaz,Gutiérrez,Ruiz,Mendoza,Aguilar,Ortiz,"
    "Castillo,Rojas,Restrepo,Ospina,Uribe,Cárdenas,Montoya,Quintero,Vargas,Salazar,Echeverri,"
    "Peña,Nuñez,Bedoya"
)
GIVEN = listed(
    "María,José,Juan Carlos,Luz Marina,Ana,Luis,Carlos Andrés,Guadalupe,Miguel Ángel,Rosa,Jorge,"
    "Sofía,Andrés,Camila,Martha Lucía,Pedro,Ramón,Óscar,Verónica,Álvaro,Diana,Héctor,Inés,Raúl"
)
CARRIERS = listed("Transportes,Autotransportes,Fletes,Autolíneas,Logística")
INSURERS = listed("EPS,Seguros,Salud,Medicina Prepagada,Aseguradora")
CITIES = ("MTY", "QRO", "GDL", "CDMX", "SLP", "NLD", "VER", "PUE", "LEO", "TIJ", "MER", "TRC")
PLAIN = str.maketrans("áéíóúñÁÉÍÓÚÑ", "aeiounAEIOUN")


@dataclass(frozen=True)
class Party:
    number: int
    name: str
    tax_id: str
    person: bool


class Desk:
    """Where both books are written: the calendar, the parties and what was kept so far."""

    def __init__(self, lines: int, seed: int, per_day: int, first: date, quantum: int = 1) -> None:
        self.lines = lines
        self.chance = random.Random(seed)
        self.quantum = quantum
        self.first = first
        self.span = max(26, math.ceil(lines / per_day))
        self.truth = Truth()
        self.parties: list[Party] = []
        self.weights: list[float] = []
        self.trades = TRADES
        self.folio = self.chance.randint(800, 9000)

    def enrol(self, count: int, persons: float, colombian: bool = False) -> None:
        """Parties of which a few come often and most come seldom."""
        seen: set[str] = set()
        while len(self.parties) < count:
            person = self.chance.random() < persons
            name = self.person() if person else self._company(colombian)
            if name not in seen:
                seen.add(name)
                tax = self._nit() if colombian else self._rfc(name, person)
                self.parties.append(Party(len(self.parties) + 1, name, tax, person))
        self.weights = list(accumulate((n + 2) ** -0.7 for n in range(count)))

    def person(self) -> str:
        pick = self.chance.choice
        return f"{pick(GIVEN)} {pick(SURNAMES)} {pick(SURNAMES)}"

    def _company(self, colombian: bool) -> str:
        pick = self.chance.choice
        form = pick((" S.A.S.", " Ltda.", " S.A.")) if colombian else pick((" SA de CV", " SC", ""))
        family = f" {pick(SURNAMES)}" if self.chance.random() < 0.5 else ""
        return f"{pick(self.trades)}{family} {pick(PLACES)}{form}"

    def _rfc(self, name: str, person: bool) -> str:
        words = [word for word in plain(name).split() if len(word) > 2]
        letters = "".join(word[:2] for word in reversed(words))[: 4 if person else 3]
        born = date(1960, 1, 1) + timedelta(days=self.chance.randint(0, 18000))
        return f"{letters}{born:%y%m%d}{self.chance.randint(100, 999)}"

    def _nit(self) -> str:
        return f"{self.chance.randint(800_000_000, 901_999_999)}-{self.chance.randint(0, 9)}"

    def party(self) -> Party:
        return self.chance.choices(self.parties, cum_weights=self.weights)[0]

    def amount(self, middle: float, spread: float = 1.1) -> int:
        """About ``middle`` units of money, in cents, to the coin in use."""
        cents = round(self.chance.lognormvariate(math.log(middle * 100), spread))
        return max(1, cents // self.quantum) * self.quantum

    def today(self) -> date:
        """The working day the books have come to; nobody works on Sundays."""
        done = max(len(self.truth.left), len(self.truth.right)) / self.lines
        worked = int(done * self.span)
        day = self.first + timedelta(days=worked + worked // 6)
        return day if day.weekday() != 6 else day + timedelta(days=1)

    def number(self) -> int:
        self.folio += self.chance.choice((1, 1, 1, 2))
        return self.folio

    def parts(self, cents: int, count: int) -> list[int]:
        """``cents`` in so many positive or negative parts."""
        coins = abs(cents) // self.quantum
        count = min(count, coins)
        if count < 2:
            return [cents]
        cuts = sorted(self.chance.sample(range(1, coins), count - 1))
        sizes = [b - a for a, b in zip([0, *cuts], [*cuts, coins], strict=True)]
        return [size * self.quantum * (1 if cents > 0 else -1) for size in sizes]

    def keep(self, left: list[Line], right: list[Line], kind: str) -> None:
        truth = self.truth
        mine = tuple(range(len(truth.left), len(truth.left) + len(left)))
        theirs = tuple(range(len(truth.right), len(truth.right) + len(right)))
        truth.left += left
        truth.right += right
        if left and right:
            truth.groups.append((mine, theirs, kind))

    def alone(self, groups: list[Group]) -> None:
        """Only one of the books has it."""
        mine = self.chance.random() < 0.5
        for left, right, _ in groups:
            self.keep(left[:1] if mine else [], [] if mine else right[:1], "")

    def double(self, groups: list[Group]) -> None:
        """Posted once more, on the same day or soon after."""
        late = timedelta(days=self.chance.choice((0, 0, 1, 3)))
        self.alone(
            [
                (
                    [replace(x, day=x.day + late) for x in a],
                    [replace(x, day=x.day + late) for x in b],
                    k,
                )
                for a, b, k in groups
            ]
        )

    def run(
        self, make: Callable[[Party, int], list[Group]], middle: float, orphans: float = 0.03
    ) -> Truth:
        """Documents until the books are full, with what only one of them has between."""
        chance = self.chance
        while max(len(self.truth.left), len(self.truth.right)) < self.lines:
            party, cents = self.party(), self.amount(middle)
            groups = make(party, cents)
            for left, right, kind in groups:
                self.keep(left, right, kind)
            if chance.random() >= orphans:
                continue
            habit = chance.randrange(4)
            if habit == 0:
                self.double(groups)
            elif habit == 1:
                self.alone(make(self.party(), cents))
            elif habit == 2:
                self.alone(make(party, self.amount(middle)))
            else:
                self.alone(make(self.party(), self.amount(middle)))
        return self._sorted()

    def _sorted(self) -> Truth:
        """Both books by day, the order within a day telling nothing."""
        places: list[list[int]] = []
        made: list[list[Line]] = []
        for lines in (self.truth.left, self.truth.right):
            keys = [(line.day, self.chance.random()) for line in lines]
            order = sorted(range(len(lines)), key=keys.__getitem__)
            place = [0] * len(lines)
            for new, old in enumerate(order):
                place[old] = new
            places.append(place)
            made.append([lines[old] for old in order])
        groups = [
            (tuple(sorted(places[0][i] for i in a)), tuple(sorted(places[1][j] for j in b)), kind)
            for a, b, kind in self.truth.groups
        ]
        return Truth(made[0], made[1], groups)


def plain(text: str) -> str:
    return text.translate(PLAIN).upper()


def later(day: date, days: int) -> date:
    return day + timedelta(days=days)


def slip(chance: random.Random, text: str) -> str:
    """One typing error: two signs swapped, one left out or one struck twice."""
    if len(text) < 3:
        return text
    at = chance.randrange(len(text) - 1)
    swapped = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return chance.choice((swapped, text[:at] + text[at + 1 :], text[: at + 1] + text[at:]))


def erp_copy(lines: int, seed: int) -> Truth:
    """An old ERP's journal and the cloud ERP it was copied to, in part imported and in part typed.

    Each invoice has a line for the total, one for the net and one for the VAT, all with its folio.
    Who types shortens names, writes folios as they like and dates some invoices wrongly.
    """
    desk = Desk(lines, seed, 90, date(2025, 1, 2))
    chance = desk.chance
    desk.enrol(40 + lines // 70, 0.2)

    def typed(series: str, number: int) -> str:
        series = chance.choice((f"{series} ", series.lower(), series))
        folio = f"{series}{number}"
        return slip(chance, folio) if chance.random() < 0.02 else folio

    def shortened(name: str) -> str:
        words = plain(name).replace(" SA DE CV", "").split()
        short = " ".join(words)[: chance.choice((14, 20, 30))].strip()
        return slip(chance, short) if chance.random() < 0.08 else short

    def make(party: Party, net: int) -> list[Group]:
        series, number, day = chance.choice("AAAB"), desk.number(), desk.today()
        vat = round(net * 0.16)
        by_hand = chance.random() < 0.5
        folio = f"{series}-{number:05}"
        new_folio = typed(series, number) if by_hand else folio
        name = shortened(party.name) if by_hand else party.name[:30]
        off = chance.choice((-2, -1, 1, 1, 2)) if chance.random() < 0.06 else 0
        posts = (
            (net + vat, "1105", "105.01.01", "Factura"),
            (-net, "4100", "401.01.01", "Venta"),
            (-vat, "2108", "208.01.01", "IVA trasladado"),
        )
        groups: list[Group] = []
        for cents, old, new, word in posts:
            account = f"{old}-{party.number:04}" if old == "1105" else f"{old}-0001"
            mine = Line(
                day, cents, folio, party.name, party.tax_id, f"{word} {folio} {party.name}", account
            )
            theirs = Line(
                later(day, off),
                cents,
                new_folio,
                name,
                "" if by_hand else party.tax_id,
                f"{word} {name}" if by_hand else mine.text[:40],
                new,
            )
            groups.append(copied(mine, theirs, "date" if off else "typed" if by_hand else "exact"))
        return groups

    def copied(mine: Line, theirs: Line, kind: str) -> Group:
        luck = chance.random()
        if luck < 0.01:
            wrong = theirs.cents + chance.choice((-3, -2, -1, 1, 2, 3))
            return [mine], [replace(theirs, cents=wrong)], "cents"
        if luck < 0.04:
            pieces = desk.parts(theirs.cents, chance.choice((2, 2, 3)))
            split = [replace(theirs, cents=piece) for piece in pieces]
            return [mine], split, "split" if len(split) > 1 else kind
        return [mine], [theirs], kind

    return desk.run(make, 7000)


def erp_modules(lines: int, seed: int) -> Truth:
    """The payables module and the general ledger of one company.

    The module has a line for each invoice and one for each invoice paid. The ledger has the póliza
    as reference and the invoice in the text; for some suppliers it has one line for the day.
    """
    desk = Desk(lines, seed, 50, date(2025, 2, 3))
    chance = desk.chance
    desk.enrol(50 + lines // 80, 0.15)
    checks = [chance.randint(100, 900)]

    def make(party: Party, cents: int) -> list[Group]:
        day = desk.today()
        often = party.number % 4 == 0
        count = chance.randint(2, 6) if often and chance.random() < 0.6 else 1
        series = ("F", "FAC", "A", "FE")[party.number % 4]
        start = party.number * 37 + desk.number()
        bills = [
            (f"{series}-{start + n}", cents if n == 0 else desk.amount(9000)) for n in range(count)
        ]
        groups = posted(party, day, bills, -1, f"Dr {day:%m}-{day.day:03}")
        if chance.random() < 0.85:
            paid = later(day, chance.choice((8, 15, 30, 30, 45)))
            friday = later(paid, (4 - paid.weekday()) % 7)
            checks[0] += 1
            groups += posted(party, friday, bills, 1, f"Eg {friday:%m}-{checks[0]:04}")
        return groups

    def posted(
        party: Party, day: date, bills: list[tuple[str, int]], sign: int, entry: str
    ) -> list[Group]:
        account = f"2101-{party.number:04}-000"
        word, doc = ("PAGO PROV", "Pago") if sign > 0 else ("PROVISION", "Factura")
        short = plain(party.name).split()[0] if chance.random() < 0.6 else plain(party.name)[:18]
        named = party.name[:25] if chance.random() < 0.3 else ""
        mine = [
            Line(
                day,
                sign * cents,
                folio,
                party.name,
                party.tax_id,
                f"{doc} {folio}",
                f"PRV{party.number:05}",
            )
            for folio, cents in bills
        ]
        lag = later(day, chance.choice((1, 2)) if chance.random() < 0.08 else 0)
        if len(bills) > 1 and chance.random() < 0.6:
            what = "FACTS " + ", ".join(folio for folio, _ in bills)[:40]
            text = f"{word} {short} {what if chance.random() < 0.4 else 'FACTURAS DEL DIA'}"
            total = sum(line.cents for line in mine)
            return [(mine, [Line(lag, total, entry, named, "", text, account)], "day-total")]
        return [
            (
                [x],
                [Line(lag, x.cents, entry, named, "", f"{word} {short} {x.reference}", account)],
                "payment" if sign > 0 else "invoice",
            )
            for x in mine
        ]

    return desk.run(make, 9000, 0.05)


def fees(desk: Desk, day: date) -> None:
    fee = desk.amount(180, 0.6)
    reference = f"{desk.chance.randint(1, 9999999):07}"
    for cents, text in ((fee, "COMISION VENTAS TDC TPV"), (round(fee * 0.16), "IVA COMISION")):
        desk.keep([], [Line(day, -cents, reference, "", "", text)], "")


def bank_simple(lines: int, seed: int) -> Truth:
    """The bank book of a firm of middling size and its statement, over half a year.

    Cheques keep their number and clear days later; transfers show the payee cut and a tracking key;
    half of the deposits bring the customer's reference. Fees and their VAT are only the bank's.
    """
    desk = Desk(lines, seed, 40, date(2025, 1, 2))
    chance = desk.chance
    desk.span = max(desk.span, 155)
    desk.enrol(60 + lines // 60, 0.3)
    cheque = [chance.randint(1000, 6000)]

    def make(party: Party, cents: int) -> list[Group]:
        day, luck = desk.today(), chance.random()
        if chance.random() < 0.012:
            fees(desk, day)
        if luck < 0.15:
            return [by_cheque(party, cents, day)]
        if luck < 0.55:
            return [transfer(party, cents, day)]
        return [deposit(party, cents, day)]

    def by_cheque(party: Party, cents: int, day: date) -> Group:
        cheque[0] += 1
        clears = later(day, chance.choice((1, 2, 2, 3, 5, 8, 15)))
        mine = Line(
            day, -cents, f"CH-{cheque[0]}", party.name, party.tax_id, f"Cheque {cheque[0]}", "1102"
        )
        theirs = Line(clears, -cents, str(cheque[0]), "", "", f"CHEQUE PAGADO NO. {cheque[0]:07}")
        return [mine], [theirs], "cheque"

    def transfer(party: Party, cents: int, day: date) -> Group:
        key = f"8846APR{chance.choice('12')}{day:%Y%m%d}{chance.randint(0, 10**9):09}"
        cut = plain(party.name)[: chance.randint(12, 22)]
        tax = f" RFC {party.tax_id}" if chance.random() < 0.4 else ""
        text = f"SPEI ENVIADO BCO 0{chance.choice((12, 14, 21, 44))} BENEF {cut}{tax} RASTREO {key}"
        count = chance.choice((2, 3)) if chance.random() < 0.06 else 1
        noted = f" rastreo {key}" if chance.random() < 0.15 else ""
        mine = [
            Line(
                day,
                -piece,
                f"TR-{desk.number()}",
                party.name,
                party.tax_id,
                f"Pago fact {chance.randint(100, 9999)}{noted}",
                "1102",
            )
            for piece in desk.parts(cents, count)
        ]
        lag = 1 if chance.random() < 0.1 else 0
        theirs = Line(later(day, lag), -cents, f"{chance.randint(1, 9999999):07}", "", "", text)
        return mine, [theirs], "transfer" if len(mine) == 1 else "several-invoices"

    def deposit(party: Party, cents: int, day: date) -> Group:
        customer = f"{party.number:05}{chance.randint(0, 9)}"
        slip_number, cobro = f"DEP {desk.number()}", f"Cobro cte {customer}"
        mine = Line(day, cents, slip_number, party.name, party.tax_id, cobro, "1102")
        known = chance.random() < 0.5
        text = chance.choice(("DEP.EFECTIVO", "SPEI RECIBIDO", "DEP.CHEQUE SBC", "TRASPASO"))
        if text == "SPEI RECIBIDO":
            text += f" DEL CLIENTE {plain(party.name)[:18]}"
        reference = customer if known else f"{chance.randint(1, 9999999):07}"
        came = later(day, chance.choice((-1, 0, 0, 0, 0, -2, 1)))
        return [mine], [Line(came, cents, reference, "", "", text)], "deposit"

    return desk.run(make, 12000, 0.03)


def bank_terse(lines: int, seed: int) -> Truth:
    """A Colombian shop's book of cash and bank, and a statement that says almost nothing.

    Whole pesos. The till of a day or two goes to the bank in one deposit; the tax on movements is
    only on the statement.
    """
    desk = Desk(lines, seed, 25, date(2024, 7, 2), quantum=100)
    chance = desk.chance
    desk.enrol(25 + lines // 90, 0.5, colombian=True)

    def make(party: Party, cents: int) -> list[Group]:
        day = desk.today()
        if chance.random() < 0.01:
            tax = desk.amount(4200, 0.8)
            desk.keep([], [Line(day, -tax, "", "", "", "GMF 4X1000")], "")
        seen = later(day, chance.choice((0, 0, 0, 1, 1, 2)))
        luck = chance.random()
        if luck < 0.06:
            tills = [desk.amount(240_000, 0.6) for _ in range(chance.choice((2, 2, 3)))]
            mine = [
                Line(day, piece, f"RC {desk.number()}", "Ventas mostrador", "", f"Caja turno {n}")
                for n, piece in enumerate(tills, 1)
            ]
            return [(mine, [Line(seen, sum(tills), "", "", "", "CONSIGNACION")], "till")]
        if luck < 0.5:
            receipt = f"RC {desk.number()}"
            book = Line(day, cents, receipt, party.name, party.tax_id, "Abono cliente")
            text = chance.choice(("CONSIGNACION", "TRANSFERENCIA", "TRANSFERENCIA", "RECAUDO QR"))
        else:
            voucher = f"CE {desk.number()}"
            book = Line(day, -cents, voucher, party.name, party.tax_id, "Pago proveedor")
            text = chance.choice(("PAGO PSE", "TRANSFERENCIA", "PAGO PROVEEDOR", "RETIRO"))
        office = f"{chance.randint(1, 40):03}" if chance.random() < 0.3 else ""
        return [([book], [Line(seen, book.cents, office, "", "", text)], "movement")]

    return desk.run(make, 310_000, 0.035)


def freight(lines: int, seed: int) -> Truth:
    """The carriers' statements of trips and the shipper's ledger of freight provided for.

    A trip is a waybill with plate and route, VAT included. The shipper provides for an invoice of
    one or of several waybills, less the 4 % of VAT withheld where the carrier is a natural person.
    """
    desk = Desk(lines, seed, 35, date(2025, 3, 3))
    chance = desk.chance
    desk.trades = CARRIERS
    desk.enrol(12 + lines // 250, 0.4)
    desk.folio += 80_000
    plates = [
        f"{chance.randint(10, 99)}{chance.choice(('AK', 'UE', 'BD'))}{chance.randint(1, 9)}{letter}"
        for letter in "ABCDEFGHJKLMNPRS"
    ]
    bills = [0] * (len(desk.parties) + 1)

    def make(party: Party, cents: int) -> list[Group]:
        bills[party.number] += 1
        invoice = f"{plain(party.name)[:2]}-{party.number * 100 + bills[party.number]}"
        count = chance.randint(2, 7) if chance.random() < 0.25 else 1
        nets = [cents] + [desk.amount(14000, 0.6) for _ in range(count - 1)]
        day = desk.today()
        days = sorted(later(day, chance.randint(0, 5) if count > 1 else 0) for _ in nets)
        origin, target = chance.sample(CITIES, 2)
        told = f" FACT {invoice}" if chance.random() < 0.15 else ""
        trips = [
            Line(
                trip,
                net + round(net * 0.16),
                f"CP-{desk.number()}",
                party.name,
                party.tax_id,
                f"{origin}-{target} {chance.choice(plates)}{told}",
            )
            for trip, net in zip(days, nets, strict=True)
        ]
        withheld = round(sum(nets) * 0.04) if party.person else 0
        total = sum(trip.cents for trip in trips) - withheld
        text = f"PROV FLETE {origin}-{target}"
        if chance.random() < 0.8:
            text = f"FLETE {waybills([trip.reference for trip in trips])}"
        booked = later(days[-1], chance.choice((0, 1, 1, 2, 4)))
        provided = Line(booked, total, invoice, plain(party.name)[:24], "", text, "6010-0003")
        kind = ("several" if count > 1 else "trip") + ("-withheld" if withheld else "")
        return [(trips, [provided], kind)]

    def waybills(references: list[str]) -> str:
        first, *rest = references
        if chance.random() < 0.3:
            first = first.replace("-", chance.choice((" ", "")))
        return "/".join([first, *(reference[3:] for reference in rest)])

    return desk.run(make, 14000, 0.05)


def hospital(lines: int, seed: int) -> Truth:
    """What insurers say they paid and what a Colombian hospital has to receive.

    A remittance pays a claim, with its authorisation; or pays it short, by a glosa; or is one total
    for a whole filing of claims. The insurers write the surnames first, and names come twice.
    """
    desk = Desk(lines, seed, 60, date(2024, 9, 2), quantum=100)
    chance = desk.chance
    desk.trades = INSURERS
    desk.enrol(9 + lines // 5000, 0.0, colombian=True)
    patients = [desk.person() for _ in range(60 + lines // 3)]
    filing = [chance.randint(300, 4000)]

    def claim(party: Party, cents: int, day: date, note: str) -> Line:
        patient, permit = chance.choice(patients), chance.randint(10**7, 10**8 - 1)
        text = f"{patient} AUT {permit}{note}"
        return Line(day, cents, f"FEH-{desk.number()}", party.name, party.tax_id, text, "130505")

    def paid(bill: Line, cents: int, party: Party) -> Line:
        patient, _, rest = bill.text.partition(" AUT ")
        *given, father, mother = plain(patient).split()
        known = chance.random()
        reference = rest.split()[0] if known < 0.85 else ""
        quoted = f" FACT {bill.reference}" if known > 0.75 else ""
        text = f"{father} {mother} {' '.join(given)}{quoted}"
        day = later(bill.day, chance.choice((15, 22, 30, 30, 38, 45)) + chance.randint(0, 2))
        return Line(day, cents, reference, plain(party.name)[:20].strip(), "", text)

    def make(party: Party, cents: int) -> list[Group]:
        day, luck = desk.today(), chance.random()
        if luck < 0.012:
            return [remittance(party, day)]
        bill = claim(party, cents, day, "")
        if luck < 0.12 and cents > 10_000:
            share = chance.choice((chance.uniform(0.02, 0.15), chance.uniform(0.1, 0.6)))
            glosa = max(1, round(cents * share) // 100) * 100
            return [([paid(bill, cents - glosa, party)], [bill], "short")]
        return [([paid(bill, cents, party)], [bill], "claim")]

    def remittance(party: Party, day: date) -> Group:
        filing[0] += 1
        note = f" RAD {filing[0]}" if chance.random() < 0.5 else ""
        bills = [
            claim(party, desk.amount(420_000), later(day, -chance.randint(0, 12)), note)
            for _ in range(chance.randint(5, 30))
        ]
        text = f"REMESA {len(bills)} CUENTAS RADICADO {filing[0]}"
        total = sum(bill.cents for bill in bills)
        when = later(day, chance.randint(20, 45))
        reference = f"REM{when:%y}{filing[0]:05}"
        name = plain(party.name)[:20].strip()
        return [Line(when, total, reference, name, "", text)], bills, "batch"

    return desk.run(make, 420_000, 0.035)


WORLDS: dict[str, Callable[[int, int], Truth]] = {
    "erp_copy": erp_copy,
    "erp_modules": erp_modules,
    "bank_simple": bank_simple,
    "bank_terse": bank_terse,
    "freight": freight,
    "hospital": hospital,
}
