"""Reviews, questions and complaints through the web, on both databases."""

import pytest
from attrs import evolve

from groupbuy.application.write_path import Caller
from groupbuy.domain.community import Review
from groupbuy.domain.kernel import make_id
from groupbuy.domain.ordering import Order
from tests.support.two_shops import TENANT, two_shops


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    folder = tmp_path_factory.mktemp("words")
    with two_shops(f"sqlite:///{folder / 'shop.db'}", folder) as opened:
        yield opened


@pytest.fixture
def world(kept):
    kept.restore()
    return kept


@pytest.fixture(params=["sqlite", "postgresql"])
def both(request, tmp_path):
    if request.param == "sqlite":
        yield request.getfixturevalue("world")
        return
    with two_shops(request.getfixturevalue("pg_database").app_url, tmp_path) as opened:
        yield opened


def ask(world, person, method, path, body=None, language="zh-CN"):
    headers = {} if person == "nobody" else dict(world.own.people[person].headers)
    headers["Idempotency-Key"] = world.shop.app.kit.ids.token()
    headers["Accept-Language"] = language
    return world.shop.client.request(method, f"/api/v1{path}", json=body, headers=headers)


def items(world, person, path, **more):
    answer = ask(world, person, "GET", path, **more)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def arrived(world):
    """Let the second of the shopper's orders have been delivered."""
    desk, clock = world.shop.app.desk, world.shop.app.kit.clock
    others = {world.own.ids["order"], world.own.ids["unpaid"]}
    (order,) = [e["id"] for e in items(world, "shopper", "/shop/orders") if e["id"] not in others]

    def write(work):
        held = work.of(Order).lock([order])[order]
        work.of(Order).save(evolve(held, delivered_at=clock.now()))

    desk.run(Caller.system(TENANT), write)
    return order


def test_a_review_goes_from_the_buyer_to_everybody_and_is_answered(both):
    order, product = arrived(both), both.own.ids["product"]
    wish = {"stars": 2, "text": "一般", "pictures": ["/media/a.jpg"], "line_no": 1}
    made = ask(both, "shopper", "POST", f"/shop/orders/{order}/reviews", wish)
    assert made.status_code == 201, made.text
    review = made.json()["review"]["id"]
    again = ask(both, "shopper", "POST", f"/shop/orders/{order}/reviews", wish)
    assert (again.status_code, again.json()["facts"]["rule"]) == (409, "one_review_a_line")
    (low,) = items(both, "nobody", f"/shop/products/{product}/reviews?stars_lte=2")
    assert (low["id"], low["author"], low["pictures"]) == (review, "何**", ["/media/a.jpg"])
    assert both.own.people["shopper"].user.id not in str(low)
    (work,) = items(both, "merchant", "/merchant/reviews?stars_lte=2&answered=false")
    assert work["id"] == review
    at = f"/merchant/reviews/{review}"
    assert ask(both, "merchant", "PUT", f"{at}/answer", {"text": "抱歉"}).status_code == 200
    assert items(both, "merchant", "/merchant/reviews?stars_lte=2&answered=false") == []
    (seen,) = items(both, "leader", "/leader/reviews?stars_lte=2")
    assert seen["reply"] == "抱歉"
    rating = ask(both, "nobody", "GET", f"/shop/products/{product}").json()["rating"]
    assert rating == {"count": 2, "mean_hundredths": 386, "by_stars": [0, 1, 0, 0, 1]}
    amended = ask(
        both, "shopper", "POST", f"/shop/reviews/{review}/amend", {"stars": 5, "text": "好"}
    )
    assert amended.json()["review"]["amended"]
    rating = ask(both, "nobody", "GET", f"/shop/products/{product}").json()["rating"]
    assert rating["by_stars"] == [0, 0, 0, 0, 2]


def test_a_moderator_decides_with_a_reason_and_a_merchant_only_asks(world):
    review, product = world.own.ids["review"], world.own.ids["product"]
    ask(world, "merchant", "POST", f"/merchant/reviews/{review}/report", {"reason": "不实"})
    assert len(items(world, "nobody", f"/shop/products/{product}/reviews")) == 1
    (waiting,) = items(world, "operator", "/ops/posts?kind=review")
    assert (waiting["id"], waiting["findings"], waiting["reports"]) == (review, ["reported"], 1)
    for person in ("merchant", "leader", "shopper", "finance"):
        hidden = ask(world, person, "POST", f"/ops/posts/{review}/hide", {"reason": "x"})
        assert hidden.status_code == 403, person
    done = ask(world, "operator", "POST", f"/ops/posts/{review}/hide", {"reason": "辱骂"})
    assert (done.json()["state"], done.json()["waiting"]) == ("hidden", False)
    assert items(world, "nobody", f"/shop/products/{product}/reviews") == []
    shown = ask(world, "operator", "GET", f"/ops/posts/{review}").json()
    assert [each["reason"] for each in shown["reports"]] == ["不实"]
    (mine,) = items(world, "shopper", "/shop/reviews")
    assert (mine["state"], mine["decision"]) == ("hidden", "辱骂")
    assert ask(world, "operator", "POST", f"/ops/posts/{review}/hide", {}).status_code == 400


def test_questions_are_answered_by_those_who_sell_and_marked_in_the_readers_language(both):
    question = both.own.ids["question"]
    at = f"/shop/questions/{question}/answers"
    given = ask(both, "merchant", "POST", at, {"text": "拳头大"})
    assert (given.json()["badge"], given.json()["badge_text"]) == ("merchant", "商家")
    assert ask(both, "leader", "POST", at, {"text": "很大"}).json()["badge_text"] == "团长"
    assert ask(both, "shopper", "POST", at, {"text": "不小"}).json()["badge_text"] == "已购"
    denied = ask(both, "finance", "POST", at, {"text": "x"})
    assert denied.json()["facts"]["rule"] == "bought_what_it_is_about"
    reply = {"text": "谢谢", "reply_to": given.json()["id"]}
    assert ask(both, "finance", "POST", at, reply).status_code == 201
    texts = [each["badge_text"] for each in items(both, "nobody", at, language="en")]
    assert texts == ["Merchant", "Leader", "Bought it", ""]
    first = ask(both, "nobody", "GET", f"{at}?limit=3").json()
    rest = items(both, "nobody", f"{at}?limit=3&cursor={first['next_cursor']}")
    assert [each["text"] for each in rest] == ["谢谢"]
    assert items(both, "merchant", "/merchant/questions?answered=false") == []


def test_a_notice_says_itself_in_both_languages(world):
    question = world.own.ids["question"]
    at = f"/shop/questions/{question}/answers"
    ask(world, "merchant", "POST", at, {"text": "拳头大"})
    for _ in range(5):
        world.shop.app.relay.tick(TENANT)
    for language, text in [
        ("zh-CN", "您的提问有了新的回答"),
        ("en", "Your question has a new answer"),
    ]:
        found = items(world, "shopper", "/me/notices", language=language)
        assert text in [each["text"] for each in found if each["kind"] == "question.answered"]


def test_a_complaint_goes_from_its_person_to_an_answer_and_back(both):
    case = both.own.ids["feedback"]
    mine, desk = f"/shop/feedback/{case}", f"/ops/feedback/{case}"
    more = {"text": "电话 13812345678", "pictures": ["/media/b.jpg"]}
    assert ask(both, "shopper", "POST", f"{mine}/messages", more).status_code == 201
    seen = ask(both, "merchant", "GET", f"/merchant/feedback/{case}").json()
    assert [each["text"] for each in seen["messages"]] == ["少了两个", "电话 ■■■"]
    assert both.own.people["shopper"].user.id not in str(seen)
    assert ask(both, "operator", "POST", f"{desk}/assign", {}).json()["case"]["state"] == (
        "in_progress"
    )
    ask(both, "operator", "POST", f"{desk}/notes", {"text": "先问商家"})
    ask(both, "operator", "POST", f"{desk}/answer", {"text": "已补发"})
    shown = ask(both, "shopper", "GET", mine).json()
    assert [each["text"] for each in shown["messages"]][1:] == ["电话 13812345678", "已补发"]
    assert "先问商家" not in str(shown)
    staff = ask(both, "operator", "GET", desk).json()
    assert [each["line"]["text"] for each in staff["conversation"] if each["internal"]] == [
        "先问商家"
    ]
    ask(both, "shopper", "POST", f"{mine}/satisfaction", {"satisfaction": 2})
    again = ask(both, "shopper", "POST", f"{mine}/reopen", {"text": "没有收到"})
    assert (again.json()["state"], again.json()["satisfaction"]) == ("reopened", None)
    early = ask(both, "operator", "POST", f"{desk}/close", {"reason": "x"})
    assert (early.status_code, early.json()["code"]) == (409, "illegal_move")


def test_operators_find_cases_by_deadline_kind_and_state_and_take_them_as_a_table(world):
    told = {"kind": "suggestion", "text": "希望有小份"}
    made = ask(world, "leader", "POST", "/shop/feedback", told).json()
    assert made["kind_text"] == "建议"
    found = items(world, "operator", "/ops/feedback?kind=suggestion")
    assert [each["case"]["id"] for each in found] == [made["id"]]
    assert items(world, "operator", "/ops/feedback?overdue=true") == []
    first = ask(world, "operator", "GET", "/ops/feedback?limit=1").json()
    rest = items(world, "operator", f"/ops/feedback?limit=1&cursor={first['next_cursor']}")
    assert first["items"][0]["case"]["answer_by"] <= rest[0]["case"]["answer_by"]
    table = ask(world, "operator", "GET", "/ops/feedback/export?created_gte=2026-01-01T00:00:00Z")
    assert table.headers["content-type"].startswith("text/csv")
    assert table.text.splitlines()[0].startswith("id,kind,state")
    assert "希望有小份" not in table.text
    assert made["id"] in table.text
    naive = ask(world, "operator", "GET", "/ops/feedback/export?created_gte=2026-01-01T00:00:00")
    assert naive.status_code == 400


@pytest.mark.parametrize(
    "wrong",
    [
        {"stars": 6, "text": "x"},
        {"stars": 5, "text": ""},
        {"stars": 5, "text": "x", "pictures": ["/p"] * 10},
        {"stars": 5, "text": "x", "pictures": ["http://a.cn/p"]},
        {"stars": 5, "text": "x", "author": "usr_1"},
    ],
)
def test_a_review_nobody_could_show_is_refused(world, wrong):
    answer = ask(world, "shopper", "POST", f"/shop/orders/{world.own.ids['order']}/reviews", wrong)
    assert answer.status_code in {400, 422}, answer.text


def test_a_review_that_was_anonymous_has_no_name_in_any_language(world):
    review = make_id("rvw", millis=1, cell=0, entropy=9)

    def add(work):
        known = work.of(Review).get(world.own.ids["review"])
        work.of(Review).add(evolve(known, id=review, line_key="ord_x/1", initial="", version=0))

    world.shop.app.desk.run(Caller.system(TENANT), add)
    path = f"/shop/products/{world.own.ids['product']}/reviews"
    for language, name in [("zh-CN", "匿名用户"), ("en", "Anonymous")]:
        assert name in {each["author"] for each in items(world, "nobody", path, language=language)}
