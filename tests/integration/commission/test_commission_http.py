"""Commission over HTTP: a leader sees and withdraws, finance settles, approves and verifies."""

from datetime import timedelta

import pytest
from attrs import evolve
from litestar.testing import TestClient

from groupbuy.application import commission
from groupbuy.application.membership import session_id_of
from groupbuy.domain.membership import LoginSession, Role, User
from groupbuy.entrypoints.bootstrap import build
from groupbuy.entrypoints.http import create_api
from groupbuy.entrypoints.settings import DatabaseSettings, Settings
from tests.support.earnings import FINANCE, START, Earnings, TurnedClock

V1 = "/api/v1"


class FileHands(TurnedClock):
    """Turns the clock of an application that reads it from a file."""

    def __init__(self, path):
        self.path = path
        super().__init__(START)

    def __setattr__(self, name, value):
        super().__setattr__(name, value)
        if name == "at":
            self.path.write_text(value.isoformat())


class Desk:
    """One application with a client for everybody who logs in."""

    def __init__(self, folder):
        hands = FileHands(folder / "now")
        self.app = build(
            Settings(
                clock_file=str(folder / "now"),
                database=DatabaseSettings(url=f"sqlite:///{folder / 'groupbuy.db'}"),
            )
        )
        self.shop = Earnings(self.app.database, clock=hands, kit=self.app.kit)
        self.http = TestClient(create_api(self.app))
        self.keys = iter(range(10_000))

    def login(self, user_id):
        token = f"token-of-{user_id}"
        now = self.shop.clock.at
        session = LoginSession(
            id=session_id_of(token),
            user_id=user_id,
            created_at=now,
            last_seen_at=now,
            expires_at=now + timedelta(days=365),
        )
        self.shop.put(LoginSession, session)
        return token

    def staff(self, role):
        caller = self.shop.leader("职员", account=False)

        def appoint(work):
            user = work.of(User).get(caller.user_id)
            work.of(User).save(evolve(user, roles=frozenset({role}), leader_id=None))

        self.shop.desk.run(self.shop.system, appoint)
        return self.login(caller.user_id)

    def ask(self, token, method, path, body=None, key=None):
        headers = {"Authorization": f"Bearer {token}"}
        if method in {"POST", "PUT"}:
            headers["Idempotency-Key"] = key or f"key-{next(self.keys)}"
        return self.http.request(method, V1 + path, headers=headers, json=body)


@pytest.fixture
def desk(tmp_path):
    made = Desk(tmp_path)
    with made.http:
        yield made
    made.app.close()


@pytest.fixture
def leader(desk):
    return desk.shop.settled(100_000)


@pytest.fixture
def mine(desk, leader):
    return desk.login(leader.user_id)


@pytest.fixture
def finance(desk):
    return desk.staff(Role.FINANCE)


def fen(amount):
    return {"amount": amount, "currency": "CNY"}


def test_a_leader_sees_earnings_entries_and_statements(desk, leader, mine):
    desk.shop.earn(leader, 5_000)
    earned = desk.ask(mine, "GET", "/leader/commission").json()
    assert earned == {"pending": fen(0), "vested": fen(500), "available": fen(10_000)}
    entries = desk.ask(mine, "GET", "/leader/commission/entries?state=vested").json()
    assert [entry["amount"] for entry in entries["items"]] == [fen(500)]
    (statement,) = desk.ask(mine, "GET", "/leader/statements").json()["items"]
    assert (statement["period"], statement["settled"]) == ("2026-10", fen(10_000))
    page = desk.ask(mine, "GET", f"/leader/statements/{statement['id']}").json()
    assert [line["amount"] for line in page["lines"]] == [fen(10_000)]


def test_entries_come_page_by_page_without_gaps(desk, leader, mine):
    for _ in range(4):
        desk.shop.earn(leader)
    seen, cursor = [], ""
    while cursor is not None:
        path = f"/leader/commission/entries?limit=2&cursor={cursor}"
        page = desk.ask(mine, "GET", path).json()
        seen += [entry["id"] for entry in page["items"]]
        cursor = page["next_cursor"]
    assert len(seen) == len(set(seen)) == 5


def test_another_leaders_statement_looks_like_a_missing_one(desk, leader, mine):
    (statement,) = desk.ask(mine, "GET", "/leader/statements").json()["items"]
    stranger = desk.login(desk.shop.leader("周建国").user_id)
    assert desk.ask(stranger, "GET", f"/leader/statements/{statement['id']}").status_code == 404
    assert desk.ask(stranger, "GET", "/leader/statements/stm_none").status_code == 404


def test_a_payout_account_is_shown_by_its_end_and_starts_cooling(desk, mine):
    desk.shop.clock.at += timedelta(days=2)
    card = {"channel": "bank_card", "account": "6222 0212 3456 7891", "name": "何秀兰"}
    answer = desk.ask(mine, "PUT", "/leader/payout-account", card)
    assert (answer.status_code, answer.json()["tail"]) == (200, "7891")
    assert desk.ask(mine, "GET", "/leader/payout-account").json()["tail"] == "7891"
    refused = desk.ask(mine, "POST", "/leader/withdrawals", {"amount": fen(100)})
    assert refused.status_code == 409
    assert refused.json()["facts"]["rule"] == "cooling_period_is_over"


def test_a_withdrawal_needs_a_key_and_happens_once_per_key(desk, leader, mine):
    body = {"amount": fen(6_000)}
    bare = desk.http.post(
        f"{V1}/leader/withdrawals", json=body, headers={"Authorization": f"Bearer {mine}"}
    )
    assert bare.status_code == 400
    first = desk.ask(mine, "POST", "/leader/withdrawals", body, key="once")
    again = desk.ask(mine, "POST", "/leader/withdrawals", body, key="once")
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert desk.shop.available(leader) == 4_000
    other = desk.ask(mine, "POST", "/leader/withdrawals", {"amount": fen(1)}, key="once")
    assert other.status_code == 422


def test_a_withdrawal_beyond_the_balance_is_refused(desk, mine):
    answer = desk.ask(mine, "POST", "/leader/withdrawals", {"amount": fen(10_001)})
    assert answer.status_code == 409
    assert answer.json()["facts"]["rule"] == "balance_is_enough"


@pytest.mark.parametrize("body", [{}, {"amount": fen(1), "to": "me"}, {"amount": {"amount": 1.5}}])
def test_a_body_that_is_not_a_withdrawal_is_a_400(desk, mine, body):
    assert desk.ask(mine, "POST", "/leader/withdrawals", body).status_code == 400


def test_finance_holds_resumes_and_approves(desk, mine, finance):
    made = desk.ask(mine, "POST", "/leader/withdrawals", {"amount": fen(6_000)}).json()
    path, why = f"/ops/withdrawals/{made['id']}", {"reason": "checked"}
    assert desk.ask(finance, "POST", f"{path}/hold", why).json()["state"] == "on_hold"
    assert desk.ask(finance, "POST", f"{path}/approve", why).status_code == 409
    assert desk.ask(finance, "POST", f"{path}/resume", why).json()["state"] == "requested"
    assert desk.ask(finance, "POST", f"{path}/approve", why).json()["state"] == "approved"
    listed = desk.ask(finance, "GET", "/ops/withdrawals?state=approved").json()["items"]
    assert [each["id"] for each in listed] == [made["id"]]
    assert "account" not in str(listed)


def test_a_leader_cancels_before_approval_and_not_after(desk, leader, mine, finance):
    made = desk.ask(mine, "POST", "/leader/withdrawals", {"amount": fen(6_000)}).json()
    cancel = f"/leader/withdrawals/{made['id']}/cancel"
    assert desk.ask(mine, "POST", cancel).json()["state"] == "cancelled"
    assert desk.shop.available(leader) == 10_000
    made = desk.ask(mine, "POST", "/leader/withdrawals", {"amount": fen(6_000)}).json()
    desk.ask(finance, "POST", f"/ops/withdrawals/{made['id']}/approve", {"reason": "checked"})
    late = desk.ask(mine, "POST", f"/leader/withdrawals/{made['id']}/cancel")
    assert late.status_code == 409


def test_finance_previews_and_runs_a_settlement_by_its_digest(desk, leader):
    desk.shop.earn(leader, 5_000)
    desk.shop.clock.at += timedelta(days=30)
    finance = desk.staff(Role.FINANCE)
    seen = desk.ask(finance, "GET", "/ops/settlements/stl_2026-11").json()
    assert (seen["settled"], len(seen["digest"])) == (fen(500), 12)
    wrong = {"digest": "0" * 12, "reason": "November"}
    answer = desk.ask(finance, "POST", "/ops/settlements/stl_2026-11/run", wrong)
    assert (answer.status_code, answer.json()["code"]) == (409, "changed_since_preview")
    right = wrong | {"digest": seen["digest"]}
    done = desk.ask(finance, "POST", "/ops/settlements/stl_2026-11/run", right).json()
    assert [each["settled"] for each in done["statements"]] == [fen(500)]
    again = desk.ask(finance, "POST", "/ops/settlements/stl_2026-11/run", right).json()
    assert (again["statements"], again["skipped"]) == ([], 1)
    shown = f"/ops/settlements/stl_2026-11/leaders/{leader.leader_id}"
    assert len(desk.ask(finance, "GET", shown).json()["lines"]) == 1


def test_every_line_of_a_statement_says_what_stands_behind_it(desk, leader, mine):
    (statement,) = desk.ask(mine, "GET", "/leader/statements").json()["items"]
    page = desk.ask(mine, "GET", f"/leader/statements/{statement['id']}").json()
    terms = ("carried", "accrued", "reversals", "adjusted")
    said = page["statement"]
    assert said["payable"]["amount"] == sum(said[name]["amount"] for name in terms)
    (line,) = page["lines"]
    assert line["journal_id"].startswith("jrn_")
    assert (line["because_of"], line["dispute_id"], line["dispute_state"]) == ("", "", None)
    assert page["settled_by"].startswith("jrn_")


@pytest.mark.parametrize(
    ("form", "kind", "start"),
    [("csv", "text/csv", b"\xef\xbb\xbf"), ("xlsx", "sheet", b"PK"), ("pdf", "pdf", b"%PDF")],
)
def test_a_statement_is_a_file_for_its_leader_and_for_finance(
    desk, leader, mine, finance, form, kind, start
):
    (statement,) = desk.ask(mine, "GET", "/leader/statements").json()["items"]
    own = desk.ask(mine, "GET", f"/leader/statements/{statement['id']}.{form}")
    path = f"/ops/settlements/stl_2026-10/leaders/{leader.leader_id}.{form}"
    office = desk.ask(finance, "GET", path)
    assert (own.status_code, office.status_code) == (200, 200)
    assert kind in own.headers["Content-Type"]
    name = f"2026-10-{leader.leader_id}.{form}"
    assert own.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert own.content.startswith(start)
    assert own.content == office.content
    stranger = desk.login(desk.shop.leader("周建国").user_id)
    refused = desk.ask(stranger, "GET", f"/leader/statements/{statement['id']}.{form}")
    assert refused.status_code == 404
    assert desk.ask(mine, "GET", f"/leader/statements/{statement['id']}.exe").status_code == 404


def test_a_leader_doubts_a_line_once_and_reads_the_answer(desk, leader, mine, finance):
    (statement,) = desk.ask(mine, "GET", "/leader/statements").json()["items"]
    path = f"/leader/statements/{statement['id']}"
    (line,) = desk.ask(mine, "GET", path).json()["lines"]
    doubts, why = f"{path}/lines/{line['id']}/disputes", {"reason": "it was twelve percent"}
    made = desk.ask(mine, "POST", doubts, why, key="once")
    again = desk.ask(mine, "POST", doubts, why, key="once")
    assert (made.status_code, made.json()) == (201, again.json())
    refused = desk.ask(mine, "POST", doubts, why)
    assert (refused.status_code, refused.json()["facts"]["rule"]) == (
        409,
        "one_open_dispute_a_line",
    )
    (listed,) = desk.ask(finance, "GET", "/ops/disputes").json()["items"]
    assert (listed["reason"], listed["state"]) == ("it was twelve percent", "opened")
    key = made.json()["id"]
    desk.shop.desk.run(FINANCE, lambda w: commission.adjust_line(w, key, 1_200, "so it was"))
    (mine_now,) = desk.ask(mine, "GET", "/leader/disputes").json()["items"]
    assert (mine_now["state"], mine_now["answer"]) == ("adjusted", "so it was")
    (line,) = desk.ask(mine, "GET", path).json()["lines"]
    assert (line["dispute_id"], line["dispute_state"]) == (key, "adjusted")
    assert desk.ask(mine, "GET", "/leader/commission").json()["vested"] == fen(2_000)


def test_finance_answers_a_dispute_once_by_a_rate_or_by_the_line_as_it_is(
    desk, leader, mine, finance
):
    (statement,) = desk.ask(mine, "GET", "/leader/statements").json()["items"]
    path = f"/leader/statements/{statement['id']}"
    (line,) = desk.ask(mine, "GET", path).json()["lines"]
    doubts = f"{path}/lines/{line['id']}/disputes"
    first = desk.ask(mine, "POST", doubts, {"reason": "twelve percent"}).json()["id"]
    answers, said = f"/ops/disputes/{first}/answer", {"rate_bp": 1_200, "reason": "so it was"}
    made = desk.ask(finance, "POST", answers, said, key="once")
    again = desk.ask(finance, "POST", answers, said, key="once")
    assert (made.status_code, made.json()) == (200, again.json())
    assert (made.json()["state"], made.json()["answer"]) == ("adjusted", "so it was")
    assert desk.ask(finance, "POST", answers, said).status_code == 409
    assert desk.ask(mine, "GET", "/leader/commission").json()["vested"] == fen(2_000)
    second = desk.ask(mine, "POST", doubts, {"reason": "still wrong"}).json()["id"]
    (waits,) = desk.ask(finance, "GET", "/ops/disputes?state=opened").json()["items"]
    assert waits["id"] == second
    stands = desk.ask(finance, "POST", f"/ops/disputes/{second}/answer", {"reason": "it stands"})
    assert stands.json()["state"] == "upheld"
    assert desk.ask(finance, "GET", "/ops/disputes?state=opened").json()["items"] == []


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "x", "rate_bp": 3_001}])
def test_an_answer_needs_a_reason_and_stays_below_the_ceiling(desk, finance, body):
    assert desk.ask(finance, "POST", "/ops/disputes/dsp_1/answer", body).status_code == 400
    missing = desk.ask(finance, "POST", "/ops/disputes/dsp_1/answer", {"reason": "x"})
    assert missing.status_code == 404


@pytest.mark.parametrize(("name", "status"), [("2026-11", 400), ("stl_2026-99", 422)])
def test_a_settlement_that_is_no_month_is_refused(desk, finance, name, status):
    assert desk.ask(finance, "GET", f"/ops/settlements/{name}").status_code == status


def test_finance_verifies_the_books_and_reads_the_trial_balance(desk, leader, finance):
    assert desk.ask(finance, "GET", "/ops/ledger/verify").json() == {"ok": True, "findings": []}
    rows = desk.ask(finance, "GET", "/ops/ledger/trial-balance").json()["rows"]
    assert sum(row["balance"]["amount"] for row in rows) == 0
    assert {row["account"] for row in rows} >= {
        "clearing:{provider}",
        "leader:{leader}:available",
    }


def test_only_finance_comes_near_the_money(desk, mine):
    admin = desk.staff(Role.ADMIN)
    for method, path in (
        ("GET", "/ops/settlements/stl_2026-10"),
        ("GET", "/ops/settlements/stl_2026-10/leaders/ldr_1"),
        ("POST", "/ops/settlements/stl_2026-10/run"),
        ("GET", "/ops/withdrawals"),
        ("POST", "/ops/withdrawals/wdr_1/approve"),
        ("POST", "/ops/withdrawals/wdr_1/hold"),
        ("POST", "/ops/withdrawals/wdr_1/resume"),
        ("POST", "/ops/withdrawals/wdr_1/cancel"),
        ("POST", "/ops/disputes/dsp_1/answer"),
        ("GET", "/ops/ledger/verify"),
        ("GET", "/ops/ledger/trial-balance"),
    ):
        for token, status in ((mine, 403), (admin, 403), ("nobody", 401)):
            assert desk.ask(token, method, path, {}).status_code == status, path


def test_only_leaders_have_commission(desk, finance):
    assert desk.ask(finance, "GET", "/leader/commission").status_code == 403
