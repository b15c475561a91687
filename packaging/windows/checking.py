"""Proves under Wine what was built: installed silently, run, killed, upgraded, taken away.

Each step says what it proved and how long it took. What Wine cannot show (native look, dark mode,
scaling, SmartScreen, Defender, real limits of the store of secrets) is not claimed.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from xml.etree import ElementTree

from assembling import HERE, ROOT
from wine import Ran, Windows, is_here

sys.path.insert(0, str(ROOT))

FOLDER = "C:\\users\\Muñoz Peña (Contaduría)\\Archivos de programa ñ\\Cuadre"
HOME = "C:\\users\\Muñoz Peña (Contaduría)\\Libros de enero"
UNINSTALL_KEY = "Software\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\Cuadre"
PICTURE = "window.png"
_SANDBOX = {"CUADRE_SECRET_PRACTICA": "sandbox"}


class Wrong(Exception):
    """What was expected and did not come; the arguments say which step, and what was there."""


def check(build: Path, made: Sequence[Path]) -> int:
    """0 when everything held; 1 with the step that did not; 0 with a word where Wine is missing."""
    if not is_here():
        print("NOT CHECKED: Wine is not installed (Debian: wine, wine64, xvfb).", flush=True)
        return 0
    setup = next(file for file in made if file.name.startswith("CuadreSetup-"))
    portable = next(file for file in made if file.name.endswith("-portable.zip"))
    began = time.monotonic()
    with _screen() as display:
        windows = Windows.new(build / "wine", display)
        proof = Proof(windows, setup, portable, build)
        try:
            proof.whole()
        except Wrong as wrong:
            print(f"FAILED: {wrong.args[0]}\n{wrong.args[1]}", flush=True)
            return 1
        finally:
            windows.stop()
    print(f"all of it held, in {time.monotonic() - began:.0f} s", flush=True)
    return 0


class Proof:
    def __init__(self, windows: Windows, setup: Path, portable: Path, build: Path) -> None:
        self.windows, self.setup, self.portable, self.build = windows, setup, portable, build
        self.folder = windows.path(FOLDER)

    def whole(self) -> None:
        steps = (
            ("an older version, silently into a path with blanks, ñ and brackets", self.older),
            ("upgraded, nothing of the older one left", self.upgraded),
            ("version, demonstration and journal", self.demonstrated),
            ("a paper the same byte for byte as of this system", self.papers),
            ("killed in a push and pushed again: nothing twice", self.killed),
            ("two desktops on one PostgreSQL: nothing twice", self.shared),
            ("the task for the scheduler is valid XML", self.scheduled),
            ("the window on the platform of Windows", self.shown),
            ("an installation is refused while it runs", self.refused),
            ("portable: data beside the program, nothing elsewhere", self.carried),
            ("uninstalled: nothing left, the books kept", self.removed),
        )
        for name, step in steps:
            began = time.monotonic()
            step()
            print(f"  {time.monotonic() - began:6.1f} s  {name}", flush=True)

    def older(self) -> None:
        """The same folder under another number with one file more, packed fast."""
        older = self.build / "older"
        shutil.rmtree(older, ignore_errors=True)
        shutil.copytree(self.build / "Cuadre", older, copy_function=os.link)
        (older / "gone in the next version.txt").write_text("x")
        listing = older / "files.txt"
        kept = listing.read_bytes()
        listing.unlink()
        listing.write_bytes(kept + "gone in the next version.txt\r\n".encode("utf-16-le"))
        out = self.build / "CuadreSetup-older.exe"
        words = ["-DVERSION=0.0.9", f"-DSOURCE={older}", f"-DOUT={out}", "-DSIZE=1"]
        command = ["makensis", "-V1", "-XSetCompressor /FINAL zlib", *words]
        subprocess.run(
            [*command, str(HERE / "cuadre.nsi")],
            check=True,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
        )
        self._install(out)
        _expect("older", (self.folder / "gone in the next version.txt").is_file(), self.folder)
        _expect("older", (self.folder / "cuadre-gui.exe").is_file(), self.folder)

    def upgraded(self) -> None:
        self._install(self.setup)
        left = self.folder / "gone in the next version.txt"
        _expect("upgraded", not left.exists(), left)
        said = self.windows.run("reg", "query", f"HKCU\\{UNINSTALL_KEY}", "/v", "DisplayVersion")
        _expect("upgraded", "0.0.9" not in said.said, said.said)
        opens = "Software\\Classes\\SystemFileAssociations\\.xlsx\\shell\\Cuadre\\command"
        _expect("upgraded", self.windows.registry(opens), opens)

    def demonstrated(self) -> None:
        number = re.search(r"CuadreSetup-(.*)\.exe", self.setup.name)
        assert number is not None
        said = self.cuadre("--version")
        _expect("version", number[1] in said.said, said)
        said = self.cuadre("demo", "--no-window", "--home", HOME, "--lang", "es")
        _expect("demo", said.code == 0 and "0.00" in said.said, said)
        said = self.cuadre("journal", "verify", "--home", HOME)
        _expect("verify", said.code == 0, said)

    def papers(self) -> None:
        """Of two files, made here and there from the same bytes."""
        heading = "Fecha,Folio,Tercero,Importe\n"
        files = {
            "mayor.csv": "2026-01-05,F-1,Núñez,100.00\n",
            "banco.csv": "2026-01-06,F-1,NUÑEZ,100.00\n",
        }
        here, there = self.build / "papers", "C:\\users\\Muñoz Peña (Contaduría)"
        for folder in (here, self.windows.path(there)):
            folder.mkdir(parents=True, exist_ok=True)
            for name, line in files.items():
                (folder / name).write_text(heading + line, "utf-8", newline="\n")
        command = [sys.executable, "-m", "app", "reconcile", *files, "--report", "papel.xlsx"]
        environment = {"CUADRE_HOME": str(here / "home"), "PYTHONPATH": str(ROOT)}
        ran = subprocess.run(
            [*command, "--lang", "es"],
            cwd=here,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        paths = [f"{there}\\{name}" for name in files]
        report = ("--report", f"{there}\\papel.xlsx", "--lang", "es", "--home", HOME)
        said = self.cuadre("reconcile", *paths, *report)
        made = [
            _read(here / "papel.xlsx", ran.stdout + ran.stderr),
            _read(self.windows.path(there) / "papel.xlsx", said.said),
        ]
        _expect("papers", made[0] == made[1], [len(one) for one in made])

    def killed(self) -> None:
        home = "C:\\users\\Muñoz Peña (Contaduría)\\Corte"
        with _sandbox(self.build) as (url, count):
            self._prepare(home, url)
            pushing = self.windows.start(
                f"{FOLDER}\\cuadre.exe",
                "push",
                "--connection",
                "practica",
                "--home",
                home,
                **_SANDBOX,
            )
            _wait(lambda: count() > 20)
            os.kill(pushing.pid, signal.SIGKILL)
            pushing.wait()
            self.windows.run("taskkill", "/f", "/im", "cuadre.exe")
            before = count()
            _expect("killed", 0 < before < 236, before)
            said = self.push(home)
            _expect("killed", said.code in (0, 1) and count() == 236, f"{before} {count()} {said}")

    def shared(self) -> None:
        from tests import postgresql

        if not postgresql.IS_HERE:
            print("          (PostgreSQL is not here: left out)", flush=True)
            return
        homes = [f"C:\\users\\Muñoz Peña (Contaduría)\\Puesto {place}" for place in (1, 2)]
        with postgresql.running() as url, _sandbox(self.build) as (address, count):
            journal = ("--journal", postgresql.database(url, "compartida"))
            self._prepare(homes[0], address, *journal)
            pushing = [
                self.windows.start(
                    f"{FOLDER}\\cuadre.exe",
                    *("push", "--connection", "practica", "--home", home, *journal),
                    **_SANDBOX,
                )
                for home in homes
            ]
            said = [self.windows.finish(process, 240).said for process in pushing]
            last = self.push(homes[1], *journal)
            _expect("shared", count() == 236, f"{count()} {said} {last}")

    def scheduled(self) -> None:
        file = "C:\\users\\Muñoz Peña (Contaduría)\\tarea.xml"
        said = self.cuadre("schedule", "write", "desktop", "--home", HOME, "--out", file)
        _expect("schedule", said.code == 0, said)
        root = ElementTree.fromstring(self.windows.path(file).read_bytes())
        _expect("schedule", root.tag.endswith("}Task"), root.tag)
        text = "".join(root.itertext())
        _expect("schedule", "cuadre" in text and "Muñoz Peña" in text, text)

    def shown(self) -> None:
        """A picture of the whole screen, to be looked at; that its letters are letters is told from
        how many different shapes there are.
        """
        picture = self.build / PICTURE
        window = self._window()
        time.sleep(12)
        _photograph(picture, self.windows.environment["DISPLAY"])
        _expect("window", window.poll() is None, "it ended")
        self._end(window)
        _expect("window", picture.is_file() and picture.stat().st_size > 20_000, picture)

    def refused(self) -> None:
        window = self._window()
        time.sleep(4)
        marked = self.folder / "app" / "LICENSE"
        marked.unlink()
        self._install(self.setup)
        _expect("refused", not marked.exists(), "it installed over a running program")
        self._end(window)
        self._install(self.setup)
        _expect("refused", marked.is_file(), "not installed once it was closed")

    def carried(self) -> None:
        place = self.windows.path("C:\\llave usb")
        shutil.unpack_archive(self.portable, place)
        data, users = place / "Cuadre" / "data", self.windows.path("C:\\users")
        before = set(users.rglob("journal.db"))
        said = self.windows.run("C:\\llave usb\\Cuadre\\cuadre.exe", "status")
        _expect("portable", said.code == 0 and (data / "journal.db").is_file(), said)
        _expect("portable", set(users.rglob("journal.db")) == before, "data in the user's folder")

    def removed(self) -> None:
        self.windows.run(f"{FOLDER}\\uninstall.exe", "/S")
        _wait(lambda: not self.folder.exists(), 60)
        _expect("uninstall", not self.folder.exists(), list(self.folder.rglob("*"))[:20])
        for key in (
            UNINSTALL_KEY,
            "Software\\Cuadre",
            "Software\\Classes\\Applications\\cuadre-gui.exe",
        ):
            _expect("uninstall", not self.windows.registry(key), key)
        menu = self.windows.prefix / "drive_c" / "users"
        links = [*menu.rglob("Cuadre*.lnk")]
        _expect("uninstall", not links, links)
        _expect("uninstall", self.windows.path(HOME).is_dir(), "the books are gone")

    def cuadre(self, *arguments: str, **environment: str) -> Ran:
        return self.windows.run(f"{FOLDER}\\cuadre.exe", *arguments, limit=300, **environment)

    def push(self, home: str, *journal: str) -> Ran:
        return self.cuadre("push", "--connection", "practica", "--home", home, *journal, **_SANDBOX)

    def _prepare(self, home: str, url: str, *journal: str) -> None:
        sample = f"{FOLDER}\\app\\resources\\samples\\polizas_enero_2026.txt"
        for arguments in (
            ("import", sample),
            (
                "connection",
                "add",
                "practica",
                "--system",
                "sandbox",
                "--url",
                url,
                "--user",
                "contador",
            ),
            ("map", "accept", "--connection", "practica"),
        ):
            said = self.cuadre(*arguments, "--home", home, *journal, **_SANDBOX)
            _expect(arguments[0], said.code in (0, 1), said)

    def _install(self, setup: Path) -> None:
        """``/D=`` comes last and unquoted, so its words go one by one; the installer answers by
        what it leaves, not by its exit code.
        """
        self.windows.run(str(setup), "/S", *f"/D={FOLDER}".split(" "))
        time.sleep(1)

    def _window(self) -> subprocess.Popen[bytes]:
        return self.windows.start(f"{FOLDER}\\cuadre-gui.exe", "--home", HOME)

    def _end(self, window: subprocess.Popen[bytes]) -> None:
        self.windows.run("taskkill", "/f", "/im", "cuadre-gui.exe")
        window.kill()
        window.wait()
        time.sleep(1)


def _read(file: Path, said: str) -> bytes:
    _expect(file.name, file.is_file(), said)
    return file.read_bytes()


def _expect(step: str, holds: bool, found: object) -> None:
    if not holds:
        raise Wrong(step, found)


def _wait(until: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not until() and time.monotonic() < end:
        time.sleep(0.05)


@contextlib.contextmanager
def _sandbox(build: Path) -> Iterator[tuple[str, Callable[[], int]]]:
    """The practice ERP of this system; its address, and how many entries it has."""
    from connectors.sandbox import SandboxServer, SandboxStore

    file = build / "practice.db"
    file.unlink(missing_ok=True)
    store = SandboxStore(file)
    server = SandboxServer(store).start()
    try:
        yield server.url, store.count
    finally:
        server.stop()
        store.close()


@contextlib.contextmanager
def _screen() -> Iterator[str]:
    """A screen nobody sees; none where Xvfb is missing."""
    program = shutil.which("Xvfb")
    if program is None:
        yield os.environ.get("DISPLAY", "")
        return
    number = next(one for one in range(80, 120) if not Path(f"/tmp/.X11-unix/X{one}").exists())
    screen = subprocess.Popen(
        [program, f":{number}", "-screen", "0", "1366x768x24"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(1)
    try:
        yield f":{number}"
    finally:
        screen.terminate()
        screen.wait()


def _photograph(picture: Path, display: str) -> None:
    """The whole screen, by this system's own Qt."""
    program = (
        "import sys; from PySide6.QtGui import QGuiApplication; a = QGuiApplication([]);"
        " a.primaryScreen().grabWindow(0).save(sys.argv[1])"
    )
    environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
    subprocess.run([sys.executable, "-c", program, str(picture)], env=environment, check=True)
