"""Payments, refunds and statements through the sandbox."""

from collections.abc import Mapping
from datetime import timedelta

import httpx

from groupbuy.adapters.payments_sandbox.client import SandboxPayments
from groupbuy.application.ports.system import Clock
from groupbuy.domain.payments import RefundLimits

__all__ = ["SandboxPayments", "build"]


def build(settings: Mapping[str, str], clock: Clock) -> SandboxPayments:
    """Build from `base_url`, `secret`, `notify_url`, `timeout_seconds` (5).

    `notify_url` may be empty; `{tenant}` in it becomes the tenant that asks. What it allows of
    refunds is `refund_spacing_seconds` (60), `refunds_of_a_payment` (50), `refund_days` (365).
    """
    limits = RefundLimits(
        timedelta(seconds=int(settings.get("refund_spacing_seconds", "60"))),
        int(settings.get("refunds_of_a_payment", "50")),
        timedelta(days=int(settings.get("refund_days", "365"))),
    )
    http = httpx.Client(
        base_url=settings["base_url"],
        timeout=httpx.Timeout(float(settings.get("timeout_seconds", "5"))),
        limits=httpx.Limits(max_connections=32, max_keepalive_connections=16),
        trust_env=False,
    )
    secret, notify_url = settings["secret"].encode(), settings.get("notify_url", "")
    return SandboxPayments(http, secret, clock, notify_url, limits)
