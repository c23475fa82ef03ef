"""Pushes: what is written to a segment, when it may arrive, and who hears it."""

from datetime import datetime, time, timedelta, tzinfo
from enum import StrEnum
from string import Formatter

from attrs import evolve, frozen

from groupbuy.domain.kernel import Edge, Event, Invalid, Machine

TITLE_AT_MOST = 40
BODY_AT_MOST = 200
BLANKS = frozenset({"subject", "merchant"})
"""What a template may leave open: the campaign's or product's name, and the merchant's."""
_HOURS = 24


class PushState(StrEnum):
    """Where a push is in its life."""

    DRAFT = "draft"
    SENDING = "sending"
    SENT = "sent"
    """Everybody was looked at; what was delayed arrives by itself."""
    CANCELLED = "cancelled"


class PushMove(StrEnum):
    """What may be asked of a push."""

    SEND = "send"
    FINISH = "finish"
    CANCEL = "cancel"


_S, _M = PushState, PushMove
PUSH: Machine[PushState, PushMove, None] = Machine(
    name="push",
    initial=_S.DRAFT,
    final=frozenset({_S.SENT, _S.CANCELLED}),
    edges=(
        Edge(_S.DRAFT, _M.SEND, _S.SENDING, "push.sending"),
        Edge(_S.SENDING, _M.FINISH, _S.SENT, "push.sent"),
        Edge(_S.DRAFT, _M.CANCEL, _S.CANCELLED, "push.cancelled"),
        Edge(_S.SENDING, _M.CANCEL, _S.CANCELLED, "push.cancelled"),
    ),
)


class Hearing(StrEnum):
    """What became of a push for one person."""

    SENT = "sent"
    NO_CONSENT = "no_consent"
    """They never agreed to be written to, or do not want it any more."""
    OFTEN_ENOUGH = "often_enough"
    """They got as many as anybody gets in that time."""


@frozen
class PushRules:
    """How people are left in peace; hours are those of the shop."""

    quiet_from: int = 21
    """The hour at which quiet begins."""
    quiet_until: int = 9
    """Nothing arrives from the one hour to the other: it waits. The same twice: no such hours."""
    at_most: int = 3
    """So many pushes a person gets …"""
    in_days: int = 7
    """… in so many days."""
    counted_days: int = 7
    """So long after a push an order is put down to it."""

    def __attrs_post_init__(self) -> None:
        """Hours lie within a day, numbers are positive."""
        if not (0 <= self.quiet_from < _HOURS and 0 <= self.quiet_until < _HOURS):
            raise Invalid(field="quiet_from", reason="hours lie within a day")
        if min(self.at_most, self.in_days, self.counted_days) < 1:
            raise Invalid(field="at_most", reason="must be at least 1")

    @property
    def window(self) -> timedelta:
        """Return the time in which pushes to one person are counted."""
        return timedelta(days=self.in_days)

    def loud_at(self, now: datetime, zone: tzinfo) -> datetime:
        """Return the first instant from `now` on at which something may arrive."""
        local = now.astimezone(zone)
        if not self._quiet(local.hour):
            return now
        day = local.date() + timedelta(days=1 if local.hour >= self.quiet_until else 0)
        return datetime.combine(day, time(self.quiet_until), zone)

    def _quiet(self, hour: int) -> bool:
        if self.quiet_from <= self.quiet_until:
            return self.quiet_from <= hour < self.quiet_until
        return hour >= self.quiet_from or hour < self.quiet_until


@frozen
class PushText:
    """What is written, in both languages; blanks are `{subject}` and `{merchant}`."""

    title: str
    body: str
    title_en: str
    body_en: str

    def __attrs_post_init__(self) -> None:
        """Every part is there, not too long, and leaves open only what we fill in."""
        for name, most in (("title", TITLE_AT_MOST), ("body", BODY_AT_MOST)):
            for field in (name, f"{name}_en"):
                _check(field, getattr(self, field), most)

    def filled(self, subject: str, merchant: str) -> dict[str, str]:
        """Return its parts with their blanks filled in; what is filled in stays as it is."""
        blanks = {"subject": subject, "merchant": merchant}
        names = ("title", "body", "title_en", "body_en")
        return {name: _fill(getattr(self, name), blanks) for name in names}


@frozen
class Push:
    """Something that is written to a segment about a campaign or a product."""

    id: str
    merchant_id: str
    segment_id: str
    subject: str
    """The id of the campaign or product."""
    title: str
    body: str
    title_en: str
    body_en: str
    """With everything filled in."""
    created_at: datetime
    created_by: str
    state: PushState = PushState.DRAFT
    sent_at: datetime | None = None
    seen: str = ""
    """The member that was looked at last; the rest comes behind it."""
    version: int = 0

    def move(self, move: PushMove, now: datetime) -> "tuple[Push, list[Event]]":
        """Send, finish or cancel. Raises IllegalMove."""
        edge = PUSH.fire(self.state, move, None)
        sent = now if move is PushMove.SEND else self.sent_at
        return evolve(self, state=edge.target, sent_at=sent), [Event(edge.event, self.id, now)]


@frozen
class PushHearing:
    """What became of a push for one person; the id is `push/user`. Once, and for good."""

    id: str
    push_id: str
    user_id: str
    at: datetime
    hearing: Hearing


@frozen
class PushConsent:
    """On which channels somebody wants to hear of offers; the id is the user's."""

    id: str
    channels: frozenset[str]
    changed_at: datetime
    version: int = 0


def hearing_of(consent: PushConsent | None, heard: int, rules: PushRules) -> Hearing:
    """Decide for one person who got `heard` pushes in the days that count."""
    if consent is None or not consent.channels:
        return Hearing.NO_CONSENT
    return Hearing.OFTEN_ENOUGH if heard >= rules.at_most else Hearing.SENT


def _check(field: str, text: str, most: int) -> None:
    if not 1 <= len(text.strip()) <= most:
        raise Invalid(field=field, reason=f"must have 1 to {most} letters")
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        raise Invalid(field=field, reason="has a brace too many") from None
    for _, blank, form, conversion in parts:
        if blank is not None and (blank not in BLANKS or form or conversion):
            raise Invalid(field=field, reason="knows only {subject} and {merchant}")


def _fill(text: str, blanks: dict[str, str]) -> str:
    return Formatter().vformat(text, (), blanks)
