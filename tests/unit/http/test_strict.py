from typing import Annotated

import msgspec
import pytest
from litestar.exceptions import ValidationException

from groupbuy.entrypoints.http.strict import DEPTH, decoded, safe_target
from groupbuy.entrypoints.http.texts import language_of


class Line(msgspec.Struct, forbid_unknown_fields=True):
    units: Annotated[int, msgspec.Meta(ge=1, le=100)]
    note: Annotated[str, msgspec.Meta(max_length=10)] = ""


class Body(msgspec.Struct, forbid_unknown_fields=True):
    lines: Annotated[list[Line], msgspec.Meta(max_length=3)]


def complaint(body):
    with pytest.raises(ValidationException) as refusal:
        decoded(body, Body)
    error = refusal.value.extra[0]
    return error["pointer"], error["code"]


def test_a_good_body_is_read():
    assert decoded(b'{"lines":[{"units":2,"note":"\xe5\xa5\xbd"}]}', Body) == Body([Line(2, "好")])


@pytest.mark.parametrize(
    ("body", "where", "code"),
    [
        (b'{"lines":[{"units":"2"}]}', "/lines/0/units", "type"),
        (b'{"lines":[{"units":2.5}]}', "/lines/0/units", "type"),
        (b'{"lines":[{"units":true}]}', "/lines/0/units", "type"),
        (b'{"lines":[{"units":0}]}', "/lines/0/units", "range"),
        (b'{"lines":[{"units":1e400}]}', "/lines/0/units", "range"),
        (b'{"lines":[{"units":' + b"9" * 5000 + b"}]}", "/lines/0/units", "range"),
        (b'{"lines":[{"units":1,"note":"12345678901"}]}', "/lines/0/note", "length"),
        (b'{"lines":[{"units":1},{}]}', "/lines/1/units", "required"),
        (b'{"lines":[],"more":1}', "/more", "unknown"),
        (b"{}", "/lines", "required"),
        (b"[]", "/", "type"),
    ],
)
def test_a_complaint_points_at_the_value(body, where, code):
    assert complaint(body) == (where, code)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"nonsense",
        b'{"lines":NaN}',
        b'{"lines":[],"lines":[]}',
        b'{"lines":[{"units":1,"note":"","units":1}]}',
        b'{"lines":[{"units":1,"\\u0075nits":2}]}',
        b'{"lines":[{"units":1,"note":"\xff"}]}',
        b'{"lines":[{"units":1,"note":"\\ud800"}]}',
        b'{"lines":[{"units":1,"note":"\x00"}]}',
        b"\xef\xbb\xbf{}",
        '{"lines":[]}'.encode("utf-16"),
        b"[" * 100_000,
        b'{"a":' * (DEPTH + 1),
    ],
)
def test_what_is_no_json_is_malformed(body):
    assert complaint(body)[1] in {"malformed", "type"}


def test_an_escaped_nul_is_refused_and_text_that_only_looks_like_one_is_not():
    assert complaint(b'{"lines":[{"units":1,"note":"\\u0000"}]}') == ("/", "unsafe_text")
    assert decoded(b'{"lines":[{"units":1,"note":"\\\\u0000"}]}', Body).lines[0].note == "\\u0000"


def test_brackets_inside_text_are_not_depth():
    many = "[" * (DEPTH + 5)
    assert decoded(msgspec.json.encode({"text": many}), dict[str, str]) == {"text": many}


@pytest.mark.parametrize("raw", [b"/a%00b", b"/a%0ab", b"/%ff", b"/%c3%28", b"/a%7f"])
def test_an_address_that_is_no_clean_text_is_not_read(raw):
    assert not safe_target(raw)


def test_an_address_may_be_chinese():
    assert safe_target(b"/q=%E8%8A%92%E6%9E%9C")


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("", "zh-CN"),
        ("en", "en"),
        ("en-GB,en;q=0.9,zh;q=0.1", "en"),
        ("zh-TW,en;q=0.9", "zh-CN"),
        ("fr", "zh-CN"),
        ("en;q=nonsense,zh;q=0.5", "zh-CN"),
        ("en;q=0", "zh-CN"),
    ],
)
def test_the_language_is_the_one_asked_for_or_chinese(accept, language):
    assert language_of(accept) == language
