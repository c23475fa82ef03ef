"""The order desk of a shop: own filters, remarks, new addresses, rules that approve."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from groupbuy.application import logistics
from groupbuy.application.logistics import Remark
from groupbuy.domain.membership import ApprovalRule, Role
from groupbuy.domain.ordering import Contact, OrderFilter, OrderState
from groupbuy.entrypoints.http.amounts import Amount, IdText, Text200, amount_or_none
from groupbuy.entrypoints.http.auth import only
from groupbuy.entrypoints.http.order_schemas import ChangedOut, PhoneText, changed_out
from groupbuy.entrypoints.http.visit import Visit

SELLERS = only(Role.MERCHANT, Role.OPERATOR)
MERCHANT = only(Role.MERCHANT)
NameText = Annotated[str, Meta(min_length=1, max_length=40)]


class FilterIn(msgspec.Struct, forbid_unknown_fields=True):
    """Which orders to see; what is not named does not matter."""

    states: Annotated[list[OrderState], Meta(max_length=10)] = []
    campaign_id: IdText | None = None
    pickup_point_id: IdText | None = None
    days: Annotated[int, Meta(ge=1, le=3_650, description="Only of so many last days")] | None = (
        None
    )

    def wanted(self, name: str) -> OrderFilter:
        """Return it as the domain has it."""
        return OrderFilter(
            name.strip(),
            tuple(self.states),
            self.campaign_id or "",
            self.pickup_point_id or "",
            self.days,
        )


class FilterOut(msgspec.Struct, frozen=True):
    """A filter of the caller's own."""

    name: str
    states: list[OrderState]
    campaign_id: str | None
    pickup_point_id: str | None
    days: int | None


class FiltersOut(msgspec.Struct, frozen=True):
    """All filters of the caller."""

    items: list[FilterOut]


class ReaddressIn(msgspec.Struct, forbid_unknown_fields=True):
    """Where an order shall go, and why."""

    name: Annotated[str, Meta(min_length=1, max_length=40)]
    phone: PhoneText
    reason: Annotated[str, Meta(min_length=1, max_length=500)]
    address: Text200 = ""
    region: Annotated[str, Meta(max_length=60)] = ""

    def contact(self) -> Contact:
        """Return it in the domain's words, still readable."""
        return Contact(self.name, self.phone, self.address, self.region)


class RemarkIn(msgspec.Struct, forbid_unknown_fields=True):
    """Something to note for one's colleagues."""

    text: Annotated[str, Meta(min_length=1, max_length=500)]


class RemarkOut(msgspec.Struct, frozen=True):
    """A remark on an order."""

    id: str
    by: str
    at: datetime
    text: str
    """Empty once the buyer was erased."""


class RemarksOut(msgspec.Struct, frozen=True):
    """All remarks on an order, oldest first."""

    items: list[RemarkOut]


class RuleIn(msgspec.Struct, forbid_unknown_fields=True):
    """When an order needs no look of a person: everything that is named must hold."""

    name: NameText
    below: Amount | None = None
    known_buyer: bool = False
    campaign_ids: Annotated[list[IdText], Meta(max_length=100)] = []

    def rule(self) -> ApprovalRule:
        """Return it as the domain has it. Raises Invalid."""
        below = None if self.below is None else self.below.money()
        return ApprovalRule(self.name, below, self.known_buyer, tuple(self.campaign_ids))


class RulesIn(msgspec.Struct, forbid_unknown_fields=True):
    """All rules there shall be."""

    rules: Annotated[list[RuleIn], Meta(max_length=20)]


class RuleOut(msgspec.Struct, frozen=True):
    """A rule that approves."""

    name: str
    below: Amount | None
    known_buyer: bool
    campaign_ids: list[str]


class RulesOut(msgspec.Struct, frozen=True):
    """All rules of a merchant."""

    rules: list[RuleOut]


class FilterDesk(Controller):
    """/merchant/order-filters."""

    path = "/merchant/order-filters"
    tags = ("merchant",)

    @get("/", opt=SELLERS, sync_to_thread=True)
    def mine(self, visit: NamedDependency[Visit]) -> FiltersOut:
        """List the caller's own filters; `GET /merchant/orders?filter=…` uses one."""
        return FiltersOut([_filter_out(each) for each in visit.read(logistics.my_filters)])

    @put("/{name:str}", opt=SELLERS, sync_to_thread=True)
    def keep(
        self, name: FromPath[str], data: JSONBody[FilterIn], visit: NamedDependency[Visit]
    ) -> Response[FilterOut]:
        """Keep a filter under a name."""
        wanted = data.wanted(name)
        return visit.once(lambda work: logistics.put_filter(work, wanted), _filter_out)

    @delete("/{name:str}", opt=SELLERS, sync_to_thread=True, status_code=204)
    def drop(self, name: FromPath[str], visit: NamedDependency[Visit]) -> Response[None]:
        """Drop a filter."""
        return visit.once(lambda work: logistics.remove_filter(work, name), lambda _: None, 204)


class OrderDesk(Controller):
    """/merchant/orders: remarks and new addresses."""

    path = "/merchant/orders"
    tags = ("merchant",)

    @post("/{order_id:str}/address", opt=SELLERS, sync_to_thread=True, status_code=200)
    def readdress(
        self, order_id: FromPath[str], data: JSONBody[ReaddressIn], visit: NamedDependency[Visit]
    ) -> Response[ChangedOut]:
        """Send an order elsewhere at its buyer's wish, before it is reviewed."""
        asked = (order_id, data.contact(), data.reason)
        return visit.once(lambda work: logistics.readdress(work, *asked), changed_out)

    @get("/{order_id:str}/remarks", opt=SELLERS, sync_to_thread=True)
    def remarks(self, order_id: FromPath[str], visit: NamedDependency[Visit]) -> RemarksOut:
        """List the remarks of those who work on an order; its buyer never sees them."""
        found = visit.read(lambda work: logistics.remarks(work, order_id))
        return RemarksOut([_remark_out(each) for each in found])

    @post("/{order_id:str}/remarks", opt=SELLERS, sync_to_thread=True)
    def remark(
        self, order_id: FromPath[str], data: JSONBody[RemarkIn], visit: NamedDependency[Visit]
    ) -> Response[RemarkOut]:
        """Note something on an order for one's colleagues."""
        return visit.once(
            lambda work: logistics.add_remark(work, order_id, data.text),
            _remark_out,
            201,
            private=True,
        )


class ApprovalDesk(Controller):
    """/merchant/approval-rules."""

    path = "/merchant/approval-rules"
    tags = ("merchant",)

    @get("/", opt=MERCHANT, sync_to_thread=True)
    def show(self, visit: NamedDependency[Visit]) -> RulesOut:
        """Show which orders of the shop are approved by themselves."""
        return _rules_out(visit.read(logistics.approval_rules))

    @put("/", opt=MERCHANT, sync_to_thread=True)
    def replace(self, data: JSONBody[RulesIn], visit: NamedDependency[Visit]) -> Response[RulesOut]:
        """Put these rules in place of all others; orders confirmed from now on are measured."""
        rules = [each.rule() for each in data.rules]
        return visit.once(lambda work: logistics.set_approval_rules(work, rules), _rules_out)


def _filter_out(each: OrderFilter) -> FilterOut:
    return FilterOut(
        each.name,
        list(each.states),
        each.campaign_id or None,
        each.pickup_point_id or None,
        each.days,
    )


def _remark_out(each: Remark) -> RemarkOut:
    return RemarkOut(each.id, each.by, each.note.at, each.text)


def _rules_out(rules: tuple[ApprovalRule, ...]) -> RulesOut:
    return RulesOut(
        [
            RuleOut(r.name, amount_or_none(r.below), r.known_buyer, list(r.campaign_ids))
            for r in rules
        ]
    )
