"""Asking about a product or a campaign, and wishing to hear what others ask."""

from groupbuy.application.community.posting import count_today, initial_of, put_new
from groupbuy.application.ports import Query
from groupbuy.application.steps.reading import every
from groupbuy.application.write_path import Work
from groupbuy.domain.campaigns import Campaign, CampaignState
from groupbuy.domain.catalogue import Product, ProductState
from groupbuy.domain.community import QUESTION_AT_MOST, Follow, Question, words_of
from groupbuy.domain.kernel import NotFound, Refused, kind_of
from groupbuy.domain.membership import Role
from groupbuy.domain.ordering import BINDING, Order


def ask(work: Work, about: str, text: str, *, anonymous: bool = False) -> Question:
    """Ask about a product on sale or a campaign, as anybody who is logged in.

    Raises NotFound, Invalid, TooMany.
    """
    work.caller.require(*Role)
    count_today(work, "questions", work.kit.policy.community.questions_a_day)
    merchant_id, leader_id = sellers_of(work, about)
    question = Question(
        id=work.new_id("qst", near=about),
        author_id=work.caller.user_id,
        merchant_id=merchant_id,
        leader_id=leader_id,
        initial=initial_of(work, anonymous=anonymous),
        text=words_of(text, QUESTION_AT_MOST),
        created_at=work.now(),
        about=about,
    )
    return put_new(work, question, question.asked())


def follow(work: Work, product_id: str, *, on: bool) -> Follow:
    """Wish, as a past buyer, to hear of new questions about a product, or no longer.

    Raises NotFound, and Refused for somebody who did not buy it.
    """
    work.caller.require(*Role)
    sellers_of(work, product_id)
    me = work.caller.user_id
    if not bought(work, me, product_id):
        raise Refused(rule="bought_what_it_is_about", about=product_id)
    key, now = f"{product_id}/{me}", work.now()
    held = work.of(Follow).lock([key], create=lambda new: Follow(new, product_id, me, now, on=on))
    after = Follow(key, product_id, me, now, on, held[key].version)
    work.of(Follow).save(after)
    return after


def sellers_of(work: Work, about: str) -> tuple[str, str | None]:
    """Return merchant and leader of a product on sale or a campaign. Raises NotFound."""
    if kind_of(about) == "cmp":
        campaign = work.of(Campaign).find([about]).get(about)
        if campaign is not None and campaign.state is not CampaignState.DRAFT:
            return campaign.merchant_id, campaign.leader_id
        raise NotFound(kind="campaign", key=about)
    product = work.of(Product).find([about]).get(about)
    if product is None or product.state is not ProductState.LISTED:
        raise NotFound(kind="product", key=about)
    return product.merchant_id, None


def bought(work: Work, user_id: str, about: str) -> bool:
    """Tell whether a person has a binding order of that product, or in that campaign."""
    query = Query().where(buyer_id=user_id).among("state", tuple(BINDING))
    if kind_of(about) == "cmp":
        return bool(work.of(Order).select(query.where(campaign_id=about).page(1)))
    orders = every(work.of(Order), query)
    return any(line.product_id == about for order in orders for line in order.lines)
