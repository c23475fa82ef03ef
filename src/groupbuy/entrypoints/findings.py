"""What is wrong or dangerous about settings, found without touching anything."""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from importlib.metadata import entry_points
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from attrs import frozen

from groupbuy.domain.kernel import BASIS_POINTS, Invalid
from groupbuy.entrypoints import keys
from groupbuy.entrypoints.settings import (
    OTHERS,
    PREFIX,
    Settings,
    listed,
    names,
    value_of,
    variable,
)

_SHORT_SECRET = 32
_ENGINES = re.compile(r"sqlite(\+\w+)?:///(?!:memory:).+|postgresql(\+\w+)?://.+")
_POSTGRES = re.compile(r"postgresql(\+\w+)?://.+")
_TENANT = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_COUNT = 1_000_000
_MONEY = 10**13
_BOUNDS = {
    "http.port": (0, 65_535),
    "http.workers": (1, 64),
    "http.graceful_seconds": (0, 300),
    "http.session_cache_seconds": (0, 60),
    "database.threads": (1, 256),
    "mailbox.lanes": (1, 8),
    "mailbox.per_group": (1, _COUNT),
    "mailbox.in_total": (1, 10_000_000),
    "mailbox.target_millis": (1, 1_000),
    "backup.keep": (1, 10_000),
    "provider.timeout_seconds": (1, 60),
    "provider.refund_spacing_seconds": (0, 86_400),
    "provider.refunds_of_a_payment": (1, _COUNT),
    "provider.refund_days": (1, 36_500),
    "policy.default_commission_bp": (0, BASIS_POINTS),
    "policy.helper_bp": (0, BASIS_POINTS),
    "policy.default_fee_bp": (0, BASIS_POINTS),
    "policy.correction_hours": (1, _COUNT),
    "policy.session_idle_hours": (1, _COUNT),
    "policy.session_absolute_days": (1, _COUNT),
    "policy.max_attempts": (1, _COUNT),
    "policy.audit_seal_after_seconds": (1, _COUNT),
    "policy.closing_alert_minutes": (1, _COUNT),
    "policy.settlement.workdays_after": (0, 60),
    "policy.withdrawals.minimum": (1, _MONEY),
    "policy.withdrawals.per_withdrawal": (1, _MONEY),
    "policy.withdrawals.per_leader_day": (1, _MONEY),
    "policy.withdrawals.per_tenant_day": (1, _MONEY),
    "policy.withdrawals.two_approvers_above": (0, _MONEY),
    "policy.withdrawals.cooling_hours": (0, _COUNT),
    "policy.withdrawals.doubt_after_hours": (1, _COUNT),
}
_ADAPTERS = {
    "provider.payments": "payment_gateways",
    "provider.payouts": "payouts",
    "provider.carriers": "carriers",
    "notify.channels": "notifiers",
}
"""Entry points by the setting that names some of them."""
_CODES = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD
CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP
GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD
KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN
NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP
SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES
VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG
"""
_CURRENCIES = frozenset(_CODES.split())


@frozen
class Finding:
    """Something about the settings that an operator should know."""

    name: str
    """The setting, e.g. `keys.master`, or the environment variable."""
    fatal: bool
    """The server refuses to start."""
    message: str


def check(settings: Settings) -> list[Finding]:
    """Return what is wrong or dangerous in the settings and in the names of the environment."""
    return [
        *_unknown_names(),
        *_impossible(settings),
        *_no_database(settings),
        *_no_keys(settings),
        *_not_for_production(settings),
    ]


def refuse(settings: Settings) -> None:
    """Raise Invalid for the first thing one cannot run with."""
    _refuse(check(settings))


def refuse_database(settings: Settings) -> None:
    """Raise Invalid if the settings name no database we know."""
    _refuse(list(_no_database(settings)))


def installed(group: str) -> set[str]:
    """Return the names of the adapters of one kind that are installed."""
    return {entry.name for entry in entry_points(group=f"groupbuy.{group}")}


def _refuse(found: list[Finding]) -> None:
    if fatal := [each for each in found if each.fatal]:
        raise Invalid(field=fatal[0].name, reason=fatal[0].message)


def _unknown_names() -> Iterator[Finding]:
    known = {variable(name) for name in names()} | set(OTHERS)
    for name in sorted(os.environ):
        if name.startswith(PREFIX) and name not in known:
            yield Finding(name, fatal=False, message="no setting has this name")


def _impossible(settings: Settings) -> Iterator[Finding]:
    for name, (least, most) in _BOUNDS.items():
        value = value_of(settings, name)
        if not (isinstance(value, int) and least <= value <= most):
            yield Finding(name, fatal=True, message=f"must be {least} to {most}")
    yield from (Finding(name, fatal=True, message=said) for name, said in _odd(settings))
    for name, group in _ADAPTERS.items():
        for missing in sorted(set(listed(str(value_of(settings, name)))) - installed(group)):
            yield Finding(name, fatal=True, message=f"no adapter is installed as {missing}")


def _odd(settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield settings whose text makes no sense."""
    policy, http = settings.policy, settings.http
    if settings.log.level not in {"debug", "info", "warning", "error"}:
        yield "log.level", "must be debug, info, warning or error"
    if policy.provider not in listed(settings.provider.payments):
        yield "policy.provider", "is not among provider.payments"
    if policy.currency not in _CURRENCIES:
        yield "policy.currency", "is no ISO 4217 code"
    if not _is_zone(policy.zone):
        yield "policy.zone", "is no time zone"
    if not _TENANT.fullmatch(http.default_tenant):
        yield "http.default_tenant", "must have 1 to 40 of a-z, 0-9, _ and -"
    if http.public_url and not _is_address(http.public_url):
        yield "http.public_url", "must read https://host"
    if not _is_address(settings.provider.base_url):
        yield "provider.base_url", "must read https://host or http://host:port"


def _no_database(settings: Settings) -> Iterator[Finding]:
    said = settings.database
    if not _is_database(_ENGINES, said.url):
        why = "must read sqlite:///file or postgresql://user@host/name"
        yield Finding("database.url", fatal=True, message=why)
    for name, url in (("direct_url", said.direct_url), ("owner_url", said.owner_url)):
        # An owner of the same SQLite file is nobody else, and does no harm.
        if url and not _is_database(_POSTGRES, url) and url != said.url:
            why = "must read postgresql://user@host/name"
            yield Finding(f"database.{name}", fatal=True, message=why)
    same = _ENGINES if said.url.startswith("sqlite") else _POSTGRES
    if said.reports_url and not (
        _is_database(same, said.reports_url)
        and said.reports_url.partition(":")[0] == said.url.partition(":")[0]
    ):
        why = "must read like database.url, on the same engine"
        yield Finding("database.reports_url", fatal=True, message=why)


def _no_keys(settings: Settings) -> Iterator[Finding]:
    try:
        if text := settings.keys.master.get_secret_value():
            keys.parse(text)
        elif settings.keys.file:
            keys.master_keys(settings)
    except Invalid as error:
        name = "keys.master" if settings.keys.master else "keys.file"
        yield Finding(name, fatal=True, message=error.reason)


def _not_for_production(settings: Settings) -> Iterator[Finding]:
    fatal = settings.production
    provider = settings.provider
    if not settings.keys.master and not settings.keys.file:
        yield Finding("keys.master", fatal, "a development key lies beside the database")
    for name in ("payments", "payouts", "carriers"):
        if "sandbox" in listed(getattr(provider, name)):
            yield Finding(f"provider.{name}", fatal, "the sandbox moves no real money")
    if len(provider.secret.get_secret_value()) < _SHORT_SECRET:
        yield Finding("provider.secret", fatal, f"is shorter than {_SHORT_SECRET} characters")
    if settings.clock_file:
        yield Finding("clock_file", fatal, "time is read from a file")
    if not settings.secure:
        yield Finding("http.public_url", fatal, "is not https, so cookies are not secure")


def _is_database(engines: re.Pattern[str], url: str) -> bool:
    return bool(engines.fullmatch(url)) and _port_is_one(url)


def _is_address(url: str) -> bool:
    with suppress(ValueError):
        where = urlsplit(url)
        return where.scheme in {"http", "https"} and bool(where.hostname) and _port_is_one(url)
    return False


def _port_is_one(url: str) -> bool:
    with suppress(ValueError):
        return urlsplit(url).port != 0
    return False


def _is_zone(name: str) -> bool:
    with suppress(KeyError, ValueError, OSError):
        return bool(ZoneInfo(name))
    return False
