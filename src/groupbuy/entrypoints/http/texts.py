"""What problems are called, in Chinese and English. Codes never change, texts may."""

from collections.abc import Mapping

from attrs import frozen

DEFAULT_LANGUAGE = "zh-CN"
LANGUAGES = ("zh-CN", "en")


@frozen
class Text:
    """One sentence in both languages."""

    zh: str
    en: str

    def in_(self, language: str) -> str:
        """Return it in that language."""
        return self.en if language == "en" else self.zh


TITLES: Mapping[str, Text] = {
    "bad_request": Text("请求的内容不对", "The request makes no sense"),
    "unauthenticated": Text("请先登录", "Please log in"),
    "wrong_credentials": Text("手机号或密码不对", "The phone number or the password is wrong"),
    "unbalanced": Text("账目不平，什么都没有改变", "The books do not balance; nothing has changed"),
    "forbidden": Text("您没有这项权限", "You may not do this"),
    "csrf": Text("页面已过期，请刷新后再试", "The page is out of date: reload it and try again"),
    "not_found": Text("没有找到", "Not found"),
    "method_not_allowed": Text("不支持这种操作", "This address does not know that method"),
    "conflict": Text("刚刚有人改动过，请再试一次", "Somebody else was faster: try again"),
    "busy": Text("别人正在处理，请稍后查看", "Somebody has it in hand: look again in a while"),
    "edited_meanwhile": Text(
        "内容已有更新的版本，请刷新后再改", "There is a newer version: look again before you edit"
    ),
    "changed_since_preview": Text(
        "预览之后有变化，请重新预览", "It has changed since the preview: look again"
    ),
    "precondition_failed": Text("内容已被改动，请刷新", "It has changed since you read it"),
    "too_large": Text("内容太大", "The body is too large"),
    "unsupported_media_type": Text("请发送 JSON", "Send JSON"),
    "invalid": Text("有一项填写得不对", "A value makes no sense"),
    "idempotency_key_reused": Text(
        "同一个幂等键用在了不同的内容上", "This idempotency key came with a different body"
    ),
    "too_many_requests": Text("太频繁了，请稍后再试", "Too many requests: wait a moment"),
    "refused": Text("规则不允许，什么都没有改变", "A rule says no; nothing has changed"),
    "illegal_move": Text("当前状态下不能这样做", "This cannot be done in the present state"),
    "unavailable": Text("服务暂时无法使用，请稍后再试", "Something is not answering: try again"),
    "internal": Text("出错了，我们已经记录下来", "Something went wrong; it has been recorded"),
}
"""By problem code."""

VALUES: Mapping[str, Text] = {
    "required": Text("必填", "is required"),
    "unknown": Text("没有这一项", "is not known"),
    "length": Text("长短不对", "has the wrong length"),
    "range": Text("超出范围", "is out of range"),
    "type": Text("类型不对", "has the wrong type"),
    "pattern": Text("格式不对", "has the wrong form"),
    "malformed": Text("无法解读", "cannot be read"),
    "unsafe_text": Text("含有不允许的字符", "holds characters that are not allowed"),
    "invalid": Text("不正确", "makes no sense"),
}
"""By code of one error inside a problem."""


def language_of(accept: str) -> str:
    """Pick a language from an Accept-Language header; Chinese where nothing fits better."""
    best, chosen = 0.0, DEFAULT_LANGUAGE
    for part in accept.split(",")[:20]:
        tag, _, quality = part.strip().partition(";q=")
        weight = _weight(quality)
        name = {"zh": "zh-CN", "en": "en"}.get(tag.strip().lower().partition("-")[0])
        if name is not None and weight > best:
            best, chosen = weight, name
    return chosen


def _weight(quality: str) -> float:
    try:
        return float(quality) if quality else 1.0
    except ValueError:
        return 0.0
