"""A small shop that earns commission: real use cases on any storage, and a clock to turn."""

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import count
from typing import Any, Protocol

from attrs import evolve

from groupbuy.adapters.system import AesVault, RandomIds
from groupbuy.application import commission, payouts, withdrawals
from groupbuy.application.policy import Policy
from groupbuy.application.ports import Begin, PayoutRequest, Signals
from groupbuy.application.ports.reporting import LedgerPicture, LedgerReader
from groupbuy.application.steps.commissioning import accrue, reverse_for, vest
from groupbuy.application.write_path import Caller, Desk, Kit, Work
from groupbuy.domain.commission import Entry, Withdrawal, WithdrawalRules
from groupbuy.domain.kernel import Money
from groupbuy.domain.ledger import Amount, Balance
from groupbuy.domain.membership import Leader, LeaderState, PickupPoint, Role, User
from groupbuy.domain.ordering import Contact, LineKind, Order, OrderLine, OrderState

TENANT = "main"
START = datetime(2026, 10, 5, 4, 0, tzinfo=UTC)
NO_COOLING = WithdrawalRules(cooling_hours=0)
FINANCE = Caller(tenant=TENANT, user_id="usr_finance", roles=frozenset({Role.FINANCE}))
SECOND = evolve(FINANCE, user_id="usr_second")


class TurnedClock:
    """A clock that moves only when it is told to."""

    def __init__(self, at: datetime = START) -> None:
        """Start somewhere."""
        self.at = at

    def now(self) -> datetime:
        """Return where the hands are."""
        return self.at


class NoWait:
    """Tries again at once."""

    def wait(self, attempt: int) -> None:
        """Do not wait."""


class Storage(LedgerReader, Protocol):
    """What the shop stands on: a database of any kind."""

    @property
    def begin(self) -> Begin:
        """Open units of work."""
        ...

    @property
    def signals(self) -> Signals:
        """Tell others."""
        ...


class Earnings:
    """A tenant with leaders and finance; orders are confirmed, refunded and vested by hand."""

    def __init__(
        self,
        database: Storage,
        policy: Policy | None = None,
        *,
        clock: TurnedClock | None = None,
        kit: Kit | None = None,
    ) -> None:
        """Open it on some storage, with a kit of its own or somebody else's."""
        self.database = database
        self.clock = clock or TurnedClock()
        self.kit = kit or self._kit(policy or Policy())
        self.desk = Desk(database.begin, self.kit, database.signals, NoWait())
        self.numbers = count(1)
        self.points: dict[str | None, int] = {}
        self.system = Caller.system(TENANT)

    def _kit(self, policy: Policy) -> Kit:
        ids, vault = RandomIds(self.clock), AesVault({"k1": bytes(32)}, "k1")
        return Kit(clock=self.clock, ids=ids, vault=vault, policy=policy)

    def leader(self, name: str = "何秀兰", *, account: bool = True, **changes: Any) -> Caller:
        """Register an approved leader who may be paid; return them as a caller."""
        user_id, leader_id = self.kit.ids.new("usr"), self.kit.ids.new("ldr")
        user = User(
            id=user_id,
            phone_fingerprint=user_id,
            phone_sealed="",
            name_sealed="",
            initial=name[:1],
            password_hash="",
            data_key=self.kit.vault.new_data_key(),
            created_at=self.clock.at,
            roles=frozenset({Role.SHOPPER, Role.LEADER}),
            leader_id=leader_id,
        )
        leader = Leader(
            id=leader_id,
            user_id=user_id,
            name=name,
            applied_at=self.clock.at,
            state=LeaderState.APPROVED,
        )
        self.put(User, user)
        self.put(Leader, evolve(leader, **changes))
        caller = Caller(
            tenant=TENANT,
            user_id=user_id,
            roles=frozenset({Role.SHOPPER, Role.LEADER}),
            leader_id=leader_id,
        )
        if account:
            card = withdrawals.ChangePayoutAccount("bank_card", "6222 0212 3456 7890", name)
            self.desk.run(caller, lambda work: withdrawals.change_payout_account(work, card))
        return caller

    def pickup_point(self, leader_id: str, bp: int) -> str:
        """Open a pickup point that earns; return its id."""
        key = self.kit.ids.new("pup")
        point = PickupPoint(
            id=key, name="北门", address="", region="", leader_id=leader_id, commission_bp=bp
        )
        self.put(PickupPoint, point)
        self.points[key] = bp
        return key

    def put(self, kind: type, thing: Any) -> None:
        """Store one thing."""
        self.desk.run(self.system, lambda work: work.of(kind).add(thing))

    def order(
        self, leader: str | None, nets: Mapping[int, int] | None = None, **changes: Any
    ) -> Order:
        """Make a confirmed order of lines (number: net), ten units each; 10 % commission."""
        key = self.kit.ids.new("ord")
        lines = tuple(
            OrderLine(
                line_no=number,
                kind=LineKind.GOODS,
                sku_id=f"sku_{number}",
                product_id="prd",
                title="土鸡蛋",
                options="",
                units=10,
                gross=Money(net),
                net=Money(net),
                commission_bp=1_000,
                commission_why="category:cat_1",
            )
            for number, net in (nets or {1: 10_000}).items()
        )
        order = Order(
            id=key,
            campaign_id="cmp_1",
            group_id="grp_1",
            merchant_id="mrc_1",
            buyer_id=f"usr_buyer_{next(self.numbers)}",
            lines=lines,
            contact=Contact(name="", phone=""),
            created_at=self.clock.at,
            expires_at=self.clock.at,
            leader_id=leader,
            state=OrderState.CONFIRMED,
        )
        placed = evolve(order, **changes)
        helper = self.kit.policy.helper_bp if placed.helper_id else 0
        point = self.points.get(placed.pickup_point_id, 0)
        return evolve(placed, helper_bp=helper, pickup_bp=point)

    def confirm(self, order: Order) -> Order:
        """Book a paid order as binding."""

        def confirm(work: Work) -> None:
            paid = order.payable.minor
            names = {"provider": "sandbox", "order": order.id, "merchant": order.merchant_id}
            work.of(Order).add(order)
            work.book("capture", order.id, names, {"P": paid}, "CNY")
            shares = accrue(work, order)
            work.book("confirm", order.id, names, {"P": paid, "c": shares}, "CNY")

        self.desk.run(self.system, confirm)
        return order

    def refund(self, order: Order, line_no: int, units: int) -> Order:
        """Give units of one line back and book it; return the order as it is then."""
        lines, back = list(order.lines), Money(0)
        place = [line.line_no for line in lines].index(line_no)
        lines[place], back = lines[place].refund(units)
        after = evolve(order, lines=tuple(lines))

        def give_back(work: Work) -> Order:
            stored = work.of(Order).lock([order.id])[order.id]
            work.of(Order).save(evolve(stored, lines=after.lines))
            refund_id = f"rfd_{next(self.numbers)}"
            amounts, purses = reverse_for(work, order, after, refund_id)
            names = {
                "refund": refund_id,
                "merchant": order.merchant_id,
                "merchant_where": "pending" if order.vested_at is None else "payable",
                "fees_where": "fees",
                "provider": "sandbox",
                **{f"where:{leader}": purse.value for leader, purse in purses.items()},
            }
            moved: dict[str, Amount] = {"R": back.minor, "c": amounts}
            work.book("refund_after_confirmation", refund_id, names, moved, "CNY")
            work.book("refund_succeeded", refund_id, names, {"R": back.minor}, "CNY")
            if order.vested_at is not None:
                taken = sum(amounts.values()) - back.minor
                work.put_balance(f"merchant:{order.merchant_id}:payable", taken)
            return after

        return self.desk.run(self.system, give_back)

    def vest(self, order: Order) -> Order:
        """Let an order's money vest and book it; return the order as it is then."""
        order = evolve(order, vested_at=self.clock.at)

        def vest_it(work: Work) -> Order:
            stored = work.of(Order).lock([order.id])[order.id]
            work.of(Order).save(evolve(stored, vested_at=order.vested_at))
            shares = vest(work, order)
            earned = sum(shares.values())
            merchant = (order.payable - order.refunded).minor - earned
            names = {"merchant": order.merchant_id}
            work.book("vest", order.id, names, {"m": merchant, "c": shares}, "CNY")
            work.put_balance(f"merchant:{order.merchant_id}:payable", merchant)
            return order

        return self.desk.run(self.system, vest_it)

    def earn(self, leader: Caller, net: int = 10_000) -> Order:
        """Let a leader earn 10 % of an order, vested now."""
        return self.vest(self.confirm(self.order(leader.leader_id, {1: net})))

    def settle(self, period: str = "2026-10") -> commission.Run:
        """Preview and run a month."""
        planned = self.preview(period)
        return commission.run(self.desk, FINANCE, period, planned.digest, "monthly")

    def preview(self, period: str = "2026-10") -> commission.Preview:
        """Preview a month."""
        return commission.preview(self.desk, FINANCE, period)

    def settled(self, net: int, **changes: Any) -> Caller:
        """Return a leader with 10 % of `net` to withdraw, early in November."""
        leader = self.leader(**changes)
        self.earn(leader, net)
        self.clock.at = datetime(2026, 11, 3, 4, 0, tzinfo=UTC)
        self.settle()
        return leader

    def withdraw(
        self, leader: Caller, minor: int, rules: WithdrawalRules = NO_COOLING
    ) -> Withdrawal:
        """Ask for money."""
        wanted = withdrawals.RequestWithdrawal(Money(minor))
        return self.desk.run(
            leader, lambda work: withdrawals.request_withdrawal(work, wanted, rules)
        )

    def approve(self, withdrawal: Withdrawal, who: Caller = FINANCE) -> Withdrawal:
        """Agree to a withdrawal."""
        decision = withdrawals.Decision(withdrawal.id, "checked")
        return self.desk.run(who, lambda work: withdrawals.approve_withdrawal(work, decision))

    def decide(self, use_case: Any, withdrawal: Withdrawal, who: Caller = FINANCE) -> Withdrawal:
        """Hold, resume or cancel a withdrawal."""
        decision = withdrawals.Decision(withdrawal.id, "a question")
        after: Withdrawal = self.desk.run(who, lambda work: use_case(work, decision))
        return after

    def submit(self, withdrawal: Withdrawal) -> PayoutRequest | None:
        """Store that the provider is about to be asked."""
        return self.desk.run(self.system, lambda work: payouts.submit_payout(work, withdrawal.id))

    def available(self, leader: Caller) -> int:
        """Return what a leader may withdraw."""
        account = f"leader:{leader.leader_id}:available"
        found = self.desk.read(self.system, lambda work: work.of(Balance).find([account]))
        return found[account].amount if found else 0

    def entries(self, leader: Caller) -> list[Entry]:
        """Return everything a leader earned, oldest first."""
        return self.desk.read(leader, lambda work: commission.my_entries(work, 1000))[::-1]

    def books(self) -> LedgerPicture:
        """Return the picture of the books."""
        return self.database.ledger(TENANT)

    def accounts(self) -> dict[str, int]:
        """Return every account that is not zero, debit positive."""
        return {account: net for account, net in self.books().nets.items() if net}
