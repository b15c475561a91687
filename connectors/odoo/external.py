"""External ids: the unique names under which ``load()`` makes a record once."""

from __future__ import annotations

import hashlib
import re


def external_id(reference: str) -> str:
    """The external id of a reference: legible, without blanks or dots, and never equal for two
    references.
    """
    legible = re.sub(r"[^A-Za-z0-9_-]", "_", reference)
    digest = hashlib.sha256(reference.encode()).hexdigest()[:12]
    return f"__cuadre__.{legible[:80]}_{digest}"
