"""The program folder: CPython, trimmed wheels, the product and its launchers, the same byte for
byte from the same sources.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from trimming import QT_MODULES, TEST_MODULES, is_kept

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PRODUCT = ("app", "importers", "connectors", "resources", "LICENSE")
TESTS = ("tests", "pyproject.toml", "packaging", "README.md")
STAMP = 1767225600
"""The date of every file, 2026-01-01 UTC: a build does not depend on when it is made."""
COMPILER = "x86_64-w64-mingw32-gcc"
RESOURCES = "x86_64-w64-mingw32-windres"
LAUNCHERS = {
    "cuadre": (),
    "cuadre-gui": ("-DWINDOW", "-mwindows"),
    "cuadrew": ("-DQUIET", "-mwindows"),
}
_SEARCHED_BY_SOURCE = frozenset({"apprise"})
"""Look for their own plug-ins as ``*.py``."""
_IN_DATA = re.compile(r"[^/]+\.data/(purelib|platlib)/(.*)")
_NOT_OF_PYTHON = frozenset({"_msi.pyd", "python.cat", "pythonw.exe"})


def version() -> str:
    """That of the product."""
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    found = re.search(r'^version = "(.*)"', text, re.MULTILINE)
    assert found is not None
    return found[1]


def assemble(python: Path, wheels: Sequence[Path], out: Path, suite: bool = False) -> Counter[str]:
    """Make the folder anew; answers the bytes of each part. With ``suite`` the tests and what they
    need are in it too.
    """
    shutil.rmtree(out, ignore_errors=True)
    runtime, library, product = out / "runtime", out / "lib", out / "app"
    for folder in (runtime, library, product):
        folder.mkdir(parents=True)
    sizes: Counter[str] = Counter()
    sizes["CPython"] = _python(python, runtime)
    modules = QT_MODULES | TEST_MODULES if suite else QT_MODULES
    for wheel in wheels:
        sizes[wheel.name.split("-")[0]] += _unpack(wheel, library, modules)
    for name in _listed([*PRODUCT, *(TESTS if suite else ())]):
        file = product / name
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, file)
        sizes["cuadre"] += file.stat().st_size
    _describe(library)
    launchers(out)
    _compile(library, product)
    _list(out)
    for path in (*out.rglob("*"), out):
        os.utime(path, (STAMP, STAMP))
    return sizes


def launchers(out: Path) -> None:
    """The three programs, each with icon, version and manifest."""
    number = version()
    made = out.parent / "launchers"
    made.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(ROOT / "resources" / "icons" / "cuadre.ico", made / "cuadre.ico")
    for name in ("cuadre.rc", "cuadre.manifest"):
        shutil.copyfile(HERE / name, made / name)
    numbers = ",".join([*number.split("."), "0", "0", "0"][:4])
    words = (f"-DVERSION_NUMBERS={numbers}", f'-DVERSION_TEXT=\\"{number}\\"')
    _run([RESOURCES, *words, "-O", "coff", "cuadre.rc", "cuadre.res"], made)
    options = ("-O2", "-s", "-municode", "-Wall", "-Wl,--no-insert-timestamp")
    for name, own in LAUNCHERS.items():
        source = [str(HERE / "launcher.c"), "cuadre.res", "-o", str(out.resolve() / f"{name}.exe")]
        _run([COMPILER, *options, *own, *source], made)


def _python(archive: Path, runtime: Path) -> int:
    size = 0
    with zipfile.ZipFile(archive) as opened:
        for info in opened.infolist():
            name = info.filename.rpartition("/")[2]
            if name and name not in _NOT_OF_PYTHON:
                (runtime / name).write_bytes(opened.read(info))
                size += info.file_size
    paths = ("python311.zip", ".", "..\\lib", "..\\app")
    (runtime / "python311._pth").write_bytes("".join(f"{one}\r\n" for one in paths).encode())
    return size


def _unpack(wheel: Path, library: Path, modules: frozenset[str]) -> int:
    size = 0
    with zipfile.ZipFile(wheel) as opened:
        for info in sorted(opened.infolist(), key=lambda one: one.filename):
            inside = _IN_DATA.match(info.filename)
            name = inside[2] if inside else info.filename
            if is_kept(name, modules):
                file = library / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(opened.read(info))
                size += info.file_size
    return size


def _listed(names: Iterable[str]) -> list[str]:
    """What of the sources is kept by git, and what was made of them: compiled translations."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", *names]
    found = subprocess.run(command, capture_output=True, check=True).stdout.decode().split("\0")
    return [name for name in found if name and (ROOT / name).is_file()]


def _describe(library: Path) -> None:
    """So that the product finds its own version."""
    folder = library / f"cuadre-{version()}.dist-info"
    folder.mkdir()
    text = f"Metadata-Version: 2.1\nName: cuadre\nVersion: {version()}\n"
    (folder / "METADATA").write_text(text, "utf-8", newline="\n")


def _compile(library: Path, product: Path) -> None:
    """Byte code: beside each source of the product, instead of the sources of others. The program
    starts in two thirds of the time, and writes nothing into its folder. Only this version's Python
    makes what that of the folder reads.
    """
    if sys.version_info[:2] != (3, 11):
        raise SystemExit("The program folder is built with Python 3.11.")
    command = [sys.executable, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"]
    command += ["-s", str(library.parent), "-p", ""]
    # The same code in the same order makes the same bytes only without interned leftovers.
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    for own, folder in ((["-b"], library), ([], product)):
        subprocess.run(
            [*command, *own, str(folder)],
            stdout=subprocess.DEVNULL,
            env=environment,
            check=False,
        )
    for source in library.rglob("*.py"):
        is_searched = source.relative_to(library).parts[0] in _SEARCHED_BY_SOURCE
        if is_searched:
            source.with_suffix(".pyc").unlink(missing_ok=True)
        elif source.with_suffix(".pyc").is_file():
            source.unlink()


def _list(out: Path) -> None:
    """What the uninstaller deletes, and nothing else (UTF-16, as NSIS reads it)."""
    files = sorted(path.relative_to(out) for path in out.rglob("*") if path.is_file())
    folders = sorted((one.relative_to(out) for one in out.rglob("*") if one.is_dir()), reverse=True)
    for name, paths in (("files.txt", files), ("folders.txt", folders)):
        lines = "".join(str(path).replace("/", "\\") + "\r\n" for path in paths)
        (out / name).write_bytes(lines.encode("utf-16-le"))


def _run(command: Sequence[str], folder: Path) -> None:
    subprocess.run(command, cwd=folder, check=True)
