"""One window a home: a second one hands its files to the first and ends."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

WAIT_MILLISECONDS = 2000
_MOST_BYTES = 1_000_000


class FirstInstance(QObject):
    """Listens for later ones; ``asked`` carries the files and folders they were given."""

    asked = Signal(list)

    def __init__(self, home: Path, parent: QObject) -> None:
        super().__init__(parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._greet)
        if not self._server.listen(_name(home)):
            QLocalServer.removeServer(_name(home))  # of one that was killed
            self._server.listen(_name(home))

    def close(self) -> None:
        self._server.close()

    def _greet(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.disconnected.connect(lambda socket=socket: self._read(socket))
            if socket.state() == QLocalSocket.LocalSocketState.UnconnectedState:
                self._read(socket)

    def _read(self, socket: QLocalSocket) -> None:
        said = bytes(socket.readAll().data())[:_MOST_BYTES]
        socket.deleteLater()
        if not said:
            return
        try:
            paths = json.loads(said)
        except ValueError:
            return
        if isinstance(paths, list):
            self.asked.emit([path for path in paths if isinstance(path, str)])


def hand_over(home: Path, paths: Sequence[str]) -> bool:
    """Give files to the window that is open on this home. False where there is none."""
    socket = QLocalSocket()
    socket.connectToServer(_name(home))
    if not socket.waitForConnected(WAIT_MILLISECONDS):
        return False
    texts = [str(Path(path).absolute()) for path in paths]
    socket.write(json.dumps(texts).encode())
    written = socket.waitForBytesWritten(WAIT_MILLISECONDS)
    socket.disconnectFromServer()
    return written


def _name(home: Path) -> str:
    return "cuadre-" + hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:24]
