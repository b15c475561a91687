"""Codes of the DANE (Divipola, https://geoportal.dane.gov.co) for the capitals and the larger
municipalities of Colombia: two digits of the department, three of the municipality.
"""

from __future__ import annotations

import re
import unicodedata

CODES = {
    "medellin": "05001",
    "bello": "05088",
    "envigado": "05266",
    "itagui": "05360",
    "la estrella": "05380",
    "rionegro": "05615",
    "sabaneta": "05631",
    "barranquilla": "08001",
    "malambo": "08433",
    "soledad": "08758",
    "bogota": "11001",
    "cartagena": "13001",
    "cartagena de indias": "13001",
    "tunja": "15001",
    "duitama": "15238",
    "sogamoso": "15759",
    "manizales": "17001",
    "florencia": "18001",
    "popayan": "19001",
    "valledupar": "20001",
    "monteria": "23001",
    "cajica": "25126",
    "chia": "25175",
    "facatativa": "25269",
    "funza": "25286",
    "fusagasuga": "25290",
    "girardot": "25307",
    "mosquera": "25473",
    "soacha": "25754",
    "zipaquira": "25899",
    "quibdo": "27001",
    "neiva": "41001",
    "riohacha": "44001",
    "santa marta": "47001",
    "villavicencio": "50001",
    "pasto": "52001",
    "ipiales": "52356",
    "cucuta": "54001",
    "ocana": "54498",
    "pereira": "66001",
    "dosquebradas": "66170",
    "bucaramanga": "68001",
    "barrancabermeja": "68081",
    "floridablanca": "68276",
    "giron": "68307",
    "piedecuesta": "68547",
    "sincelejo": "70001",
    "ibague": "73001",
    "cali": "76001",
    "buenaventura": "76109",
    "buga": "76111",
    "cartago": "76147",
    "jamundi": "76364",
    "palmira": "76520",
    "tulua": "76834",
    "yumbo": "76892",
    "arauca": "81001",
    "yopal": "85001",
    "mocoa": "86001",
    "leticia": "91001",
    "inirida": "94001",
    "mitu": "97001",
    "puerto carreno": "99001",
}


def code_of(city: str) -> str:
    """The code of a municipality by its name, or the code itself; empty for one not known."""
    if re.fullmatch(r"\d{5}", city.strip()):
        return city.strip()
    flat = unicodedata.normalize("NFKD", city.casefold())
    letters = "".join(sign for sign in flat if not unicodedata.combining(sign))
    name = re.sub(r"[^a-z]+", " ", letters).strip()
    return CODES.get(re.sub(r" d c$", "", name), "")
