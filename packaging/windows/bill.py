"""The bill of materials of the program folder: CycloneDX 1.5, what is in it, in which version,
under which licence, with the hash it was checked by.
"""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from collections.abc import Sequence
from email.parser import Parser
from pathlib import Path

PYTHON_VERSION = "3.11.9"


def bill(product_version: str, python: Path, wheels: Sequence[Path]) -> str:
    """As JSON, the same from the same parts."""
    parts = [_python(python), *(_wheel(wheel) for wheel in wheels)]
    return json.dumps(
        {
            "bomFormat": "CycloneDX",
            "specVersion": "1.5",
            "version": 1,
            "metadata": {
                "component": {
                    "type": "application",
                    "name": "cuadre",
                    "version": product_version,
                    "licenses": [{"license": {"id": "Apache-2.0"}}],
                }
            },
            "components": parts,
        },
        indent=1,
        ensure_ascii=False,
    )


def _python(archive: Path) -> dict[str, object]:
    return {
        "type": "framework",
        "name": "CPython",
        "version": PYTHON_VERSION,
        "licenses": [{"license": {"id": "Python-2.0"}}],
        "hashes": [_digest(archive)],
    }


def _wheel(wheel: Path) -> dict[str, object]:
    with zipfile.ZipFile(wheel) as opened:
        name = next(one for one in opened.namelist() if one.endswith(".dist-info/METADATA"))
        told = Parser().parsestr(opened.read(name).decode("utf-8"))
    normal = re.sub(r"[-_.]+", "-", str(told["Name"])).lower()
    return {
        "type": "library",
        "name": told["Name"],
        "version": told["Version"],
        "purl": f"pkg:pypi/{normal}@{told['Version']}",
        "licenses": [{"license": {"name": _licence(told)}}],
        "hashes": [_digest(wheel)],
    }


def _licence(told: object) -> str:
    """As the package says it: the expression, else the classifiers, else the first line of the
    text.
    """
    get, every = told.get, told.get_all  # type: ignore[attr-defined]
    if get("License-Expression"):
        return str(get("License-Expression"))
    found = [str(one) for one in every("Classifier", []) if one.startswith("License ::")]
    if found:
        return "; ".join(one.rpartition(" :: ")[2] for one in found)
    return str(get("License") or "unknown").splitlines()[0][:80]


def _digest(file: Path) -> dict[str, str]:
    return {"alg": "SHA-256", "content": hashlib.sha256(file.read_bytes()).hexdigest()}
