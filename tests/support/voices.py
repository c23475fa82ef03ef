"""What the stories of reviews, questions and complaints share."""

from collections.abc import Mapping
from typing import Any

from attrs import evolve

from groupbuy.application import community, fulfilment
from groupbuy.application.community import NewReview
from groupbuy.application.ports import ParcelState, TraceReport, TraceStep
from groupbuy.domain.campaigns import Measure, Quorum
from groupbuy.domain.community import CommunityRules, Opinion, PostState, Review, rating_of
from groupbuy.domain.membership import Role, User
from tests.support.stories import sent


def buy(shop: Any, goods: Any, buyer: User | None = None, campaign: Any = None) -> Any:
    """Let somebody with an account buy one unit; the group forms at once."""
    campaign = campaign or shop.campaign(goods, quorum=Quorum(Measure.BUYERS, 1))
    buyer = buyer or shop.user(roles=frozenset({Role.SHOPPER}))
    joined = shop.join(campaign, shop.caller(buyer.id, Role.SHOPPER))
    shop.pay(joined)
    shop.rest()
    return joined


def delivered(shop: Any, joined: Any, number: str = "SF1") -> Any:
    """Send an order, and let the carrier say that it came."""
    sent(shop, joined, number)
    step = TraceStep(shop.clock.at, "已签收", ParcelState.DELIVERED)
    shop.do(shop.system(), fulfilment.hear_carrier, TraceReport("sf", number, step.state, (step,)))
    return joined


def review_of(shop: Any, joined: Any, stars: int = 5, text: str = "很甜", **more: Any) -> Review:
    """Let its buyer review the first line of an order."""
    said = Opinion(stars, text, more.pop("pictures", ()))
    buyer = shop.caller(joined.order.buyer_id, Role.SHOPPER)
    review: Review = shop.do(
        buyer, community.submit_review, NewReview(joined.order.id, 1, said, **more)
    )
    return review


def operator(shop: Any) -> Any:
    """Return somebody who moderates."""
    return shop.caller("usr_operator", Role.OPERATOR)


def ask_rules(shop: Any, rules: CommunityRules) -> None:
    """Give the shop other rules from now on."""
    policy = evolve(shop.policy, community=rules)
    shop.policy, shop.kit = policy, evolve(shop.kit, policy=policy)
    shop.desk = evolve(shop.desk, kit=shop.kit)
    shop.relay = shop.a_relay()


def words_of(builder: Any, ids: Mapping[str, str], buyer: Any) -> dict[str, str]:
    """Let a buyer of two shops review, ask, complain and share; return what was made."""
    kit = builder.shop.app.kit
    review = Review(
        id=kit.ids.new("rvw"),
        author_id=buyer.user.id,
        merchant_id=ids["merchant"],
        leader_id=ids["leader"],
        text="很甜",
        created_at=kit.clock.now(),
        state=PostState.PUBLISHED,
        order_id=ids["order"],
        line_no=1,
        line_key=f"{ids['order']}/1",
        product_id=ids["product"],
        title="水蜜桃",
        options="",
        stars=5,
    )
    builder.add(review)
    builder.add(rating_of(ids["product"], [review.stars]))
    path = f"/shop/products/{ids['product']}/questions"
    question = builder.send("POST", path, buyer, {"text": "大吗？"})
    told = {"kind": "order", "text": "少了两个", "order_id": ids["order"]}
    case = builder.send("POST", "/shop/feedback", buyer, told)
    path = f"/shop/campaigns/{ids['selling']}/shares"
    shared = builder.send("POST", path, buyer, {"channel": "moments"})
    return {
        "code": str(shared["copies"][0]["link"]).rpartition("/")[2],
        "review": review.id,
        "post": review.id,
        "question": str(question["id"]),
        "feedback": str(case["id"]),
    }
