"""How often the decoded text is exactly right: Cuadre, chardet and charset-normalizer on the same
files.

Files are made from accounting vocabulary that the detector's weights were not tuned on word by
word, in nine encodings, three sizes, three densities of accents and three kinds of case, seeded. A
label does not count; the text does: latin-1 read as cp1252 is right where the text is the same. Run
with::

    .venv/bin/python -m tests.benchmarks.encoding_accuracy [--files N] [--seed S]
"""

from __future__ import annotations

import argparse
import random
import time
from collections import defaultdict
from collections.abc import Callable

from importers.encoding import detect

PLAIN = [
    "Pago factura",
    "Cobro cliente",
    "Transferencia SPEI",
    "Compra de mercancia",
    "Renta oficina",
    "Cheque",
    "Deposito",
    "Traspaso",
    "Honorarios",
    "Impuestos por pagar",
    "Cuenta por cobrar",
    "Gasto de viaje",
    "Proveedor nacional",
    "Ajuste",
    "Cierre del mes",
    "Banco",
    "Caja",
    "Activo fijo",
    "Anticipo",
    "Reembolso",
    "Ventas netas",
    "Costo de ventas",
    "Intereses",
    "Servicio de agua",
]
ACCENTED = [
    "Nómina quincenal",
    "Depreciación del año",
    "Comisión bancaria",
    "Póliza número 7",
    "Artículos de papelería",
    "Retención de IVA",
    "Señor Peña Núñez",
    "Compañía Azucarera",
    "Teléfono e Internet",
    "Crédito fiscal",
    "Débito automático",
    "Período de gracia",
    "Cuauhtémoc Ávila",
    "Ingeniería y Diseño",
    "Útiles de oficina",
    "Año 2026",
    "Bogotá D.C.",
    "Medellín",
    "Pingüino S.A.",
    "Muñoz e Hijos",
    "Éxito Comercial",
    "Óptica Visión",
    "Índice de precios",
    "Ámbar Joyería",
    "Niño Perdido",
    "Cañería y tubería",
    "Préstamo a socios",
    "Liquidación de prestaciones",
    "Amortización",
    "Provisión de cesantías",
    "Garantía técnica",
    "Año fiscal",
    "Logística Ñandú",
    "Reparación de vehículos",
    "Energía eléctrica",
    "Acueducto de Cúcuta",
    "Quindío",
    "Ibagué",
    "Cádiz",
    "Michoacán",
    "Querétaro",
    "Mérida",
]
ENCODINGS = (
    "cp1252",
    "latin-1",
    "cp850",
    "cp437",
    "cp858",
    "mac_roman",
    "utf-8",
    "utf-8-sig",
    "utf-16-le",
)
SIZES = {"200 B": 200, "2 kB": 2_000, "20 kB": 20_000}
DENSITIES = {"one accent": 0.0, "few": 0.08, "many": 0.6}
CASES: dict[str, Callable[[str], str]] = {"natural": str, "UPPER": str.upper, "lower": str.lower}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=4, help="files for each combination")
    parser.add_argument("--seed", type=int, default=2026)
    arguments = parser.parse_args()
    detectors = {"Cuadre": cuadre, **others()}
    right: dict[str, dict[str, list[bool]]] = {name: defaultdict(list) for name in detectors}
    spent = dict.fromkeys(detectors, 0.0)
    chance = random.Random(arguments.seed)
    misses: list[str] = []
    for labels, text, data in corpus(chance, arguments.files):
        for name, decode in detectors.items():
            begun = time.perf_counter()
            good = decode(data) == text
            spent[name] += time.perf_counter() - begun
            for label in (*labels, "all"):
                right[name][label].append(good)
            if name == "Cuadre" and not good:
                found = detect(data)
                misses.append(f"  {' / '.join(labels)}: {found.encoding} {found.confidence}")
    report(right, spent, misses)


def corpus(chance: random.Random, files: int) -> list[tuple[tuple[str, ...], str, bytes]]:
    """(labels, text, bytes) of every combination; texts an encoding cannot write are left out."""
    found = []
    for encoding in ENCODINGS:
        for size_name, size in SIZES.items():
            for density_name, density in DENSITIES.items():
                for case_name, change in CASES.items():
                    for _ in range(files):
                        text = change(document(chance, size, density))
                        try:
                            data = text.encode(encoding)
                        except UnicodeEncodeError:
                            continue
                        found.append(((encoding, size_name, density_name, case_name), text, data))
    return found


def document(chance: random.Random, size: int, density: float) -> str:
    """Lines of a ledger; at density 0 exactly one phrase of the whole text has accents."""
    lines: list[str] = []
    length = 0
    while length < size:
        phrase = chance.choice(ACCENTED if chance.random() < density else PLAIN)
        day, amount = chance.randint(1, 28), chance.randint(1, 10**6) / 100
        account = f"{chance.randint(100, 999)}-{chance.randint(1, 99):02}"
        line = f"{day:02}/01/2026;{account};{phrase};{amount:.2f}"
        lines.append(line)
        length += len(line) + 2
    if not density:
        place = chance.randrange(len(lines))
        parts = lines[place].split(";")
        parts[2] = chance.choice(ACCENTED)
        lines[place] = ";".join(parts)
    return "\r\n".join(lines) + "\r\n"


def cuadre(data: bytes) -> str:
    return data.decode(detect(data).encoding, "replace").lstrip("\ufeff")


def others() -> dict[str, Callable[[bytes], str]]:
    import chardet
    import charset_normalizer

    pages = [
        "utf-8",
        "utf-16-le",
        "windows-1252",
        "iso-8859-1",
        "cp850",
        "cp437",
        "cp858",
        "macroman",
        "ascii",
    ]

    def by_name(name: str | None, data: bytes) -> str:
        try:
            return data.decode(name or "ascii", "replace").lstrip("\ufeff")
        except LookupError:
            return ""

    def chardet_default(data: bytes) -> str:
        return by_name(chardet.detect(data)["encoding"], data)

    def chardet_restricted(data: bytes) -> str:
        found = chardet.detect(
            data, include_encodings=pages, prefer_superset=True, max_bytes=len(data)
        )
        return by_name(found["encoding"], data)

    def normalizer(data: bytes) -> str:
        best = charset_normalizer.from_bytes(data).best()
        return by_name(best.encoding if best else None, data)

    def normalizer_isolated(data: bytes) -> str:
        names = ["utf_8", "utf_16_le", "cp1252", "cp850", "cp437", "cp858", "mac_roman", "ascii"]
        best = charset_normalizer.from_bytes(data, cp_isolation=names).best()
        return by_name(best.encoding if best else None, data)

    return {
        "chardet": chardet_default,
        "chardet, our pages": chardet_restricted,
        "charset-normalizer": normalizer,
        "c-n, our pages": normalizer_isolated,
    }


def report(
    right: dict[str, dict[str, list[bool]]], spent: dict[str, float], misses: list[str]
) -> None:
    names = list(right)
    print(
        f"{'% of files whose text is exactly right':<40}" + "".join(f"{name:>20}" for name in names)
    )
    for label in right["Cuadre"]:
        count = len(right["Cuadre"][label])
        shares = "".join(f"{100 * sum(right[name][label]) / count:>20.2f}" for name in names)
        print(f"{label + f' ({count})':<40}{shares}")
    print(f"{'seconds in all':<40}" + "".join(f"{spent[name]:>20.2f}" for name in names))
    if misses:
        print("Cuadre's misses:")
        print("\n".join(misses[:40]))


if __name__ == "__main__":
    main()
