"""A second window on a home hands its files to the first."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtNetwork import QLocalSocket
from pytestqt.qtbot import QtBot

from app.ui.single_instance import FirstInstance, _name, hand_over


def test_files_go_to_the_window_that_is_open(qtbot: QtBot, tmp_path: Path) -> None:
    parent = QObject()
    assert not hand_over(tmp_path / "A", ["x.txt"]), "nobody is there yet"
    first, got = FirstInstance(tmp_path / "A", parent), list[list[str]]()
    first.asked.connect(got.append)
    assert not hand_over(tmp_path / "B", ["x.txt"]), "another home is another window"
    files = [str(tmp_path / "pólizas ñ.txt"), str(tmp_path / "dos.txt")]
    assert hand_over(tmp_path / "A", files)
    qtbot.waitUntil(lambda: got == [files], timeout=3000)
    assert hand_over(tmp_path / "A", [])
    qtbot.waitUntil(lambda: got == [files, []], timeout=3000)
    first.close()
    assert not hand_over(tmp_path / "A", files)


def test_nonsense_on_the_line_is_left_alone(qtbot: QtBot, tmp_path: Path) -> None:
    parent = QObject()
    first, got = FirstInstance(tmp_path, parent), list[list[str]]()
    first.asked.connect(got.append)
    for said in (b"", b"\xff\xfe", b"{}", b'["a", 1]'):
        socket = QLocalSocket()
        socket.connectToServer(_name(tmp_path))
        assert socket.waitForConnected(2000)
        if said:
            socket.write(said)
            socket.waitForBytesWritten(2000)
        socket.disconnectFromServer()
    qtbot.waitUntil(lambda: bool(got), timeout=3000)
    qtbot.wait(100)
    assert got == [["a"]]
    first.close()
