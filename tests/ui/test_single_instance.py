"""A second window on a home hands its files to the first."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from PySide6.QtNetwork import QLocalSocket
from pytestqt.qtbot import QtBot

from app.ui import single_instance
from app.ui.single_instance import FirstInstance, _name, hand_over


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(single_instance, "WAIT_MILLISECONDS", 1500)


HAND_OVER = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from app.ui.single_instance import hand_over
application = QCoreApplication([])
sys.exit(0 if hand_over(Path(sys.argv[1]), sys.argv[2:]) else 3)
"""


def handed(qtbot: QtBot, home: Path, paths: Sequence[str]) -> bool:
    """By another process."""
    ran = subprocess.Popen([sys.executable, "-c", HAND_OVER, str(home), *paths])
    qtbot.waitUntil(lambda: ran.poll() is not None, timeout=20_000)
    return ran.returncode == 0


def test_files_go_to_the_window_that_is_open(qtbot: QtBot, tmp_path: Path) -> None:
    parent = QObject()
    assert not hand_over(tmp_path / "A", ["x.txt"]), "nobody is there yet"
    first, got = FirstInstance(tmp_path / "A", parent), list[list[str]]()
    first.asked.connect(got.append)
    assert not handed(qtbot, tmp_path / "B", ["x.txt"]), "another home is another window"
    files = [str(tmp_path / "pólizas ñ.txt"), str(tmp_path / "dos.txt")]
    assert handed(qtbot, tmp_path / "A", files)
    assert handed(qtbot, tmp_path / "A", [])
    assert got == [files, []]
    first.close()
    assert not hand_over(tmp_path / "A", files)


def test_one_that_does_not_answer_has_not_taken_them(tmp_path: Path) -> None:
    """Its thread is at something else, or it is closing."""
    parent = QObject()
    first = FirstInstance(tmp_path, parent)
    assert not hand_over(tmp_path, ["x.txt"])
    first.close()


def test_a_second_one_does_not_take_the_place_of_the_first(qtbot: QtBot, tmp_path: Path) -> None:
    parent, got = QObject(), list[list[str]]()
    first = FirstInstance(tmp_path, parent)
    first.asked.connect(got.append)
    second = FirstInstance(tmp_path, parent)
    second.close()
    assert handed(qtbot, tmp_path, [str(tmp_path / "x.txt")])
    assert got == [[str(tmp_path / "x.txt")]]
    first.close()


def test_nonsense_on_the_line_is_left_alone(qtbot: QtBot, tmp_path: Path) -> None:
    parent = QObject()
    first, got = FirstInstance(tmp_path, parent), list[list[str]]()
    first.asked.connect(got.append)
    sockets = []
    for said in (b"", b"\xff\xfe\n", b"{}\n", b'["a", 1]\n', b'["half'):
        socket = QLocalSocket()
        socket.connectToServer(_name(tmp_path))
        assert socket.waitForConnected(2000)
        socket.write(said)
        socket.flush()
        sockets.append(socket)
    qtbot.waitUntil(lambda: bool(got), timeout=3000)
    qtbot.wait(100)
    assert got == [["a"]]
    first.close()
