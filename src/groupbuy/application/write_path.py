"""The one way in: begin, idempotency key, work, outbox, commit; refusals are answers too.

A use case is a function of an open `Work`. It loads, asks the domain, and stages; `Desk` opens
and commits the unit of work around it, so that no use case can forget a step.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from html import escape, unescape
from typing import TypeVar

from attrs import field, frozen

from groupbuy.application.policy import Policy
from groupbuy.application.ports import (
    Answer,
    AuditRow,
    Backoff,
    Begin,
    Clock,
    Ids,
    KeyClaim,
    Markup,
    Signals,
    Store,
    Task,
    UnitOfWork,
    Vault,
    Workdays,
)
from groupbuy.application.ports.search import Letters, PlainLetters
from groupbuy.application.ports.tenancy import Spread, one_cell
from groupbuy.domain.commission import weekdays
from groupbuy.domain.kernel import (
    Conflict,
    DomainError,
    Event,
    Forbidden,
    Id,
    IllegalMove,
    Invalid,
    Money,
    NotFound,
    Refused,
    Unauthenticated,
    cell_of,
)
from groupbuy.domain.ledger import Amount, Balance, Journal, post
from groupbuy.domain.membership import Membership, Role

T = TypeVar("T")
R = TypeVar("R")

ATTEMPTS = 6
"""How often a conflicting command is tried before the caller hears of it."""
_MARK = re.compile(r"<[^<>]*>")
_DRAWN = 9
"""Digits that choose a cell: so many that none is chosen oftener than another."""
OUTBOX = "outbox"
"""Published when work that is due at once was staged."""
_WATCHED = frozenset({"grp_", "cmp_"})
"""What web processes remember or show live."""
_STORED: tuple[type[DomainError], ...] = (Refused, IllegalMove, NotFound, Invalid)
"""Refusals that are answers, kept with their key; anything else may come out otherwise later."""


@frozen
class Caller:
    """Who asks, on behalf of which tenant, and through which door."""

    tenant: str
    user_id: str = ""
    roles: frozenset[Role] = frozenset()
    merchant_id: str | None = None
    leader_id: str | None = None
    session_id: str = ""
    data_key: str = ""
    channel: str = "http"
    request_id: str = ""
    member: Membership = Membership()
    """What the shop knows of them as its customer."""

    def require(self, *roles: Role) -> None:
        """Refuse anybody without one of these roles. Raises Unauthenticated, Forbidden."""
        if not self.user_id:
            raise Unauthenticated
        if not self.roles.intersection(roles):
            raise Forbidden(needs=" or ".join(sorted(roles)))

    @classmethod
    def system(cls, tenant: str, *, channel: str = "worker", actor: str = "system") -> "Caller":
        """Return the caller that acts for nobody: worker, relay, command line."""
        return cls(tenant=tenant, user_id=actor, roles=frozenset(Role), channel=channel)


@frozen
class PlainWeeks:
    """Knows no calendar: people work Monday to Friday."""

    def works_on(self, day: date) -> bool:
        """Tell whether it is Monday to Friday."""
        return weekdays(day)

    def knows(self, _year: int) -> bool:
        """No year is known."""
        return False


@frozen
class NoMarkup:
    """Knows no HTML: marks are taken away, their text stays."""

    def clean(self, html: str) -> str:
        """Return the text alone, escaped."""
        return escape(unescape(_MARK.sub("", html)).strip(), quote=False)

    def plain(self, html: str) -> str:
        """Return the text."""
        return unescape(html)


@frozen
class Kit:
    """What every use case may ask of the machine."""

    clock: Clock
    ids: Ids
    vault: Vault
    policy: Policy = Policy()
    spread: Spread = one_cell
    workdays: Workdays = PlainWeeks()
    markup: Markup = NoMarkup()
    letters: Letters = PlainLetters()


@frozen
class Work:
    """One open transaction and everything a use case may do in it."""

    tx: UnitOfWork
    caller: Caller
    kit: Kit
    touched: list[str] = field(factory=list)
    """Ids whose watchers are told after the commit."""

    def of(self, kind: type[T]) -> Store[T]:
        """Return the store of one kind of thing."""
        return self.tx.of(kind)

    def now(self) -> datetime:
        """Read the clock; read it after the locks that a decision needs."""
        return self.kit.clock.now()

    def new_id(self, kind: str, near: str = "") -> Id:
        """Return a fresh id in the cell of another id, or in the tenant's own cell."""
        return self.kit.ids.new(kind, cell_of(near) if near else 0)

    def new_id_apart(self, kind: str) -> Id:
        """Return a fresh id in any one of the tenant's cells, for what has a life of its own."""
        cells = self.kit.spread(self.caller.tenant, self.now())
        return self.kit.ids.new(kind, int(self.kit.ids.digits(_DRAWN)) % cells if cells > 1 else 0)

    def emit(self, happened: Sequence[Event]) -> None:
        """Stage events for the log; their subjects' watchers hear of it after the commit."""
        self.tx.emit(happened)
        self.touched.extend(event.subject for event in happened if event.subject[:4] in _WATCHED)

    def later(
        self,
        topic: str,
        subject: str,
        due_at: datetime,
        *,
        once: str = "",
        data: Mapping[str, str] | None = None,
    ) -> None:
        """Stage an effect for after the commit; `once` tells apart repeats that are meant."""
        key = f"{topic}/{subject}/{once}" if once else f"{topic}/{subject}"
        now = self.now()
        self.of(Task).add(
            Task(
                id=key,
                topic=topic,
                subject=subject,
                due_at=due_at,
                data=dict(data or {}),
                created_at=now,
            )
        )
        if due_at <= now and OUTBOX not in self.touched:
            self.touched.append(OUTBOX)

    def tell(
        self,
        user_id: str,
        what: str,
        subject: str,
        *,
        time: int = 1,
        amount: Money | None = None,
        **facts: str,
    ) -> None:
        """Stage a message to one person, once per (what, subject, person) and `time`."""
        if amount is not None:
            facts |= {"amount": str(amount.minor), "currency": amount.currency}
        data = {**facts, "user": user_id, "what": what}
        again = "" if time == 1 else f"/{time}"
        self.later("notify", subject, self.now(), once=f"{what}/{user_id}{again}", data=data)

    def audit(self, action: str, subject: str, reason: str = "", **facts: str) -> None:
        """Stage the audit row of a money-moving or role-changing command."""
        row = AuditRow(
            id=self.new_id("aud"),
            at=self.now(),
            actor=self.caller.user_id,
            action=action,
            subject=subject,
            reason=reason,
            channel=self.caller.channel,
            request_id=self.caller.request_id,
            facts=facts,
        )
        self.of(AuditRow).add(row)

    def book(
        self,
        moment: str,
        subject: str,
        names: Mapping[str, str],
        amounts: Mapping[str, Amount],
        currency: str,
    ) -> Journal:
        """Stage the journal of one moment of the posting table."""
        journal = post(
            moment,
            journal_id=self.new_id("jrn", near=subject),
            at=self.now(),
            subject=subject,
            names=names,
            amounts=amounts,
            currency=currency,
        )
        self.of(Journal).add(journal)
        return journal

    def put_balance(self, account: str, amount: int) -> None:
        """Change what may be moved out of an account (locks its balance row)."""
        balance = self.of(Balance).lock([account], create=Balance)[account]
        self.of(Balance).save(balance.put(amount))


@frozen
class Desk:
    """Runs use cases, each in one unit of work."""

    begin: Begin
    kit: Kit
    signals: Signals
    backoff: Backoff
    reports: Begin | None = None
    """Opens readers of a replica; None where there is none."""

    def run(self, caller: Caller, use_case: Callable[[Work], R]) -> R:
        """Run a use case and commit; conflicts are tried again a bounded number of times."""
        return self._again(lambda: self._once(caller, use_case))

    def read(self, caller: Caller, query: Callable[[Work], R]) -> R:
        """Run something that changes nothing."""
        with self.begin(caller.tenant, write=False) as tx:
            return query(Work(tx, caller, self.kit))

    def report(self, caller: Caller, query: Callable[[Work], R]) -> R:
        """Run something that changes nothing and may see things as they were a moment ago."""
        with (self.reports or self.begin)(caller.tenant, write=False) as tx:
            return query(Work(tx, caller, self.kit))

    def preview(self, caller: Caller, use_case: Callable[[Work], R]) -> R:
        """Run a use case and roll it back: a dry run takes the same path."""
        with suppress(_RolledBack), self.begin(caller.tenant) as tx:
            result = use_case(Work(tx, caller, self.kit))
            raise _RolledBack
        return result

    def answer(
        self,
        caller: Caller,
        claim: KeyClaim,
        use_case: Callable[[Work], R],
        render: Callable[[R], str],
        refuse: Callable[[DomainError], str],
    ) -> tuple[Answer, bool]:
        """Run a use case once per idempotency key; return its answer and whether it is a replay.

        A refusal by a rule is rolled back and stored as the answer of its key.
        """
        try:
            return self._again(lambda: self._keyed(caller, claim, use_case, render))
        except _STORED as error:
            said = Answer(ok=False, body=refuse(error))
            return self._again(lambda: self._keep(caller, claim, said))

    def answer_in_steps(
        self,
        caller: Caller,
        claim: KeyClaim,
        act: Callable[[], R],
        render: Callable[[R], str],
        refuse: Callable[[DomainError], str],
    ) -> tuple[Answer, bool]:
        """Do what takes transactions of its own, once per idempotency key.

        The answer is kept after the last step: whoever comes before that, or again after a crash,
        acts again, so `act` must skip what is done. The first answer kept is everybody's.
        """
        stored = self._again(lambda: self._recall(caller, claim))
        if stored is not None:
            return stored, True
        try:
            said = Answer(ok=True, body=render(act()))
        except _STORED as error:
            said = Answer(ok=False, body=refuse(error))
        return self._again(lambda: self._keep(caller, claim, said))

    def _recall(self, caller: Caller, claim: KeyClaim) -> Answer | None:
        """Return what a key has answered; rolled back, because nothing answers it here."""
        stored = None
        with suppress(_RolledBack), self.begin(caller.tenant) as tx:
            stored = tx.claim_keys([claim]).get(claim)
            raise _RolledBack
        return stored

    def _once(self, caller: Caller, use_case: Callable[[Work], R]) -> R:
        with self.begin(caller.tenant) as tx:
            work = Work(tx, caller, self.kit)
            result = use_case(work)
        self.publish(caller.tenant, work.touched)
        return result

    def _keyed(
        self,
        caller: Caller,
        claim: KeyClaim,
        use_case: Callable[[Work], R],
        render: Callable[[R], str],
    ) -> tuple[Answer, bool]:
        with self.begin(caller.tenant) as tx:
            stored = tx.claim_keys([claim]).get(claim)
            if stored is not None:
                return stored, True
            work = Work(tx, caller, self.kit)
            answer = Answer(ok=True, body=render(use_case(work)))
            tx.answer_keys({claim: answer}, work.now())
        self.publish(caller.tenant, work.touched)
        return answer, False

    def _keep(self, caller: Caller, claim: KeyClaim, said: Answer) -> tuple[Answer, bool]:
        with self.begin(caller.tenant) as tx:
            stored = tx.claim_keys([claim]).get(claim)
            if stored is not None:
                return stored, True
            tx.answer_keys({claim: said}, self.kit.clock.now())
        return said, False

    def publish(self, tenant: str, touched: Sequence[str]) -> None:
        """Tell watchers what changed, after the commit."""
        if touched:
            self.signals.publish(tenant, tuple(dict.fromkeys(touched)))

    def _again(self, attempt: Callable[[], R]) -> R:
        for number in range(1, ATTEMPTS):
            try:
                return attempt()
            except Conflict:
                self.backoff.wait(number)
        return attempt()


class _RolledBack(Exception):
    """Leaves a dry run."""
