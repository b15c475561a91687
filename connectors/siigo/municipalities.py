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
    "popayan": "19001",
    "valledupar": "20001",
    "monteria": "23001",
    "cajica": "25126",
    "chia": "25175",
    "facatativa": "25269",
    "funza": "25286",
    "fusagasuga": "25290",
    "girardot": "25307",
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
    "armenia": "63001",
    "san andres": "88001",
    "san jose del guaviare": "95001",
    "santiago de cali": "76001",
    "guadalajara de buga": "76111",
    "san jose de cucuta": "54001",
    "san juan de pasto": "52001",
    "florencia": "18001",
}
_OF_SEVERAL = {
    "mosquera": {"cundinamarca": "25473", "narino": "52473"},
    "rionegro": {"antioquia": "05615", "santander": "68615"},
    "armenia": {"quindio": "63001", "antioquia": "05059"},
    "florencia": {"caqueta": "18001", "cauca": "19290"},
}
"""Names of several municipalities, by department; where none is said only a capital is meant."""


def code_of(city: str, department: str = "") -> str:
    """The code of a municipality by its name, or the code itself; empty for one not known, or for
    one of several of that name where the department does not tell which.
    """
    if re.fullmatch(r"\d{5}", city.strip()):
        return city.strip()
    name = re.sub(r" d ?c$", "", _flat(city))
    if name in _OF_SEVERAL and department:
        return _OF_SEVERAL[name].get(_flat(department), "")
    return CODES.get(name, "")


def _flat(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(sign for sign in parts if not unicodedata.combining(sign))
    return re.sub(r"[^a-z]+", " ", letters).strip()
