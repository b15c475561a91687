from __future__ import annotations

import pytest

from importers.identity import (
    RFC_GENERIC,
    canonical_tax_id,
    is_person,
    is_rfc_form,
    is_uuid_form,
    nit_check_digit,
    normalise_tax_id,
    rfc_check_digit,
)

VALID = (
    "COSC8001137NA EKU9003173C9 PAP830101CR3 SAT970701NN3 GODE561231GR8 BBA830831LJ2 TME840315KT6"
    " XEXX010101000"
)


@pytest.mark.parametrize("rfc", VALID.split())
def test_real_rfcs_pass_form_and_digit(rfc: str) -> None:
    assert is_rfc_form(rfc)
    assert rfc_check_digit(rfc) == rfc[-1]


def test_the_public_rfc_is_known_although_its_digit_is_not() -> None:
    assert rfc_check_digit("XAXX010101000") == "4"
    assert "XAXX010101000" in RFC_GENERIC


@pytest.mark.parametrize("text", ["EKU9013993C9", "EKU900317", "123456789012", "EKU9002303C9", ""])
def test_what_is_no_rfc(text: str) -> None:
    assert not is_rfc_form(text)


@pytest.mark.parametrize(
    ("nit", "digit"),
    [("900373913", "4"), ("860002964", "4"), ("800197268", "4"), ("890903938", "8")],
)
def test_nit_check_digits(nit: str, digit: str) -> None:
    assert nit_check_digit(nit) == digit


def test_forms() -> None:
    assert normalise_tax_id(" eku-900317 3c9") == "EKU9003173C9"
    assert is_uuid_form("1b725b29-454E-5408-B240-A95DEEDA531F")
    assert not is_uuid_form("1b725b29-454E-5408-B240")


@pytest.mark.parametrize(
    ("said", "one"),
    [
        ("NIT 900.373.913-4", "900373913"),
        ("RFC: EKU9003173C9", "EKU9003173C9"),
        ("CC1020304050", "1020304050"),
        ("C.C. 52.123.456", "52123456"),
        ("CCO860523IN4", "CCO860523IN4"),
        ("CCAA800101AB1", "CCAA800101AB1"),
        ("RFC010101AB1", "RFC010101AB1"),
    ],
)
def test_a_label_before_a_number_is_no_part_of_it(said: str, one: str) -> None:
    assert canonical_tax_id(said) == one


@pytest.mark.parametrize(
    ("tax_id", "name", "person"),
    [
        ("CCO860523IN4", "Comercializadora", False),
        ("CCAA800101AB1", "Ana Castro", True),
        ("XAXX010101000", "Público en general", None),
        ("900373913-4", "Suministros", False),
        ("1020304050", "MARIA E.U. GOMEZ", True),
        ("52123456", "Ana S. A. Gomez", True),
        ("52123456", "Gómez y Cía. S. en C.", False),
        ("52123456", "Ferretería Núñez, S.A. de C.V.", False),
        ("52123456", "LA CASA LTDA.", False),
        ("", "Ana", None),
    ],
)
def test_who_is_a_person(tax_id: str, name: str, person: bool | None) -> None:
    assert is_person(tax_id, name) is person
