"""Codes of carriers, and what their numbers look like."""

import re

import pytest

from groupbuy.domain.logistics import check_number, plausible
from groupbuy.entrypoints.carrier_list import carriers, name_of, search


def test_every_code_is_one_that_a_parcel_may_carry_and_none_comes_twice():
    codes = [each.code for each in carriers()]
    assert len(codes) == len(set(codes)) == 1107
    for code in codes:
        check_number(code, "X1")
    assert all(each.name.strip() == each.name != "" for each in carriers())


def test_the_most_used_come_first_and_the_rest_by_code():
    codes = [each.code for each in search("", 1107)]
    assert codes[:2] == ["shunfeng", "jd"]
    assert codes[10:] == sorted(codes[10:])


@pytest.mark.parametrize(
    ("text", "first"),
    [("shunfeng", "shunfeng"), ("zhongt", "zhongtong"), ("顺丰", "shunfeng"), ("EMS", "ems")],
)
def test_a_carrier_is_found_by_code_and_by_name(text, first):
    assert search(text, 5)[0].code == first


def test_the_text_is_taken_literally():
    assert search("[a-z]") == []
    assert len(search("", 3)) == 3


def test_an_unknown_code_is_shown_as_it_is():
    assert (name_of("shunfeng"), name_of("my-van")) == (search("shunfeng")[0].name, "my-van")


@pytest.mark.parametrize(
    ("carrier", "number", "fits"),
    [
        ("shunfeng", "SF1234567890123", True),
        ("shunfeng", "sf1234567890123", True),
        ("shunfeng", "YT1234567890123", False),
        ("yuantong", "YT1234567890123", True),
        ("ems", "EA123456789CN", True),
        ("ems", "123", False),
        ("my-van", "123456", True),
        ("my-van", "12345", False),
        ("my-van", "1" * 33, False),
    ],
)
def test_a_number_looks_like_its_carrier_or_does_not(carrier, number, fits):
    assert plausible(carrier, number) is fits
    assert re.fullmatch(r"[0-9A-Za-z-]+", number)
