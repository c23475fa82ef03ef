"""Accounts: joining the shop, the own profile, addresses, the inbox."""

from collections.abc import Sequence
from typing import Any

from attrs import evolve, field, frozen

from groupbuy.application.limits import Rate, count
from groupbuy.application.membership.personal import (
    PHONE,
    check_password,
    masked_phone,
    name_of,
    phone_of,
    tail,
)
from groupbuy.application.membership.sessions import user_by_mark
from groupbuy.application.ports import Passwords, Query
from groupbuy.application.steps.sealing import NAME, open_sealed, seal
from groupbuy.application.write_path import Caller, Desk, Work
from groupbuy.domain.kernel import Event, Invalid, NotFound, Refused
from groupbuy.domain.membership import Address, Notice, Role, User
from groupbuy.domain.points import Invitation, fresh_invitation
from groupbuy.domain.sharing import ShareLink

MOST_ADDRESSES = 20
UNREAD_AT_MOST = 99
_REGISTER_MINUTES = 60
_FROM_ONE_ADDRESS = 30
_FOR_ONE_PHONE = 6


@frozen
class Register:
    """Somebody wants an account."""

    phone: str
    password: str = field(repr=False)
    name: str
    terms: str
    """Which version of the terms they agreed to; without consent there is no account."""
    address: str = ""
    """Where the request came from."""
    invited_by: str | None = None
    share_id: str | None = None
    """The share link that brought them; an unknown one is passed over."""


@frozen
class Enrol:
    """An account made ready: the password is hashed already."""

    phone: str
    password_hash: str = field(repr=False)
    name: str
    terms: str
    roles: frozenset[Role] = frozenset({Role.SHOPPER})
    invited_by: str | None = None
    share_id: str | None = None


@frozen
class Profile:
    """What a person sees of themselves."""

    user: User
    name: str
    phone: str
    """Masked."""


@frozen
class Place:
    """Where goods go, readable."""

    name: str
    phone: str
    region: str
    street: str


def register(desk: Desk, passwords: Passwords, caller: Caller, cmd: Register) -> Profile:
    """Open an account. Raises Invalid, Refused (phone_is_free, terms_are_accepted), TooMany."""
    phone = phone_of(cmd.phone)
    name = name_of(cmd.name)
    check_password(cmd.password, phone)
    if not cmd.terms:
        raise Refused(rule="terms_are_accepted")
    mark = desk.kit.vault.fingerprint(PHONE, phone)
    rates = [
        Rate("register-address", cmd.address, _FROM_ONE_ADDRESS, _REGISTER_MINUTES),
        Rate("register-phone", mark, _FOR_ONE_PHONE, _REGISTER_MINUTES),
    ]
    desk.run(caller, lambda work: count(work, rates))
    hashed = passwords.hash(cmd.password)
    ready = Enrol(phone, hashed, name, cmd.terms, invited_by=cmd.invited_by, share_id=cmd.share_id)
    return desk.run(caller, lambda work: _profile(work, _enrolled(work, ready)))


def enrol(work: Work, cmd: Enrol) -> User:
    """Make an account on somebody's behalf, with roles. Raises Invalid, Refused, Forbidden."""
    work.caller.require(Role.ADMIN)
    user = _enrolled(work, cmd)
    work.audit("user.enrolled", user.id, roles=" ".join(sorted(cmd.roles)))
    return user


def my_profile(work: Work) -> Profile:
    """Return the caller as they see themselves."""
    return _profile(work, _me(work))


def rename(work: Work, name: str) -> Profile:
    """Change the display name. Raises Invalid."""
    me = work.of(User).lock([_me(work).id])[work.caller.user_id]
    after = _named(work, me, name)
    work.of(User).save(after)
    return _profile(work, after)


def my_addresses(work: Work) -> list[tuple[Address, Place]]:
    """Return where the caller has goods sent to, readable to them."""
    me = _me(work)
    query = Query().where(user_id=me.id, removed_at=None).page(MOST_ADDRESSES)
    return [(each, place_of(work, me, each)) for each in work.of(Address).select(query)]


def add_address(work: Work, place: Place) -> tuple[Address, Place]:
    """Keep a new address, sealed. Raises Invalid, Refused (few_addresses)."""
    me = _me(work)
    # One at a time for a person, or two requests would each find room.
    work.of(User).lock([me.id])
    if len(my_addresses(work)) >= MOST_ADDRESSES:
        raise Refused(rule="few_addresses", about=str(MOST_ADDRESSES))
    address = Address(id=work.new_id("adr"), user_id=me.id, **_sealed(work, me, place))
    work.of(Address).add(address)
    return address, place


def edit_address(work: Work, address_id: str, place: Place) -> tuple[Address, Place]:
    """Replace an address; orders already made keep the old one. Raises NotFound, Invalid."""
    me = _me(work)
    after = evolve(_my_address(work, address_id), **_sealed(work, me, place))
    work.of(Address).save(after)
    return after, place


def remove_address(work: Work, address_id: str) -> None:
    """Forget an address; what was in it is gone. Raises NotFound."""
    address = _my_address(work, address_id)
    blank = evolve(
        address,
        name_sealed="",
        phone_sealed="",
        phone_tail="",
        street_sealed="",
        removed_at=work.now(),
    )
    work.of(Address).save(blank)


def place_of(work: Work, user: User, address: Address) -> Place:
    """Open an address. Raises NotFound once its person was erased."""
    return Place(
        name=open_sealed(work, user, "address.name", address.name_sealed),
        phone=open_sealed(work, user, "address.phone", address.phone_sealed),
        region=address.region,
        street=open_sealed(work, user, "address.street", address.street_sealed),
    )


def my_notices(work: Work, limit: int, after: tuple[Any, str] | None) -> list[Notice]:
    """Return what the caller was told, and every post they hold with them, newest first."""
    query = Query().among("user_id", boxes_of(_me(work))).sorted("-at")
    return work.of(Notice).select(query.page(limit, after))


def unread(work: Work) -> tuple[int, bool]:
    """Count what the caller was told and has not read, up to 99, and whether there is more."""
    query = Query().among("user_id", boxes_of(_me(work))).where(read_at=None)
    found = len(work.of(Notice).select(query.page(UNREAD_AT_MOST + 1)))
    return min(found, UNREAD_AT_MOST), found > UNREAD_AT_MOST


def mark_read(work: Work, ids: Sequence[str]) -> int:
    """Mark messages as read; return how many were not read before.

    A message to a post (a merchant, a leader, a role) is read once for all who hold it: whoever
    saw it looks after it.
    """
    boxes = boxes_of(_me(work))
    unread = [
        notice
        for notice in work.of(Notice).lock(ids).values()
        if notice.user_id in boxes and notice.read_at is None
    ]
    for notice in unread:
        work.of(Notice).save(evolve(notice, read_at=work.now()))
    return len(unread)


def boxes_of(user: User) -> tuple[str, ...]:
    """Return whom a message must be addressed to for this person to find it."""
    boxes = [user.id, *(f"role:{role}" for role in sorted(user.roles))]
    if Role.MERCHANT in user.roles and user.merchant_id:
        boxes.append(f"merchant:{user.merchant_id}")
    if Role.LEADER in user.roles and user.leader_id:
        boxes.append(f"leader:{user.leader_id}")
    return tuple(boxes)


def _enrolled(work: Work, cmd: Enrol) -> User:
    phone, now = phone_of(cmd.phone), work.now()
    mark = work.kit.vault.fingerprint(PHONE, phone)
    if user_by_mark(work, mark) is not None:
        raise Refused(rule="phone_is_free")
    if cmd.invited_by is not None:
        work.of(User).get(cmd.invited_by)
    blank = User(
        id=work.new_id("usr"),
        phone_fingerprint=mark,
        phone_sealed="",
        name_sealed="",
        password_hash=cmd.password_hash,
        data_key=work.kit.vault.new_data_key(),
        created_at=now,
        roles=cmd.roles | {Role.SHOPPER},
        invited_by=cmd.invited_by,
        share_id=next(iter(work.of(ShareLink).find(filter(None, [cmd.share_id]))), None),
    )
    sealed = evolve(blank, phone_sealed=seal(work, blank, PHONE, phone))
    user = _named(work, sealed, cmd.name)
    work.of(User).add(user)
    work.emit([Event("user.registered", user.id, now, {"terms": cmd.terms})])
    work.later("welcome_user", user.id, now)
    _bind_inviter(work, user)
    return user


def _bind_inviter(work: Work, user: User) -> None:
    """Bind somebody who came by a code to who invited them, once and for ever."""
    rules = work.kit.policy.invitations
    if user.invited_by is not None and rules.points:
        made = fresh_invitation(user.invited_by, user.id, rules, work.now())
        work.of(Invitation).add(made)
        work.later("follow_invitation", user.id, work.now())


def _me(work: Work) -> User:
    work.caller.require(*Role)
    return work.of(User).get(work.caller.user_id)


def _profile(work: Work, user: User) -> Profile:
    name = open_sealed(work, user, NAME, user.name_sealed)
    return Profile(user, name, masked_phone(open_sealed(work, user, PHONE, user.phone_sealed)))


def _named(work: Work, user: User, name: str) -> User:
    tidy = name_of(name)
    return evolve(user, name_sealed=seal(work, user, NAME, tidy), initial=tidy[:1])


def _my_address(work: Work, address_id: str) -> Address:
    me = _me(work)
    address = work.of(Address).lock([address_id]).get(address_id)
    if address is None or address.user_id != me.id or address.removed_at is not None:
        raise NotFound(kind="address", key=address_id)
    return address


def _sealed(work: Work, user: User, place: Place) -> dict[str, Any]:
    phone = phone_of(place.phone)
    for name, text in (("region", place.region), ("street", place.street)):
        if not text.strip():
            raise Invalid(field=name, reason="is missing")
    return {
        "name_sealed": seal(work, user, "address.name", name_of(place.name)),
        "phone_sealed": seal(work, user, "address.phone", phone),
        "phone_tail": tail(phone),
        "street_sealed": seal(work, user, "address.street", place.street.strip()),
        "region": place.region.strip(),
    }
