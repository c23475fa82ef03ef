"""Sheets of a campaign, goods that come in for it, and who gets them when they are not enough."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from groupbuy.application import logistics
from groupbuy.application.logistics import Sharing, Sheet, SheetKind
from groupbuy.domain.kernel import Money, NotFound
from groupbuy.domain.logistics import Allocation, GoodsReceipt, Share
from groupbuy.domain.membership import Role
from groupbuy.entrypoints.http.amounts import END, Amount, Count, IdText, Text200, amount
from groupbuy.entrypoints.http.auth import only
from groupbuy.entrypoints.http.visit import Visit
from groupbuy.entrypoints.sheet_files import FORMS, MEDIA_TYPES, Form, file_name, written
from groupbuy.entrypoints.sheet_files.as_html import POLICY

SELLERS = only(Role.MERCHANT, Role.OPERATOR)
SELLERS_LOOK = only(Role.MERCHANT, Role.OPERATOR, keyless=True)
SELLERS_MONEY = only(Role.MERCHANT, Role.OPERATOR, key=True)
Supply = Annotated[
    int | None, QueryParameter(ge=0, le=1_000_000, description="Units; all in hand if not given")
]
_Value = str | int | Amount


class SectionOut(msgspec.Struct, frozen=True):
    """What belongs to one pickup point; without a name: what is sent by parcel."""

    name: str
    rows: list[list[_Value]]
    """Cells in the order of the columns."""


class SheetOut(msgspec.Struct, frozen=True):
    """A sheet of a campaign."""

    kind: SheetKind
    campaign_id: str
    title: str
    made_at: datetime
    columns: list[str]
    sections: list[SectionOut]


class ReceiptIn(msgspec.Struct, forbid_unknown_fields=True):
    """Goods that came in."""

    sku_id: IdText
    units: Count
    remark: Text200 = ""


class ReceiptOut(msgspec.Struct, frozen=True):
    """Goods that came in, as they were counted."""

    id: str
    campaign_id: str
    sku_id: str
    units: int
    at: datetime
    remark: str


class ShareOut(msgspec.Struct, frozen=True):
    """What one line of one order gets."""

    order_id: str
    line_no: int
    wanted: int
    given: int
    short: int


class SharingOut(msgspec.Struct, frozen=True):
    """Who would get what, and the digest with which exactly that is done."""

    digest: str
    supply: int
    short: int
    shares: list[ShareOut]


class ShareOutIn(msgspec.Struct, forbid_unknown_fields=True):
    """The sharing that was previewed."""

    supply: Annotated[int, Meta(ge=0, le=1_000_000)]
    digest: Annotated[str, Meta(pattern="^[0-9a-f]{16}" + END)]
    reason: Annotated[str, Meta(min_length=1, max_length=500)]


class AllocationOut(msgspec.Struct, frozen=True):
    """Who got what; the rest goes back to their payments."""

    campaign_id: str
    sku_id: str
    supply: int
    given: int
    at: datetime
    shares: list[ShareOut]


class CampaignSheets(Controller):
    """/merchant/campaigns: sheets, receipts, allocations."""

    path = "/merchant/campaigns/{campaign_id:str}"
    tags = ("merchant",)

    @get("/sheets/{name:str}", opt=SELLERS, sync_to_thread=True)
    def sheet(
        self, campaign_id: FromPath[str], name: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[SheetOut]:
        """Show a sheet: supplier, allocation, pick, packing or payment; nobody's name is on it.

        With `.csv`, `.html` or `.pdf` behind its name it is a file, or a page to print.
        """
        kind, form = _asked(name)
        found = visit.read(lambda work: logistics.sheet_of(work, campaign_id, kind))
        return sheet_answer(visit, found, form)

    @post("/packing-list/{form:str}", opt=SELLERS_LOOK, sync_to_thread=True, status_code=200)
    def packing_list(
        self, campaign_id: FromPath[str], form: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[SheetOut]:
        """Show the packing list with names and streets, as `json`, `csv`, `html` or `pdf`.

        The look is written into the audit.
        """
        wanted = _asked(f"packing.{form}" if form != "json" else "packing")[1]
        found = visit.run(lambda work: logistics.packing_list(work, campaign_id))
        return sheet_answer(visit, found, wanted)

    @post("/receipts", opt=SELLERS, sync_to_thread=True)
    def receive(
        self, campaign_id: FromPath[str], data: JSONBody[ReceiptIn], visit: NamedDependency[Visit]
    ) -> Response[ReceiptOut]:
        """Count in what came for a presale; the stock journal names the campaign."""
        cmd = logistics.Receive(campaign_id, data.sku_id, data.units, data.remark)
        return visit.once(lambda work: logistics.receive_goods(work, cmd), _receipt_out, 201)

    @get("/allocations/{sku_id:str}/preview", opt=SELLERS, sync_to_thread=True)
    def preview(
        self,
        campaign_id: FromPath[str],
        sku_id: FromPath[str],
        visit: NamedDependency[Visit],
        supply: Supply = None,
    ) -> SharingOut:
        """Show who would get what of a supply: who paid first gets theirs first."""
        asked = (campaign_id, sku_id, supply)
        return _sharing_out(visit.read(lambda work: logistics.preview_sharing(work, *asked)))

    @post("/allocations/{sku_id:str}", opt=SELLERS_MONEY, sync_to_thread=True)
    def share_out(
        self,
        campaign_id: FromPath[str],
        sku_id: FromPath[str],
        data: JSONBody[ShareOutIn],
        visit: NamedDependency[Visit],
    ) -> Response[AllocationOut]:
        """Share out what came, once, as previewed; what buyers do not get goes back to them."""
        seen = Sharing(campaign_id, sku_id, data.supply, ())
        return visit.once(
            lambda work: logistics.share_out(work, seen, data.digest, data.reason),
            _allocation_out,
            201,
        )


def sheet_answer(visit: Visit, sheet: Sheet, form: Form | None) -> Response[Any]:
    """Answer with a sheet, as data or in a form to keep or to print."""
    headers = {"Cache-Control": "private, no-store"}
    if form is None:
        return Response(_sheet_out(sheet), headers=headers)
    if form == "html":
        headers["Content-Security-Policy"] = POLICY
    else:
        headers["Content-Disposition"] = f'attachment; filename="{file_name(sheet, form)}"'
    content = written(sheet, form, visit.language)
    return Response(content, media_type=MEDIA_TYPES[form], headers=headers)


def _asked(name: str) -> tuple[SheetKind, Form | None]:
    """Read what is asked for, and in which form. Raises NotFound."""
    kind, _, ending = name.partition(".")
    forms: dict[str, Form] = {form: form for form in FORMS}
    if kind not in tuple(SheetKind) or (ending and ending not in forms) or name.endswith("."):
        raise NotFound(kind="sheet", key=name[:40])
    return SheetKind(kind), forms.get(ending)


def _sheet_out(sheet: Sheet) -> SheetOut:
    return SheetOut(
        kind=sheet.kind,
        campaign_id=sheet.campaign_id,
        title=sheet.title,
        made_at=sheet.made_at,
        columns=list(sheet.columns),
        sections=[
            SectionOut(each.name, [[_value(cell) for cell in row] for row in each.rows])
            for each in sheet.sections
        ],
    )


def _value(cell: str | int | Money) -> _Value:
    return amount(cell) if isinstance(cell, Money) else cell


def _share_out(share: Share) -> ShareOut:
    return ShareOut(share.order_id, share.line_no, share.wanted, share.given, share.short)


def _sharing_out(found: Sharing) -> SharingOut:
    shares = [_share_out(each) for each in found.shares]
    return SharingOut(found.digest, found.supply, found.short, shares)


def _allocation_out(found: Allocation) -> AllocationOut:
    shares = [_share_out(each) for each in found.shares]
    return AllocationOut(
        found.campaign_id, found.sku_id, found.supply, found.given, found.at, shares
    )


def _receipt_out(found: GoodsReceipt) -> ReceiptOut:
    return ReceiptOut(
        found.id, found.campaign_id, found.sku_id, found.units, found.at, found.remark
    )
