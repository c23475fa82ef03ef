"""The composition root: settings in, an `App` out. Knows the adapters and the wall clock."""

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, TypeGuard

from attrs import define, field, frozen

from groupbuy.adapters import notify_inbox, persistence
from groupbuy.adapters.markup_nh3 import Nh3Markup
from groupbuy.adapters.share_card_pillow import PillowCards
from groupbuy.adapters.studio_pillow import PillowStudio
from groupbuy.adapters.system import (
    AesVault,
    ArgonPasswords,
    ChineseLetters,
    ChineseWorkdays,
    JitterBackoff,
    RandomIds,
)
from groupbuy.application.outside import Outside
from groupbuy.application.pictures import Shelf
from groupbuy.application.ports import (
    Bills,
    Carrier,
    Clock,
    Notifier,
    Passwords,
    PaymentGateway,
    Payout,
    PictureStore,
    Signals,
    unmoved,
)
from groupbuy.application.ports.delivery import Delivery
from groupbuy.application.ports.share_card import CardPainter
from groupbuy.application.relay import Relay
from groupbuy.application.write_path import Desk, Kit
from groupbuy.domain.kernel import Invalid
from groupbuy.domain.payments import RefundLimits
from groupbuy.entrypoints.findings import refuse, refuse_database
from groupbuy.entrypoints.keys import master_keys
from groupbuy.entrypoints.report_files import printed
from groupbuy.entrypoints.settings import Settings, listed

Database = persistence.Database
Heard = Callable[[str, tuple[str, ...]], None]


class SystemClock:
    """The wall clock."""

    def now(self) -> datetime:
        """Return the current UTC time."""
        return datetime.now(UTC)  # noqa: TID251  the one place that may


@define(eq=False)
class FileClock:
    """A clock that somebody sets by writing an ISO instant into a file."""

    path: Path
    _stamp: tuple[int, int] = (-1, -1)
    _instant: datetime = datetime.max.replace(tzinfo=UTC)

    def now(self) -> datetime:
        """Return the instant in the file, read again when the file changed. Raises Invalid."""
        try:
            found = self.path.stat()
            stamp = (found.st_mtime_ns, found.st_size)
            if stamp != self._stamp:
                text = self.path.read_text(encoding="ascii").strip()
                self._instant, self._stamp = _instant(text), stamp
        except (OSError, ValueError) as error:
            raise Invalid(field="clock_file", reason="holds no ISO instant with a zone") from error
        return self._instant


@define(eq=False)
class Echo:
    """Signals that this process hears at once itself, before anybody else does."""

    _signals: Signals
    _here: list[Heard] = field(factory=list, init=False)

    def publish(self, tenant: str, subjects: Sequence[str]) -> None:
        """Say, after the commit, which ids changed."""
        for heard in self._here:
            heard(tenant, tuple(subjects))
        self._signals.publish(tenant, subjects)

    @property
    def listening(self) -> bool:
        """Tell whether the signals of all processes arrive at this moment."""
        return self._signals.listening

    def listen(self, heard: Heard, lost: Callable[[], None] = unmoved) -> Callable[[], None]:
        """Call `heard` in a background thread, `lost` when some was missed; return how to stop."""
        return self._signals.listen(heard, lost)

    def here(self, heard: Heard) -> None:
        """Call `heard` inside every publish of this process; it must be quick."""
        self._here.append(heard)


@frozen
class App:
    """Everything an entrypoint may call."""

    settings: Settings
    database: Database
    desk: Desk
    kit: Kit
    signals: Echo
    passwords: Passwords
    outside: Outside
    bills: Mapping[str, Bills]
    """Of those gateways that give their statements."""
    relay: Relay
    pictures: Shelf
    """Where pictures are made and kept."""
    cards: CardPainter
    """Draws pictures to share."""
    signing_key: bytes = field(repr=False)
    """Signs cursors and CSRF tokens; never stored."""

    @property
    def gateways(self) -> Mapping[str, PaymentGateway]:
        """Payment gateways by name."""
        return self.outside.gateways

    @property
    def payouts(self) -> Mapping[str, Payout]:
        """Payout providers by name."""
        return self.outside.payouts

    @property
    def carriers(self) -> Mapping[str, Carrier]:
        """Tracking services by name."""
        return self.outside.carriers

    def close(self) -> None:
        """Close the database and all connections to the outside."""
        named = self.outside
        for adapters in (named.gateways, named.payouts, named.carriers, named.notifiers):
            for adapter in adapters.values():
                if hasattr(adapter, "close_connections"):
                    adapter.close_connections()
        if hasattr(self.pictures.store, "close_connections"):
            self.pictures.store.close_connections()
        self.database.close()


def build(settings: Settings, *, migrate: bool | None = None) -> App:
    """Build the application of one process. Raises Invalid for settings that cannot be run with.

    A fresh SQLite file is set up by itself; anything else is migrated only with `migrate`.
    """
    refuse(settings)
    keys = master_keys(settings)
    clock = clock_of(settings)
    database = open_database(settings, migrate=migrate)
    signals = Echo(database.signals)
    vault = AesVault(keys, next(iter(keys)), list(keys)[-1])
    kit = Kit(
        clock=clock,
        ids=RandomIds(clock),
        vault=vault,
        policy=settings.policy,
        spread=database.spread,
        workdays=ChineseWorkdays(),
        markup=Nh3Markup(),
        letters=ChineseLetters(),
    )
    desk = Desk(database.begin, kit, signals, JitterBackoff(), database.begin_report)
    outside = outside_of(settings, clock, database)
    return App(
        settings=settings,
        database=database,
        desk=desk,
        kit=kit,
        signals=signals,
        passwords=ArgonPasswords(),
        outside=outside,
        bills={name: each for name, each in outside.gateways.items() if _has_bill(each)},
        relay=Relay(desk, outside),
        pictures=Shelf(PillowStudio(), picture_store(settings, clock)),
        cards=PillowCards(settings.share.font),
        signing_key=hmac.digest(next(iter(keys.values())), b"groupbuy/http", hashlib.sha256),
    )


def clock_of(settings: Settings) -> Clock:
    """Return the wall clock, or the one in a file."""
    return FileClock(Path(settings.clock_file)) if settings.clock_file else SystemClock()


def limits_of(settings: Settings) -> RefundLimits:
    """Return what the provider is said to allow of refunds."""
    said = settings.provider
    return RefundLimits(
        timedelta(seconds=said.refund_spacing_seconds),
        said.refunds_of_a_payment,
        timedelta(days=said.refund_days),
    )


def outside_of(settings: Settings, clock: Clock, database: Database) -> Outside:
    """Return the adapters that the settings name. Raises Invalid for one that is not installed."""
    provider = settings.provider
    return Outside(
        gateways=_adapters("payment_gateways", provider.payments, settings, clock),
        payouts=_adapters("payouts", provider.payouts, settings, clock),
        carriers=_adapters("carriers", provider.carriers, settings, clock),
        notifiers=_notifiers(settings, database),
        deliveries=_deliveries(settings),
        printer=printed,
    )


def picture_store(settings: Settings, clock: Clock) -> PictureStore:
    """Return the storage of pictures. Raises Invalid for one that is not installed."""
    said = settings.pictures
    options = {
        "folder": str(settings.picture_folder),
        "endpoint": said.endpoint,
        "bucket": said.bucket,
        "region": said.region,
        "access_key": said.access_key,
        "secret_key": said.secret_key.get_secret_value(),
        "timeout_seconds": str(said.timeout_seconds),
    }
    store: PictureStore = _factory("pictures", said.store)(options, clock)
    return store


def open_database(settings: Settings, *, migrate: bool | None = None) -> Database:
    """Open the database with a connection for every thread that may want one."""
    beside = settings.sqlite_path
    if beside is not None:
        beside.parent.mkdir(parents=True, exist_ok=True)
    wanted = settings.database
    return persistence.open_database(
        wanted.url,
        pool_size=wanted.threads + settings.mailbox.lanes + 3,
        migrate=migrate,
        pooled_outside=wanted.pooled_outside,
        direct_url=wanted.direct_url,
        reports_url=wanted.reports_url,
        distributed=wanted.distributed,
    )


def upgrade(settings: Settings) -> None:
    """Migrate to the newest schema, as the owner."""
    persistence.upgrade(owner_url(settings))


def downgrade(settings: Settings, revision: str = "base") -> None:
    """Go back to a revision, as the owner; `base` leaves nothing of ours."""
    persistence.downgrade(owner_url(settings), revision)


def schema_findings(settings: Settings) -> list[str]:
    """Return how the database differs from what this version needs."""
    return persistence.check(owner_url(settings))


def schema_revision(settings: Settings) -> str:
    """Return the migration the database stands at; empty if it was never set up."""
    refuse_database(settings)
    return persistence.current(settings.database.url)


def owner_url(settings: Settings) -> str:
    """Return the URL of the role that migrates. Raises Invalid for no database we know."""
    refuse_database(settings)
    return settings.database.owner_url or settings.database.url


def distribution(settings: Settings) -> str:
    """Return the SQL that distributes the tables on Citus. Raises Invalid for another engine."""
    _postgres(settings)
    return persistence.distribution_script()


def distribute(settings: Settings) -> list[str]:
    """Distribute what is not yet, as the owner; return what was said. Raises Refused, Invalid."""
    return persistence.distribute(_postgres(settings))


def partitions(settings: Settings, first: str, months: int, *, more: bool) -> str:
    """Return the SQL that partitions tables by month, or only adds months. Raises Invalid."""
    _postgres(settings)
    if more:
        return persistence.further_partitions(first, months)
    return persistence.partitions_script(first, months)


def _postgres(settings: Settings) -> str:
    url = owner_url(settings)
    if settings.sqlite_path is not None:
        raise Invalid(field="database.url", reason="must be PostgreSQL for this")
    return url


def _has_bill(gateway: PaymentGateway) -> TypeGuard[Bills]:
    return hasattr(gateway, "bill")


def _notifiers(settings: Settings, database: Database) -> dict[str, Notifier]:
    options = {"path": settings.notify.path}
    found: dict[str, Notifier] = {"inbox": notify_inbox.build(database.begin)}
    for name in listed(settings.notify.channels):
        found[name] = _factory("notifiers", name)(options)
    return found


def _deliveries(settings: Settings) -> dict[str, Delivery]:
    said = settings.reports
    options = {
        "folder": said.folder,
        "host": said.smtp_host,
        "port": str(said.smtp_port),
        "security": said.smtp_security.value,
        "user": said.smtp_user,
        "password": said.smtp_password.get_secret_value(),
        "sender": said.smtp_sender,
    }
    return {name: _factory("deliveries", name)(options) for name in listed(said.deliveries)}


def _adapters(group: str, names: str, settings: Settings, clock: Clock) -> dict[str, Any]:
    """Build the named adapters of a group; their `build(settings, clock)` takes flat text.

    One adapter serves all tenants: it puts the one that asks into `{tenant}` of its address.
    """
    provider = settings.provider
    callbacks = f"{settings.base_url}/api/v1/callbacks/{_CALLBACKS[group]}"
    return {
        name: _factory(group, name)(
            {
                "base_url": provider.base_url,
                "secret": provider.secret.get_secret_value(),
                "timeout_seconds": str(provider.timeout_seconds),
                "notify_url": f"{callbacks}/{name}/{{tenant}}",
                "refund_spacing_seconds": str(provider.refund_spacing_seconds),
                "refunds_of_a_payment": str(provider.refunds_of_a_payment),
                "refund_days": str(provider.refund_days),
                **_kuaidi100(settings),
            },
            clock,
        )
        for name in listed(names)
    }


def _kuaidi100(settings: Settings) -> dict[str, str]:
    said = settings.kuaidi100
    return {
        "kuaidi100_url": said.url,
        "kuaidi100_customer": said.customer,
        "kuaidi100_key": said.key.get_secret_value(),
        "kuaidi100_salt": said.salt.get_secret_value(),
    }


_CALLBACKS = {"payment_gateways": "payments", "payouts": "payouts", "carriers": "carriers"}


def _factory(group: str, name: str) -> Callable[..., Any]:
    for entry in entry_points(group=f"groupbuy.{group}", name=name):
        factory: Callable[..., Any] = entry.load()
        return factory
    raise Invalid(field=group, reason=f"no adapter is installed as {name}")


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("naive")
    return instant.astimezone(UTC)
