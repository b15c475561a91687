from __future__ import annotations

import pytest

from importers.identity import (
    RFC_GENERIC,
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
