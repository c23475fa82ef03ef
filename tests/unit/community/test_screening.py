"""What screening finds, and what it leaves alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groupbuy.domain.community import CommunityRules, Finding, findings_in, without_contacts

PHRASES = CommunityRules(banned_phrases="刷单, 好评返现，代购").phrases


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("打我电话 13812345678", Finding.PHONE),
        ("打我 138-1234-5678", Finding.PHONE),
        ("１３８１２３４５６７８", Finding.PHONE),
        ("1\u200b3812345678", Finding.PHONE),
        ("一三八一二三四五六七八", Finding.PHONE),
        ("+86 138 1234 5678", Finding.PHONE),
        ("021-68881234", Finding.PHONE),
        ("看 https://example.com/a", Finding.LINK),
        ("去 shop.example.cn 买", Finding.LINK),
        ("加微信 peach_2026", Finding.ACCOUNT),
        ("VX：peach2026", Finding.ACCOUNT),
        ("QQ群号 123456789", Finding.ACCOUNT),
        ("好评返现找我", Finding.PHRASE),
        ("好 评-返 现", Finding.PHRASE),
        ("刷单", Finding.PHRASE),
    ],
)
def test_ways_around_the_shop_are_found(text, found):
    assert found in findings_in(text, PHRASES)


@pytest.mark.parametrize(
    "text",
    [
        "很甜，5 斤 12 个，一共 39.90 元，推荐！",
        "订单 20261102 收到，14:30 送达",
        "三个坏了一个，七八成熟",
        "微信支付很方便",
        "11月1日-11月3日都可以",
        "比上次好多了...下次再来",
        "The best peaches. Will buy again.",
    ],
)
def test_what_honest_people_write_is_left_alone(text):
    assert findings_in(text, PHRASES) == ()
    assert without_contacts(text) == text


def test_the_list_of_phrases_is_parted_by_commas_of_both_kinds():
    assert PHRASES == ("刷单", "好评返现", "代购")
    assert CommunityRules().phrases == ()
    assert findings_in("刷单", CommunityRules(banned_phrases=" ,，").phrases) == ()


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("请打 13812345678 给我", "13812345678"),
        ("一三八一二三四五六七八", "13812345678"),
        ("加微信 peach_2026 谢谢", "peach_2026"),
        ("https://example.com/me", "example.com"),
    ],
)
def test_contacts_are_masked(text, gone):
    assert gone not in without_contacts(text)
    assert "■" in without_contacts(text)


@given(st.text())
def test_a_masked_text_has_no_contact_left(text):
    assert set(findings_in(without_contacts(text))) <= {Finding.PHRASE}


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.sampled_from([" ", "-", "", ".", "_"]))
def test_a_mobile_number_is_found_however_it_is_parted(number, gap):
    assert Finding.PHONE in findings_in(gap.join([number[:3], number[3:7], number[7:]]))
