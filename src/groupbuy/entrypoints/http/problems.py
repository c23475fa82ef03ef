"""The one place where errors become HTTP: RFC 9457 problem details, whatever went wrong."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

from groupbuy.domain.commission import ChangedSincePreview
from groupbuy.domain.kernel import (
    Busy,
    Conflict,
    DomainError,
    EditedMeanwhile,
    Forbidden,
    IllegalMove,
    Invalid,
    KeyReused,
    NotFound,
    Refused,
    TooMany,
    Unauthenticated,
    Unavailable,
)
from groupbuy.domain.ledger import Unbalanced
from groupbuy.entrypoints.http.reason_texts import reason_in
from groupbuy.entrypoints.http.rule_texts import RULES
from groupbuy.entrypoints.http.texts import TITLES, VALUES, language_of
from groupbuy.entrypoints.logging import frames_of

MEDIA_TYPE = "application/problem+json"
PUBLIC_NAMES = "public_names"
"""Where a request keeps what its handler's parameters are called outside."""
RETRY_SECONDS = 1
"""What we advise when a lost race or a silent outside is the reason."""

STATUS: dict[type[DomainError], int] = {
    NotFound: 404,
    Refused: 409,
    IllegalMove: 409,
    Conflict: 409,
    Busy: 409,
    EditedMeanwhile: 412,
    ChangedSincePreview: 409,
    Invalid: 422,
    KeyReused: 422,
    Unauthenticated: 401,
    Forbidden: 403,
    TooMany: 429,
    Unavailable: 503,
    Unbalanced: 500,
}
"""HTTP status by error; a subclass inherits its base's."""

_CODES = {
    400: "bad_request",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    412: "precondition_failed",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid",
    429: "too_many_requests",
    503: "unavailable",
}
_RETRYABLE = {429, 503}
_POINTER = re.compile(r" - at `\$(.*)`$")
_WORDS = re.compile(r"(?<=[a-z])([A-Z])")
_STEPS = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")


class FieldError(msgspec.Struct, frozen=True):
    """One value that is wrong."""

    pointer: str
    """JSON pointer into the body, or the name of a parameter or header."""
    code: str
    message: str


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """An answer that is not a success (RFC 9457)."""

    type: str
    """Where the problem is explained; stable."""
    title: str
    status: int
    code: str
    """Stable; programs decide by it."""
    retryable: bool = False
    """The same request may succeed later."""
    request_id: str = ""
    detail: str = ""
    errors: list[FieldError] = []
    facts: dict[str, Any] = {}


class CsrfRefused(HTTPException):
    """A browser sent a cookie without proof that our own page asked it to."""

    status_code = 403


class NoSuchVersion(HTTPException):
    """An edit names a version we never gave."""

    status_code = 412


def malformed(where: str, code: str = "invalid") -> ValidationException:
    """Return the 400 for one value; `where` is a JSON pointer or a parameter's name."""
    return ValidationException(extra=[{"pointer": where, "code": code}])


def problem_of(error: Exception, language: str, request_id: str) -> Problem:
    """Describe an error in that language."""
    if isinstance(error, DomainError):
        return _of_domain(error, language, request_id)
    if isinstance(error, CsrfRefused):
        return _problem("csrf", 403, language, request_id)
    if isinstance(error, HTTPException) and error.status_code < 500:
        code = _CODES.get(error.status_code, "bad_request")
        errors = [_field_error(each, language) for each in _extras(error)]
        return _problem(code, error.status_code, language, request_id, errors=errors)
    if isinstance(error, HTTPException) and error.status_code == 503:
        return _problem("unavailable", 503, language, request_id)
    return _problem("internal", 500, language, request_id)


def headers_of(error: Exception) -> dict[str, str]:
    """Return the headers an error brings with it."""
    match error:
        case TooMany():
            return {"Retry-After": str(max(1, error.retry_after_seconds))}
        case Conflict() | Unavailable():
            return {"Retry-After": str(RETRY_SECONDS)}
        case Unauthenticated():
            return {"WWW-Authenticate": 'Bearer realm="groupbuy"'}
        case HTTPException():
            return dict(error.headers or {})
        case _:
            return {}


def answer_problem(request: "Request[Any, Any, Any]", error: Exception) -> "Response[Problem]":
    """Render any exception; what nobody expected is logged, without its values."""
    language = language_of(request.headers.get("accept-language", ""))
    names = request.scope.get("state", {}).get(PUBLIC_NAMES, {})
    problem = _by_public_names(problem_of(error, language, request_id_of(request.scope)), names)
    if problem.status == 500:
        log_defect(error)
    headers = headers_of(error) | {"Content-Language": language, "Vary": "Accept-Language"}
    return Response(problem, status_code=problem.status, media_type=MEDIA_TYPE, headers=headers)


def _by_public_names(problem: Problem, names: Mapping[str, str]) -> Problem:
    """Point at parameters by the names callers know, not by those the handler has for them."""
    errors = [
        msgspec.structs.replace(each, pointer=names.get(each.pointer, each.pointer))
        for each in problem.errors
    ]
    return msgspec.structs.replace(problem, errors=errors) if errors else problem


def log_defect(error: BaseException) -> None:
    """Log where an error came from, but not its message: that may hold somebody's data."""
    structlog.get_logger().error("defect", error=type(error).__qualname__, frames=frames_of(error))


def request_id_of(scope: Mapping[str, Any]) -> str:
    """Return the id of the request a scope belongs to."""
    return str(scope.get("state", {}).get("request_id", ""))


def _of_domain(error: DomainError, language: str, request_id: str) -> Problem:
    status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 409)
    errors = []
    if isinstance(error, Invalid):
        pointer = "/" + error.field.replace(".", "/").replace("[", "/").replace("]", "")
        errors = [FieldError(pointer, "invalid", reason_in(error.reason, language))]
    facts = {name: _plain(value) for name, value in error.facts.items()}
    if isinstance(facts.get("kind"), str):
        # Storage and use cases spell it differently: nobody shall learn which of them refused.
        facts["kind"] = _WORDS.sub(r"_\1", str(facts["kind"])).lower()
    said = _problem(error.code, status, language, request_id, errors=errors, facts=facts)
    return msgspec.structs.replace(said, detail=_detail(said, language))


def retold(problem: Problem, language: str, request_id: str) -> Problem:
    """Tell a problem that was described in English to another request, in its language."""
    return msgspec.structs.replace(
        problem,
        title=_title(problem.code, problem.status, language),
        request_id=request_id,
        detail=_detail(problem, language),
        errors=[
            msgspec.structs.replace(each, message=reason_in(each.message, language))
            for each in problem.errors
        ],
    )


def _detail(problem: Problem, language: str) -> str:
    text = RULES.get(str(problem.facts.get("rule", "")))
    return text.in_(language) if text and problem.code == Refused.code else ""


def _plain(value: object) -> object:
    return value if isinstance(value, str | int | bool | None) else str(value)


def _problem(
    code: str,
    status: int,
    language: str,
    request_id: str,
    *,
    errors: list[FieldError] | None = None,
    facts: dict[str, Any] | None = None,
) -> Problem:
    return Problem(
        type=f"/problems/{code}",
        title=_title(code, status, language),
        status=status,
        code=code,
        retryable=status in _RETRYABLE or code == "conflict",
        request_id=request_id,
        errors=errors or [],
        facts=facts or {},
    )


def _title(code: str, status: int, language: str) -> str:
    return TITLES[code].in_(language) if code in TITLES else HTTPStatus(status).phrase


def _extras(error: HTTPException) -> list[dict[str, str]]:
    extra = error.extra
    return [each for each in extra if isinstance(each, dict)] if isinstance(extra, list) else []


def _field_error(raw: dict[str, str], language: str) -> FieldError:
    """Translate what the framework, or msgspec inside it, says about one value."""
    if "pointer" in raw:
        code = raw["code"]
        return FieldError(raw["pointer"], code, VALUES[code].in_(language))
    message = raw.get("message", "")
    code = _code_of(message)
    return FieldError(raw.get("key", ""), code, VALUES[code].in_(language))


def body_error(message: str) -> ValidationException:
    """Translate msgspec's complaint about a body into a 400 with a JSON pointer."""
    found = _POINTER.search(message)
    steps = _STEPS.findall(found[1]) if found else []
    pointer = "".join(f"/{name or index}" for name, index in steps)
    if named := re.search(r"(?:unknown|required) field `(.+?)`", message):
        pointer += f"/{named[1]}"
    return malformed(pointer or "/", _code_of(message))


def _code_of(message: str) -> str:
    signs = {
        "unknown field": "unknown",
        "required": "required",
        "length": "length",
        "regex": "pattern",
        "out of range": "range",
        ">=": "range",
        "<=": "range",
        "Expected": "type",
        "Invalid": "pattern",
    }
    return next((code for sign, code in signs.items() if sign in message), "invalid")
