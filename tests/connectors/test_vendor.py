"""What a person copies from the browser becomes the address of the API."""

from __future__ import annotations

import pytest

from connectors.systems import SYSTEMS


@pytest.mark.parametrize(
    ("system", "copied", "address"),
    [
        ("odoo", "https://erp.example/odoo/accounting", "https://erp.example"),
        ("odoo", "https://erp.example/web#action=12", "https://erp.example"),
        ("odoo", "https://erp.example/web/login?db=x", "https://erp.example"),
        ("odoo", "https://erp.example/odooapi", "https://erp.example/odooapi"),
        ("odoo", "https://erp.example", "https://erp.example"),
        ("sap_b1", "https://sap.example:50000/web", "https://sap.example:50000/web"),
    ],
)
def test_the_path_of_a_page_is_no_part_of_an_address(
    system: str, copied: str, address: str
) -> None:
    assert SYSTEMS[system].address(copied) == address
