"""Who may review, ask, answer, complain and moderate; written by hand, as all of the promise is."""

from tests.support.two_shops import PEOPLE

EVERYBODY = frozenset(PEOPLE)
PUBLIC = EVERYBODY | {"nobody"}
NONE = frozenset()
SHOPPER, MERCHANT, LEADER, OPERATOR = (
    frozenset({name}) for name in ("shopper", "merchant", "leader", "operator")
)
TEXT = {"text": "很甜"}
WHY = {"reason": "asked for by a test"}


def _body(said):
    return lambda _place, _person: said


def _complaint(place, _person):
    return {"kind": "product", "about": place.ids["product"], **TEXT}


def _any(who, thing, said=None):
    """Somebody may do it with everybody's things."""
    return who, thing, NONE, who, _body(said)


def _own(who, thing, owner, said=None):
    return who, thing, owner, NONE, _body(said)


def _list(who):
    return (who,)


WORDS = {
    "POST /shop/orders/{order_id}/reviews": _own(EVERYBODY, "order", SHOPPER, {"stars": 5, **TEXT}),
    "GET /shop/reviews": _list(EVERYBODY),
    "POST /shop/reviews/{review_id}/amend": _own(
        EVERYBODY, "review", SHOPPER, {"stars": 4, **TEXT}
    ),
    "GET /shop/products/{product_id}/reviews": _any(PUBLIC, "product"),
    "GET /shop/products/{product_id}/questions": _any(PUBLIC, "product"),
    "POST /shop/products/{product_id}/questions": _any(EVERYBODY, "product", TEXT),
    "PUT /shop/products/{product_id}/questions/following": _any(EVERYBODY, "product", {"on": True}),
    "GET /shop/campaigns/{campaign_id}/questions": _any(PUBLIC, "campaign"),
    "POST /shop/campaigns/{campaign_id}/questions": _any(EVERYBODY, "campaign", TEXT),
    "GET /shop/questions": _list(EVERYBODY),
    "GET /shop/questions/{question_id}/answers": _any(PUBLIC, "question"),
    "POST /shop/questions/{question_id}/answers": _any(EVERYBODY, "question", TEXT),
    "POST /shop/posts/{post_id}/helpful": _any(EVERYBODY, "post"),
    "POST /shop/posts/{post_id}/report": _any(EVERYBODY, "post", WHY),
    "GET /merchant/reviews": _list(MERCHANT),
    "PUT /merchant/reviews/{review_id}/answer": _own(MERCHANT, "review", MERCHANT, TEXT),
    "POST /merchant/reviews/{review_id}/report": _own(MERCHANT, "review", MERCHANT, WHY),
    "GET /merchant/questions": _list(MERCHANT),
    "GET /leader/reviews": _list(LEADER),
    "GET /leader/questions": _list(LEADER),
    "GET /ops/posts": _list(OPERATOR),
    "GET /ops/posts/{post_id}": _any(OPERATOR, "post"),
    "POST /ops/posts/{post_id}/publish": _any(OPERATOR, "post", WHY),
    "POST /ops/posts/{post_id}/hide": _any(OPERATOR, "post", WHY),
    "POST /ops/posts/{post_id}/reject": _any(OPERATOR, "post", WHY),
    "GET /shop/feedback": _list(EVERYBODY),
    "POST /shop/feedback": (EVERYBODY, "", NONE, NONE, _complaint),
    "GET /shop/feedback/{feedback_id}": _own(EVERYBODY, "feedback", SHOPPER),
    "POST /shop/feedback/{feedback_id}/messages": _own(EVERYBODY, "feedback", SHOPPER, TEXT),
    "POST /shop/feedback/{feedback_id}/reopen": _own(EVERYBODY, "feedback", SHOPPER, TEXT),
    "POST /shop/feedback/{feedback_id}/withdraw": _own(EVERYBODY, "feedback", SHOPPER),
    "POST /shop/feedback/{feedback_id}/satisfaction": _own(
        EVERYBODY, "feedback", SHOPPER, {"satisfaction": 5}
    ),
    "GET /merchant/feedback": _list(MERCHANT),
    "GET /merchant/feedback/{feedback_id}": _own(MERCHANT, "feedback", MERCHANT),
    "POST /merchant/feedback/{feedback_id}/messages": _own(MERCHANT, "feedback", MERCHANT, TEXT),
    "GET /ops/feedback": _list(OPERATOR),
    "GET /ops/feedback/export": _list(OPERATOR),
    "GET /ops/feedback/{feedback_id}": _any(OPERATOR, "feedback"),
    "POST /ops/feedback/{feedback_id}/assign": _any(OPERATOR, "feedback", {}),
    "POST /ops/feedback/{feedback_id}/answer": _any(OPERATOR, "feedback", TEXT),
    "POST /ops/feedback/{feedback_id}/notes": _any(OPERATOR, "feedback", TEXT),
    "POST /ops/feedback/{feedback_id}/close": _any(OPERATOR, "feedback", WHY),
}
"""By operation: who may call it, the thing it names, its owners, who has everybody's, the body."""
