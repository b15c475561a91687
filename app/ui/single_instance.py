"""One window a home: a second one hands its files to the first and ends."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

WAIT_MILLISECONDS = 5000
_TAKEN = b"taken\n"
_MOST_BYTES = 1_000_000


class FirstInstance(QObject):
    """Listens for later ones; ``asked`` carries the files and folders they were given."""

    asked = Signal(list)

    def __init__(self, home: Path, parent: QObject) -> None:
        super().__init__(parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._greet)
        if not _is_there(home):  # a server takes the place of another without a word
            QLocalServer.removeServer(_name(home))  # of one that was killed
            self._server.listen(_name(home))

    def close(self) -> None:
        self._server.close()

    def _greet(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.readyRead.connect(lambda socket=socket: self._read(socket))
            socket.disconnected.connect(socket.deleteLater)
            if socket.bytesAvailable():
                self._read(socket)

    def _read(self, socket: QLocalSocket) -> None:
        """A line with the paths; it is answered once they are taken, so that who is closing takes
        none.
        """
        if not socket.canReadLine():
            if socket.bytesAvailable() > _MOST_BYTES:
                socket.abort()
            return
        try:
            paths = json.loads(bytes(socket.readLine().data()))
        except ValueError:
            socket.abort()
            return
        if isinstance(paths, list):
            socket.write(_TAKEN)
            socket.flush()
            self.asked.emit([path for path in paths if isinstance(path, str)])


def hand_over(home: Path, paths: Sequence[str]) -> bool:
    """Give files to the window that is open on this home. False where there is none, or it does not
    answer.
    """
    socket = QLocalSocket()
    socket.connectToServer(_name(home))
    if not socket.waitForConnected(WAIT_MILLISECONDS):
        return False
    texts = [str(Path(path).absolute()) for path in paths]
    socket.write(json.dumps(texts).encode() + b"\n")
    socket.flush()
    is_taken = socket.waitForReadyRead(WAIT_MILLISECONDS)
    socket.disconnectFromServer()
    return is_taken


def _is_there(home: Path) -> bool:
    """Whether somebody listens."""
    socket = QLocalSocket()
    socket.connectToServer(_name(home))
    found = socket.waitForConnected(WAIT_MILLISECONDS)
    socket.abort()
    return found


def _name(home: Path) -> str:
    return "cuadre-" + hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:24]
