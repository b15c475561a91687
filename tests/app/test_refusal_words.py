"""What targets say is told in the reader's language, with their own words beside."""

from __future__ import annotations

import pytest

from app.refusal_words import meaning, told
from app.telling import tell
from app.translation import set_language
from connectors.errors import Rejected

SEEN = {
    "The entry is not balanced.": "no cuadra",
    "El asiento no está balanceado.": "no cuadra",
    "The account archivada (690.99.48) is archived.": "archivada",
    "You cannot add/modify entries prior to and inclusive of: Global Lock Date (02/28/2026).": (
        "cerrado"
    ),
    "You are not allowed to create 'Journal Entry' (account.move) records.\n\nContact your"
    " administrator": "permiso",
    "Record does not exist or has been deleted.\n(Record: account.journal(999999,), User: 2)": (
        "no está en el destino"
    ),
    "Another model is using the record you are trying to delete.": "cuenta",
    "Missing required account on accountable line.": "no tiene cuenta",
    "The total debits must equal total credits.": "no cuadra",
    "The VAT number [X] for partner [ACME] does not seem to be valid.": "RFC o NIT",
    "The number already exists": "ya tiene",
}


@pytest.fixture(autouse=True)
def _spanish() -> object:
    set_language("es")
    yield
    set_language("en")


@pytest.mark.parametrize("words", SEEN)
def test_what_was_seen_of_vendors_is_said_in_spanish_with_their_words(words: str) -> None:
    assert SEEN[words] in meaning(words)
    shown = told(words)
    assert "\n" not in shown and " ".join(words.split()) in shown


def test_what_nobody_knows_stays_as_it_came() -> None:
    assert meaning("Quota of widgets exceeded") == ""
    assert told("Quota of\n widgets exceeded") == "Quota of widgets exceeded"
    assert told("") == ""


@pytest.mark.parametrize(
    "words",
    [
        "El token no es válido",
        "El código postal no es válido",
        "User account is locked",
        "The document is locked by another user",
        "The database does not exist",
    ],
)
def test_words_that_only_sound_alike_are_not_explained(words: str) -> None:
    assert meaning(words) == ""


def test_an_error_is_told_so_everywhere() -> None:
    said = tell(Rejected("The entry is not balanced."))
    assert "no cuadra" in said and "The entry is not balanced" in said
