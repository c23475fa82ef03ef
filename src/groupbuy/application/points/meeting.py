"""Whether inviter and invited are one person, or belong to a row of odd ones."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from groupbuy.application.ports import Query
from groupbuy.application.steps.reading import every
from groupbuy.application.steps.sealing import open_sealed
from groupbuy.application.write_path import Work
from groupbuy.domain.membership import Address, User
from groupbuy.domain.ordering import Order
from groupbuy.domain.points import Doubt, Invitation, InvitationState, first_doubt

_ORDERS_COMPARED = 20
_MOBILE = 11
"""Digits of a mobile number in China."""


def doubt_about(
    work: Work, invitation: Invitation, inviter: User, invitee: User, order: Order
) -> Doubt | None:
    """Return what is odd about an invitation that its order has earned, the worst first."""
    phones, places = _known_of(work, inviter)
    mark = place_mark_of(work, invitee, order)
    others = [
        each
        for each in every(work.of(Invitation), Query().where(inviter_id=inviter.id))
        if each.id != invitation.id
    ]
    since = _today(work)
    today = sum(
        each.state is InvitationState.REWARDED and (each.decided_at or since) >= since
        for each in others
    )
    return first_doubt(
        same_phone=_phone(work, invitee, order) in phones,
        same_address=bool(mark) and mark in places,
        linked=bool(mark) and any(each.place_mark == mark for each in others),
        today=today,
        a_day=work.kit.policy.invitations.a_day,
    )


def place_mark_of(work: Work, buyer: User, order: Order) -> str:
    """Return a keyed hash of where an order goes; empty for a pickup point, where many go."""
    contact = order.contact
    if order.pickup_point_id or not contact.address:
        return ""
    street = open_sealed(work, buyer, "contact_address", contact.address)
    return _mark(work, contact.region, street)


def _known_of(work: Work, inviter: User) -> tuple[set[str], set[str]]:
    """Return phones, and marks of places, that are known to be the inviter's."""
    phones = {_digits(open_sealed(work, inviter, "phone", inviter.phone_sealed))}
    places = set[str]()
    for address in every(work.of(Address), Query().where(user_id=inviter.id)):
        phones.add(_digits(open_sealed(work, inviter, "address.phone", address.phone_sealed)))
        street = open_sealed(work, inviter, "address.street", address.street_sealed)
        places.add(_mark(work, address.region, street))
    latest = Query().where(buyer_id=inviter.id).sorted("-created_at").page(_ORDERS_COMPARED)
    for order in work.of(Order).select(latest):
        phones.add(_phone(work, inviter, order))
        places.add(place_mark_of(work, inviter, order))
    return phones - {""}, places - {""}


def _phone(work: Work, buyer: User, order: Order) -> str:
    return _digits(open_sealed(work, buyer, "contact_phone", order.contact.phone))


def _digits(phone: str) -> str:
    """Return what is the same of a number however it is written, with +86 or without."""
    return "".join(each for each in phone if each.isdigit())[-_MOBILE:]


def _mark(work: Work, region: str, street: str) -> str:
    plain = "".join(each for each in f"{region}{street}".casefold() if each.isalnum())
    return work.kit.vault.fingerprint("invitation-place", plain)


def _today(work: Work) -> datetime:
    zone = ZoneInfo(work.kit.policy.zone)
    day = work.now().astimezone(zone).date()
    return datetime.combine(day, time(), zone)
