"""A real sandbox on a free port, a clock for both sides, and an ear for its callbacks."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread

import httpx

from groupbuy.domain.kernel import Money, Refused
from groupbuy.entrypoints.sandbox import create_sandbox, serving

SECRET = "a secret of these tests"
START = datetime(2026, 11, 1, 4, 0, tzinfo=UTC)


class MovingClock:
    def __init__(self, at=START):
        self.at = at

    def now(self):
        return self.at

    def pass_time(self, seconds):
        self.at += timedelta(seconds=seconds)


class Ear:
    """Collects callbacks and answers them with `status`, or with `once` first."""

    def __init__(self):
        self.heard = []
        self.status = 204
        self.says = b""
        self.once = []
        self.first = Event()
        self.lock = Lock()

    def hear(self, headers, body):
        with self.lock:
            self.heard.append((headers, body))
            self.first.set()
            return self.once.pop(0) if self.once else self.status

    def forget(self):
        self.heard, self.once, self.status, self.says = [], [], 204, b""


@contextmanager
def listening():
    ear = Ear()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(ear.hear(dict(self.headers.items()), body))
            self.send_header("Content-Length", str(len(ear.says)))
            self.end_headers()
            self.wfile.write(ear.says)

        def log_message(self, *_):
            """Tests are quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    ear.url = f"http://127.0.0.1:{server.server_port}/hook"
    try:
        yield ear
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Rig:
    """The puppet strings of the sandbox, in the shape the contract suites want."""

    def __init__(self, base_url, clock, ear):
        self.base_url, self.clock, self.ear = base_url, clock, ear
        self.http = httpx.Client(base_url=base_url, trust_env=False, timeout=30)

    def settings(self, **more):
        given = {"base_url": self.base_url, "secret": SECRET, "notify_url": self.ear.url}
        return {**given, **more}

    def control(self, method, path, json=None):
        answer = self.http.request(method, f"/_control/{path}", json=json)
        if answer.status_code >= 400:
            raise Refused(rule=answer.json()["code"], about=path)
        return answer.json() if answer.content else None

    def now(self):
        return self.clock.now()

    def pass_time(self, seconds):
        self.clock.pass_time(seconds)

    def pay(self, number, amount=None, **more):
        body = {"amount": amount.minor, "currency": amount.currency} if amount else {}
        self.control("POST", f"pay/{number}", {**body, **more})

    def settle(self):
        self.flush()

    def flush(self):
        return self.control("POST", "flush")

    def faults(self, *rules, seed=0):
        return self.control("PUT", "faults", {"rules": list(rules), "seed": seed})

    def journal(self):
        return self.control("GET", "journal")

    def refunded(self, payment_number):
        return -sum(
            m["amount"]
            for m in self.journal()["movements"]
            if m["kind"] == "refund" and m["payment_number"] == payment_number
        )

    def paid_out(self):
        return -self.journal()["totals"]["payout"].get("CNY", 0)

    def confirm(self, number):
        self.control("POST", f"confirm-transfer/{number}")

    def move(self, carrier, number, state, at=None):
        words = {
            "labelled": "LABEL",
            "in_transit": "MOVING",
            "delivered": "SIGNED",
            "exception": "PROBLEM",
            "returning": "RETURNING",
            "returned": "RETURNED",
        }
        body = {"state": words[state], "at": at.isoformat() if at else None}
        self.control("POST", f"parcels/{carrier}/{number}/advance", body)

    def callbacks(self):
        self.flush()
        return list(self.ear.heard)

    def unsigned(self, headers, body):
        return {}, body

    def clear(self):
        self.control("POST", "reset")
        self.ear.forget()


@contextmanager
def running(journal_path, **more):
    clock = MovingClock()
    app = create_sandbox(str(journal_path), SECRET, clock, background=False, **more)
    with listening() as ear, serving(app) as url:
        rig = Rig(url, clock, ear)
        try:
            yield rig
        finally:
            rig.http.close()


class MemoryRig:
    """The puppet strings of the memory adapters, in the same shape."""

    def __init__(self, clock, adapter):
        self.clock, self.adapter = clock, adapter

    def now(self):
        return self.clock.now()

    def pass_time(self, seconds):
        self.clock.pass_time(seconds)

    def pay(self, number, amount: Money | None = None):
        self.adapter.pay(number, amount)

    def settle(self):
        self.adapter.settle()

    def refunded(self, payment_number):
        return self.adapter.refunded(payment_number)

    def paid_out(self):
        return -sum(line.amount.minor for line in self.adapter.movements)

    def confirm(self, number):
        self.adapter.confirm(number)

    def move(self, carrier, number, state, at=None):
        self.adapter.move(carrier, number, state, at=at)

    def callbacks(self):
        return list(self.adapter.callbacks.sent)

    def unsigned(self, headers, body):
        return {}, body
