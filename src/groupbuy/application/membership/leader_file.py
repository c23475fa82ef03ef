"""Files of leaders: neighbours who are trusted with campaigns, many at once.

A row names somebody who has an account already: whoever earns money agrees to the terms and chooses
a password themselves. Phone numbers come in and never go out.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

from attrs import define, evolve, field

from groupbuy.application.membership.leaders import CONTACT, communities_of
from groupbuy.application.membership.personal import PHONE, name_of, phone_of
from groupbuy.application.ports import Query
from groupbuy.application.steps.filing import (
    Column,
    Facts,
    File,
    Filed,
    FileKind,
    Outcome,
    Row,
    Verdict,
    one_by_one,
    whole,
)
from groupbuy.application.steps.reading import every, pages
from groupbuy.application.steps.records import pack, unpack
from groupbuy.application.steps.sealing import open_sealed, seal
from groupbuy.application.write_path import Caller, Desk, Work
from groupbuy.domain.commission import CAP_BP
from groupbuy.domain.kernel import Event, Invalid
from groupbuy.domain.membership import Leader, LeaderMove, LeaderState, Role, User

NONE = "none"
"""Takes a rate away; an empty cell leaves it as it is."""
_ID = "ldr_"
_PAGE = 500


@define(eq=False)
class _People:
    """The accounts and leaders that the rows of a batch speak of, locked."""

    work: Work
    users: dict[str, User]
    """By what a row calls them."""
    leaders: dict[str, Leader]
    """By their own id."""
    _seen: dict[str, int] = field(factory=dict, init=False)
    """In which row somebody was met, by account."""

    def of(self, row: Row) -> tuple[User, Leader | None]:
        """Return who a row speaks of. Raises Invalid for nobody, or for somebody met before."""
        said = row.said("leader")
        user = self.users.get(said)
        if user is None and said.startswith(_ID):
            reason = "is no leader here: see groupbuy leader list"
            raise Invalid(field="leader", reason=reason)
        if user is None:
            phone_of(said)
            reason = "has no account with this number: they have to register first"
            raise Invalid(field="leader", reason=reason)
        where = self._seen.setdefault(user.id, row.number)
        if where != row.number:
            raise Invalid(field="leader", reason=f"is in row {where} already: keep one of them")
        return user, self.leaders.get(user.leader_id or "")


def take_leaders(work: Work, file: File, rows: Sequence[Row]) -> Sequence[Outcome]:
    """Trust those who are named with campaigns, and keep their facts. Raises Forbidden."""
    del file  # leaders belong to the whole shop
    work.caller.require(Role.OPERATOR)
    people = _locked(work, [row.said("leader") for row in rows])

    def take(row: Row) -> Filed:
        user, leader = people.of(row)
        return _known(work, row, user, leader) if leader else _new(work, row, user)

    return one_by_one(rows, "leader", take)


def tell_leaders(work: Work, file: File, keys: Collection[str]) -> Mapping[str, Facts]:
    """Return what is kept of those leaders."""
    del file
    return {key: _stands(leader) for key, leader in work.of(Leader).find(keys).items()}


def export_leaders(desk: Desk, caller: Caller, merchant_id: str) -> Iterator[Mapping[str, str]]:
    """Yield all leaders by id but the erased, without anything to reach them by."""
    del merchant_id
    desk.read(caller, lambda work: work.caller.require(Role.OPERATOR))
    for page in pages(desk, caller, Leader, Query(), _PAGE):
        for leader in page:
            if not leader.erased:
                yield _row(leader)


def _row(leader: Leader) -> Mapping[str, str]:
    return {
        "leader": leader.id,
        "name": leader.name,
        "communities": pack(leader.communities, "|"),
        "contact": "",
        "commission_bp": _rate(leader.commission_bp),
        "state": leader.state.value,
    }


def _new(work: Work, row: Row, user: User) -> Filed:
    """Trust somebody who has not asked for it yet. Raises Invalid."""
    leader = _said(row, Leader(work.new_id("ldr"), user.id, "", work.now()))
    leader, happened = leader.move(LeaderMove.APPROVE, work.now())
    leader = _with_contact(work, row, user, leader)
    work.of(Leader).add(leader)
    work.of(User).save(evolve(user.granted(Role.LEADER), leader_id=leader.id))
    work.emit([Event("leader.applied", leader.id, work.now()), *happened])
    _note_trust(work, leader, user)
    return Filed(row, leader.id, Verdict.CREATED, _stands(leader), f"+ {leader.name}")


def _known(work: Work, row: Row, user: User, before: Leader) -> Filed:
    """Change what is said of a leader, and trust one who has asked for it. Raises Invalid."""
    if before.erased or before.state in (LeaderState.REFUSED, LeaderState.SUSPENDED):
        reason = "was refused, suspended or erased: decide with groupbuy leader first"
        raise Invalid(field="leader", reason=reason)
    after = _with_contact(work, row, user, _said(row, before))
    if before.state is LeaderState.APPLIED:
        after, happened = after.move(LeaderMove.APPROVE, work.now())
        work.of(User).save(user.granted(Role.LEADER))
        work.emit(happened)
        _note_trust(work, after, user)
    elif after.commission_bp != before.commission_bp:
        said = {"bp": _rate(after.commission_bp), "was": _rate(before.commission_bp)}
        work.audit("commission_rate.leader", before.id, "import", **said)
    if after == before:
        return Filed(row, before.id, Verdict.UNCHANGED, _stands(before))
    work.of(Leader).save(after)
    change = f"{after.name}: {_difference(before, after)}"
    return Filed(row, before.id, Verdict.UPDATED, _stands(after), change)


def _said(row: Row, leader: Leader) -> Leader:
    """Return a leader with what a row says; a new one needs a name and a community."""
    name, communities = row.said("name"), row.said("communities")
    if name or not leader.name:
        leader = evolve(leader, name=name_of(name))
    if communities or not leader.communities:
        leader = evolve(leader, communities=communities_of(unpack(communities, "|")))
    said = row.said("commission_bp")
    if not said:
        return leader
    bp = None if said == NONE else whole("commission_bp", said, CAP_BP)
    return evolve(leader, commission_bp=bp)


def _with_contact(work: Work, row: Row, user: User, leader: Leader) -> Leader:
    """Seal how to reach them, where that is new."""
    contact = row.said("contact")
    if not contact or contact == open_sealed(work, user, CONTACT, leader.contact_sealed):
        return leader
    return evolve(leader, contact_sealed=seal(work, user, CONTACT, contact))


def _note_trust(work: Work, leader: Leader, user: User) -> None:
    work.audit("leader.approved", leader.id, "import", commission_bp=_rate(leader.commission_bp))
    work.tell(user.id, "leader.approved", leader.id, time=leader.version)
    work.touched.append(user.id)


def _locked(work: Work, said: Collection[str]) -> _People:
    """Lock everybody who is named: accounts first, then leaders, as everybody does."""
    by_id = work.of(Leader).find({each for each in said if each.startswith(_ID)})
    marks = {each: _mark(work, each) for each in said if not each.startswith(_ID)}
    query = Query().among("phone_fingerprint", {mark for mark in marks.values() if mark})
    by_mark = {user.phone_fingerprint: user.id for user in every(work.of(User), query)}
    named = {each: by_mark[mark] for each, mark in marks.items() if mark in by_mark}
    named |= {each: leader.user_id for each, leader in by_id.items()}
    users = work.of(User).lock(named.values())
    there = {user.leader_id for user in users.values() if user.leader_id}
    leaders = work.of(Leader).lock(there)
    return _People(work, {each: users[key] for each, key in named.items()}, leaders)


def _mark(work: Work, said: str) -> str:
    """Return the fingerprint of a phone number; nothing for what is none."""
    try:
        return work.kit.vault.fingerprint(PHONE, phone_of(said))
    except Invalid:
        return ""


def _stands(leader: Leader) -> Facts:
    bp = NONE if leader.commission_bp is None else leader.commission_bp
    communities = pack(leader.communities, "|")
    return {"name": leader.name, "communities": communities, "commission_bp": bp, "leaders": 1}


def _rate(bp: int | None) -> str:
    return NONE if bp is None else str(bp)


def _difference(before: Leader, after: Leader) -> str:
    """Tell what is different; how to reach somebody is not told."""
    rows = _row(before), _row(after)
    told = [
        f"{key} {rows[0][key]} → {rows[1][key]}" for key in rows[0] if rows[0][key] != rows[1][key]
    ]
    return ", ".join(told) or "contact"


LEADER_FILE = FileKind(
    name="leaders",
    columns=(
        Column(
            "leader",
            "已注册的手机号，或团长编号",
            "the phone number of an account, or a leader's id",
            "13800000004",
            needed=True,
        ),
        Column("name", "姓名；新团长必填", "the name; needed for a new one", "何秀兰"),
        Column(
            "communities",
            "社群，用 | 隔开；新团长至少一个",
            "communities, parted by |; a new one needs one",
            "阳光花园业主群",
            parted="|",
        ),
        Column("contact", "联系方式，加密保存，不导出", "how to reach them: sealed, not exported"),
        Column(
            "commission_bp",
            "佣金，万分之几；空着不改，none 按商城默认",
            "basis points; empty leaves it, none takes it away",
            "500",
            number=True,
        ),
        Column("state", "状态，仅供查看", "the state, to read only", told=True),
    ),
    key="leader",
    take=take_leaders,
    tell=tell_leaders,
    export=export_leaders,
)
