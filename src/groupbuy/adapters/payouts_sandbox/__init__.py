"""Payouts to bank cards and wallets through the sandbox."""

from collections.abc import Mapping

import httpx

from groupbuy.adapters.payouts_sandbox.client import SandboxPayouts
from groupbuy.application.ports.system import Clock

__all__ = ["SandboxPayouts", "build"]


def build(settings: Mapping[str, str], clock: Clock) -> SandboxPayouts:
    """Build from `base_url`, `secret`, `notify_url`, `timeout_seconds` (5).

    `notify_url` may be empty; `{tenant}` in it becomes the tenant that asks.
    """
    http = httpx.Client(
        base_url=settings["base_url"],
        timeout=httpx.Timeout(float(settings.get("timeout_seconds", "5"))),
        limits=httpx.Limits(max_connections=32, max_keepalive_connections=16),
        trust_env=False,
    )
    return SandboxPayouts(http, settings["secret"].encode(), clock, settings.get("notify_url", ""))
