"""Sheets of a campaign: what to buy, who gets what, what to pick and pack, what was paid."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from enum import StrEnum

from attrs import frozen

from groupbuy.application.logistics.supplying import own_campaign, received
from groupbuy.application.ports import Query
from groupbuy.application.steps.reading import every
from groupbuy.application.steps.sealing import open_sealed
from groupbuy.application.write_path import Work
from groupbuy.domain.campaigns import Campaign, StockPolicy
from groupbuy.domain.catalogue import Stock
from groupbuy.domain.kernel import Money, NotFound
from groupbuy.domain.logistics import Allocation
from groupbuy.domain.membership import PickupPoint, User
from groupbuy.domain.ordering import BINDING, LineKind, Order, OrderLine, OrderState

Cell = str | int | Money
"""Text, a count, or an amount; an empty text is an empty cell."""


class SheetKind(StrEnum):
    """What a sheet is for."""

    SUPPLIER = "supplier"
    ALLOCATION = "allocation"
    PICK = "pick"
    PACKING = "packing"
    PAYMENT = "payment"


@frozen
class Section:
    """The part of a sheet that belongs to one pickup point; without a name: to be sent."""

    name: str
    rows: tuple[tuple[Cell, ...], ...]


@frozen
class Sheet:
    """A table to print, in sections."""

    kind: SheetKind
    campaign_id: str
    title: str
    """The campaign's."""
    made_at: datetime
    zone: str
    columns: tuple[str, ...]
    sections: tuple[Section, ...]


@frozen
class _Asked:
    """What a sheet is made of."""

    work: Work
    campaign: Campaign
    orders: Sequence[Order]
    named: bool

    def sheet(self, kind: SheetKind, columns: str, sections: Iterable[Section]) -> Sheet:
        """Return it as a sheet."""
        campaign = self.campaign
        return Sheet(
            kind,
            campaign.id,
            campaign.title,
            self.work.now(),
            campaign.zone,
            tuple(columns.split()),
            tuple(sections),
        )

    def by_point(self) -> list[tuple[str, list[Order]]]:
        """Return the orders by name of their pickup point; parcels come first, without one."""
        places = self.work.of(PickupPoint).find(
            {order.pickup_point_id for order in self.orders if order.pickup_point_id}
        )
        found: dict[tuple[str, str], list[Order]] = {}
        for order in self.orders:
            key = order.pickup_point_id or ""
            name = places[key].name if key in places else key
            found.setdefault((name, key), []).append(order)
        return [(name, mine) for (name, _), mine in sorted(found.items())]


def sheet_of(work: Work, campaign_id: str, kind: SheetKind) -> Sheet:
    """Return a sheet of a campaign of the caller's shop, without anybody's name.

    Pick and packing lists hold what is approved and not sent yet. Raises NotFound.
    """
    return _sheet(work, campaign_id, kind, named=False)


def packing_list(work: Work, campaign_id: str) -> Sheet:
    """Return the packing list with names, phones and streets; the look is kept in the audit."""
    sheet = _sheet(work, campaign_id, SheetKind.PACKING, named=True)
    shown = sum(len(section.rows) for section in sheet.sections)
    work.audit("sheet.reveal", campaign_id, rows=str(shown))
    return sheet


def _sheet(work: Work, campaign_id: str, kind: SheetKind, *, named: bool) -> Sheet:
    campaign = own_campaign(work, campaign_id)
    to_pack = kind in (SheetKind.PICK, SheetKind.PACKING)
    states = (OrderState.APPROVED,) if to_pack else tuple(BINDING)
    query = Query().where(campaign_id=campaign_id).among("state", states)
    orders = sorted(every(work.of(Order), query), key=_when_paid)
    return _MAKERS[kind](_Asked(work, campaign, orders, named))


def _supplier(asked: _Asked) -> Sheet:
    """What was ordered of each variant, what came for it, what is still to buy."""
    ordered = _units(asked.orders)
    came = received(asked.work, asked.campaign.id)
    stock = asked.work.of(Stock).find(offer.sku_id for offer in asked.campaign.offers)
    rows = list[tuple[Cell, ...]]()
    for offer in asked.campaign.offers:
        wanted = ordered.get(offer.sku_id, 0)
        presale = offer.stock_policy is StockPolicy.PRESALE
        have = stock[offer.sku_id].available if offer.sku_id in stock else 0
        buy = max(0, wanted - came.get(offer.sku_id, 0)) if presale else 0
        counts = (wanted, came.get(offer.sku_id, 0), have, buy)
        rows.append((offer.sku_id, offer.title, offer.options, offer.stock_policy.value, *counts))
    columns = "sku title options stock_policy ordered received in_hand to_buy"
    return asked.sheet(SheetKind.SUPPLIER, columns, [Section("", tuple(rows))])


def _allocation(asked: _Asked) -> Sheet:
    """What each order was given of what came; one section a variant that was shared out."""
    titles = {offer.sku_id: f"{offer.title} {offer.options}" for offer in asked.campaign.offers}
    mine = Query().where(campaign_id=asked.campaign.id)
    sections = [
        Section(
            titles.get(each.sku_id, each.sku_id).strip(),
            tuple((s.order_id, s.line_no, s.wanted, s.given, s.short) for s in each.shares),
        )
        for each in every(asked.work.of(Allocation), mine)
    ]
    return asked.sheet(SheetKind.ALLOCATION, "order line wanted given short", sections)


def _pick(asked: _Asked) -> Sheet:
    """How many of each variant go to each pickup point."""
    sections = list[Section]()
    for name, orders in asked.by_point():
        units, lines = _units(orders), {line.sku_id: line for line in _lines(orders)}
        rows = tuple(
            (sku, lines[sku].title, lines[sku].options, units[sku]) for sku in sorted(units)
        )
        sections.append(Section(name, rows))
    return asked.sheet(SheetKind.PICK, "sku title options units", sections)


def _packing(asked: _Asked) -> Sheet:
    """What goes into each person's bag or parcel."""
    names = _contacts(asked) if asked.named else {}
    sections = list[Section]()
    for name, orders in asked.by_point():
        rows = [
            (
                order.id,
                order.contact.phone_tail,
                *names.get(order.id, ()),
                f"{line.title} {line.options}".strip(),
                line.left,
                "",
            )
            for order in orders
            for line in _lines([order])
        ]
        sections.append(Section(name, tuple(rows)))
    who = "order phone_tail name phone address" if asked.named else "order phone_tail"
    return asked.sheet(SheetKind.PACKING, f"{who} goods units packed", sections)


def _payment(asked: _Asked) -> Sheet:
    """What each order cost, what went back, what is paid."""
    sections = [
        Section(
            name,
            tuple(
                (o.id, o.contact.phone_tail, o.payable, o.refunded, o.payable - o.refunded)
                for o in orders
            ),
        )
        for name, orders in asked.by_point()
    ]
    columns = "order phone_tail payable refunded paid"
    return asked.sheet(SheetKind.PAYMENT, columns, sections)


_MAKERS: Mapping[SheetKind, Callable[[_Asked], Sheet]] = {
    SheetKind.SUPPLIER: _supplier,
    SheetKind.ALLOCATION: _allocation,
    SheetKind.PICK: _pick,
    SheetKind.PACKING: _packing,
    SheetKind.PAYMENT: _payment,
}


def _contacts(asked: _Asked) -> dict[str, tuple[str, str, str]]:
    """Open whom each order goes to; nothing of people who were erased."""
    buyers = asked.work.of(User).find({order.buyer_id for order in asked.orders})
    found = dict[str, tuple[str, str, str]]()
    for order in asked.orders:
        found[order.id] = ("", "", "")
        with suppress(NotFound, KeyError):
            found[order.id] = _contact(asked.work, buyers[order.buyer_id], order)
    return found


def _contact(work: Work, buyer: User, order: Order) -> tuple[str, str, str]:
    sealed = order.contact
    name = open_sealed(work, buyer, "contact_name", sealed.name)
    phone = open_sealed(work, buyer, "contact_phone", sealed.phone)
    street = open_sealed(work, buyer, "contact_address", sealed.address)
    return name, phone, f"{sealed.region} {street}".strip()


def _when_paid(order: Order) -> tuple[datetime, str]:
    return order.placed_at or order.created_at, order.id


def _lines(orders: Iterable[Order]) -> list[OrderLine]:
    return [
        line
        for order in orders
        for line in order.lines
        if line.kind is LineKind.GOODS and line.left
    ]


def _units(orders: Iterable[Order]) -> dict[str, int]:
    units: dict[str, int] = {}
    for line in _lines(orders):
        units[line.sku_id] = units.get(line.sku_id, 0) + line.left
    return units
