"""Who wants to hear of offers, and where: said by themselves, taken back by one click."""

import hmac
from collections.abc import Collection, Iterable

from attrs import evolve

from groupbuy.application.write_path import Work
from groupbuy.domain.kernel import Event, Invalid, NotFound
from groupbuy.domain.membership import Role, User
from groupbuy.domain.segments import PushConsent

CHANNELS_AT_MOST = 10
_MARK, _MARK_LETTERS = "unsubscribe", 32
TOKEN_AT_MOST = 120


def my_consent(work: Work) -> PushConsent:
    """Return where the caller wants to hear of offers; nowhere unless they said so."""
    work.caller.require(*Role)
    me = work.caller.user_id
    found = work.of(PushConsent).find([me])
    return found.get(me, PushConsent(me, frozenset(), work.now()))


def consent(work: Work, channels: Collection[str], known: Collection[str]) -> PushConsent:
    """Say where the caller wants to hear of offers; `known` are the channels there are.

    Raises Invalid.
    """
    work.caller.require(*Role)
    wrong = sorted(set(channels) - set(known))
    if wrong:
        raise Invalid(field="channels", reason=f"must be one of {', '.join(sorted(known))}")
    return _agreed(work, work.caller.user_id, channels)


def unsubscribe(work: Work, token: str) -> None:
    """Let whoever holds the token of a message hear nothing more. Raises NotFound."""
    user_id, _, _ = token[:TOKEN_AT_MOST].partition(".")
    expected = token_of(work, user_id).encode()
    known = work.of(User).find([user_id])
    if not hmac.compare_digest(token.encode("utf-8", "replace"), expected) or not known:
        raise NotFound(kind="token", key="unsubscribe")
    _agreed(work, user_id, ())


def token_of(work: Work, user_id: str) -> str:
    """Return the text that lets somebody hear nothing more, which only we can make."""
    mark = work.kit.vault.fingerprint(_MARK, f"{work.caller.tenant}|{user_id}")
    return f"{user_id}.{mark[:_MARK_LETTERS]}"


def consents_of(work: Work, users: Iterable[str]) -> dict[str, PushConsent]:
    """Return what some people said, by person."""
    return work.of(PushConsent).find(users)


def _agreed(work: Work, user_id: str, channels: Collection[str]) -> PushConsent:
    def blank(key: str) -> PushConsent:
        return PushConsent(key, frozenset(), work.now())

    found = work.of(PushConsent).lock([user_id], create=blank)[user_id]
    after = evolve(found, channels=frozenset(channels), changed_at=work.now())
    if after.channels != found.channels:
        work.of(PushConsent).save(after)
        said = {"channels": sorted(after.channels)}
        work.emit([Event("user.push_consent", user_id, work.now(), said)])
    return after
