"""Parcels through the tracking service Kuaidi100."""

from collections.abc import Mapping

import httpx

from groupbuy.adapters.carrier_kuaidi100.client import Kuaidi100Carrier
from groupbuy.adapters.carrier_kuaidi100.wire import Account
from groupbuy.application.ports.system import Clock

__all__ = ["Kuaidi100Carrier", "build"]


def build(settings: Mapping[str, str], clock: Clock) -> Kuaidi100Carrier:  # noqa: ARG001
    """Build from `kuaidi100_url`, `…_customer`, `…_key`, `…_salt`, `notify_url`.

    `{tenant}` in `notify_url` becomes the tenant that asks. The service signs no time, so there is
    nothing to read a clock for: a repeated push names the same event.
    """
    http = httpx.Client(
        base_url=settings["kuaidi100_url"],
        timeout=httpx.Timeout(float(settings.get("timeout_seconds", "5"))),
        limits=httpx.Limits(max_connections=32, max_keepalive_connections=16),
        trust_env=False,
    )
    account = Account(
        settings["kuaidi100_customer"], settings["kuaidi100_key"], settings["kuaidi100_salt"]
    )
    return Kuaidi100Carrier(http, account, settings["notify_url"])
