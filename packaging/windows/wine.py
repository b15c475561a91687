"""A Windows of our own for the check: a fresh Wine prefix, and what is run in it.

Wine's traps: output into a file kills Python, so everything goes through a pipe; services are
started before anything is measured; Qt's variables reach a program as ``WINEQT_…``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import cast

from assembling import COMPILER, HERE

FONTS = Path("/usr/share/fonts/truetype/dejavu")


def is_here() -> bool:
    return shutil.which("wine") is not None


@dataclass(frozen=True)
class Ran:
    code: int
    said: str
    seconds: float


@dataclass(frozen=True)
class Windows:
    """A prefix; ``environment`` is what programs in it get."""

    prefix: Path
    environment: Mapping[str, str]

    @classmethod
    def new(cls, prefix: Path, display: str = "") -> Windows:
        shutil.rmtree(prefix, ignore_errors=True)
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("QT_")},
            "WINEPREFIX": str(prefix),
            "WINEARCH": "win64",
            "WINEDEBUG": "-all",
            "WINEDLLOVERRIDES": "mscoree,mshtml=",
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
            "DISPLAY": display,
        }
        made = cls(prefix, environment)
        made.run("wineboot", "-i")
        made.run("winecfg", "-v", "win10")
        made._complete()
        return made

    def path(self, windows: str) -> Path:
        """A path of Windows, drive C, as this system has it."""
        return self.prefix / "drive_c" / windows.removeprefix("C:\\").replace("\\", "/")

    def start(self, *command: str, **environment: str) -> subprocess.Popen[bytes]:
        """Output through a pipe, into nothing."""
        return subprocess.Popen(
            ["wine", *command],
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def run(self, *command: str, limit: float = 300, **environment: str) -> Ran:
        """Run to the end, or for so many seconds."""
        began = time.monotonic()
        return self.finish(self.start(*command, **environment), limit, began)

    def finish(self, process: subprocess.Popen[bytes], limit: float, began: float = 0) -> Ran:
        """Wait for a process, and not for the end of its pipe: the services it started hold it
        too.
        """
        said: list[bytes] = []

        def read() -> None:
            pipe = cast("BufferedReader", process.stdout)
            said.extend(iter(pipe.read1, b""))

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        try:
            process.wait(timeout=limit)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        reader.join(timeout=1)
        text = b"".join(said).decode("utf-8", "replace")
        return Ran(process.returncode, text, time.monotonic() - began)

    def registry(self, key: str) -> bool:
        """Whether a key of the user is there."""
        return self.run("reg", "query", f"HKCU\\{key}").code == 0

    def stop(self) -> None:
        subprocess.run(["wineserver", "-k"], env=dict(self.environment), check=False)

    def _complete(self) -> None:
        """Fonts, and the libraries of Windows 10 that Wine lacks."""
        system = self.prefix / "drive_c" / "windows" / "system32"
        fonts = self.prefix / "drive_c" / "windows" / "Fonts"
        fonts.mkdir(exist_ok=True)
        for font in FONTS.glob("*.ttf"):
            shutil.copyfile(font, fonts / font.name)
        for name, option in (("icuuc", "-DICU"), ("bcryptprimitives", "-UICU")):
            library = str(system / f"{name}.dll")
            command = [COMPILER, "-shared", "-O2", option, "-o", library]
            subprocess.run([*command, str(HERE / "stand_ins.c"), "-ladvapi32"], check=True)
