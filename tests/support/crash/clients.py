"""A bounded number of people who use the shop, and who ask again with the same key until answered.

What each does is drawn from the seed. Nobody minds a refusal: the shop's rules are not on trial
here. What counts is that an answer, once given, stays true.
"""

import hashlib
import secrets
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import httpx
from attrs import define, field

from groupbuy.application.ports import Query
from groupbuy.application.write_path import Work
from groupbuy.domain.commission import WithdrawalState, payout_number
from groupbuy.domain.kernel import DomainError
from groupbuy.domain.ordering import Order, OrderState
from tests.support.crash.town import Person, Town

BUYERS = 5
"""How many buy at once; with the merchant and finance they are all the clients there are."""
PATIENCE_SECONDS = 20
"""How long one attempt waits for its answer."""
PAUSE_SECONDS = 0.05
_ASK_AGAIN = frozenset({409, 429, 503})
_SELLING = timedelta(minutes=15)
"""How long a campaign sells, on the shop's clock."""
_CARRIER = "sf"
_CONTACT = {"name": "王小明", "phone": "17000000001", "address": "幸福路 1 号", "region": "上海"}
_PLANS: tuple[dict[str, Any], ...] = (
    {"quorum": {"target": 2}},
    {"quorum": {"target": 60}},
    {"quorum": {"target": 3}, "capacity": {"limit": 4}},
    {"quorum": {"target": 2}, "limits": {"orders_per_buyer": 1}, "on_quorum": "stop"},
)
"""Campaigns that form, that fail, that run out of seats, that close early."""


class Dice:
    """Draws that are the same in every run with the same seed."""

    def __init__(self, seed: str) -> None:
        """Start anew."""
        self._seed, self._thrown = seed, 0

    def below(self, bound: int) -> int:
        """Draw a number from 0 to below the bound."""
        self._thrown += 1
        digest = hashlib.sha256(f"{self._seed}/{self._thrown}".encode()).digest()
        return int.from_bytes(digest[:6]) % bound


@define(eq=False)
class Tally:
    """What the clients did, and what the shop promised them."""

    did: Counter[str] = field(factory=Counter)
    orders: set[str] = field(factory=set)
    """Orders whose join was acknowledged."""
    broken: list[str] = field(factory=list)
    """Promises that were not kept."""
    _lock: threading.Lock = field(factory=threading.Lock)

    def count(self, what: str) -> None:
        """Count something that was done."""
        with self._lock:
            self.did[what] += 1

    def promise(self, order_id: str) -> None:
        """Keep in mind an order that was acknowledged."""
        with self._lock:
            self.orders.add(order_id)


@define(eq=False)
class Client:
    """One connection to the town, used by one thread."""

    town: Town
    tally: Tally
    dice: Dice
    _http: httpx.Client = field(
        factory=lambda: httpx.Client(timeout=PATIENCE_SECONDS, trust_env=False), init=False
    )

    def ask(self, who: Person, method: str, path: str, body: object = None) -> httpx.Response:
        """Ask the shop until it gives an answer that is final."""
        headers = {"Authorization": f"Bearer {who.token}"}
        if method != "GET":
            headers["Idempotency-Key"] = secrets.token_hex(16)
        return self._until_answered(f"{self.town.web}/api/v1{path}", method, body, headers)

    def pull(self, path: str, body: object = None) -> Any:
        """Pull a string of the sandbox; None if it refuses."""
        answer = self._until_answered(f"{self.town.sandbox}/_control{path}", "POST", body, {})
        return answer.json() if answer.is_success else None

    def _until_answered(
        self, url: str, method: str, body: object, headers: Mapping[str, str]
    ) -> httpx.Response:
        while True:
            try:
                answer = self._http.request(method, url, json=body, headers=dict(headers))
            except httpx.HTTPError:
                self.tally.count("answers lost")
            else:
                if answer.status_code not in _ASK_AGAIN or (
                    answer.status_code == httpx.codes.CONFLICT
                    and "retry-after" not in answer.headers
                ):
                    self._note(method, url, answer)
                    return answer
            threading.Event().wait(PAUSE_SECONDS)

    def _note(self, method: str, url: str, answer: httpx.Response) -> None:
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            self.tally.broken.append(f"{method} {url}: {answer.status_code} {answer.text[:300]}")


@define(eq=False)
class Buyer:
    """Joins, pays, gives up, leaves, pays late, forgets to pay."""

    client: Client
    market: "Market"
    _paid: list[tuple[Person, str]] = field(factory=list, init=False)

    def turn(self) -> None:
        """Buy something, more or less."""
        client, dice = self.client, self.client.dice
        campaign = self.market.any_of(dice)
        if campaign is None:
            threading.Event().wait(PAUSE_SECONDS)
            return
        shoppers = client.town.people.shoppers
        who = shoppers[dice.below(len(shoppers))]
        order = self._join(who, campaign)
        if order is None:
            return
        mood = dice.below(10)
        if mood == 0:
            self._post(who, order, "cancel", "cancelled unpaid")
            return
        paid = client.ask(who, "POST", f"/shop/orders/{order}/payment")
        if mood == 1 or not paid.is_success:
            client.tally.count("never paid")
            return
        if mood >= 8:
            # Whoever looks at the payment page again makes the shop ask the provider.
            client.ask(who, "POST", f"/shop/orders/{order}/payment")
        self._pay(paid.json()["number"], late=mood == 2)
        self._paid.append((who, order))
        if mood == 3:
            self._post(*self._paid.pop(0), "leave", "left a group")

    def _join(self, who: Person, campaign: tuple[str, str]) -> str | None:
        campaign_id, sku = campaign
        body = {"items": [{"sku_id": sku}], "contact": _CONTACT}
        joined = self.client.ask(who, "POST", f"/shop/campaigns/{campaign_id}/joins", body)
        if not joined.is_success:
            self.client.tally.count("joins refused")
            return None
        order = str(joined.json()["order_id"])
        self.client.tally.count("joined")
        self.client.tally.promise(order)
        return order

    def _pay(self, number: str, *, late: bool) -> None:
        """Pay now, or after the provider has closed the payment: such things happen."""
        if late:
            self.market.late.append(number)
            return
        done = self.client.pull(f"/pay/{number}")
        self.client.tally.count("paid" if done else "payments refused")

    def _post(self, who: Person, order: str, what: str, word: str) -> None:
        done = self.client.ask(who, "POST", f"/shop/orders/{order}/{what}")
        self.client.tally.count(word if done.is_success else f"{what} refused")


@define(eq=False)
class Market:
    """The merchant: keeps campaigns open, ships, refunds; the courier delivers."""

    client: Client
    late: list[str] = field(factory=list)
    """Payments that will be made when it is too late."""
    _open: list[tuple[str, str, Any]] = field(factory=list)
    _opened: int = 0
    _served: set[str] = field(factory=set)
    _on_the_way: list[str] = field(factory=list)

    def any_of(self, dice: Dice) -> tuple[str, str] | None:
        """Return a campaign that sells, and its variant."""
        selling = list(self._open)
        return selling[dice.below(len(selling))][:2] if selling else None

    def turn(self) -> None:
        """Do a bit of everything."""
        now = self.client.town.clock.now()
        self._open = [each for each in self._open if now < each[2]]
        if len(self._open) < len(_PLANS):
            self._open_another()
        self._serve()
        self._deliver()
        if len(self.late) > 2:
            number = self.late.pop(0)
            done = self.client.pull(f"/pay/{number}", {"force": True})
            self.client.tally.count("paid late" if done else "payments refused")

    def _open_another(self) -> None:
        town, plan = self.client.town, _PLANS[self._opened % len(_PLANS)]
        starts = town.clock.now() + timedelta(seconds=2)
        sku = town.people.scarce if self._opened % 7 == 6 else town.people.plenty
        ends = starts + _SELLING
        body = {
            **plan,
            "title": f"脐橙 {self._opened}",
            "starts_at": starts.isoformat(),
            "ends_at": ends.isoformat(),
            "hold_minutes": 5,
            "offers": [{"sku_id": sku, "share_bp": 9_000}],
            "leader_id": town.people.leader_ids[self._opened % len(town.people.leader_ids)],
            "refund_rules": {"after_sale_days": 0},
        }
        self._opened += 1
        drafted = self.client.ask(town.people.merchant, "POST", "/merchant/campaigns", body)
        if not drafted.is_success:
            self.client.tally.broken.append(f"no campaign: {drafted.text[:300]}")
            return
        path = f"/merchant/campaigns/{drafted.json()['id']}/schedule"
        if self.client.ask(town.people.merchant, "POST", path).is_success:
            self.client.tally.count("campaigns")
            self._open.append((drafted.json()["id"], sku, ends))

    def _serve(self) -> None:
        """Ship some approved orders; give the money of every fourth back, some of it later."""
        for order in self.in_state(OrderState.APPROVED)[:4]:
            if order in self._served:
                continue
            self._served.add(order)
            if self.client.dice.below(4) == 0:
                self.refund(order)
            else:
                self._ship(order)

    def _ship(self, order: str) -> None:
        number = f"SF{order.partition('_')[2]}"
        body = {"carrier": _CARRIER, "tracking_number": number}
        path = f"/merchant/orders/{order}/parcels"
        if self.client.ask(self.client.town.people.merchant, "POST", path, body).is_success:
            self.client.tally.count("shipped")
            self._on_the_way.append(order)

    def _deliver(self) -> None:
        """Every parcel is signed for at once; now and then the money goes back after all."""
        while self._on_the_way:
            order = self._on_the_way.pop(0)
            number = f"SF{order.partition('_')[2]}"
            self.client.pull(f"/parcels/{_CARRIER}/{number}/advance", {"state": "SIGNED"})
            if self.client.dice.below(8) == 0:
                self.refund(order)

    def refund(self, order: str) -> None:
        """Give the money of an order back."""
        path = f"/merchant/orders/{order}/refunds"
        who, why = self.client.town.people.merchant, {"reason": "签收时有坏果"}
        done = self.client.ask(who, "POST", path, why)
        self.client.tally.count("refunded" if done.is_success else "refunds refused")

    def in_state(self, state: OrderState) -> list[str]:
        """Return orders in a state, by looking into the database; nothing while it is down."""

        def query(work: Work) -> list[str]:
            found = work.of(Order).select(Query().where(state=state).page(200))
            return [order.id for order in found if order.id not in self._served]

        try:
            return self.client.town.read(query)
        except DomainError:
            return []


@define(eq=False)
class Purse:
    """Leaders ask for their money bit by bit; finance approves; wallets are confirmed."""

    client: Client

    def turn(self) -> None:
        """Ask once for each leader who may, and approve what waits."""
        people, client = self.client.town.people, self.client
        for leader in people.leaders:
            seen = client.ask(leader, "GET", "/leader/commission")
            left = seen.json()["available"]["amount"] if seen.is_success else 0
            if left >= 100:
                wanted = min(left, 100 + client.dice.below(700))
                body = {"amount": {"amount": wanted}}
                done = client.ask(leader, "POST", "/leader/withdrawals", body)
                client.tally.count("withdrawals" if done.is_success else "withdrawals refused")
        self._pay_merchant()
        self.approve_all()
        threading.Event().wait(PAUSE_SECONDS)

    def approve_all(self) -> None:
        """Two people approve whatever waits; the owners of wallets take their money."""
        people, client = self.client.town.people, self.client
        for state, act in (
            (WithdrawalState.REQUESTED, self._approve),
            (WithdrawalState.AWAITING_USER, self._take),
        ):
            page = client.ask(people.finance[0], "GET", f"/ops/withdrawals?state={state.value}")
            for each in page.json()["items"] if page.is_success else ():
                act(each)

        self._approve_merchants()

    def _pay_merchant(self) -> None:
        """Let the merchant ask for a part of what is due, exactly as it was shown."""
        client, staff = self.client, self.client.town.people.merchant
        wanted = 100 + client.dice.below(5_000)
        seen = client.ask(staff, "GET", f"/merchant/payouts/due?amount={wanted}")
        if seen.is_success and seen.json()["free"]["amount"] >= wanted:
            body = {name: seen.json()[name] for name in ("amount", "digest")}
            done = client.ask(staff, "POST", "/merchant/payouts", body)
            client.tally.count("merchant payouts" if done.is_success else "payouts refused")

    def _approve_merchants(self) -> None:
        """Two people of finance approve what the merchant has asked for."""
        people, client = self.client.town.people, self.client
        path = "/ops/merchant-payouts"
        page = client.ask(people.finance[0], "GET", f"{path}?state=requested")
        for each in page.json()["items"] if page.is_success else ():
            for approver in people.finance:
                client.ask(approver, "POST", f"{path}/{each['id']}/approve", {"reason": "货款"})

    def _approve(self, withdrawal: dict[str, Any]) -> None:
        if self.client.dice.below(12) == 0:
            path = f"/ops/withdrawals/{withdrawal['id']}/cancel"
            self.client.ask(self.client.town.people.finance[0], "POST", path, {"reason": "查"})
            self.client.tally.count("withdrawals cancelled")
            return
        for approver in self.client.town.people.finance[: withdrawal["approvals_needed"]]:
            path = f"/ops/withdrawals/{withdrawal['id']}/approve"
            self.client.ask(approver, "POST", path, {"reason": "提现"})

    def _take(self, withdrawal: dict[str, Any]) -> None:
        self.client.pull(f"/confirm-transfer/{payout_number(withdrawal['id'])}")


@define(eq=False)
class Crowd:
    """All clients, each in a thread of its own, until they are told to stop."""

    town: Town
    seed: str
    tally: Tally = field(factory=Tally)
    market: Market = field(init=False)
    purse: Purse = field(init=False)
    _stop: threading.Event = field(factory=threading.Event, init=False)
    _threads: list[threading.Thread] = field(factory=list, init=False)

    def __attrs_post_init__(self) -> None:
        """Everybody gets ready."""
        self.market = Market(self._client("market"))
        self.purse = Purse(self._client("purse"))

    def start(self) -> None:
        """Begin."""
        buyers = [Buyer(self._client(f"buyer-{n}"), self.market) for n in range(BUYERS)]
        for turn in (*(each.turn for each in buyers), self.market.turn, self.purse.turn):
            thread = threading.Thread(target=self._keep_on, args=(turn,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """Finish what was begun, then stop."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _keep_on(self, turn: Callable[[], None]) -> None:
        while not self._stop.is_set():
            try:
                turn()
            except Exception as error:  # noqa: BLE001  a client that fell silent would hide defects
                self.tally.broken.append(f"{turn.__qualname__}: {error!r}")
                return

    def _client(self, name: str) -> Client:
        return Client(self.town, self.tally, Dice(f"{self.seed}/{name}"))
