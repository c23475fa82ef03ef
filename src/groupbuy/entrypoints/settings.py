"""Settings: defaults, then a TOML file, then GROUPBUY_… variables, then what the caller says."""

import os
import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

import typed_settings as ts
from attrs import field, fields, frozen, has
from typed_settings.exceptions import TsError
from typed_settings.loaders import DictLoader, EnvLoader, FileLoader, Loader, TomlFormat

from groupbuy.application.policy import Policy
from groupbuy.domain.kernel import Invalid

CONFIG_VARIABLE = "GROUPBUY_CONFIG"
"""Environment variable naming the TOML file."""
CONFIG_FILE = "groupbuy.toml"
"""Read from the working directory when no file is named and it exists."""
PREFIX = "GROUPBUY_"
SECTION = "groupbuy"
"""The table of the TOML file that is ours."""
OTHERS = (CONFIG_VARIABLE, "GROUPBUY_TEST_PG_DSN")
"""Names with our prefix that are no settings."""
_PASSWORD = re.compile(r"(://[^:/@]*:)[^@]*(@)")


def _nothing() -> "ts.Secret[str]":
    return ts.Secret("")


@frozen
class DatabaseSettings:
    """Where things are stored."""

    url: str = "sqlite:///groupbuy.db"
    """`sqlite:///path` or `postgresql://…`, as the application role."""
    direct_url: str = ""
    """PostgreSQL without the pooler in between, for LISTEN; empty means `url`."""
    owner_url: str = ""
    """PostgreSQL as the role that migrates; empty means `url`."""
    pooled_outside: bool = False
    """PgBouncer in transaction mode stands in between."""
    reports_url: str = ""
    """A read replica for reports and operators' lists; empty means `url`."""
    distributed: bool = False
    """The tables are distributed by `groupbuy db distribute`."""
    threads: int = 8
    """How many requests of one process may use the database at once."""


@frozen
class HttpSettings:
    """How the web is served."""

    host: str = "127.0.0.1"
    """Address to listen on."""
    port: int = 8000
    """0 takes a free one."""
    workers: int = 1
    """Processes; a SQLite file is served by one."""
    public_url: str = ""
    """How browsers and providers reach us; `https://…` makes cookies secure."""
    default_tenant: str = "main"
    """Whose shop answers to a host that no tenant names."""
    graceful_seconds: int = 3
    """How long open requests may take to end once we are told to stop."""
    session_cache_seconds: int = 60
    """How long a session is believed that nobody said has ended; 5 at most while nobody could."""
    metrics_token: ts.Secret[str] = field(factory=_nothing)
    """Bearer token of /metrics; without one only this machine may read them."""


@frozen
class MailboxSettings:
    """How joins queue up before they are carried out in batches."""

    lanes: int = 1
    """Threads that work off the queue."""
    per_group: int = 2_000
    """Commands of one group that may wait; more are turned away at once."""
    in_total: int = 10_000
    """Commands of all groups that may wait."""
    target_millis: int = 200
    """How long a batch should take; its size adapts to that."""


@frozen
class KeySettings:
    """Master keys of personal data."""

    master: ts.Secret[str] = field(factory=_nothing)
    """`id:base64,id:base64`, 32 bytes each; the first seals, all of them open.

    The last one also fingerprints phone numbers: put new keys in front and never drop the last.
    """
    file: str = ""
    """File with the same text; a development key is made there when nothing is given."""


@frozen
class ProviderSettings:
    """The outside world: money, parcels."""

    payments: str = "sandbox"
    """Names of payment gateways, with commas; the policy says which one takes new payments."""
    payouts: str = "sandbox"
    """Names of payout providers, with commas; the first one pays."""
    carriers: str = "sandbox"
    """Name of the tracking service."""
    base_url: str = "http://127.0.0.1:8010"
    """Where the sandbox listens."""
    secret: ts.Secret[str] = field(factory=lambda: ts.Secret("sandbox-secret"))
    """Signs what we and the provider tell each other."""
    timeout_seconds: int = 5
    """How long the provider may take to answer."""
    refund_spacing_seconds: int = 60
    """The provider wants so long between two refunds of one payment; a refund waits for it."""
    refunds_of_a_payment: int = 50
    """The provider refunds one payment so many times; a further refund needs a person."""
    refund_days: int = 365
    """The provider refunds a payment for so long; a later refund needs a person."""


@frozen
class PictureSettings:
    """Where pictures are kept."""

    store: str = "folder"
    """`folder`, or `s3` for a bucket of any storage that speaks that protocol."""
    folder: str = ""
    """Folder of `folder`; every process needs the same. Empty means `pictures` beside SQLite."""
    endpoint: str = ""
    """Address of the storage of `s3`, such as `https://s3.example.com`."""
    bucket: str = "groupbuy"
    """Bucket of `s3`; it must exist and be closed to the public."""
    region: str = "us-east-1"
    """Region of `s3`, as signatures name it."""
    access_key: str = ""
    """Name of the key of `s3`."""
    secret_key: ts.Secret[str] = field(factory=_nothing)
    """The key itself."""
    timeout_seconds: int = 10
    """How long the storage may take to answer."""


@frozen
class Kuaidi100Settings:
    """The tracking service Kuaidi100, needed once `provider.carriers` names it."""

    url: str = "https://poll.kuaidi100.com"
    """Where it listens."""
    customer: str = ""
    """The customer code it gave us."""
    key: ts.Secret[str] = field(factory=_nothing)
    """The authorization key it gave us; signs queries."""
    salt: ts.Secret[str] = field(factory=_nothing)
    """Text of our own, 16 letters at least, with which it signs its pushes."""


@frozen
class NotifySettings:
    """How people hear of things, besides their inbox."""

    channels: str = ""
    """Names of notifiers, with commas."""
    path: str = ""
    """File of the notifier `console`; empty means stderr."""


@frozen
class ShareSettings:
    """What is shared with others."""

    pages: str = ""
    """Where pages of campaigns and products begin: `/campaigns/ID` and `/products/ID` follow.
    Empty means how we are reached ourselves."""
    font: str = ""
    """File of the font of pictures to share; empty means Noto Sans SC, which comes along."""


class LogFormat(StrEnum):
    """How a line of the log looks."""

    CONSOLE = "console"
    JSON = "json"


class Environment(StrEnum):
    """What is at stake."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


@frozen
class LogSettings:
    """What is logged, to stderr."""

    format: LogFormat = LogFormat.CONSOLE
    """`console` for people, `json` for programs."""
    level: str = "info"
    """`debug`, `info`, `warning` or `error`."""


@frozen
class AuditSettings:
    """Where proof of the audit goes."""

    head_folder: str = ""
    """Folder for a file a day with the head of the audit chain; empty means the log only."""


class MailSecurity(StrEnum):
    """How the way to the mail server is kept private."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"
    """On this machine only."""


@frozen
class ReportSettings:
    """How scheduled reports reach people."""

    deliveries: str = "folder"
    """Names of deliveries, with commas: `folder`, `mail`."""
    folder: str = "reports"
    """Where `folder:NAME` puts its files, a folder for each tenant and name."""
    smtp_host: str = ""
    """The mail server of `mail:ADDRESS`."""
    smtp_port: int = 587
    """Usually 587 for `starttls`, 465 for `tls`."""
    smtp_security: MailSecurity = MailSecurity.STARTTLS
    """`starttls`, `tls`, or `none` on the same machine."""
    smtp_user: str = ""
    """Empty: the server asks for none."""
    smtp_password: ts.Secret[str] = field(factory=_nothing)
    """Of that user."""
    smtp_sender: str = ""
    """The address that reports come from."""


@frozen
class BackupSettings:
    """Where copies of the database go."""

    folder: str = ""
    """Folder that `groupbuy backup` fills; `groupbuy doctor` looks after its newest."""
    keep: int = 14
    """How many backups stay there; older ones are removed after a new one was made."""
    url: str = ""
    """PostgreSQL as a role that reads every tenant's rows (BYPASSRLS); empty means the owner."""
    tools: str = ""
    """Folder of `pg_dump` and `pg_restore`; empty means where programs are found."""


@frozen
class Settings:
    """Everything an operator may set."""

    environment: Environment = Environment.DEVELOPMENT
    """In `production` nothing runs with settings that are unwise there."""
    clock_file: str = ""
    """File holding an ISO instant that is taken for now; never in production."""
    database: DatabaseSettings = DatabaseSettings()
    http: HttpSettings = HttpSettings()
    mailbox: MailboxSettings = MailboxSettings()
    keys: KeySettings = KeySettings()
    provider: ProviderSettings = ProviderSettings()
    pictures: PictureSettings = PictureSettings()
    kuaidi100: Kuaidi100Settings = Kuaidi100Settings()
    notify: NotifySettings = NotifySettings()
    share: ShareSettings = ShareSettings()
    log: LogSettings = LogSettings()
    audit: AuditSettings = AuditSettings()
    backup: BackupSettings = BackupSettings()
    reports: ReportSettings = ReportSettings()
    policy: Policy = Policy()

    @property
    def production(self) -> bool:
        """Tell whether real people and real money are at stake."""
        return self.environment is Environment.PRODUCTION

    @property
    def base_url(self) -> str:
        """How we are reached, without a slash at the end."""
        return (self.http.public_url or f"http://{self.http.host}:{self.http.port}").rstrip("/")

    @property
    def secure(self) -> bool:
        """Tell whether browsers reach us by HTTPS only."""
        return self.base_url.startswith("https://")

    @property
    def sqlite_path(self) -> Path | None:
        """The file of the database, if it is SQLite."""
        scheme, _, rest = self.database.url.partition("://")
        return Path(rest.removeprefix("/")) if scheme.startswith("sqlite") else None

    @property
    def picture_folder(self) -> Path:
        """Where pictures are kept in files."""
        if self.pictures.folder:
            return Path(self.pictures.folder)
        beside = self.sqlite_path
        return Path("pictures") if beside is None else beside.parent / "pictures"

    @property
    def key_file(self) -> Path:
        """Where the master keys are read from when they are not given: beside the database."""
        if self.keys.file:
            return Path(self.keys.file)
        beside = self.sqlite_path
        return Path("groupbuy.keys") if beside is None else beside.with_suffix(".keys")


def load(config: str = "", overrides: Mapping[str, Any] | None = None) -> Settings:
    """Load the settings; `overrides` is nested like the file. Raises Invalid.

    A file that is named must exist; without a name `groupbuy.toml` is read if it is there.
    """
    named = config or os.environ.get(CONFIG_VARIABLE, "")
    file = f"!{named}" if named else CONFIG_FILE
    loaders: list[Loader] = [
        FileLoader(formats={"*": TomlFormat(SECTION)}, files=[file]),
        EnvLoader(prefix=PREFIX),
        DictLoader(dict(overrides or {})),
    ]
    try:
        return ts.load_settings(Settings, loaders)
    except FileNotFoundError as error:
        raise Invalid(field="settings", reason=f"no such file: {named}") from error
    except (TsError, ExceptionGroup) as error:
        raise Invalid(field="settings", reason=_reason(error)) from None


def names(cls: type = Settings, prefix: str = "") -> Iterator[str]:
    """Yield the dotted name of every setting."""
    for each in fields(cls):
        path = f"{prefix}{each.name}"
        if isinstance(each.type, type) and has(each.type):
            yield from names(each.type, f"{path}.")
        else:
            yield path


def variable(name: str) -> str:
    """Return the environment variable of a setting."""
    return PREFIX + name.replace(".", "_").upper()


def shown(settings: Settings) -> dict[str, str]:
    """Return every setting as text, secrets and passwords masked."""
    return {name: _PASSWORD.sub(r"\1***\2", str(value_of(settings, name))) for name in names()}


def value_of(settings: Settings, name: str) -> object:
    """Return one setting by its dotted name."""
    value: object = settings
    for part in name.split("."):
        value = getattr(value, part)
    return value


def listed(text: str) -> list[str]:
    """Split names at commas."""
    return [name for part in text.split(",") if (name := part.strip())]


def _reason(error: BaseException) -> str:
    """Name what is wrong without its value, which may be a secret."""
    if isinstance(error, BaseExceptionGroup):
        return "; ".join(_reason(inner) for inner in error.exceptions)
    if option := re.search(r"for option '([\w.]+)'", str(error)):
        return f"{option[1]} does not fit"
    return (str(error).splitlines() or [type(error).__name__])[0]
