"""A company's set-up is taken from one desk to another: everything but secrets, nothing twice."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from app.agent import setup
from app.agent.setup import NotASetup
from app.company import field_owners, folders, policy, settings
from app.company.addresses import Insecure
from app.company.policy import Policy
from app.company.settings import ConnectionSettings
from app.journal import Journal, events
from app.journal.rows import MappingRow
from app.journal.settings import keep_links, links
from app.matching import rules
from app.reconciling import runs
from tests.app.conftest import Run

LINKS = [
    MappingRow(kind="account", source="0011", target="11.01", partner="", origin="person"),
    MappingRow(kind="journal", source="3", target="VAR", partner="", origin="person"),
]


def profile_text() -> str:
    """One of those shipped, which is surely one."""
    import resources

    return next(iter(sorted(resources.path("profiles").glob("*.toml")))).read_text("utf-8")


@pytest.fixture
def desk(tmp_path: Path) -> tuple[Journal, Path]:
    home = tmp_path / "uno"
    journal = settings.open_journal(home)
    settings.keep_company_name(journal, "Panadería Núñez")
    settings.keep_own_tax_ids(journal, ["PNU010203AB9"])
    settings.keep_currency(journal, "MXN")
    policy.change(journal, Policy(errors="file"), "así lo quiere la dirección")
    settings.add_connection(
        journal,
        ConnectionSettings(
            "odoo", "odoo", "https://odoo.example", "db", "contador", 90, 0, {"company": "1"}
        ),
    )
    keep_links(journal, "odoo", LINKS)
    owned = field_owners.rule("email", "target")
    field_owners.save(journal, [owned])
    runs.keep_rules(journal, rules.RuleSet(), "las de siempre")
    (home / "profiles").mkdir()
    (home / "profiles" / "banco-x.toml").write_text(profile_text(), "utf-8")
    return journal, home


def test_everything_arrives_at_another_desk(desk: tuple[Journal, Path], tmp_path: Path) -> None:
    journal, home = desk
    file = tmp_path / "montaje.zip"
    setup.export_setup(journal, home, file)
    other_home = tmp_path / "dos"
    other = settings.open_journal(other_home)
    given = setup.read_setup(file)
    before = setup.changes(other, other_home, given)
    assert {one.kind for one in before} == {"setting", "connection", "map", "profile"}
    setup.import_setup(other, other_home, given, "segundo puesto")
    assert settings.company_name(other) == "Panadería Núñez"
    assert settings.find_connection(other, "odoo") == settings.find_connection(journal, "odoo")
    assert policy.load(other).errors == "file"
    assert links(other, "odoo") == links(journal, "odoo"), "codes keep their zeros"
    assert (other_home / "profiles" / "banco-x.toml").read_text("utf-8") == profile_text()
    assert setup.changes(other, other_home, given) == [], "nothing is left to change"
    (told,) = events.of(other, kinds=("setup.imported",))
    assert told.data["reason"] == "segundo puesto"
    journal.close()
    other.close()


def test_no_secret_and_nothing_of_one_machine_is_in_it(
    desk: tuple[Journal, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal, home = desk
    monkeypatch.setenv("CUADRE_SECRET_ODOO", "una-clave-muy-secreta")
    (tmp_path / "entrada").mkdir()
    folders.add(journal, tmp_path / "entrada")
    file = tmp_path / "montaje.zip"
    setup.export_setup(journal, home, file)
    with zipfile.ZipFile(file) as archive:
        text = "".join(archive.read(name).decode() for name in archive.namelist())
    assert "una-clave-muy-secreta" not in text
    assert "entrada" not in text
    journal.close()


def test_the_same_set_up_is_the_same_file(desk: tuple[Journal, Path], tmp_path: Path) -> None:
    journal, home = desk
    files = [tmp_path / "a.zip", tmp_path / "b.zip"]
    for file in files:
        setup.export_setup(journal, home, file)
    assert files[0].read_bytes() == files[1].read_bytes()
    journal.close()


def rewritten(file: Path, change: dict[str, object], extra: dict[str, str] | None = None) -> Path:
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    told = json.loads(parts["setup.json"])
    parts["setup.json"] = json.dumps(told | change)
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in (parts | (extra or {})).items():
            archive.writestr(name, text)
    return file


@pytest.mark.parametrize(
    ("change", "extra"),
    [
        ({"format": 2}, {}),
        ({"settings": {"journal.head": "x"}}, {}),
        ({"settings": {"policy.errors": "whatever"}}, {}),
        ({"settings": {"ownership": "{"}}, {}),
        ({"settings": {"ownership": '{"email": ["nobody", "x"]}'}}, {}),
        ({"settings": {"ownership": "[]"}}, {}),
        ({"settings": {"jobs": "7"}}, {}),
        ({"settings": {"contact-links": "[[1, 2]]"}}, {}),
        ({"settings": {"company-name": "\ud800"}}, {}),
        ({"maps": {"otra": []}}, {}),
        ({"connections": 7}, {}),
        ({"settings": {"currency": "X"}}, {}),
        ({"settings": {"language": "xx"}}, {}),
        ({"settings": {"own-tax-ids": "abc; drop"}}, {}),
        ({"settings": {"jobs": '{"send": ["nonsense", ""]}'}}, {}),
        ({"connections": [{"name": "x", "system": "odoo", "url": "https://a:b@host"}]}, {}),
        ({"connections": [{"name": "x", "system": "odoo", "url": "https://[x"}]}, {}),
        (
            {"connections": [{"name": "x", "system": "odoo", "url": "https://x", "user": 7}]},
            {},
        ),
        ({}, {"profiles/con.toml": ""}),
        ({"settings": {runs.RULES_SETTING: "no rules"}}, {}),
        ({"connections": [{"name": "x"}]}, {}),
        ({"connections": [{"name": "x", "system": "nobody", "url": "https://x"}]}, {}),
        ({"maps": {"odoo": [{"kind": "account"}]}}, {}),
        ({}, {"profiles/../../malo.toml": "x"}),
        ({}, {"malo.exe": "x"}),
        ({}, {"profiles/malo.toml": "no = profile"}),
    ],
)
def test_what_is_no_set_up_changes_nothing(
    desk: tuple[Journal, Path], tmp_path: Path, change: dict[str, object], extra: dict[str, str]
) -> None:
    journal, home = desk
    file = tmp_path / "montaje.zip"
    setup.export_setup(journal, home, file)
    with pytest.raises(NotASetup):
        setup.read_setup(rewritten(file, change, extra))
    file.write_bytes(b"PK no zip")
    with pytest.raises(NotASetup):
        setup.read_setup(file)
    journal.close()


def test_from_the_command_line(desk: tuple[Journal, Path], run: Run, tmp_path: Path) -> None:
    journal, home = desk
    file = tmp_path / "montaje.zip"
    setup.export_setup(journal, home, file)
    journal.close()
    status, told = run("setup", "import", file, "--dry-run")
    assert status == 0 and "Panadería Núñez" in told
    assert run("setup", "import", file)[0] == 2, "a reason is needed"
    status, answer = run("setup", "import", file, "--reason", "nuevo puesto", "--json")
    assert status == 0 and answer["changes"]
    assert run("setup", "import", file, "--reason", "otra vez", "--json")[1] == {"changes": []}
    status, told = run("setup", "export", tmp_path / "no hay" / "x.zip")
    assert status == 2 and "it is not there" in told


def test_a_connection_does_not_move_by_a_file(desk: tuple[Journal, Path], tmp_path: Path) -> None:
    """What is kept secret for one address would go to another."""
    journal, home = desk
    file = tmp_path / "montaje.zip"
    setup.export_setup(journal, home, file)
    other_home = tmp_path / "dos"
    other = settings.open_journal(other_home)
    settings.add_connection(
        other, ConnectionSettings("odoo", "odoo", "https://otra.example", "db", "contador")
    )
    settings.keep_company_name(other, "Otra")
    given = setup.read_setup(file)
    (change,) = (one for one in setup.changes(other, other_home, given) if one.kind == "connection")
    assert "https://otra.example" in change.before and "https://odoo.example" in change.after
    with pytest.raises(setup.Moved):
        setup.import_setup(other, other_home, given, "x")
    assert settings.company_name(other) == "Otra"
    assert settings.find_connection(other, "odoo").url == "https://otra.example"
    journal.close()
    other.close()


def test_the_reason_for_an_open_address_is_not_taken_along(
    desk: tuple[Journal, Path], tmp_path: Path
) -> None:
    journal, home = desk
    settings.add_connection(
        journal,
        ConnectionSettings(
            "prueba", "odoo", "http://odoo.local", options={"insecure-reason": "en mi red"}
        ),
    )
    file = tmp_path / "montaje.zip"
    setup.export_setup(journal, home, file)
    other = settings.open_journal(tmp_path / "dos")
    with pytest.raises(Insecure):
        setup.import_setup(other, tmp_path / "dos", setup.read_setup(file), "x")
    journal.close()
    other.close()
