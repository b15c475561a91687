#!/usr/bin/env python3
"""The two commands a fresh machine needs: ``dev.py demo`` and ``dev.py test``; ``dev.py windows``
makes the installers.

Standard library only, for Linux, Windows and macOS. Makes ``.venv`` beside ``pyproject.toml``,
installs the locked and hashed dependencies, checks the system libraries Qt needs on Linux, then
runs. When nothing changed since the last run it starts at once.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCK = ROOT / "packaging" / "requirements.txt"
STAMP = VENV / ".installed"
WINDOWS = sys.platform == "win32"
PYTHON = VENV / ("Scripts/python.exe" if WINDOWS else "bin/python")

WORKERS = "3"
"""On two cores: about half of the time the tests wait, for a disk, a time-out, another process."""
APT = ("apt-get", "-o", "DPkg::Lock::Timeout=300")
"""Waits for another that installs."""
QT_PACKAGES = """
libegl1 libgl1 libopengl0 libxkbcommon0 libxkbcommon-x11-0 libdbus-1-3 libfontconfig1 libglib2.0-0
libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0
libxcb-shape0 libxcb-xinerama0 libxcb-xkb1 libxcb-render0 fonts-dejavu-core
""".split()  # noqa: SIM905


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=("demo", "test", "windows", "install", "lock"))
    text = "passed on: to cuadre demo, to pytest, or to packaging/windows/build.py"
    parser.add_argument("rest", nargs=argparse.REMAINDER, help=text)
    arguments = parser.parse_args()
    if arguments.command == "lock":
        return lock()
    install()
    ensure_qt_libraries()
    if arguments.command == "demo":
        return run([PYTHON, "-m", "app", "demo", *arguments.rest])
    if arguments.command == "windows":
        return run([PYTHON, "packaging/windows/build.py", *arguments.rest])
    if arguments.command == "test":
        ensure_postgresql()
        return test(arguments.rest)
    return 0


def test(pytest_arguments: list[str]) -> int:
    """Every check in order of cost; all run, so that one failure does not hide the next."""
    python = str(PYTHON)
    checks = (
        ("ruff check", [python, "-m", "ruff", "check", "."]),
        ("ruff format", [python, "-m", "ruff", "format", "--check", "."]),
        ("mypy", [python, "-m", "mypy"]),
        (
            "import-linter",
            [python, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
        ),
        ("translations", [python, "packaging/translations.py", "check"]),
        ("formats", [python, "packaging/formats.py", "check"]),
        ("pytest", [python, "-m", "pytest", *(pytest_arguments or ["-n", WORKERS])]),
    )
    failed = []
    for name, command in checks:
        print(f"== {name}", flush=True)
        if run(command, QT_QPA_PLATFORM="offscreen") != 0:
            failed.append(name)
    if failed:
        print("FAILED: " + ", ".join(failed), flush=True)
    return 1 if failed else 0


def install() -> None:
    """Bring ``.venv`` to the state of the lock file; a no-op when it already is."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this script is what an older Python meets first
        sys.exit("Cuadre needs Python 3.11 or newer; this is " + sys.version.split()[0])
    wanted = hashlib.sha256(
        LOCK.read_bytes() + (ROOT / "pyproject.toml").read_bytes() + sys.version.encode()
    ).hexdigest()
    if PYTHON.exists() and STAMP.exists() and STAMP.read_text() == wanted:
        return
    print("Preparing .venv (once; later runs start at once) …", flush=True)
    if not PYTHON.exists():
        run_or_exit([sys.executable, "-m", "venv", VENV])
    pip = [PYTHON, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    run_or_exit([*pip, "--require-hashes", "-r", LOCK])
    run_or_exit([*pip, "--no-deps", "--no-build-isolation", "-e", ROOT])
    STAMP.write_text(wanted)


def lock() -> int:
    """Write the lock files anew from ``pyproject.toml`` with uv (for maintainers; needs uv on the
    path): that of development, that of what Windows users get, and that of the suite there, all of
    the same versions.
    """
    uv = shutil.which("uv")
    if uv is None:
        sys.exit("uv is not on the path")
    shared = ["--python-version", "3.11", "--generate-hashes", "--no-annotate", "--no-header"]
    source = ROOT / "pyproject.toml"
    windows = [*shared, "--python-platform", "x86_64-pc-windows-msvc", "-c", LOCK]
    folder = ROOT / "packaging" / "windows"
    for options, target in (
        (["--universal", "--extra", "dev", *shared], LOCK),
        (windows, folder / "requirements.txt"),
        (["--extra", "dev", *windows], folder / "requirements-suite.txt"),
    ):
        if code := run([uv, "pip", "compile", *options, source, "-o", target]):
            return code
    return 0


def ensure_qt_libraries() -> None:
    """On Linux, install (as root) or name the packages without which Qt cannot open a window or
    draw text.
    """
    if not sys.platform.startswith("linux") or not missing_qt_libraries():
        return
    command = [*APT, "install", "-y", "--no-install-recommends", *QT_PACKAGES]
    if shutil.which("apt-get") is None:
        sys.exit("Qt needs these system libraries: " + ", ".join(missing_qt_libraries()))
    if os.geteuid() != 0:
        sys.exit("Qt needs system libraries. Run:\n  sudo " + " ".join(command))
    print("Installing the system libraries Qt needs …", flush=True)
    environment = {"DEBIAN_FRONTEND": "noninteractive"}
    run([*APT, "update", "-qq"], **environment)
    if run([*command, "-qq"], quiet=True, **environment) != 0:
        sys.exit("Could not install the system libraries; run:\n  " + " ".join(command))


def ensure_postgresql() -> None:
    """The shared journal is tested against a real PostgreSQL; installed when root, else those tests
    are skipped.
    """
    here = any(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or shutil.which("initdb")
    if (
        not here
        and sys.platform.startswith("linux")
        and shutil.which("apt-get")
        and os.geteuid() == 0
    ):
        print("Installing PostgreSQL for the tests of the shared journal …", flush=True)
        environment = {"DEBIAN_FRONTEND": "noninteractive"}
        run([*APT, "update", "-qq"], **environment)
        run(
            [*APT, "install", "-y", "-qq", "--no-install-recommends", "postgresql"],
            quiet=True,
            **environment,
        )


def missing_qt_libraries() -> list[str]:
    """Names of shared libraries the Qt wheels link to and this machine lacks, plus "fonts" when
    there is none.
    """
    found = subprocess.run(
        [
            PYTHON,
            "-c",
            (
                "import importlib.util as u;"
                " print(u.find_spec('PySide6').submodule_search_locations[0])"
            ),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    qt = Path(found.stdout.strip()) / "Qt"
    names = ("libQt6Core.so.6", "libQt6Gui.so.6", "libQt6Widgets.so.6", "libQt6DBus.so.6")
    files = [qt / "lib" / name for name in names]
    files += [qt / "plugins" / "platforms" / name for name in ("libqxcb.so", "libqoffscreen.so")]
    missing: set[str] = set()
    for file in files:
        answer = subprocess.run(
            ["ldd", str(file)], capture_output=True, text=True, check=False
        ).stdout
        missing |= {line.split()[0] for line in answer.splitlines() if "not found" in line}
    fonts = [Path("/usr/share/fonts"), Path.home() / ".fonts", Path("/usr/local/share/fonts")]
    if not any(next(folder.rglob("*.[to]tf"), None) for folder in fonts if folder.is_dir()):
        missing.add("fonts")
    return sorted(missing)


def run(command: list[object], quiet: bool = False, **environment: str) -> int:
    output = subprocess.DEVNULL if quiet else None
    return subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=output,
        check=False,
    ).returncode


def run_or_exit(command: list[object]) -> None:
    code = run(command)
    if code != 0:
        sys.exit(code)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
