"""Processes the harness needs: the target, and children that may be killed."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

LONGEST = 60.0


@contextmanager
def serving(database: Path, per_minute: int = 0) -> Iterator[str]:
    """A sandbox in a process of its own; answers its address."""
    command = [sys.executable, "-m", "tests.faults.target", str(database), str(per_minute)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.kill()


class Child:
    """A fork that runs ``work`` and ends; what it raises comes back as text, unless it is of
    ``expected``.
    """

    def __init__(
        self, work: Callable[[], object], expected: tuple[type[BaseException], ...]
    ) -> None:
        reading, writing = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(reading)
            status = 0
            try:
                work()
            except expected:
                status = 3
            except BaseException:
                os.write(writing, traceback.format_exc()[-3000:].encode())
                status = 4
            os._exit(status)
        os.close(writing)
        self._reading = reading

    def kill_after(self, seconds: float) -> None:
        time.sleep(seconds)
        self.kill()

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> list[str]:
        """What it said before it ended unexpectedly; a child that hangs is killed and said to."""
        ready, _, _ = select.select([self._reading], [], [], LONGEST)
        text = os.read(self._reading, 4000).decode() if ready else "did not end"
        if not ready:
            self.kill()
        os.close(self._reading)
        os.waitpid(self.pid, 0)
        return [text] if text else []
