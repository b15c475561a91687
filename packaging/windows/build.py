#!/usr/bin/env python3
"""Makes Cuadre for Windows, on Linux: ``python3 packaging/dev.py windows``.

    dist/windows/CuadreSetup-<version>.exe      for one user, without an administrator
    dist/windows/Cuadre-<version>-portable.zip  data beside the program
    dist/windows/Cuadre-<version>.msi           for IT departments (GPO, Intune)
    dist/windows/Cuadre-<version>.cdx.json      what is in it (CycloneDX)
    dist/windows/SHA256SUMS

``--check`` then proves it under Wine; ``--suite`` runs the product's tests with Windows Python;
``--sign CERTIFICATE KEY`` signs what is made, with osslsigncode.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import checking
import fetching
import suite
from assembling import HERE, ROOT, STAMP, assemble, version
from bill import bill
from msi import package

BUILD = ROOT / "build" / "windows"
DIST = ROOT / "dist" / "windows"
LOCK = HERE / "requirements.txt"
DEV_LOCK = HERE / "requirements-suite.txt"
DEBIAN = "gcc-mingw-w64-x86-64 nsis wixl osslsigncode".split()  # noqa: SIM905
TOOLS = ("x86_64-w64-mingw32-gcc", "makensis", "wixl")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="prove what was built under Wine")
    parser.add_argument(
        "--only-check", action="store_true", help="prove what was built before, without building"
    )
    parser.add_argument("--suite", action="store_true", help="run the tests with Windows Python")
    parser.add_argument("--sign", nargs=2, metavar=("CERTIFICATE", "KEY"))
    parser.add_argument("rest", nargs="*", help="for --suite: passed to pytest")
    chosen = parser.parse_args()
    if chosen.suite:
        return suite.run(BUILD, LOCK, DEV_LOCK, chosen.rest)
    _ensure_tools()
    if chosen.only_check:
        return checking.check(BUILD, sorted(DIST.iterdir()))
    made = build(chosen.sign)
    for file in made:
        size = file.stat().st_size / 2**20
        print(f"{size:8.1f} MiB  {_sha256(file)}  {file.relative_to(ROOT)}", flush=True)
    return checking.check(BUILD, made) if chosen.check else 0


def build(sign: Sequence[str] | None = None) -> list[Path]:
    """All that is given to users, in ``DIST``."""
    began = time.monotonic()
    number, folder = version(), BUILD / "Cuadre"
    subprocess.run([sys.executable, "packaging/translations.py", "check"], cwd=ROOT, check=True)
    python = fetching.embeddable_python(BUILD / "python")
    wheels = fetching.wheels(LOCK, BUILD / "wheels")
    sizes = assemble(python, wheels, folder)
    _tell(folder, sizes)
    shutil.rmtree(DIST, ignore_errors=True)
    DIST.mkdir(parents=True)
    if sign:
        for launcher in sorted(folder.glob("*.exe")):
            _sign(launcher, sign)
    setup = DIST / f"CuadreSetup-{number}.exe"
    _installer(folder, setup, number)
    packaged = DIST / f"Cuadre-{number}.msi"
    package(folder, packaged, number, BUILD)
    if sign:
        for file in (setup, packaged):
            _sign(file, sign)
    portable = DIST / f"Cuadre-{number}-portable.zip"
    _portable(folder, portable)
    parts = DIST / f"Cuadre-{number}.cdx.json"
    parts.write_text(bill(number, python, wheels), "utf-8", newline="\n")
    made = [setup, portable, packaged, parts]
    sums = DIST / "SHA256SUMS"
    lines = "".join(f"{_sha256(file)}  {file.name}\n" for file in made)
    sums.write_text(lines, "utf-8", newline="\n")
    print(f"built in {time.monotonic() - began:.0f} s", flush=True)
    return [*made, sums]


def _installer(folder: Path, out: Path, number: str) -> None:
    kib = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) // 1024
    words = {"VERSION": number, "SOURCE": folder, "OUT": out, "SIZE": kib}
    command = ["makensis", "-V2", *(f"-D{name}={value}" for name, value in words.items())]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(STAMP), "LC_ALL": "C.UTF-8"}
    subprocess.run([*command, str(HERE / "cuadre.nsi")], check=True, env=environment)


def _portable(folder: Path, out: Path) -> None:
    """The folder with the mark that puts the data beside the program, in a fixed order with fixed
    dates.
    """
    date = (2026, 1, 1, 0, 0, 0)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        parts = [(f"Cuadre/{path.relative_to(folder)}", path.read_bytes()) for path in files]
        for name, data in [*parts, ("Cuadre/portable.ini", b"[portable]\r\n")]:
            info = zipfile.ZipInfo(name, date)
            info.compress_type, info.create_system = zipfile.ZIP_DEFLATED, 0
            archive.writestr(info, data)


def _sign(file: Path, sign: Sequence[str]) -> None:
    signed = file.with_suffix(f"{file.suffix}.signed")
    certificate, key = sign
    command = ["osslsigncode", "sign", "-certs", certificate, "-key", key, "-h", "sha256"]
    subprocess.run([*command, "-in", str(file), "-out", str(signed)], check=True)
    signed.replace(file)


def _tell(folder: Path, sizes: Counter[str]) -> None:
    """What each part costs."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    whole = sum(path.stat().st_size for path in files)
    print(f"program folder: {whole / 2**20:.1f} MiB, {len(files):,} files", flush=True)
    for name, size in sizes.most_common(14):
        print(f"{size / 2**20:8.1f} MiB  {name}")
    compiled = sum(path.stat().st_size for path in files if path.suffix == ".pyc")
    print(f"{compiled / 2**20:8.1f} MiB  byte code of all", flush=True)


def _ensure_tools() -> None:
    """Compiler and makers of installers; installed where that is possible, else named."""
    if all(map(shutil.which, TOOLS)):
        return
    command = ["apt-get", "-o", "DPkg::Lock::Timeout=300", "install", "-y", "-qq"]
    if not shutil.which("apt-get") or os.geteuid() != 0:
        sys.exit("These are needed: " + ", ".join(TOOLS) + " (Debian: " + " ".join(DEBIAN) + ")")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run([*command[:3], "update", "-qq"], check=False, env=environment)
    command += ["--no-install-recommends", *DEBIAN]
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
