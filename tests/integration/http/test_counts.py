"""The public count over HTTP, and the script that anybody may check it with."""

import subprocess
import sys
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from attrs import evolve

from groupbuy.application import campaigns
from groupbuy.application.write_path import Caller
from groupbuy.domain.campaigns import (
    Campaign,
    CampaignState,
    CountLink,
    Group,
    Measure,
    Mode,
    Quorum,
)
from groupbuy.domain.kernel import Event
from tests.support.source import ROOT
from tests.support.web import TENANT

START = datetime(2026, 11, 2, 4, tzinfo=UTC)
END = datetime(2099, 11, 5, 4, tzinfo=UTC)
SCRIPT = ROOT / "examples" / "check_counter.py"


def a_group(shop, paid):
    """Store a group in which one more has paid each time the worker looks."""
    ids, system = shop.app.kit.ids, Caller.system(TENANT)
    campaign = Campaign(
        id=ids.new("cmp"),
        merchant_id=ids.new("mch"),
        title="阳山水蜜桃",
        mode=Mode.POOL,
        starts_at=START,
        ends_at=END,
        created_by="usr_x",
        created_at=START,
        quorum=Quorum(Measure.BUYERS, 3),
        state=CampaignState.OPEN,
    )
    group = Group(ids.new("grp"), campaign.id, START, END)

    def make(work):
        work.of(Campaign).add(campaign)
        work.of(Group).add(group)

    def pay(work, buyers):
        found = work.of(Group).lock([group.id])[group.id]
        work.of(Group).save(evolve(found, paid_buyers=buyers))
        work.emit([Event("group.seat_paid", group.id, work.now())])

    shop.app.desk.run(system, make)
    for buyers in range(1, paid + 1):
        shop.app.desk.run(system, lambda work, b=buyers: pay(work, b))
        campaigns.keep_counts(shop.app.desk, shop.app.database, TENANT)
    return group.id


def path_of(group_id):
    return f"/api/v1/shop/groups/{group_id}/counter"


@contextmanager
def listening(client, change=lambda body: body):
    """Answer on a port of this machine what the client in process answers."""

    class Door(BaseHTTPRequestHandler):
        def do_GET(self):
            answer = client.get(self.path)
            body = change(answer.content)
            self.send_response(answer.status_code)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def check(address, group_id):
    command = [sys.executable, "-W", "error", str(SCRIPT), address, group_id]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)


def test_the_count_is_shown_to_anybody_page_by_page(shop):
    group_id = a_group(shop, 3)
    first = shop.client.get(f"{path_of(group_id)}?limit=3").json()
    assert [each["joined"] for each in first["items"]] == [0, 1, 2]
    assert first["items"][0]["at"] == "2026-11-02T04:00:00Z"
    assert first["items"][0].keys() == {"sequence", "at", "count", "joined", "previous", "hash"}
    rest = shop.client.get(f"{path_of(group_id)}?limit=3&cursor={first['next_cursor']}").json()
    assert [each["joined"] for each in rest["items"]] == [3]
    assert rest["items"][0]["previous"] == first["items"][-1]["hash"]
    assert shop.client.get(path_of("grp_nowhere")).status_code == 404


def test_the_script_for_everybody_checks_a_group_over_http(shop):
    group_id = a_group(shop, 120)
    with listening(shop.client) as address:
        done = check(address, group_id)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert len(lines) == 121  # more than one page
    assert lines[-1].split()[1:3] == ["120", "120"]


def test_the_script_sees_what_was_tampered_with(shop):
    group_id = a_group(shop, 2)
    forged = lambda body: body.replace(b'"joined":1', b'"joined":9')  # noqa: E731
    with listening(shop.client, forged) as address:
        done = check(address, group_id)
    assert done.returncode == 1
    assert "link 2 was tampered with" in done.stderr


def test_no_name_and_no_buyer_is_in_a_count(shop):
    group_id = a_group(shop, 1)
    body = shop.client.get(path_of(group_id)).text
    assert "usr_" not in body
    assert "ord_" not in body
    links = shop.app.desk.read(
        Caller.system(TENANT), lambda w: campaigns.public_counts(w, group_id, 10)
    )
    assert all(isinstance(each, CountLink) for each in links)
