"""The colours of states stay apart for every kind of colour vision, and text on them stays
legible.
"""

from __future__ import annotations

import itertools
import math

import pytest

from app.ui.theme import DARK, LIGHT

MACHADO = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deutan": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritan": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
STATES = ("only_left", "only_right", "different")


def linear(code: str) -> list[float]:
    values = [int(code[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    return [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in values
    ]


def luminance(code: str) -> float:
    return sum(
        weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear(code), strict=True)
    )


def lab(code: str, vision: str) -> tuple[float, float, float]:
    rgb = linear(code)
    seen = [
        min(max(sum(a * b for a, b in zip(row, rgb, strict=True)), 0), 1) for row in MACHADO[vision]
    ]
    matrix = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    x, y, z = (sum(a * b for a, b in zip(row, seen, strict=True)) for row in matrix)

    def curve(value: float) -> float:
        return value ** (1 / 3) if value > 0.008856 else 7.787 * value + 16 / 116

    fx, fy, fz = curve(x / 0.9505), curve(y), curve(z / 1.089)
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


@pytest.mark.parametrize("vision", MACHADO)
@pytest.mark.parametrize(
    ("theme", "background"), [(LIGHT, "#ffffff"), (DARK, "#1f1f1f")], ids=["light", "dark"]
)
def test_states_are_told_apart(theme: dict[str, str], background: str, vision: str) -> None:
    colours = [background, *(theme[name] for name in STATES)]
    for one, other in itertools.combinations(colours, 2):
        assert math.dist(lab(one, vision), lab(other, vision)) >= 14, (one, other)


@pytest.mark.parametrize(
    ("theme", "text"), [(LIGHT, "#000000"), (DARK, "#f2f2f2")], ids=["light", "dark"]
)
def test_text_on_every_state_is_legible(theme: dict[str, str], text: str) -> None:
    for name in (*STATES, "suggested", "error", "warning"):
        light, dark = sorted((luminance(theme[name]), luminance(text)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, name


PAIRS = (
    ("ink", "card"),
    ("ink", "ground"),
    ("ink", "hover"),
    ("ink", "tint"),
    ("muted", "card"),
    ("muted", "ground"),
    ("muted", "hover"),
    ("on_accent", "accent"),
    ("on_accent", "pressed"),
    ("rail_ink", "rail"),
    ("rail_ink", "rail_at"),
    ("count", "rail"),
    ("count", "rail_at"),
    ("good", "card"),
    ("bad", "card"),
    ("attention", "card"),
    ("accent", "card"),
)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_every_text_of_the_window_is_legible(theme: dict[str, str], text: str, ground: str) -> None:
    light, dark = sorted((luminance(theme[text]), luminance(theme[ground])), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5
