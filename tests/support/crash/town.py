"""The town of the crash test: its people, its goods, its processes, and its clock."""

import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import typed_settings as ts
from attrs import evolve, field, frozen

from groupbuy.application.membership import session_id_of
from groupbuy.application.policy import Policy
from groupbuy.application.steps.sealing import seal
from groupbuy.application.write_path import Caller, Work
from groupbuy.domain.catalogue import Category, Product, ProductState, Stock, Variant
from groupbuy.domain.commission import Cycle, SettlementRules, WithdrawalRules
from groupbuy.domain.kernel import Money
from groupbuy.domain.membership import Leader, LeaderState, LoginSession, Merchant, Role, User
from groupbuy.entrypoints import bootstrap
from groupbuy.entrypoints.bootstrap import App
from groupbuy.entrypoints.demo.clock import StoryClock
from groupbuy.entrypoints.demo.stage import COMMAND, Child, environment
from groupbuy.entrypoints.keys import generated
from groupbuy.entrypoints.settings import (
    DatabaseSettings,
    HttpSettings,
    KeySettings,
    LogSettings,
    Settings,
)
from tests.support.crash.board import Board
from tests.support.postgres import PgCluster, _die_with, postgres_cluster

SHOPPERS = 12
LEADERS = 3
PRICE = Money(10_000)
SCARCE = 40
"""Units of the goods that run out."""
_POLICY = Policy(
    session_idle_hours=10_000,
    session_absolute_days=1_000,
    auto_approve=True,
    # The shop's clock leaps by a day while transactions are open; no real one leaps like that.
    audit_seal_after_seconds=25 * 3_600,
    settlement=SettlementRules(cycle=Cycle.DAILY, workdays_after=0),
    withdrawals=WithdrawalRules(two_approvers_above=400),
)
_SINCE = timedelta(days=9)
"""How long everybody has lived here: every cooling period is over."""

R = TypeVar("R")


@frozen
class Person:
    """Somebody with an open session."""

    user_id: str
    token: str = field(repr=False)


@frozen
class People:
    """Everybody, and what there is to buy."""

    shoppers: tuple[Person, ...]
    leaders: tuple[Person, ...]
    leader_ids: tuple[str, ...]
    finance: tuple[Person, Person]
    merchant: Person
    plenty: str
    """A variant that never runs out."""
    scarce: str


@frozen
class Town:
    """Everything that runs."""

    cluster: PgCluster
    app: App
    """Over the same database, for looking only."""
    people: People
    clock: StoryClock
    board: Board
    web: str
    sandbox: str
    log: Path
    """What the lives of the shop have logged."""
    folder: Path
    settings: Settings

    def read(self, query: Callable[[Work], R]) -> R:
        """Look something up."""
        return self.app.desk.read(self.system, query)

    @property
    def system(self) -> Caller:
        """Who looks."""
        return Caller.system(self.settings.http.default_tenant)

    def command(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run a `groupbuy` command."""
        return subprocess.run(
            [*COMMAND, *words],
            check=False,
            capture_output=True,
            text=True,
            cwd=self.folder,
            env=_environment(self.settings),
        )


@contextmanager
def town(folder: Path, seed: str, enough: int) -> Iterator[Town]:
    """Lend a town in which nothing has happened yet; each failpoint wants so many deaths."""
    with ExitStack() as stack:
        cluster = stack.enter_context(postgres_cluster(durable=True))
        database = stack.enter_context(cluster.database())
        clock, board = StoryClock(folder / "clock"), Board.fresh(folder / "board")
        settings = Settings(
            clock_file=str(clock.path),
            database=DatabaseSettings(url=database.app_url, owner_url=database.owner_url),
            http=HttpSettings(port=0),
            keys=KeySettings(master=ts.Secret(generated())),
            log=LogSettings(level="warning"),
            policy=_POLICY,
        )
        secret = ts.Secret(secrets.token_hex(32))
        settings = evolve(settings, provider=evolve(settings.provider, secret=secret))
        bootstrap.upgrade(settings)
        words = ("sandbox", "--journal", "sandbox.db", "--port", "0")
        sandbox = _start(stack, folder, settings, "sandbox", [*COMMAND, *words])
        settings = evolve(settings, provider=evolve(settings.provider, base_url=sandbox))
        app = bootstrap.build(settings)
        stack.callback(app.close)
        people = _settled(app, clock.now())
        nursery = [sys.executable, "-m", "tests.support.crash.nursery"]
        nursery += [str(folder / "board"), seed, str(enough)]
        web = _start(stack, folder, settings, "nursery", nursery)
        log = folder / "nursery.log"
        yield Town(cluster, app, people, clock, board, web, sandbox, log, folder, settings)


def _environment(settings: Settings) -> dict[str, str]:
    return environment(settings) | {
        "PYTHONPATH": os.pathsep.join(each for each in sys.path if each)
    }


def _start(
    stack: ExitStack, folder: Path, settings: Settings, name: str, command: list[str]
) -> str:
    log = folder / f"{name}.log"
    with log.open("w", encoding="utf-8") as file:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=file,
            text=True,
            cwd=folder,
            env=_environment(settings),
            preexec_fn=_die_with(os.getpid()),  # noqa: PLW1509  only the kernel can promise it
        )
    child = Child(process, log)
    stack.callback(child.stop)
    return child.announced(name)


def _settled(app: App, now: datetime) -> People:
    """Let everybody have lived here for a while."""
    caller = Caller.system(app.settings.http.default_tenant)
    then = now - _SINCE

    def person(work: Work, *roles: Role, **more: Any) -> tuple[Person, User]:
        user = User(
            id=work.new_id("usr"),
            phone_fingerprint=secrets.token_hex(8),
            phone_sealed="",
            name_sealed="",
            password_hash="",
            data_key=work.kit.vault.new_data_key(),
            created_at=then,
            roles=frozenset(roles),
            **more,
        )
        token = work.kit.ids.token()
        session = LoginSession(
            id=session_id_of(token),
            user_id=user.id,
            created_at=now,
            last_seen_at=now,
            expires_at=now + timedelta(days=1_000),
        )
        for each in (user, session):
            work.of(type(each)).add(each)
        return Person(user.id, token), user

    def leader(work: Work, number: int) -> tuple[Person, str]:
        key = work.new_id("ldr")
        who, user = person(work, Role.SHOPPER, Role.LEADER, leader_id=key)
        wallet = number == 0
        account = f"crash-openid-{number}" if wallet else f"62220000{number:08}"
        work.of(Leader).add(
            Leader(
                id=key,
                user_id=user.id,
                name="何秀兰",
                applied_at=then,
                commission_bp=1_500,
                payout_channel="wechat_wallet" if wallet else "bank_card",
                payout_account_sealed=seal(work, user, "payout_account", account),
                payout_name_sealed=seal(work, user, "payout_name", "何秀兰"),
                payout_changed_at=then,
                state=LeaderState.APPROVED,
            )
        )
        return who, key

    def settle(work: Work) -> People:
        merchant = Merchant(
            id=work.new_id("mch"),
            name="邻里优选",
            created_at=then,
            fee_bp=100,
            data_key=work.kit.vault.new_data_key(),
            payout_channel="bank_card",
            payout_changed_at=then,
        )
        merchant = evolve(
            merchant,
            payout_account_sealed=seal(work, merchant, "payout_account", "6222000099999999"),
            payout_name_sealed=seal(work, merchant, "payout_name", "邻里优选"),
        )
        work.of(Merchant).add(merchant)
        plenty, scarce = (_goods(work, merchant, n, then) for n in (1_000_000, SCARCE))
        leaders = [leader(work, number) for number in range(LEADERS)]
        first, second = (person(work, Role.FINANCE)[0] for _ in range(2))
        return People(
            shoppers=tuple(person(work, Role.SHOPPER)[0] for _ in range(SHOPPERS)),
            leaders=tuple(who for who, _ in leaders),
            leader_ids=tuple(key for _, key in leaders),
            finance=(first, second),
            merchant=person(work, Role.MERCHANT, merchant_id=merchant.id)[0],
            plenty=plenty,
            scarce=scarce,
        )

    return app.desk.run(caller, settle)


def _goods(work: Work, merchant: Merchant, units: int, then: datetime) -> str:
    category = Category(id=work.new_id("cat"), name="水果")
    product = Product(
        id=work.new_id("prd"),
        merchant_id=merchant.id,
        code=f"P{units}",
        name="赣南脐橙",
        category_id=category.id,
        created_at=then,
        state=ProductState.LISTED,
    )
    variant = Variant(
        id=work.new_id("sku"),
        product_id=product.id,
        merchant_id=merchant.id,
        code=f"S{units}",
        options="一箱",
        price=PRICE,
    )
    for each in (category, product, variant, Stock(id=variant.id, available=units)):
        work.of(type(each)).add(each)
    return variant.id
