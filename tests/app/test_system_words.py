"""Errors of the system in words of the program, whatever language the system speaks."""

from __future__ import annotations

import errno
from collections.abc import Iterator

import pytest

from app.system_words import system_words
from app.translation import language, set_language


@pytest.fixture(autouse=True)
def _spanish() -> Iterator[None]:
    before = language()
    set_language("es")
    yield
    set_language(before)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EACCES, "Excel"),
        (errno.EPERM, "Excel"),
        (errno.ENOENT, "no existe"),
        (errno.ENOSPC, "lleno"),
        (errno.EADDRINUSE, "escucha"),
    ],
)
def test_what_went_wrong_and_what_to_do(number: int, words: str) -> None:
    assert words in system_words(OSError(number, "Permission denied", "x.xlsx"))


@pytest.mark.parametrize("code", [32, 33])
def test_a_file_another_program_holds_on_windows(code: int) -> None:
    error = OSError(errno.EINVAL, "The process cannot access the file")
    error.winerror = code  # type: ignore[attr-defined]  # as Windows has it
    assert "Excel" in system_words(error)


def test_something_rare_keeps_the_words_of_the_system() -> None:
    assert system_words(OSError(errno.EXDEV, "Invalid cross-device link")) == (
        "Invalid cross-device link"
    )
    assert system_words(OSError("no number")) == "no number"
