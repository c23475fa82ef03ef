"""Real databases, the real command line, the real web; goods come from files."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from litestar.testing import TestClient

from groupbuy.adapters.persistence import open_database
from groupbuy.application.membership import session_id_of
from groupbuy.application.write_path import Caller
from groupbuy.domain.membership import LoginSession, User
from groupbuy.entrypoints.bootstrap import build
from groupbuy.entrypoints.cli import main
from groupbuy.entrypoints.http import create_api
from groupbuy.entrypoints.settings import load
from tests.support.shop import Shop
from tests.support.source import ROOT

SHARED = ROOT.parent / "shared" / "data" / "catalogue-zh.jsonl"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request):
    if request.param == "sqlite":
        return request.getfixturevalue("sqlite_url")
    return request.getfixturevalue("pg_database").app_url


@pytest.fixture
def shop(database_url):
    database = open_database(database_url)
    made = Shop(database.begin)
    made.merchant()
    yield made
    database.close()


@pytest.fixture(scope="session")
def real_catalogue() -> Path:
    if not SHARED.exists():
        pytest.skip("the shared catalogue is not on this machine")
    return SHARED


class Run:
    """What a command said and how it ended."""

    def __init__(self, result):
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        self.code = result.exit_code
        self.out = result.stdout
        self.err = result.stderr

    @property
    def document(self):
        return json.loads(self.out)

    @property
    def counts(self):
        names = ("products", "variants", "created", "updated", "unchanged", "rejected")
        return tuple(self.document[name] for name in names)


@pytest.fixture
def groupbuy(tmp_path, monkeypatch, database_url):
    """Run a command in an empty folder, on that database."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GROUPBUY_DATABASE_URL", database_url)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    def run(*args, stdin=None):
        return Run(CliRunner().invoke(main, args, prog_name="groupbuy", input=stdin))

    return run


class Web:
    """Somebody in front of the web."""

    def __init__(self, app, client):
        self.app = app
        self.client = client
        self._keys = 0

    def login(self, *roles, merchant_id=None):
        """Open a session for somebody new; return the headers that show it."""
        kit = self.app.kit
        now, token = kit.clock.now(), kit.ids.token()
        user = User(
            id=kit.ids.new("usr"),
            phone_fingerprint=token,
            phone_sealed="",
            name_sealed="",
            password_hash="",
            data_key="",
            created_at=now,
            roles=frozenset(roles),
            merchant_id=merchant_id,
        )
        session = LoginSession(session_id_of(token), user.id, now, now, now.replace(year=9999))
        self.store(user, session)
        return {"Authorization": f"Bearer {token}"}

    def store(self, *things):
        def add(work):
            for thing in things:
                work.of(type(thing)).add(thing)

        self.app.desk.run(Caller.system("main"), add)

    def get(self, path, who=None, **query):
        return self.client.get(f"/api/v1{path}", headers=who or {}, params=query)

    def send(self, method, path, body=None, who=None, **headers):
        self._keys += 1
        sent = {"Idempotency-Key": f"k{self._keys}", **(who or {}), **headers}
        return self.client.request(method, f"/api/v1{path}", json=body, headers=sent)


@pytest.fixture
def web(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    app = build(load("", {"database": {"url": f"sqlite:///{tmp_path / 'web.db'}"}}))
    with TestClient(create_api(app)) as client:
        yield Web(app, client)
    app.close()
