"""Pushes on every engine: to those who agreed, not at night, not too often, never twice."""

from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve

from groupbuy.adapters.notify_inbox import build
from groupbuy.application import membership, segments
from groupbuy.application.ports import Query
from groupbuy.application.steps.reading import every
from groupbuy.domain.campaigns import Measure, Quorum
from groupbuy.domain.commission import ChangedSincePreview
from groupbuy.domain.kernel import IllegalMove, Invalid, NotFound, Refused
from groupbuy.domain.membership import Role
from groupbuy.domain.segments import Hearing, Push, PushHearing, PushState, PushText
from tests.support.reporting import feed
from tests.support.shelf import create, put_category

TEXT = PushText("{merchant}上新", "{subject}开团了", "New from {merchant}", "{subject} has begun")


@pytest.fixture
def offer(shop):
    """Three bought milk; two of them agreed to hear of offers; a new campaign is open."""
    shop.merchant()
    milk = create(shop, put_category(shop, "母婴"), 1, price=10_000)
    shop.people = [shop.user(roles=frozenset({Role.SHOPPER})) for _ in range(3)]
    shop.sold = shop.campaign(milk.variants[0], quorum=Quorum(Measure.BUYERS, 1))
    for each in shop.people:
        shop.pay(shop.join(shop.sold, shop.caller(each.id, Role.SHOPPER)))
    shop.rest()
    feed(shop)
    by = shop.merchant_caller()
    who = {"product": milk.id}
    shop.segment = shop.desk.run(by, lambda w: segments.create_segment(w, "母婴买家", who))
    shop.work_off()
    for each in shop.people[:2]:
        agree(shop, each, ["memory"])
    shop.clock.at = datetime(2026, 12, 1, 2, tzinfo=UTC)
    return shop.campaign(milk.variants[0], quorum=Quorum(Measure.BUYERS, 1))


def agree(shop, user, channels):
    me = shop.caller(user.id, Role.SHOPPER)
    shop.desk.run(me, lambda w: segments.consent(w, channels, ("memory", "inbox")))


def written(shop, subject, text=TEXT):
    new = segments.NewPush(shop.segment.id, subject.id, text)
    return shop.desk.run(shop.merchant_caller(), lambda w: segments.write_push(w, new))


def preview(shop, push):
    return shop.desk.read(shop.merchant_caller(), lambda w: segments.preview_push(w, push.id))


def sent(shop, push):
    digest = preview(shop, push).digest[:12]
    by = shop.merchant_caller()
    return shop.desk.run(by, lambda w: segments.send_push(w, push.id, digest))


def report(shop, push):
    return shop.desk.read(shop.merchant_caller(), lambda w: segments.report_push(w, push.id))


def heard(shop):
    return [each for _, each in shop.notifier.sent if each.kind == "push.offer"]


def test_a_push_reaches_who_agreed_and_says_why_others_were_left_out(shop, offer):
    push = written(shop, offer)
    assert (push.title, push.body) == ("果园上新", "手表团开团了")
    assert preview(shop, push).by_hearing == {"no_consent": 1, "sent": 2}
    assert heard(shop) == []

    sent(shop, push)
    shop.work_off()

    assert sorted(each.user_id for each in heard(shop)) == sorted(u.id for u in shop.people[:2])
    assert shop.get(Push, push.id).state is PushState.SENT
    assert report(shop, push).by_hearing == {"no_consent": 1, "sent": 2}


def test_nobody_gets_a_push_twice_however_often_it_is_gone_through(shop, offer):
    push = written(shop, offer)
    sent(shop, push)
    shop.work_off()

    def again(work):
        kept = work.of(Push).lock([push.id])[push.id]
        work.of(Push).save(evolve(kept, state=PushState.SENDING, seen=""))

    shop.desk.run(shop.system(), again)
    shop.desk.run(shop.system(), lambda w: segments.send_on(w, push.id))
    shop.work_off()

    assert len(heard(shop)) == 2
    assert report(shop, push).by_hearing == {"no_consent": 1, "sent": 2}


def test_at_night_a_push_waits_for_the_morning(shop, offer):
    shop.clock.at = datetime(2026, 12, 1, 14, tzinfo=UTC)
    push = written(shop, offer)
    sent(shop, push)
    shop.work_off()
    assert heard(shop) == []

    shop.clock.at = datetime(2026, 12, 2, 0, 59, tzinfo=UTC)
    shop.work_off()
    assert heard(shop) == []
    shop.clock.at = datetime(2026, 12, 2, 1, tzinfo=UTC)
    shop.work_off()
    assert len(heard(shop)) == 2


def test_a_fourth_push_within_a_week_reaches_nobody(shop, offer):
    for _ in range(4):
        push = written(shop, offer)
        sent(shop, push)
        shop.work_off()

    assert report(shop, push).by_hearing == {"no_consent": 1, "often_enough": 2}
    assert len(heard(shop)) == 6
    shop.clock.at += timedelta(days=7, seconds=1)
    assert preview(shop, push).by_hearing == {"no_consent": 1, "sent": 2}


def test_one_click_ends_it_and_only_with_the_token_of_a_message(shop, offer):
    sent(shop, written(shop, offer))
    shop.work_off()
    message = heard(shop)[0]
    nobody = shop.caller("")

    with pytest.raises(NotFound):
        shop.desk.run(nobody, lambda w: segments.unsubscribe(w, message.user_id + ".0000"))
    shop.desk.run(nobody, lambda w: segments.unsubscribe(w, message.facts["unsubscribe"]))

    assert preview(shop, written(shop, offer)).by_hearing == {"no_consent": 2, "sent": 1}
    with pytest.raises(Invalid):
        agree(shop, shop.people[0], ["pigeon"])


def test_a_push_goes_out_on_the_channels_somebody_chose(shop, offer):
    agree(shop, shop.people[1], ["inbox"])
    sent(shop, written(shop, offer))
    shop.work_off()

    assert [each.user_id for each in heard(shop)] == [shop.people[0].id]


def test_what_was_previewed_is_sent_and_nothing_else(shop, offer):
    push, by = written(shop, offer), shop.merchant_caller()
    before = preview(shop, push).digest
    agree(shop, shop.people[2], ["memory"])

    for wrong in (before, "", "0" * 12):
        with pytest.raises(ChangedSincePreview):
            shop.desk.run(by, lambda w, d=wrong: segments.send_push(w, push.id, d))
    sent(shop, push)
    shop.desk.run(by, lambda w: segments.cancel_push(w, push.id))
    shop.work_off()

    assert heard(shop) == []
    with pytest.raises(IllegalMove):
        sent(shop, push)


def test_a_report_tells_who_read_it_and_who_ordered_within_a_week(shop, offer):
    push = written(shop, offer)
    sent(shop, push)
    shop.work_off()
    build(shop.begin).send(shop.tenant, heard(shop))
    reader = shop.people[0]
    me = shop.caller(reader.id, Role.SHOPPER)
    key = next(each.key for each in heard(shop) if each.user_id == reader.id)
    assert shop.desk.run(me, lambda w: membership.mark_read(w, [key])) == 1

    for user in (reader, shop.people[2]):
        shop.pay(shop.join(offer, shop.caller(user.id, Role.SHOPPER)))
    shop.rest()
    feed(shop)

    found = report(shop, push)
    assert (found.opened, found.joined, found.sales) == (1, 1, 8_000)


def test_what_induces_people_or_cannot_be_bought_is_not_pushed(shop, offer):
    loud = PushText("转发有礼", "b", "t", "b")
    with pytest.raises(Refused) as refusal:
        written(shop, offer, loud)
    assert refusal.value.rule == "share_text_induces_nobody"
    shop.clock.at += timedelta(days=30)
    shop.work_off()
    with pytest.raises(Refused) as refusal:
        written(shop, offer)
    assert refusal.value.rule == "pushed_while_it_can_be_bought"


def test_a_push_of_another_merchant_is_not_found(shop, offer):
    push = written(shop, offer)
    other = shop.caller("usr_other", Role.MERCHANT, merchant_id="mch_other")
    for asked in (segments.push_of, segments.preview_push, segments.report_push):
        with pytest.raises(NotFound):
            shop.desk.read(other, lambda w, f=asked: f(w, push.id))


def test_every_person_of_a_push_has_one_row(shop, offer):
    push = written(shop, offer)
    sent(shop, push)
    shop.work_off()

    def read(work):
        return list(every(work.of(PushHearing), Query().where(push_id=push.id)))

    rows = shop.desk.read(shop.system(), read)
    assert sorted(each.user_id for each in rows) == sorted(each.id for each in shop.people)
    assert {each.hearing for each in rows} == {Hearing.SENT, Hearing.NO_CONSENT}
