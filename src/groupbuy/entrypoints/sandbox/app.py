"""Puts the sandbox together."""

import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from litestar import Litestar, Request, Response
from litestar.concurrency import sync_to_thread
from litestar.di import Provide
from litestar.exceptions import HTTPException

from groupbuy.application.ports.system import Clock
from groupbuy.domain.payments import RefundLimits
from groupbuy.entrypoints.sandbox.api import ParcelsApi, PaymentsApi, PayoutsApi
from groupbuy.entrypoints.sandbox.cashier import Cashier
from groupbuy.entrypoints.sandbox.control import Control
from groupbuy.entrypoints.sandbox.courier import Courier
from groupbuy.entrypoints.sandbox.gate import Gate
from groupbuy.entrypoints.sandbox.journal import LIMITS, Journal
from groupbuy.entrypoints.sandbox.kuaidi100 import ACCOUNT, Kuaidi100Api, KuaidiAccount
from groupbuy.entrypoints.sandbox.refusals import Refusal

log = logging.getLogger(__name__)


def create_sandbox(
    journal_path: str,
    secret: str,
    clock: Clock,
    callback_urls: Mapping[str, str] | None = None,
    *,
    background: bool = True,
    settle_seconds: int = 0,
    limits: RefundLimits = LIMITS,
    fee_bp: int = 0,
    kuaidi100: KuaidiAccount = ACCOUNT,
) -> Litestar:
    """Build the sandbox around a journal file.

    `callback_urls` says where to call back when a request names no address; its keys are
    `payment`, `payout` and `carrier`. Without `background` nothing is sent until
    `/_control/flush` is called. Accepted refunds and card payouts are carried out
    `settle_seconds` later on `clock`, and never in the answer that accepts them. Refunds beyond
    `limits` are refused. Of every payment `fee_bp` basis points are kept, a line of the bill each.
    Below `/kuaidi100` it answers like that service to its customer.
    """
    journal = Journal(journal_path, clock, callback_urls, settle_seconds, limits, fee_bp)
    courier = Courier(journal, secret.encode(), clock)

    @asynccontextmanager
    async def lifespan(_app: Litestar) -> AsyncIterator[None]:
        if background:
            courier.start()
        try:
            yield
        finally:
            await sync_to_thread(courier.stop)
            journal.close()

    return Litestar(
        route_handlers=[PaymentsApi, PayoutsApi, ParcelsApi, Kuaidi100Api, Control, Cashier],
        middleware=[Gate(journal, secret.encode(), clock)],
        dependencies={
            "journal": Provide(lambda: journal, sync_to_thread=False),
            "account": Provide(lambda: kuaidi100, sync_to_thread=False),
            "courier": Provide(lambda: courier, sync_to_thread=False),
        },
        exception_handlers={
            Refusal: _refused,
            HTTPException: _not_understood,
            RecursionError: _unreadable,
            UnicodeDecodeError: _unreadable,
            Exception: _broken,
        },
        lifespan=[lifespan],
        openapi_config=None,
        logging_config=None,
    )


def _refused(_request: "Request[Any, Any, Any]", refusal: Refusal) -> "Response[dict[str, str]]":
    body = {"code": refusal.code, "message": refusal.message}
    return Response(body, status_code=refusal.status)


def _not_understood(
    _request: "Request[Any, Any, Any]", error: HTTPException
) -> "Response[dict[str, str]]":
    code = "PARAM_ERROR" if error.status_code < 500 else "SYSTEM_ERROR"
    body = {"code": code, "message": str(error.detail)}
    return Response(body, status_code=error.status_code, headers=error.headers)


def _unreadable(_request: "Request[Any, Any, Any]", _error: Exception) -> "Response[Any]":
    return Response({"code": "PARAM_ERROR", "message": "unreadable body"}, status_code=400)


def _broken(_request: "Request[Any, Any, Any]", error: Exception) -> "Response[dict[str, str]]":
    log.error("the sandbox itself failed", exc_info=error)
    return Response({"code": "SYSTEM_ERROR", "message": ""}, status_code=500)
