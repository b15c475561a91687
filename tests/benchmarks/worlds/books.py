"""Pairs of books as accountants of Mexico and Colombia keep them, with the right matches known.

Each world is a function of the number of lines a side and a seed. Debits are positive cents and
both sides use the same sign, unless the world says otherwise. All names and numbers are made up;
RFCs and NITs carry right check digits.
"""

from __future__ import annotations

import random
import unicodedata
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from tests.benchmarks.ledgers import Line, Truth


def words(text: str, between: str = " ") -> tuple[str, ...]:
    return tuple(text.split(between))


SURNAMES = words(
    "García López Hernández Martínez Peña Muñoz Núñez Ibáñez Ordóñez Castañeda Zúñiga Quiñones "
    "Rodríguez González Pérez Sánchez Ramírez Gómez Díaz Vásquez Jiménez Ávila Ríos Cárdenas "
    "Restrepo Echeverri Ospina Uribe Londoño Patiño Avendaño Bermúdez Galán Rincón Suárez Téllez "
    "Villaseñor Treviño Cantú Garza Elizondo Ruiz Ortega Escobar Mejía Arango Salazar Valdés "
    "Marroquín Yáñez Cervantes Bolaños"
)
GIVEN = words(
    "María José Luis Ana Sofía Andrés Begoña Íñigo Jesús Verónica Óscar Mónica Raúl Lucía Martín "
    "Inés Adrián Julián Camila Héctor Rocío Ángel Paula Germán Yolanda Fermín Elías Nicolás"
)
TRADES = words(
    "Ferretería|Panadería|Transportes|Distribuidora|Papelería|Construcciones|Diseños|Cafés|"
    "Lácteos|Refacciones|Textiles|Servicios Médicos|Muebles|Impresos|Agrícola|Químicos|Logística|"
    "Eléctricos|Montañas Turismo|Empaques|Abarrotes|Señalización|Clínica|Plásticos",
    "|",
)
FORMS = {"MX": ("S.A. de C.V.", "S. de R.L. de C.V.", "S.C."), "CO": ("S.A.S.", "Ltda.", "S.A.")}
MONTHS = words("ENE FEB MAR ABR MAY JUN JUL AGO SEP OCT NOV DIC")
NIT_WEIGHTS = (3, 7, 13, 17, 19, 23, 29, 37, 41, 43, 47, 53, 59, 67, 71)
RFC_SIGNS = "0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ Ñ"


def plain(text: str) -> str:
    """Capital letters without accents, as old programs print them."""
    parts = unicodedata.normalize("NFD", text.upper())
    return "".join(sign for sign in parts if not unicodedata.combining(sign))


def nit_digit(number: str) -> str:
    total = sum(
        int(sign) * weight for sign, weight in zip(reversed(number), NIT_WEIGHTS, strict=False)
    )
    rest = total % 11
    return str(rest if rest < 2 else 11 - rest)


def rfc_digit(body: str) -> str:
    signs = enumerate(body.rjust(12))
    rest = sum(RFC_SIGNS.index(sign) * (13 - place) for place, sign in signs) % 11
    return {0: "0", 1: "A"}.get(rest, str(11 - rest))


@dataclass(frozen=True)
class Party:
    """``digit`` is the check digit of a NIT, written apart from it; an RFC has none apart."""

    name: str
    tax_id: str
    digit: str = ""

    @property
    def full_id(self) -> str:
        return f"{self.tax_id}-{self.digit}" if self.digit else self.tax_id

    @property
    def initials(self) -> str:
        names = self.name.split(" S.")[0].split()
        return "".join(plain(word)[0] for word in names if len(word) > 2 and word != "Ltda.")


@dataclass(frozen=True)
class Entry:
    """What happened, before either side writes it down; ``topic`` picks words or an account."""

    day: date
    cents: int
    party: Party
    number: int
    topic: int = 0


class Book:
    """Both sides as they are being written, with the lines that belong together."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.left: list[Line] = []
        self.right: list[Line] = []
        self.groups: list[tuple[range, range, str]] = []

    def group(self, left: Sequence[Line], right: Sequence[Line], kind: str) -> None:
        starts = len(self.left), len(self.right)
        self.left.extend(left)
        self.right.extend(right)
        rows = range(starts[0], len(self.left)), range(starts[1], len(self.right))
        self.groups.append((*rows, kind))

    def truth(self, left_by_day: bool, right_by_day: bool) -> Truth:
        """Each side in order of its days, else shuffled."""
        left, left_rows = self._arranged(self.left, left_by_day)
        right, right_rows = self._arranged(self.right, right_by_day)
        groups = [
            (tuple(sorted(left_rows[a] for a in one)), tuple(sorted(right_rows[b] for b in two)), k)
            for one, two, k in self.groups
        ]
        return Truth(left, right, groups)

    def _arranged(self, lines: list[Line], by_day: bool) -> tuple[list[Line], list[int]]:
        order = list(range(len(lines)))
        self.rng.shuffle(order)
        if by_day:
            order.sort(key=lambda row: lines[row].day)
        places = [0] * len(order)
        for place, row in enumerate(order):
            places[row] = place
        return [lines[row] for row in order], places


def person(rng: random.Random) -> str:
    given = " ".join(rng.sample(GIVEN, rng.choice((1, 1, 2))))
    return f"{given} {rng.choice(SURNAMES)} {rng.choice(SURNAMES)}"


def company(rng: random.Random, country: str) -> str:
    first, second = rng.sample(SURNAMES, 2)
    owners = rng.choice((f"{first} {second}", f"{first} y {second}", f"{first} {second}", first))
    return f"{rng.choice(TRADES)} {owners} {rng.choice(FORMS[country])}"


def tax_number(rng: random.Random, name: str, country: str, human: bool) -> tuple[str, str]:
    """The number and its check digit, where that is written apart."""
    if country == "CO":
        ends = (10_000_000, 1_150_000_000) if human else (800_100_000, 901_999_999)
        number = str(rng.randint(*ends))
        return number, nit_digit(number)
    names = plain(name).split()
    letters = names[-2][:2] + names[-1][0] + names[0][0] if human else ""
    letters = letters or "".join(word[0] for word in names if len(word) > 1)[:3].ljust(3, "X")
    day = date(1960, 1, 1) + timedelta(days=rng.randrange(15_000 if human else 22_000))
    body = f"{letters}{day:%y%m%d}{rng.choice('ABCDEFGHJKLMNPQRSTUVWXYZ')}{rng.choice('123456789')}"
    return body + rfc_digit(body), ""


def make_parties(rng: random.Random, count: int, countries: str, humans: float) -> list[Party]:
    """``countries`` is one code or several with spaces between; no name stands twice."""
    found: dict[str, Party] = {}
    codes = countries.split()
    while len(found) < count:
        country, human = rng.choice(codes), rng.random() < humans
        name = person(rng) if human else company(rng, country)
        if name not in found:
            found[name] = Party(name, *tax_number(rng, name, country, human))
    return list(found.values())


def party_count(lines: int) -> int:
    return max(20, lines * 8 // 100)


def often(rng: random.Random, parties: Sequence[Party]) -> Party:
    """Some parties come far more often than others."""
    return parties[int(len(parties) * rng.random() ** 1.8)]


def amount(rng: random.Random, middle: int, vat: int, wide: float = 1.1) -> int:
    """Cents of a log-normal price with its VAT, ``middle`` pesos being the usual price."""
    return max(100, round(middle * 100 * rng.lognormvariate(0, wide)) * (100 + vat) // 100)


def parts(rng: random.Random, cents: int, count: int) -> list[int]:
    weights = [rng.uniform(0.5, 2) for _ in range(count)]
    shares = [int(cents * weight / sum(weights)) for weight in weights[1:]]
    return [cents - sum(shares), *shares]


def numbering(rng: random.Random, start: int, count: int) -> tuple[list[int], Iterator[int]]:
    """Rising numbers with gaps, and the numbers of the gaps for lines of one side only."""
    pool = list(range(start, start + count + count // 6 + 20))
    rng.shuffle(pool)
    return sorted(pool[:count]), iter(pool[count:])


def days(rng: random.Random, first: date, length: int, count: int) -> list[date]:
    return sorted(first + timedelta(days=rng.randrange(length)) for _ in range(count))


def later(day: date, count: int) -> date:
    return day + timedelta(days=count)


def strays(
    rng: random.Random,
    entries: Sequence[Entry],
    parties: Sequence[Party],
    spare: Iterator[int],
    apart: int,
    lines: int,
) -> Iterator[Entry]:
    """1–6 % entries only one side knows: double postings (``apart`` days later or more, so that
    the first is the nearer one), the amount of another party, another amount of the party."""
    for _ in range(max(2, round(lines * rng.uniform(0.015, 0.057)))):
        model = rng.choice(entries)
        fate = rng.random()
        if fate < 0.25:
            number = model.number if rng.random() < 0.5 else next(spare)
            yield replace(model, day=later(model.day, apart + rng.randrange(4)), number=number)
        elif fate < 0.5:
            day = later(model.day, -apart - rng.randrange(4))
            yield replace(model, day=day, party=rng.choice(parties), number=next(spare))
        else:
            cents = max(1, round(abs(model.cents) * rng.uniform(0.3, 3)) + 7)
            cents = -cents if model.cents < 0 else cents
            party = model.party if fate < 0.8 else rng.choice(parties)
            yield replace(model, cents=cents, party=party, number=next(spare))


# The old and the new chart of two_erps, and the name the text gives to each account.
CHARTS = [
    words(row, ":")
    for row in words(
        "1102-001:1102.001:COBRO|1102-002:1102.002:DEPOSITO|1105-001:1105.001:FACTURA CLIENTE|"
        "1105-002:1105.010:FACTURA CLIENTE|1150-001:1150.001:ANTICIPO|2101-001:2101.001:PROVISION|"
        "2101-002:2101.002:PAGO PROV|2105-001:2108.001:ACREEDOR|4101-001:4101.001:VENTA|"
        "5101-001:5101.001:COMPRA|5201-003:5201.003:GASTO|5201-004:5203.004:HONORARIOS",
        "|",
    )
]


def two_erps(lines: int, seed: int) -> Truth:
    """June in an old program's auxiliary ledger and in a new one's journal items.

    The old one writes capitals cut at 30–40 characters, its folio in the reference or the text,
    no party on a third of the lines and a tax id on 70 %. The new one numbers INV/2026/01023 and
    knows the folio's number of four documents in five; its NITs have the check digit.
    """
    rng = random.Random(f"two_erps {seed}")
    book = Book(rng)
    parties = make_parties(rng, party_count(lines), "CO CO MX", 0.2)
    prices = [amount(rng, 4000, 19, 0.8) for _ in range(12)]
    usual = {party: (rng.choice(prices), rng.randrange(len(CHARTS))) for party in parties}
    cut = rng.randint(30, 40)

    def old(entry: Entry) -> Line:
        folio = f"FAC {'AB'[entry.topic % 2]} {entry.number}"
        inside = rng.random() < 0.4
        account, _, word = CHARTS[entry.topic]
        text = plain(f"{word} {folio if inside else ''} {entry.party.name}").replace("  ", " ")
        return Line(
            entry.day,
            entry.cents,
            f"PD-{entry.number * 7 % 900 + 1}" if inside else folio,
            plain(entry.party.name)[:30] if rng.random() < 0.67 else "",
            entry.party.tax_id if rng.random() < 0.7 else "",
            text[:cut].strip(),
            account,
        )

    def new(entry: Entry) -> Line:
        known = entry.number % 5 != 0
        number = entry.number if known else entry.number * 13 % 89_000 + 10_000
        prefix = "INV" if CHARTS[entry.topic][0][0] in "14" else "BILL"
        reference = f"{prefix if known else 'MISC'}/2026/{number:05d}"
        tax_id = entry.party.full_id if rng.random() < 0.95 else ""
        text = rng.choice(("", entry.party.name, f"{reference}: {entry.party.name}"))
        account = CHARTS[entry.topic][1]
        return Line(entry.day, entry.cents, reference, entry.party.name, tax_id, text, account)

    numbers, spare = numbering(rng, 1000, lines)
    certain = []
    for number, day in zip(numbers, days(rng, date(2026, 6, 1), 30, lines), strict=True):
        party = often(rng, parties)
        cents, topic = usual[party]
        recurring = rng.random() < 0.35
        cents = cents if recurring else amount(rng, 3000, rng.choice((0, 16, 19, 19)))
        sign = -1 if CHARTS[topic][0][0] in "24" else 1
        entry = Entry(day, sign * cents, party, number, topic)
        fate = rng.random()
        if fate < 0.05:
            pieces = parts(rng, entry.cents, rng.randint(2, 4))
            many = [replace(entry, cents=piece) for piece in pieces]
            if rng.random() < 0.7:
                book.group([old(entry)], [new(one) for one in many], "split")
            else:
                book.group([old(one) for one in many], [new(entry)], "split")
        elif fate < 0.15:
            shifted = replace(entry, day=later(day, rng.randint(1, 5)))
            book.group([old(entry)], [new(shifted)], "shift")
        elif fate < 0.16:
            off = replace(entry, cents=entry.cents + rng.choice((-3, -2, -1, 1, 2, 5)))
            book.group([old(entry)], [new(off)], "cents")
        else:
            book.group([old(entry)], [new(entry)], "recurring" if recurring else "exact")
            certain.append(entry)
    book.left += [old(one) for one in strays(rng, certain, parties, spare, 1, lines)]
    book.right += [new(one) for one in strays(rng, certain, parties, spare, 1, lines)]
    return book.truth(True, False)


DEALINGS = (
    ("Venta de producto terminado", "Compra mercancía importada"),
    ("Regalías de marca", "Regalías casa matriz"),
    ("Servicios administrativos", "Honorarios administración grupo"),
    ("Intereses préstamo", "Gasto financiero préstamo vinculada"),
    ("Reembolso de fletes", "Fletes por pagar al grupo"),
    ("Licencias de software", "Licencias TI compartidas"),
)


def slipped(rng: random.Random, digits: str) -> str:
    """Two digits swapped, one lost or one typed wrong."""
    at = rng.randrange(len(digits) - 1)
    swapped = digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :]
    wrong = digits[:at] + str((int(digits[at]) + 1) % 10) + digits[at + 1 :]
    return rng.choice((swapped, digits[:at] + digits[at + 1 :], wrong))


def intercompany(lines: int, seed: int) -> Truth:
    """A's receivable from B against B's payable to A, with opposite signs, over half a year.

    Each numbers its own documents; A's invoice stands in B's text on 45 % of the lines, one in
    ten of them mistyped. B posts 0–8 days after A, in pesos of either country or dollars.
    """
    rng = random.Random(f"intercompany {seed}")
    book = Book(rng)
    seller, buyer = make_parties(rng, 1, "MX", 0)[0], make_parties(rng, 1, "CO", 0)[0]
    numbers, spare = numbering(rng, 20_000, lines)
    own = iter(range(801, 801 + 4 * lines + 100))
    middles = {"MXN": 42_000, "USD": 2_300, "COP": 9_000_000}
    fees = {
        money: [amount(rng, middle, 0) for _ in range(6 + lines // 150)]
        for money, middle in middles.items()
    }

    def money_of(entry: Entry) -> str:
        return ("MXN", "USD", "USD", "COP")[entry.topic % 4]

    def ours(entry: Entry) -> Line:
        text = f"{DEALINGS[entry.topic // 4][0]} {MONTHS[entry.day.month - 1].lower()}"
        reference, money = f"F-{entry.number}", money_of(entry)
        return Line(
            entry.day, entry.cents, reference, buyer.name, buyer.full_id, text, "1107-01", money
        )

    def theirs(entry: Entry) -> Line:
        text, digits = DEALINGS[entry.topic // 4][1], str(entry.number)
        if rng.random() < 0.45:
            digits = slipped(rng, digits) if rng.random() < 0.1 else digits
            text += rng.choice((" fra {}", " s/f F-{}", " F{}", " factura {}")).format(digits)
        day, money = later(entry.day, rng.randint(0, 8)), money_of(entry)
        reference = f"CXP-{next(own):05d}"
        return Line(
            day, -entry.cents, reference, seller.name, seller.tax_id, text, "2335.05", money
        )

    certain = []
    for number, day in zip(numbers, days(rng, date(2026, 1, 1), 181, lines), strict=True):
        entry = Entry(day, 0, buyer, number, rng.randrange(4 * len(DEALINGS)))
        money = money_of(entry)
        recurring = entry.topic // 4 in (1, 2) and rng.random() < 0.3
        cents = rng.choice(fees[money]) if recurring else amount(rng, middles[money], 0)
        entry = replace(entry, cents=-cents if rng.random() < 0.06 else cents)
        if rng.random() < 0.04:
            pieces = parts(rng, entry.cents, rng.randint(2, 3))
            split = [theirs(replace(entry, cents=piece)) for piece in pieces]
            book.group([ours(entry)], split, "split")
        else:
            book.group([ours(entry)], [theirs(entry)], "recurring" if recurring else "exact")
            certain.append(entry)
    book.left += [ours(one) for one in strays(rng, certain, [buyer], spare, 17, lines)]
    book.right += [theirs(one) for one in strays(rng, certain, [buyer], spare, 17, lines)]
    return book.truth(True, True)


def documents_by_uuid(lines: int, seed: int) -> Truth:
    """A quarter of the SAT's listing of received CFDIs against the purchase ledger.

    The listing has the UUID and the name in capitals. The ledger has the supplier's series and
    folio, and the UUID in the text of 70 % of the lines, of some only its first 8 or last 12
    signs. Subscriptions repeat their amount, credit notes are negative, some pay in parts.
    """
    rng = random.Random(f"documents_by_uuid {seed}")
    book = Book(rng)
    parties = make_parties(rng, party_count(lines), "MX", 0.3)
    series = {party: rng.choice(("A", "B", "FAC", "F", "FE-", "")) for party in parties}
    fees = [amount(rng, 600, 16, 0.7) for _ in range(9)]
    subscribed = {party: rng.choice(fees) for party in parties if rng.random() < 0.2}

    def uuid_of(entry: Entry) -> str:
        made = uuid.uuid5(uuid.NAMESPACE_OID, f"{seed} {entry.number}")
        return str(uuid.UUID(int=made.int, version=4))

    def listed(entry: Entry) -> Line:
        name, text = entry.party.name.upper(), "Egreso" if entry.cents < 0 else "Ingreso"
        return Line(
            entry.day, entry.cents, uuid_of(entry).upper(), name, entry.party.tax_id, f"{text} G03"
        )

    def bought(entry: Entry, note: str = "") -> Line:
        key = uuid_of(entry)
        shown = rng.choices(("", key, key[:8], key[-12:]), (30, 45, 13, 12))[0]
        word = "Nota de crédito" if entry.cents < 0 else rng.choice(("Compra", "Gasto", "Factura"))
        tax_id = entry.party.tax_id if rng.random() < 0.8 else ""
        reference = f"{series[entry.party]}{entry.number}"
        text = " ".join(filter(None, (word, note, shown)))
        day = later(entry.day, rng.choice((0, 0, 0, 1, 2, 5)))
        return Line(day, entry.cents, reference, entry.party.name, tax_id, text)

    numbers, spare = numbering(rng, 300, lines)
    certain = []
    for number, day in zip(numbers, days(rng, date(2026, 4, 1), 91, lines), strict=True):
        party = often(rng, parties)
        repeated = party in subscribed and rng.random() < 0.8
        cents = subscribed[party] if repeated else amount(rng, 2500, 16)
        credit = not repeated and rng.random() < 0.07
        entry = Entry(day, -cents if credit else cents, party, number)
        if not credit and rng.random() < 0.06:
            count = rng.randint(2, 4)
            paid = [
                bought(
                    replace(entry, cents=piece, day=later(day, 7 * at)), f"parc {at + 1}/{count}"
                )
                for at, piece in enumerate(parts(rng, cents, count))
            ]
            book.group([listed(entry)], paid, "split")
            continue
        kind = "credit" if credit else "recurring" if repeated else "exact"
        book.group([listed(entry)], [bought(entry)], kind)
        certain.append(entry)
    book.left += [
        listed(replace(one, number=next(spare)))  # the SAT gives no UUID twice
        for one in list(strays(rng, certain, parties, spare, 11, lines))
    ]
    book.right += [bought(one) for one in strays(rng, certain, parties, spare, 11, lines)]
    return book.truth(False, True)


def withholdings(lines: int, seed: int) -> Truth:
    """Two months of Colombian sales, gross with VAT, against what the clients paid.

    Half the clients withhold, each always the same shares of the base: retefuente 2.5 % or 4 %,
    reteICA 0.966 % or both. The invoice number stands in 60 % of the receipts. Whole pesos.
    """
    rng = random.Random(f"withholdings {seed}")
    book = Book(rng)
    parties = make_parties(rng, party_count(lines), "CO", 0.25)
    shares = ((2500,), (2500,), (4000,), (966,), (2500, 966), (4000, 966))
    habits = {party: rng.choice(shares) if rng.random() < 0.5 else () for party in parties}
    terms = {party: rng.choice((0, 1, 3, 8)) for party in parties}
    list_prices = [round(90_000 * rng.lognormvariate(0, 1)) for _ in range(15)]
    numbers, spare = numbering(rng, 5200, lines)
    receipts = iter(range(1, 4 * lines + 100))

    def sold(entry: Entry) -> Line:
        gross = 100 * (entry.cents + round(entry.cents * 0.19))
        party = entry.party
        text = f"Factura electrónica de venta {party.name}"
        tax_id = party.full_id if rng.random() < 0.8 else party.tax_id
        return Line(entry.day, gross, f"FEV-{entry.number}", party.name, tax_id, text, "130505")

    def paid(entry: Entry) -> Line:
        base, party = entry.cents, entry.party  # whole pesos before VAT
        kept = sum(round(base * share / 100_000) for share in habits[party])
        net = 100 * (base + round(base * 0.19) - kept)
        own = f"RC-{next(receipts):04d}"
        reference = f"FEV {entry.number}" if rng.random() < 0.6 else own
        day = later(entry.day, terms[party] + rng.randint(0, 4))
        tax_id = rng.choice((party.tax_id, party.tax_id, party.full_id, ""))
        text = rng.choice(("Recaudo cliente", "Transferencia", "Consignación Bancolombia", own))
        return Line(day, net, reference, plain(party.name), tax_id, text, "111005")

    certain = []
    for number, day in zip(numbers, days(rng, date(2026, 2, 1), 59, lines), strict=True):
        fixed = rng.random() < 0.25
        base = rng.choice(list_prices) if fixed else amount(rng, 1200, 0)
        entry = Entry(day, base, often(rng, parties), number)
        book.group([sold(entry)], [paid(entry)], "withheld" if habits[entry.party] else "equal")
        certain.append(entry)
    book.left += [sold(one) for one in strays(rng, certain, parties, spare, 25, lines)]
    book.right += [paid(one) for one in strays(rng, certain, parties, spare, 25, lines)]
    return book.truth(True, True)


# Voucher, Spanish and English words, both accounts; the first four are of monthly contracts.
VOUCHERS = (
    ("CE", "Arriendo oficina", "Office rent", "512010 Arrendamientos", "6100 Rent"),
    ("CE", "Leasing vehículo", "Vehicle lease", "512040 Leasing", "6120 Leases"),
    ("NO", "Nómina", "Payroll", "510506 Sueldos", "6000 Wages"),
    ("NO", "Nómina", "Salary", "510506 Sueldos", "6000 Wages"),
    ("CE", "Pago proveedor", "Supplier payment", "220505 Proveedores", "2000 Payables"),
    ("CI", "Recaudo cliente", "Customer receipt", "130505 Clientes", "1200 Receivables"),
    ("ND", "Gasto bancario", "Bank charges", "530505 Bancarios", "7100 Bank fees"),
    ("CE", "Honorarios", "Professional fees", "511025 Honorarios", "6300 Consulting"),
)


def ledger_year(rng: random.Random, lines: int, parties: list[Party]) -> list[Entry]:
    """A year's entries by day, 40 % of monthly contracts, each voucher numbered in its month."""
    wages = [round(amount(rng, 1500, 0, 0.5), -4) for _ in range(10)]
    staff = [party for party in parties if not party.name.endswith(".")]
    made = []
    for _ in range(lines * 4 // 10 // 12):
        topic, day = rng.randrange(4), rng.randint(1, 28)
        party = rng.choice(staff if topic > 1 else parties)
        cents = rng.choice(wages) if topic > 1 else amount(rng, 2000, 19)
        made += [Entry(date(2025, m, day), cents, party, 0, topic) for m in range(1, 13)]
    for day_ in days(rng, date(2025, 1, 1), 365, lines - len(made)):
        topic = rng.randrange(4, len(VOUCHERS))
        cents = amount(rng, 900, rng.choice((0, 19))) * (-1 if topic == 5 else 1)
        made.append(Entry(day_, cents, often(rng, parties), 0, topic))
    made.sort(key=lambda entry: entry.day)
    counts: Counter[tuple[str, int]] = Counter()
    numbered = []
    for entry in made:
        place = VOUCHERS[entry.topic][0], entry.day.month
        counts[place] += 1 + (rng.random() < 0.1)
        numbered.append(replace(entry, number=counts[place]))
    return numbered


def subsidiaries(lines: int, seed: int) -> Truth:
    """A group's ledger of one year as two subsidiaries copied it, one in Spanish, one in English.

    CE-00012 of the one is CE 12/ENE of the other, numbers starting again each month; the other
    leaves it out on 15 % of the lines, writes parties as initials, and has renamed accounts.
    """
    rng = random.Random(f"subsidiaries {seed}")
    book = Book(rng)
    parties = make_parties(rng, party_count(lines), "CO", 0.5)

    def spanish(entry: Entry) -> Line:
        kind, text, _, account, _ = VOUCHERS[entry.topic]
        name = entry.party.name
        text = f"{text} {MONTHS[entry.day.month - 1].lower()} {name}"
        tax_id = entry.party.tax_id if rng.random() < 0.6 else ""
        reference = f"{kind}-{entry.number:05d}"
        return Line(entry.day, entry.cents, reference, name, tax_id, text, account)

    def english(entry: Entry, shift: int = 0) -> Line:
        kind, _, text, _, account = VOUCHERS[entry.topic]
        known = rng.random() < 0.85
        reference = f"{kind} {entry.number}/{MONTHS[entry.day.month - 1]}" if known else ""
        text = f"{text} {entry.day:%m/%Y}" if rng.random() < 0.7 else text
        tax_id = entry.party.full_id if rng.random() < 0.4 else ""
        day = later(entry.day, shift)
        return Line(day, entry.cents, reference, entry.party.initials, tax_id, text, account)

    certain = []
    entries = ledger_year(rng, lines, parties)
    for entry in entries:
        fate = rng.random()
        if fate < 0.08:
            book.group([spanish(entry)], [english(entry, rng.randint(1, 3))], "shift")
        elif fate < 0.11 and entry.topic > 3:
            pieces = parts(rng, entry.cents, rng.randint(2, 3))
            split = [english(replace(entry, cents=piece)) for piece in pieces]
            book.group([spanish(entry)], split, "split")
        elif fate > 0.995:
            off = replace(entry, cents=entry.cents + rng.choice((-2, -1, 1, 2)))
            book.group([spanish(entry)], [english(off)], "cents")
        else:
            kind = "recurring" if entry.topic < 4 else "exact"
            book.group([spanish(entry)], [english(entry)], kind)
            certain.append(entry)
    top = max(entry.number for entry in entries)
    spare = iter(range(top + 1, top + lines + 100))
    book.left += [spanish(one) for one in strays(rng, certain, parties, spare, 4, lines)]
    book.right += [english(one) for one in strays(rng, certain, parties, spare, 4, lines)]
    return book.truth(True, False)


def rents(lines: int, seed: int) -> Truth:
    """A year of rents charged against what came in, about a tenant for every twelve lines.

    Charges read RENTA ENE 26 L-14, with the name of most tenants; payments have the name cut
    and without accents, with DEPTO 14 or nothing. Many rents are equal. Tenants pay the oldest
    month first, up to 20 days late, some two months at once; a few leave owing the last months.
    """
    rng = random.Random(f"rents {seed}")
    book = Book(rng)
    tenants = make_parties(rng, max(12, lines // 12), "MX", 0.85)
    prices = [rng.randint(9, 60) * 50_000 for _ in range(14)]
    cut = rng.randint(16, 22)

    def payment(day: date, cents: int, name: str, note: str) -> Line:
        short = plain(name)[:cut].strip()
        reference = f"{rng.randrange(10**6, 10**7)}" if rng.random() < 0.5 else ""
        return Line(day, cents, reference, short, "", f"{short} {note}".strip())

    def year(unit: int, tenant: Party) -> None:
        cents, due, named = rng.choice(prices), rng.choice((1, 1, 5, 15, 20)), rng.random() < 0.85
        noted = not named or rng.random() < 0.4
        late = 0.35 if rng.random() < 0.3 else 0.05
        name, tax_id = (tenant.name, tenant.tax_id) if named else ("", "")
        charges = [
            Line(date(2026, at + 1, due), cents, f"RENTA {month} 26 L-{unit}", name, tax_id, "")
            for at, month in enumerate(MONTHS)
        ]
        months = 12 - (rng.randint(1, 2) if rng.random() < 0.06 else 0)
        book.left.extend(charges[months:])
        at = 0
        while at < months:
            count = 2 if at + 1 < months and rng.random() < 0.03 else 1
            is_late = rng.random() < late
            wait = rng.randint(4, 20) if is_late else rng.randint(0, 3)
            paid_for = charges[at : at + count]
            day = later(rng.choice((paid_for[0], paid_for[-1])).day, wait)
            note = f"DEPTO {unit}" if noted else ""
            kind = "split" if count == 2 else "shift" if is_late else "recurring"
            book.group(paid_for, [payment(day, cents * count, tenant.name, note)], kind)
            at += count
        if months == 12 and rng.random() < 0.04:  # December paid twice
            book.right.append(payment(later(day, 2), cents, tenant.name, ""))
        if rng.random() < 0.3:  # a charge not paid yet
            extra = replace(charges[rng.randrange(12)], cents=cents // 10 + rng.randint(1, 9000))
            extra.reference = extra.reference.replace("RENTA", rng.choice(("AGUA", "MTTO")))
            book.left.append(extra)

    for unit, tenant in enumerate(tenants, 1):
        year(unit, tenant)
    for newcomer in make_parties(rng, max(2, lines // 50), "MX", 0.85):
        day = later(date(2026, 1, 2), rng.randrange(360))
        note = rng.choice(("DEPOSITO EN GARANTIA", "APARTADO", ""))
        book.right.append(payment(day, rng.choice(prices), newcomer.name, note))
    return book.truth(True, True)


WORLDS: dict[str, Callable[[int, int], Truth]] = {
    "two_erps": two_erps,
    "intercompany": intercompany,
    "documents_by_uuid": documents_by_uuid,
    "withholdings": withholdings,
    "subsidiaries": subsidiaries,
    "rents": rents,
}
