"""What goes into the program folder of Windows, and what is said of it. The folder itself is proved
by ``packaging/dev.py windows --check``.
"""

from __future__ import annotations

import importlib
import json
import re
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "packaging" / "windows"
WIX = "{http://schemas.microsoft.com/wix/2006/wi}"


@pytest.fixture
def part(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """A module of the builder by name."""
    monkeypatch.syspath_prepend(str(FOLDER))
    before = set(sys.modules)

    def load(name: str) -> ModuleType:
        return importlib.import_module(name)

    yield load
    for name in set(sys.modules) - before:
        if getattr(sys.modules[name], "__file__", None) and str(FOLDER) in str(
            sys.modules[name].__file__
        ):
            del sys.modules[name]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("PySide6/Qt6Core.dll", True),
        ("PySide6/Qt6PrintSupport.dll", True),
        ("PySide6/QtSvg.pyd", True),
        ("PySide6/Qt6Quick.dll", False),
        ("PySide6/opengl32sw.dll", False),
        ("PySide6/QtTest.pyd", False),
        ("PySide6/plugins/platforms/qwindows.dll", True),
        ("PySide6/plugins/platforms/qminimal.dll", False),
        ("PySide6/translations/qtbase_es.qm", True),
        ("PySide6/translations/qtbase_de.qm", False),
        ("PySide6/qml/QtQuick/x.dll", False),
        ("shiboken6/Shiboken.pyd", True),
        ("numpy/core/tests/test_x.py", False),
        ("numpy/testing/__init__.py", True),
        ("numpy/testing/tests/test_x.py", False),
        ("pandas/core/frame.py", True),
        ("pandas/core/frame.pyi", False),
        ("keyring-25.dist-info/entry_points.txt", True),
        ("keyring-25.dist-info/RECORD", False),
        ("apprise/plugins/email.py", True),
        ("folder/", False),
    ],
)
def test_which_files_of_a_wheel_are_kept(part: object, name: str, kept: bool) -> None:
    assert part("trimming").is_kept(name) is kept  # type: ignore[operator]


def test_the_suite_has_what_the_users_have_not(part: object) -> None:
    trimming = part("trimming")  # type: ignore[operator]
    modules = trimming.QT_MODULES | trimming.TEST_MODULES
    assert trimming.is_kept("PySide6/QtTest.pyd", modules)


def qt_modules_of_the_product() -> set[str]:
    pattern = re.compile(r"from PySide6\.Qt(\w+) import")
    files = [*(ROOT / "app").rglob("*.py")]
    return {name for file in files for name in pattern.findall(file.read_text("utf-8"))}


def test_every_qt_module_the_product_imports_is_in_the_folder(part: object) -> None:
    assert qt_modules_of_the_product() <= part("trimming").QT_MODULES  # type: ignore[operator]


def wheel(path: Path, metadata: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x-1.dist-info/METADATA", metadata)
    return path


@pytest.mark.parametrize(
    ("lines", "licence"),
    [
        ("License-Expression: MIT\n", "MIT"),
        ("Classifier: License :: OSI Approved :: BSD License\n", "BSD License"),
        ("License: Apache 2.0\n", "Apache 2.0"),
        ("", "unknown"),
    ],
)
def test_the_bill_names_every_part_with_licence_and_hash(
    part: object, tmp_path: Path, lines: str, licence: str
) -> None:
    made = wheel(tmp_path / "x-1-py3.whl", f"Name: Some_Thing\nVersion: 1.2\n{lines}")
    python = tmp_path / "python.zip"
    python.write_bytes(b"zip")
    told = json.loads(part("bill").bill("9.9", python, [made]))  # type: ignore[operator]
    assert (told["bomFormat"], told["specVersion"]) == ("CycloneDX", "1.5")
    cpython, thing = told["components"]
    assert cpython["name"] == "CPython"
    assert thing["purl"] == "pkg:pypi/some-thing@1.2"
    assert thing["licenses"] == [{"license": {"name": licence}}]
    assert len(thing["hashes"][0]["content"]) == 64


def test_the_msi_has_every_file_once(part: object, tmp_path: Path) -> None:
    files = ["cuadre-gui.exe", "app/LICENSE", "app/año & más/x.py", "lib/y.pyc"]
    for name in files:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    text = part("msi").described(tmp_path, "1.2.3")  # type: ignore[operator]
    root = ElementTree.fromstring(text.encode())
    assert sorted(one.get("Source", "") for one in root.iter(f"{WIX}File")) == sorted(files)
    named = {one.get("Id") for one in root.iter(f"{WIX}Component")}
    assert {one.get("Id") for one in root.iter(f"{WIX}ComponentRef")} == named
    identifiers = [one.get("Id") for one in root.iter() if one.tag != f"{WIX}ComponentRef"]
    ids = [one for one in identifiers if one]
    assert len(ids) == len(set(ids))
    assert text == part("msi").described(tmp_path, "1.2.3")  # type: ignore[operator]


def pinned(file: Path) -> dict[str, str]:
    return dict(re.findall(r"^([\w.-]+)==([^ ;\\\n]+)", file.read_text("utf-8"), re.MULTILINE))


def test_windows_users_get_the_versions_the_tests_ran_with() -> None:
    development = pinned(ROOT / "packaging" / "requirements.txt")
    users, suite = (
        pinned(FOLDER / name) for name in ("requirements.txt", "requirements-suite.txt")
    )
    assert len(users) > 40 and users.items() <= suite.items()
    several = {"numpy"}  # of which the locks have one for each Python
    for name in users.keys() & development.keys() - several:
        assert users[name] == development[name], name


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-suite.txt"])
def test_every_pin_has_a_hash_and_no_lock_names_a_host(name: str) -> None:
    text = (FOLDER / name).read_text("utf-8")
    assert "://" not in text
    for block in re.split(r"\n(?=\S)", text.strip()):
        assert "--hash=sha256:" in block, block.splitlines()[0]


def test_the_uninstaller_deletes_no_folder_as_a_whole() -> None:
    script = (FOLDER / "cuadre.nsi").read_text("utf-8")
    assert "RMDir /r" not in script
    assert "RequestExecutionLevel user" in script
