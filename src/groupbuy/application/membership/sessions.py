"""Logging in and out. A session is known by the hash of its token; the token is never stored."""

import hashlib
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import ClassVar

from attrs import evolve, field, frozen

from groupbuy.application.limits import Rate, count
from groupbuy.application.membership.personal import PHONE, check_password, phone_of
from groupbuy.application.ports import Passwords, Query
from groupbuy.application.steps.sealing import NAME, open_sealed
from groupbuy.application.write_path import Caller, Desk, Work
from groupbuy.domain.kernel import Conflict, Event, Invalid, NotFound, Unauthenticated
from groupbuy.domain.membership import LoginSession, Role, User

TOUCH = timedelta(minutes=10)
"""How exactly we remember when a session was last used."""
WINDOW_MINUTES = 15
TRIES_HERE = 8
"""Tries for one phone number from one address."""
TRIES_ANYWHERE = 40
"""Tries for one phone number from everywhere."""
TRIES_OF_ADDRESS = 120
MOST_SESSIONS = 50
"""Sessions of one person that are shown and ended together."""


@frozen
class WrongCredentials(Unauthenticated):
    """No account has this phone number and this password; we do not say which is wrong."""

    code: ClassVar[str] = "wrong_credentials"


@frozen
class Login:
    """What somebody who wants in says."""

    phone: str
    password: str = field(repr=False)
    address: str = ""
    """Where the request came from, to slow down guessing."""
    client: str = ""
    """What they use, for the list of sessions."""


@frozen
class LoggedIn:
    """A session just begun."""

    token: str = field(repr=False)
    """256 bits; known to nobody else."""
    session: LoginSession
    user: User
    name: str = field(repr=False)


@frozen
class ChangePassword:
    """A new password; the old one proves who asks."""

    old: str = field(repr=False)
    new: str = field(repr=False)
    address: str = ""


def session_id_of(token: str) -> str:
    """Return the id of the session that a token opens."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def login(desk: Desk, passwords: Passwords, caller: Caller, cmd: Login) -> LoggedIn:
    """Begin a session. Raises WrongCredentials, alike in words and time, TooMany, Invalid.

    Tries are counted before anything slow is done.
    """
    phone = phone_of(cmd.phone)
    mark = desk.kit.vault.fingerprint(PHONE, phone)
    desk.run(caller, lambda work: count(work, _rates("login", mark, cmd.address)))
    user = desk.read(caller, lambda work: user_by_mark(work, mark))
    matches = passwords.verify(user.password_hash if user else "", cmd.password)
    if user is None or not matches or user.blocked:
        raise WrongCredentials
    token, known = desk.kit.ids.token(), user

    def begin(work: Work) -> LoggedIn:
        now_user = work.of(User).get(known.id)
        if now_user.password_hash != known.password_hash or now_user.blocked:
            raise WrongCredentials
        name = open_sealed(work, now_user, NAME, now_user.name_sealed)
        return LoggedIn(token, _begun(work, now_user, token, cmd.client), now_user, name)

    return desk.run(caller, begin)


@frozen
class Recognised:
    """Who a living session belongs to, and until when it lives at most."""

    caller: Caller
    until: datetime


def recognise(desk: Desk, tenant: str, session_ids: Sequence[str]) -> dict[str, Recognised]:
    """Return who sessions belong to, with the roles of this moment; those that ended are absent.

    Any number of them is looked up at once.
    """
    nobody = Caller(tenant=tenant)
    found = desk.read(nobody, lambda work: _living(work, session_ids))
    now = desk.kit.clock.now()
    if stale := [each.id for each, _ in found if now - each.last_seen_at >= TOUCH]:
        # Somebody else just noted it: as good.
        with suppress(Conflict):
            desk.run(nobody, lambda work: _touch(work, stale))
    return {
        session.id: Recognised(
            Caller(
                tenant=tenant,
                user_id=user.id,
                roles=user.roles,
                merchant_id=user.merchant_id,
                leader_id=user.leader_id,
                session_id=session.id,
                data_key=user.data_key,
                member=user.member,
            ),
            session.expires_at,
        )
        for session, user in found
    }


def logout(work: Work) -> None:
    """End the caller's own session; repeating it changes nothing."""
    if work.caller.session_id:
        _end(work, work.caller.user_id, [work.caller.session_id])


def my_sessions(work: Work) -> list[LoginSession]:
    """Return the caller's living sessions, newest first."""
    work.caller.require(*Role)
    return _sessions(work, work.caller.user_id)


def end_session(work: Work, session_id: str) -> None:
    """End one of the caller's sessions. Raises NotFound."""
    work.caller.require(*Role)
    if session_id not in {session.id for session in my_sessions(work)}:
        raise NotFound(kind="login_session", key=session_id)
    _end(work, work.caller.user_id, [session_id])


def end_all(work: Work, user_id: str, keep: str = "") -> None:
    """End all sessions of a person, but for one."""
    _end(work, user_id, [s.id for s in _sessions(work, user_id) if s.id != keep])


def change_password(desk: Desk, passwords: Passwords, caller: Caller, cmd: ChangePassword) -> None:
    """Set a new password and end all other sessions. Raises WrongCredentials, TooMany, Invalid."""
    user = prove(desk, passwords, caller, cmd.old, cmd.address)
    if cmd.old == cmd.new:
        raise Invalid(field="new", reason="is the old one")
    bound = f"{caller.tenant}|{user.id}|{PHONE}"
    check_password(cmd.new, desk.kit.vault.open(user.data_key, bound, user.phone_sealed))
    hashed = passwords.hash(cmd.new)

    def store(work: Work) -> None:
        locked = work.of(User).lock([user.id])[user.id]
        if locked.password_hash != user.password_hash:
            raise WrongCredentials
        now = work.now()
        work.of(User).save(evolve(locked, password_hash=hashed, security_changed_at=now))
        end_all(work, user.id, keep=caller.session_id)
        work.emit([Event("user.password_changed", user.id, now)])
        work.audit("user.password_changed", user.id)

    desk.run(caller, store)


def prove(desk: Desk, passwords: Passwords, caller: Caller, password: str, address: str) -> User:
    """Return the caller once they prove who they are. Raises WrongCredentials, TooMany."""
    caller.require(*Role)
    desk.run(caller, lambda work: count(work, _rates("password", caller.user_id, address)))
    user = desk.read(caller, lambda work: work.of(User).get(caller.user_id))
    if not passwords.verify(user.password_hash, password):
        raise WrongCredentials
    return user


def user_by_mark(work: Work, mark: str) -> User | None:
    """Return the user with that phone fingerprint."""
    found = work.of(User).select(Query().where(phone_fingerprint=mark).page(1))
    return found[0] if found else None


def _begun(work: Work, user: User, token: str, client: str) -> LoginSession:
    now = work.now()
    session = LoginSession(
        id=session_id_of(token),
        user_id=user.id,
        created_at=now,
        last_seen_at=now,
        expires_at=now + timedelta(days=work.kit.policy.session_absolute_days),
        client=client[:200],
    )
    work.of(LoginSession).add(session)
    work.emit([Event("user.logged_in", user.id, now)])
    return session


def _living(work: Work, session_ids: Iterable[str]) -> list[tuple[LoginSession, User]]:
    now = work.now()
    sessions = work.of(LoginSession).find(session_ids).values()
    alive = [session for session in sessions if _lives(work, session, now)]
    users = work.of(User).find({session.user_id for session in alive})
    known = [(session, users.get(session.user_id)) for session in alive]
    return [(session, user) for session, user in known if user is not None and not user.blocked]


def _lives(work: Work, session: LoginSession, now: datetime) -> bool:
    idle = timedelta(hours=work.kit.policy.session_idle_hours)
    return (
        session.ended_at is None and now < session.expires_at and now < session.last_seen_at + idle
    )


def _touch(work: Work, session_ids: Iterable[str]) -> None:
    now = work.now()
    for session in work.of(LoginSession).lock(session_ids).values():
        if _lives(work, session, now):
            work.of(LoginSession).save(evolve(session, last_seen_at=now))


def _sessions(work: Work, user_id: str) -> list[LoginSession]:
    query = Query().where(user_id=user_id, ended_at=None).sorted("-created_at")
    now = work.now()
    found = work.of(LoginSession).select(query.since("expires_at", now).page(MOST_SESSIONS))
    return [session for session in found if _lives(work, session, now)]


def _end(work: Work, user_id: str, ids: Iterable[str]) -> None:
    now = work.now()
    for session in work.of(LoginSession).lock(ids).values():
        if session.ended_at is None and session.user_id == user_id:
            work.of(LoginSession).save(evolve(session, ended_at=now))
    # Whoever remembers this person's sessions forgets them with the commit.
    work.touched.append(user_id)


def _rates(what: str, mark: str, address: str) -> list[Rate]:
    return [
        Rate(f"{what}-here", f"{mark}@{address}", TRIES_HERE, WINDOW_MINUTES),
        Rate(f"{what}-anywhere", mark, TRIES_ANYWHERE, WINDOW_MINUTES),
        Rate(f"{what}-address", address, TRIES_OF_ADDRESS, WINDOW_MINUTES),
    ]
