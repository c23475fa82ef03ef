"""Logging in, and everything about oneself."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, Response, delete, get, patch, post, put
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from groupbuy.application import membership
from groupbuy.domain.membership import Address, LoginSession, Notice, Role, User
from groupbuy.entrypoints.http.auth import (
    csrf_cookie,
    csrf_token,
    only,
    public,
    session_cookie,
)
from groupbuy.entrypoints.http.notice_texts import notice_in
from groupbuy.entrypoints.http.paging import Listing, Page
from groupbuy.entrypoints.http.share_tokens import SharedText
from groupbuy.entrypoints.http.visit import Visit

ANYBODY = only(*Role)
"""Everyone who is logged in."""
Phone = Annotated[str, Meta(min_length=5, max_length=32, description="+8613800138000, 138…")]
Password = Annotated[str, Meta(min_length=8, max_length=128)]
Name = Annotated[str, Meta(min_length=1, max_length=40)]
Line = Annotated[str, Meta(min_length=1, max_length=200)]


class RegisterIn(msgspec.Struct, forbid_unknown_fields=True):
    """A new account."""

    phone: Phone
    password: Password
    name: Name
    terms: Annotated[
        str, Meta(min_length=1, max_length=40, description="Version of the terms agreed to")
    ]
    invited_by: Annotated[str, Meta(max_length=30)] | None = None
    shared: SharedText = ""
    """For programs without cookies; it is counted, and changes nothing."""


class LoginIn(msgspec.Struct, forbid_unknown_fields=True):
    """Phone and password; `cookie` is for browsers, a token is for programs."""

    phone: Phone
    password: Annotated[str, Meta(max_length=128)]
    cookie: bool = False


class PasswordIn(msgspec.Struct, forbid_unknown_fields=True):
    """A new password and the old one."""

    old: Annotated[str, Meta(max_length=128)]
    new: Password


class EraseIn(msgspec.Struct, forbid_unknown_fields=True):
    """The password, by which somebody who wants to be forgotten proves who they are."""

    password: Annotated[str, Meta(max_length=128)]


class NameIn(msgspec.Struct, forbid_unknown_fields=True):
    """A new display name."""

    name: Name


class PlaceIn(msgspec.Struct, forbid_unknown_fields=True):
    """Where goods go."""

    name: Name
    phone: Phone
    region: Line
    street: Line

    def place(self) -> membership.Place:
        """Return it in the words of the use case."""
        return membership.Place(self.name, self.phone, self.region, self.street)


class ReadIn(msgspec.Struct, forbid_unknown_fields=True):
    """Messages that were read."""

    ids: Annotated[list[Annotated[str, Meta(max_length=200)]], Meta(min_length=1, max_length=100)]


class UserOut(msgspec.Struct, frozen=True):
    """A person as they see themselves."""

    id: str
    name: str
    """The display name; to anybody else only its first letter."""
    roles: list[str]
    merchant_id: str | None
    leader_id: str | None
    created_at: datetime
    phone: str = ""
    """Masked."""


class SessionOut(msgspec.Struct, frozen=True):
    """A login."""

    id: str
    client: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    current: bool


class LoginOut(msgspec.Struct, frozen=True):
    """A session just begun. `token` is null when it went into a cookie."""

    user: UserOut
    expires_at: datetime
    csrf_token: str
    """Send it as X-CSRF-Token with every change made under the cookie."""
    token: str | None = None


class PlaceOut(msgspec.Struct, frozen=True):
    """One's own address, readable."""

    id: str
    name: str
    phone: str
    region: str
    street: str


class NoticeOut(msgspec.Struct, frozen=True):
    """One message of the inbox; `kind` and `facts` are for programs."""

    id: str
    kind: str
    subject: str
    at: datetime
    facts: dict[str, str]
    read_at: datetime | None
    text: str = ""
    """What it says, for kinds that have words of their own."""


class UnreadOut(msgspec.Struct, frozen=True):
    """How many messages wait to be read."""

    unread: int
    more: bool
    """There are even more; nobody counts on."""


class CountOut(msgspec.Struct, frozen=True):
    """How many things were changed."""

    changed: int


class LoginController(Controller):
    """/auth."""

    path = "/auth"
    tags = ("auth",)

    @post("/accounts", opt=public(keyless=True), sync_to_thread=True)
    def register(self, data: JSONBody[RegisterIn], visit: NamedDependency[Visit]) -> UserOut:
        """Open an account."""
        said = {**msgspec.structs.asdict(data), "address": visit.address}
        brought = visit.brought(said.pop("shared"))
        cmd = membership.Register(**said, share_id=brought.link_id if brought else None)
        app = visit.app
        return profile_out(membership.register(app.desk, app.passwords, visit.caller, cmd))

    @post("/sessions", opt=public(keyless=True), sync_to_thread=True)
    def log_in(self, data: JSONBody[LoginIn], visit: NamedDependency[Visit]) -> Response[LoginOut]:
        """Log in. Unknown and known numbers are answered alike."""
        app = visit.app
        cmd = membership.Login(data.phone, data.password, visit.address, visit.client)
        begun = membership.login(app.desk, app.passwords, visit.caller, cmd)
        return _welcome(visit, begun, cookie=data.cookie)

    @delete("/sessions/current", opt=only(*Role, keyless=True), sync_to_thread=True)
    def log_out(self, visit: NamedDependency[Visit]) -> Response[None]:
        """Log out; the token is worth nothing from here on."""
        visit.run(membership.logout)
        secure = visit.app.settings.secure
        gone = [session_cookie(secure=secure), csrf_cookie(secure=secure)]
        cookies = [Cookie(name, value="", max_age=0, path="/", secure=secure) for name in gone]
        return Response(None, status_code=204, cookies=cookies)


class AccountController(Controller):
    """/me."""

    path = "/me"
    tags = ("me",)

    @get("/", opt=ANYBODY, sync_to_thread=True)
    def show(self, visit: NamedDependency[Visit]) -> UserOut:
        """Show the own profile."""
        return profile_out(visit.read(membership.my_profile))

    @patch("/", opt=ANYBODY, sync_to_thread=True)
    def rename(self, data: JSONBody[NameIn], visit: NamedDependency[Visit]) -> Response[UserOut]:
        """Change the display name."""
        return visit.once(
            lambda work: membership.rename(work, data.name), profile_out, private=True
        )

    @post("/password", opt=ANYBODY, sync_to_thread=True, status_code=204)
    def change_password(
        self, data: JSONBody[PasswordIn], visit: NamedDependency[Visit]
    ) -> Response[None]:
        """Set a new password; all other sessions end."""
        cmd, app = membership.ChangePassword(data.old, data.new, visit.address), visit.app
        return visit.once_in_steps(
            lambda: membership.change_password(app.desk, app.passwords, visit.caller, cmd),
            _nothing,
            204,
        )

    @post("/erase", opt=ANYBODY, sync_to_thread=True, status_code=204)
    def erase(self, data: JSONBody[EraseIn], visit: NamedDependency[Visit]) -> Response[None]:
        """Make oneself unreadable for ever; refused while goods or money are open."""
        app, caller, here = visit.app, visit.caller, visit.address
        return visit.once_in_steps(
            lambda: membership.erase_me(app.desk, app.passwords, caller, data.password, here),
            _nothing,
            204,
        )

    @get("/sessions", opt=ANYBODY, sync_to_thread=True)
    def sessions(self, visit: NamedDependency[Visit]) -> list[SessionOut]:
        """List where one is logged in."""
        found = visit.read(membership.my_sessions)
        return [session_out(each, visit.caller.session_id) for each in found]

    @delete("/sessions/{session_id:str}", opt=ANYBODY, sync_to_thread=True)
    def end_session(
        self, session_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[None]:
        """End one of the own sessions."""
        return visit.once(lambda work: membership.end_session(work, session_id), _nothing, 204)

    @get("/addresses", opt=ANYBODY, sync_to_thread=True)
    def addresses(self, visit: NamedDependency[Visit]) -> list[PlaceOut]:
        """List the own addresses."""
        return [place_out(each) for each in visit.read(membership.my_addresses)]

    @post("/addresses", opt=ANYBODY, sync_to_thread=True)
    def add_address(
        self, data: JSONBody[PlaceIn], visit: NamedDependency[Visit]
    ) -> Response[PlaceOut]:
        """Keep an address."""
        place = data.place()
        return visit.once(
            lambda work: membership.add_address(work, place), place_out, 201, private=True
        )

    @put("/addresses/{address_id:str}", opt=ANYBODY, sync_to_thread=True)
    def edit_address(
        self, address_id: FromPath[str], data: JSONBody[PlaceIn], visit: NamedDependency[Visit]
    ) -> Response[PlaceOut]:
        """Replace an address; orders already made keep the old one."""
        place = data.place()
        return visit.once(
            lambda w: membership.edit_address(w, address_id, place), place_out, private=True
        )

    @delete("/addresses/{address_id:str}", opt=ANYBODY, sync_to_thread=True)
    def remove_address(
        self, address_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[None]:
        """Forget an address."""
        return visit.once(lambda work: membership.remove_address(work, address_id), _nothing, 204)

    @get("/notices", opt=ANYBODY, sync_to_thread=True)
    def notices(
        self, visit: NamedDependency[Visit], page: NamedDependency[Page]
    ) -> Response[Listing[NoticeOut]]:
        """List what one was told, alone or with all who hold the same post, newest first."""
        found = visit.read(lambda work: membership.my_notices(work, page.fetch, page.after))
        return page.answer(
            found, lambda each: notice_out(each, visit.language), lambda each: each.at
        )

    @get("/notices/unread", opt=ANYBODY, sync_to_thread=True)
    def unread(self, visit: NamedDependency[Visit]) -> UnreadOut:
        """Count what waits to be read, up to 99."""
        return UnreadOut(*visit.read(membership.unread))

    @post("/notices/read", opt=ANYBODY, sync_to_thread=True, status_code=200)
    def mark_read(
        self, data: JSONBody[ReadIn], visit: NamedDependency[Visit]
    ) -> Response[CountOut]:
        """Mark messages as read; those to a post are read for all who hold it."""
        return visit.once(lambda work: membership.mark_read(work, data.ids), CountOut)


def user_out(user: User, name: str = "") -> UserOut:
    """Render a user; without a name given, only its first letter."""
    roles, shown = list[str](sorted(user.roles)), name or user.initial
    return UserOut(user.id, shown, roles, user.merchant_id, user.leader_id, user.created_at)


def profile_out(profile: membership.Profile) -> UserOut:
    """Render one's own profile."""
    return msgspec.structs.replace(user_out(profile.user, profile.name), phone=profile.phone)


def session_out(session: LoginSession, current: str) -> SessionOut:
    """Render a session."""
    return SessionOut(
        session.id,
        session.client,
        session.created_at,
        session.last_seen_at,
        session.expires_at,
        session.id == current,
    )


def place_out(found: tuple[Address, membership.Place]) -> PlaceOut:
    """Render an address to its owner."""
    address, place = found
    return PlaceOut(address.id, place.name, place.phone, place.region, place.street)


def notice_out(notice: Notice, language: str) -> NoticeOut:
    """Render a message."""
    return NoticeOut(
        id=notice.id,
        kind=notice.kind,
        subject=notice.subject,
        at=notice.at,
        facts=notice.facts,
        read_at=notice.read_at,
        text=notice_in(notice.kind, notice.facts, language),
    )


def _nothing(_: None) -> None:
    """Render that something is done and there is nothing to say."""


def _welcome(visit: Visit, begun: membership.LoggedIn, *, cookie: bool) -> Response[LoginOut]:
    session, secure = begun.session, visit.app.settings.secure
    proof = csrf_token(visit.app.signing_key, session.id)
    token = None if cookie else begun.token
    out = LoginOut(user_out(begun.user, begun.name), session.expires_at, proof, token)
    if not cookie:
        return Response(out, status_code=201)
    seconds = int((session.expires_at - session.created_at).total_seconds())
    cookies = [
        Cookie(
            session_cookie(secure=secure),
            value=begun.token,
            max_age=seconds,
            path="/",
            secure=secure,
            httponly=True,
            samesite="lax",
        ),
        Cookie(
            csrf_cookie(secure=secure),
            value=proof,
            max_age=seconds,
            path="/",
            secure=secure,
            samesite="lax",
        ),
    ]
    return Response(out, status_code=201, cookies=cookies)
