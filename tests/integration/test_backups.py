"""A backup holds everything, at one instant; what was put back is what was backed up."""

import json
import secrets
import shutil
import threading
from datetime import UTC, datetime

import psycopg
import pytest
from click.testing import CliRunner
from psycopg import sql

from groupbuy.adapters.persistence import open_database
from groupbuy.application import ledger_reports
from groupbuy.application.ports.tenancy import Tenant
from groupbuy.application.write_path import Caller
from groupbuy.domain.campaigns import Measure, Quorum
from groupbuy.entrypoints.cli import main
from tests.support.checked import CheckedShop
from tests.support.darkroom import drawn
from tests.support.postgres import OWNER, client_programs

SHOPS = ("east", "west")


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path, monkeypatch):
    """An empty place for a database, and the settings that lead to it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    if request.param == "sqlite":
        yield Place(monkeypatch, f"sqlite:///{tmp_path / 'shop.db'}")
        return
    cluster = request.getfixturevalue("pg_cluster")
    template = request.getfixturevalue("pg_template")
    role, password = f"gb_backup_{secrets.token_hex(4)}", secrets.token_hex(8)
    with psycopg.connect(cluster.admin_url, autocommit=True) as admin:
        admin.execute(
            sql.SQL("CREATE ROLE {} LOGIN BYPASSRLS PASSWORD {} IN ROLE pg_read_all_data").format(
                sql.Identifier(role), sql.Literal(password)
            )
        )
        with cluster.database(template) as full, cluster.database() as empty:
            monkeypatch.setenv("GROUPBUY_BACKUP_TOOLS", str(client_programs()))
            yield Place(monkeypatch, full, empty, (cluster, role, password))
        admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))


class Place:
    """A database that is used, and an empty one beside it."""

    def __init__(self, monkeypatch, full, empty=None, backing=None):
        self._set, self._full, self._empty, self._backing = monkeypatch.setenv, full, empty, backing
        self.use(full)

    @property
    def is_file(self):
        return self._empty is None

    def use(self, place):
        """Let the settings lead to a database."""
        if self.is_file:
            self._set("GROUPBUY_DATABASE_URL", place)
            return
        self._set("GROUPBUY_DATABASE_URL", place.app_url)
        self._set("GROUPBUY_DATABASE_OWNER_URL", place.owner_url)
        cluster, role, password = self._backing
        url = cluster.url(place.name, OWNER).split("@")[-1]
        self._set("GROUPBUY_BACKUP_URL", f"postgresql://{role}:{password}@{url}")

    def use_empty(self, tmp_path):
        """Let the settings lead to the empty one."""
        self.use(f"sqlite:///{tmp_path / 'again' / 'shop.db'}" if self.is_file else self._empty)

    def as_owner(self):
        self._set("GROUPBUY_BACKUP_URL", self._full.owner_url)

    def open(self, again=None):
        """Open the database that is used, as the programs do."""
        if self.is_file:
            return open_database(again or self._full)
        return open_database((self._empty if again else self._full).app_url)


@pytest.fixture
def shops(place):
    """Two shops that have sold, failed, refunded."""
    with Opened(place.open()) as database:
        for name in SHOPS:
            database.put_tenant(Tenant(id=name, name=name, hosts=()))
            shop = CheckedShop(database.begin, tenant=name)
            shop.join_and_pay(shop.campaign(quorum=Quorum(Measure.BUYERS, 2)), 3)
            shop.join_and_pay(shop.campaign(quorum=Quorum(Measure.BUYERS, 5)), 2)
            shop.pass_time(days=4)
    return place


class Opened:
    """Closes what it was given."""

    def __init__(self, database):
        self.database = database

    def __enter__(self):
        return self.database

    def __exit__(self, *_):
        self.database.close()


def groupbuy(*args):
    done = CliRunner().invoke(main, [*args, "--json"])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, json.loads(done.stdout) if done.stdout else {}, done.stderr


def books(database):
    """What the books of every shop say."""
    return {
        name: ledger_reports.trial_balance(ledger_reports.books(database, Caller.system(name)))
        for name in SHOPS
    }


def test_what_was_put_back_is_what_was_backed_up(shops, tmp_path):
    with Opened(shops.open()) as database:
        before = books(database)
    code, made, _ = groupbuy("backup", "copies")
    assert code == 0
    assert made["rows"] > 100
    shops.use_empty(tmp_path)
    code, restored, said = groupbuy("restore", made["path"])
    assert (code, restored["differences"], restored["rows"]) == (0, 0, made["rows"]), said
    assert groupbuy("db", "check")[0] == 0
    again = f"sqlite:///{tmp_path / 'again' / 'shop.db'}"
    with Opened(shops.open(again)) as database:
        assert books(database) == before
        assert all(before.values())
        # As the role of the programs: it may go on working, and nobody may rewrite what is booked.
        shop = CheckedShop(database.begin, tenant="east")
        shop.clock.at = datetime(2027, 1, 1, tzinfo=UTC)
        shop.join_and_pay(shop.campaign(quorum=Quorum(Measure.BUYERS, 1)), 1)
    for name in SHOPS:
        assert groupbuy("ledger", "verify", "--everything", "--tenant", name)[0] == 0


def test_a_backup_is_of_one_instant_while_people_join(shops, tmp_path):
    with Opened(shops.open()) as database:
        stop = threading.Event()
        shop = CheckedShop(database.begin, tenant="west")
        shop.clock.at = datetime(2027, 1, 1, tzinfo=UTC)
        campaign = shop.campaign(quorum=Quorum(Measure.BUYERS, 1))

        def join():
            while not stop.is_set():
                shop.join_and_pay(campaign, 1)

        joining = threading.Thread(target=join)
        joining.start()
        try:
            made = [groupbuy("backup", "copies")[1] for _ in range(3)]
        finally:
            stop.set()
            joining.join()
    shops.use_empty(tmp_path)
    code, restored, said = groupbuy("restore", made[-1]["path"])
    assert (code, restored["differences"]) == (0, 0), said
    assert groupbuy("ledger", "verify", "--tenant", "west")[0] == 0


def test_only_the_newest_backups_stay(shops, tmp_path):
    paths = [groupbuy("backup", "copies", "--keep", "2")[1]["path"] for _ in range(4)]
    left = sorted(each.name for each in (tmp_path / "copies").iterdir())
    assert left == [path.rpartition("/")[2] for path in paths[2:]]


def test_two_backups_of_one_instant_have_two_names_and_sort_as_they_were_made(
    shops, tmp_path, monkeypatch
):
    (tmp_path / "now").write_text("2026-11-03T12:00:00+08:00", encoding="ascii")
    monkeypatch.setenv("GROUPBUY_CLOCK_FILE", str(tmp_path / "now"))
    paths = [groupbuy("backup", "copies", "--keep", "2")[1]["path"] for _ in range(3)]
    names = [path.rpartition("/")[2] for path in paths]
    assert names[0].endswith("T040000000000Z")
    assert names == [names[0], f"{names[0]}-02", f"{names[0]}-03"]
    assert sorted(each.name for each in (tmp_path / "copies").iterdir()) == names[1:]
    assert groupbuy("restore", paths[2], "--dry-run")[0] == 0


def test_a_backup_that_was_changed_is_refused_before_anything_is_written(shops, tmp_path):
    made = groupbuy("backup", "copies")[1]["path"]
    copy = next(each for each in (tmp_path / made).iterdir() if each.suffix != ".json")
    copy.write_bytes(copy.read_bytes()[:-1] + b"!")
    shops.use_empty(tmp_path)
    code, said, _ = groupbuy("restore", made)
    assert (code, said["facts"]["rule"]) == (1, "backup_is_whole")
    assert groupbuy("restore", made, "--dry-run")[0] == 1
    assert groupbuy("db", "current")[1]["revision"] == ""


def test_a_manifest_that_promises_other_rows_is_found_out(shops, tmp_path):
    made = groupbuy("backup", "copies")[1]["path"]
    manifest = tmp_path / made / "manifest.json"
    said = json.loads(manifest.read_text())
    said["facts"]["rows"]["east/orders"] += 1
    said["facts"]["books"]["west/CNY"][0] += 1
    manifest.write_text(json.dumps(said))
    shops.use_empty(tmp_path)
    code, restored, heard = groupbuy("restore", made)
    assert (code, restored["differences"]) == (7, 2)
    assert "rows of east/orders: " in heard
    assert "debits and credits of west/CNY: " in heard


def test_nothing_is_put_back_over_what_is_there(shops):
    made = groupbuy("backup", "copies")[1]["path"]
    code, said, _ = groupbuy("restore", made)
    assert (code, said["facts"]["rule"]) == (1, "database_is_empty")


def test_a_folder_that_is_no_backup_is_refused(shops, tmp_path):
    (tmp_path / "copies").mkdir()
    code, said, _ = groupbuy("restore", "copies")
    assert (code, said["facts"]["rule"]) == (1, "backup_is_whole")


def test_a_rehearsal_makes_nothing(shops, tmp_path):
    assert groupbuy("backup", "copies", "--dry-run")[0] == 0
    assert not (tmp_path / "copies").exists()


def test_a_backup_that_broke_off_counts_for_nothing(shops, tmp_path):
    made = groupbuy("backup", "copies")[1]["path"]
    shutil.copytree(tmp_path / made, tmp_path / f"{made}9.part")
    groupbuy("backup", "copies", "--keep", "1")
    names = sorted(each.name for each in (tmp_path / "copies").iterdir())
    assert len([name for name in names if not name.endswith(".part")]) == 1


def test_the_doctor_looks_after_the_newest_backup(shops, tmp_path, monkeypatch):
    def backup():
        items = groupbuy("doctor")[1]["items"]
        return next(each for each in items if each["check"] == "backup")

    assert backup()["health"] == "warning"
    monkeypatch.setenv("GROUPBUY_BACKUP_FOLDER", "copies")
    assert backup() == {
        "check": "backup",
        "health": "failure",
        "message": "there is none yet: groupbuy backup",
    }
    assert groupbuy("backup")[0] == 0
    assert backup()["health"] == "ok"
    (tmp_path / "now").write_text("2036-01-01T00:00:00+00:00")
    monkeypatch.setenv("GROUPBUY_CLOCK_FILE", "now")
    assert backup()["health"] == "failure"


def test_a_role_that_is_bound_to_one_tenant_makes_no_backup(shops):
    if shops.is_file:
        pytest.skip("a file has no roles")
    shops.as_owner()
    code, said, _ = groupbuy("backup", "copies")
    assert (code, said["facts"]["rule"]) == (1, "backup_role_sees_every_tenant")


def test_missing_tools_are_said_with_what_to_install(shops, monkeypatch, tmp_path):
    if shops.is_file:
        pytest.skip("a file needs no tools")
    monkeypatch.setenv("GROUPBUY_BACKUP_TOOLS", str(tmp_path))
    code, _, heard = groupbuy("backup", "copies")
    assert code == 8
    assert "install PostgreSQL's client programs" in heard


def test_a_backup_of_another_engine_is_refused(shops, tmp_path):
    made = tmp_path / groupbuy("backup", "copies")[1]["path"]
    manifest = made / "manifest.json"
    said = json.loads(manifest.read_text())
    said["engine"] = "postgresql" if shops.is_file else "sqlite"
    manifest.write_text(json.dumps(said))
    shops.use_empty(tmp_path)
    code, answer, _ = groupbuy("restore", str(made))
    assert (code, answer["facts"]["rule"]) == (1, "backup_is_of_this_engine")


@pytest.fixture
def pictured(shops, tmp_path):
    """The shops, of which the eastern one has uploaded two pictures."""
    for name, width in (("peach.jpg", 900), ("box.jpg", 400)):
        (tmp_path / name).write_bytes(drawn(width))
        code, _, said = groupbuy("picture", "add", name, "--tenant", "east")
        assert code == 0, said
    return shops


def files(root):
    """Every file below a folder, by its name there."""
    return {
        str(each.relative_to(root)): each.read_bytes() for each in root.rglob("*") if each.is_file()
    }


def test_pictures_that_were_put_back_have_the_same_bytes(pictured, tmp_path, monkeypatch):
    before = files(tmp_path / "pictures")
    code, made, said = groupbuy("backup", "copies")
    assert (code, made["pictures"], made["linked"]) == (0, len(before), 0), said
    assert made["picture_bytes"] == sum(map(len, before.values()))
    pictured.use_empty(tmp_path)
    monkeypatch.setenv("GROUPBUY_PICTURES_FOLDER", str(tmp_path / "fresh"))
    code, restored, said = groupbuy("restore", made["path"])
    assert (code, restored["differences"], restored["pictures"]) == (0, 0, len(before)), said
    assert files(tmp_path / "fresh") == before


def test_a_corrupted_picture_is_found_before_anything_is_written(pictured, tmp_path):
    made = tmp_path / groupbuy("backup", "copies")[1]["path"]
    rotten = next(each for each in (made / "pictures").rglob("*.webp"))
    rotten.write_bytes(rotten.read_bytes()[:-1] + b"!")
    pictured.use_empty(tmp_path)
    code, said, _ = groupbuy("restore", str(made))
    assert (code, said["facts"]["rule"]) == (1, "backup_is_whole")
    assert rotten.name in said["facts"]["about"]
    assert groupbuy("db", "current")[1]["revision"] == ""
    code, restored, _ = groupbuy("restore", str(made), "--no-pictures")
    assert (code, restored["pictures"]) == (0, None)


def test_a_list_of_pictures_that_was_changed_is_refused(pictured, tmp_path):
    made = groupbuy("backup", "copies")[1]["path"]
    listed = tmp_path / made / "pictures.jsonl"
    listed.write_text("".join(listed.read_text().splitlines(keepends=True)[1:]))
    code, said, _ = groupbuy("restore", made, "--dry-run")
    assert (code, said["facts"]["rule"]) == (1, "backup_is_whole")


def test_pictures_that_have_not_changed_take_no_room_again(pictured, tmp_path):
    first = tmp_path / groupbuy("backup", "copies")[1]["path"] / "pictures"
    rotten = next(each for each in first.rglob("*.jpg"))
    rotten.write_bytes(b"rotten")
    (tmp_path / "bag.jpg").write_bytes(drawn(300))
    assert groupbuy("picture", "add", "bag.jpg", "--tenant", "east")[0] == 0
    now = files(tmp_path / "pictures")
    code, made, said = groupbuy("backup", "copies", "--keep", "1")
    second = tmp_path / made["path"] / "pictures"
    assert (code, files(second)) == (0, now), said
    assert made["linked"] == len(now) - 5, "four files of the new picture, and the rotten one"
    assert not first.exists(), "removing the backup before takes nothing from the newest"
    assert groupbuy("restore", made["path"], "--dry-run")[0] == 0
    third = tmp_path / groupbuy("backup", "copies")[1]["path"] / "pictures"
    for key in now:
        assert (third / key).samefile(second / key)


def test_a_file_that_a_row_names_and_the_storage_lacks_is_said(pictured, tmp_path):
    lost = next(each for each in (tmp_path / "pictures").rglob("*.webp"))
    lost.unlink()
    code, made, heard = groupbuy("backup", "copies")
    assert code == 7
    assert lost.name in heard
    pictured.use_empty(tmp_path)
    code, restored, heard = groupbuy("restore", made["path"])
    assert (code, restored["differences"]) == (7, 1)
    assert lost.name in heard


def test_a_backup_without_pictures_has_none(pictured, tmp_path):
    code, made, _ = groupbuy("backup", "copies", "--no-pictures")
    assert (code, made["pictures"]) == (0, None)
    assert not (tmp_path / made["path"] / "pictures").exists()
