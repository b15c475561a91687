"""Keys of taxes as people say them."""

from __future__ import annotations

import pytest

from app.documents.fiscal.tax_words import tax_words


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("MX:IVA:T:0.160000@sale", "IVA 16 %, sales"),
        ("MX:IVA:T:0.000000@purchase", "IVA 0 %, purchases"),
        ("MX:IVA:T:exempt@sale", "IVA exempt, sales"),
        ("MX:IVA:R:0.106667@purchase", "IVA 10.6667 % withheld, purchases"),
        ("MX:ISR:R:0.012500@purchase", "ISR 1.25 % withheld, purchases"),
        ("MX:IEPS:q5.9195@purchase", "IEPS 5.9195 a unit, purchases"),
        ("MX:LOCAL:T:ISH:3.00@purchase", "ISH 3 %, purchases"),
        ("CO:01:T:19.00@sale", "IVA 19 %, sales"),
        ("CO:01:T:excluded@purchase", "IVA excluded, purchases"),
        ("CO:07:R:0.966@purchase", "ReteICA 0.966 % withheld, purchases"),
    ],
)
def test_a_key_is_said_as_people_say_it(source: str, words: str) -> None:
    assert tax_words(source) == words
