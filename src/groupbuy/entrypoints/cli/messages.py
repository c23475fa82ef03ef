"""Refusals in words, for people at a terminal. Scripts read the code instead."""

from collections.abc import Mapping
from typing import Literal

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

Lang = Literal["zh", "en"]
"""The languages of the command line."""

MESSAGES: dict[type[DomainError], tuple[str, str]] = {
    NotFound: ("没有找到 {kind}：{key}", "no such {kind}: {key}"),
    Refused: ("规则不允许 {rule}（{about}）", "refused by the rule {rule} ({about})"),
    Invalid: ("{field} 不正确：{reason}", "{field} is wrong: {reason}"),
    Conflict: (
        "{kind} {key} 已被别人修改，请重新查看后再试",
        "{kind} {key} was changed meanwhile; look again, then retry",
    ),
    Busy: (
        "{by} 正在处理 {kind} {key}，请稍后查看结果",
        "{by} has the {kind} {key} in hand; look again when that is done",
    ),
    EditedMeanwhile: (
        "{kind} {key} 已有第 {version} 版，请刷新后再改",
        "{kind} {key} is at version {version} now; look again before you edit",
    ),
    ChangedSincePreview: (
        "{settlement} 在预览之后有变化，现在是 {digest}，请重新预览",
        "{settlement} has changed since the preview, it is {digest} now; preview it again",
    ),
    IllegalMove: (
        "{machine} 现在是 {state}，不能 {move}",
        "a {machine} that is {state} cannot {move}",
    ),
    KeyReused: ("同一个幂等键用于不同的内容：{key}", "the key {key} was used for something else"),
    Unauthenticated: ("需要登录", "nobody is logged in"),
    Forbidden: ("没有权限，需要角色：{needs}", "not allowed; this needs the role {needs}"),
    TooMany: (
        "太频繁了，请 {retry_after_seconds} 秒后再试",
        "too often; try again in {retry_after_seconds} s",
    ),
    Unbalanced: ("分录不平：{moment}", "a journal does not balance: {moment}"),
    Unavailable: ("{what} 暂时没有响应，可以重试", "{what} did not answer; this may be repeated"),
}
"""Texts by error: zh, en; the facts of the error fill the gaps."""


def message(error: DomainError, lang: Lang) -> str:
    """Say what an error means; one without words of its own shows its code and facts."""
    for kind in type(error).__mro__:
        if kind in MESSAGES:
            words = MESSAGES[kind][0 if lang == "zh" else 1]
            return words.format_map(_told(error, lang)) + _why(error, lang)
    return str(error)


def _told(error: DomainError, lang: Lang) -> Mapping[str, object]:
    """Return the facts of an error; why a value makes no sense is said in that language."""
    if not isinstance(error, Invalid) or lang == "en":
        return error.facts
    from groupbuy.entrypoints.http.reason_texts import reason_in

    return {**error.facts, "reason": reason_in(error.reason, "zh-CN")}


def _why(error: DomainError, lang: Lang) -> str:
    """Add what a rule that said no is about, in the words that the web has for it."""
    if not isinstance(error, Refused):
        return ""
    # Loaded only now: the web takes its time, and most runs refuse nothing.
    from groupbuy.entrypoints.http.rule_texts import RULES

    text = RULES.get(error.rule)
    if text is None:
        return ""
    return f"：{text.zh}" if lang == "zh" else f": {text.en}"
