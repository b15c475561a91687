"""Data shipped with Cuadre: report profiles, translations, icons, help, samples, catalogues.

Found the same way in a checkout, an installed wheel and a frozen bundle: beside this file.
"""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent


def path(*parts: str) -> Path:
    """Where a shipped file or folder lies."""
    return ROOT.joinpath(*parts)
