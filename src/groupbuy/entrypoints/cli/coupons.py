"""`groupbuy coupon`: offer coupons, give them out, and see what became of them."""

import json
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import click

from groupbuy.entrypoints.cli.bulk import each
from groupbuy.entrypoints.cli.moments import MOMENT, instant_of
from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.shell import Shell, changing, limited, pass_shell, reasoned, shared

if TYPE_CHECKING:
    from groupbuy.domain.marketing import CouponTemplate

_TEMPLATE = (
    Column("id", "编号", "id"),
    Column("state", "状态", "state"),
    Column("title", "名称", "title"),
    Column("sentence", "优惠", "gives"),
    Column("giving", "发放方式", "giving"),
    Column("merchant_id", "商家", "merchant"),
    Column("claimed", "已领", "claimed", right=True),
    Column("left", "剩余", "left", right=True),
    Column("ends_at", "领取截止", "claimable until"),
)
_USE = (
    Column("state", "状态", "state"),
    Column("coupons", "张数", "coupons", right=True),
)
_GIVEN = (
    Column("id", "编号", "id"),
    Column("owner_id", "用户", "user"),
    Column("valid_until", "有效期至", "good until"),
)


class Arguments(click.ParamType[dict[str, Any]]):
    """The arguments of a kind, as a JSON object."""

    name = "json"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> dict[str, Any]:
        """Read them. Fails on anything but an object."""
        try:
            found = json.loads(str(value))
        except ValueError:
            found = None
        if not isinstance(found, dict):
            self.fail('needs a JSON object, such as {"off": 2000, "reach": 10000}', param, ctx)
        return found


@click.group()
def coupon() -> None:
    """Offer coupons, give them out, see what became of them."""


@coupon.command("list")
@limited
@shared
@pass_shell
def list_templates(shell: Shell, limit: int) -> None:
    """List what was offered, the newest first."""
    from groupbuy.application import coupons

    found = shell.read(lambda work: coupons.templates(work, limit))
    shell.out.table("coupon.list/1", _TEMPLATE, [_item(shell, each) for each in found])


@coupon.command()
@click.argument("template_id", metavar="TEMPLATE")
@shared
@pass_shell
def show(shell: Shell, template_id: str) -> None:
    """Show what became of the coupons of an offer, and what they cost in minor units."""
    from groupbuy.application import coupons

    template = shell.read(lambda work: coupons.template_of(work, template_id))
    use = shell.read(lambda work: coupons.use_of(work, template_id))
    items = [{"state": state, "coupons": number} for state, number in use.by_state.items()]
    shell.out.table(
        "coupon.show/1", _USE, items, **_item(shell, template), saved=use.saved, held=use.held
    )
    shell.out.note(
        f"已领 {use.claimed} 张，已优惠 {use.saved} 分，待支付 {use.held} 分",
        f"{use.claimed} claimed, {use.saved} fen taken off, {use.held} fen waiting for payment",
    )


@coupon.command()
@click.option("--kind", required=True, help="amount_off, percent_off, freight_off or exchange.")
@click.option("--title", required=True, metavar="TEXT", help="What shoppers read.")
@click.option("--arguments", type=Arguments(), required=True, help='{"off": 2000, "reach": 10000}')
@click.option("--quantity", type=int, required=True, help="How many there are.")
@click.option("--from", "since", type=MOMENT, required=True, help="Claimable from this moment.")
@click.option("--until", type=MOMENT, required=True, help="Claimable before this moment.")
@click.option("--days", type=int, required=True, help="Good for so many days from the claim.")
@click.option("--giving", default="open", show_default=True, help="open, code, welcome or staff.")
@click.option("--per-person", type=int, default=1, show_default=True, help="At most for each.")
@click.option("--new-users", is_flag=True, help="Only for those who have not paid yet.")
@click.option("--budget", type=int, help="The most all together may take off, in minor units.")
@click.option("--merchant", "merchant_id", metavar="MERCHANT", help="Good for this one only.")
@click.option("--payer", default="merchant", show_default=True, help="merchant or platform.")
@reasoned
@changing
@shared
@pass_shell
def offer(shell: Shell, /, since: datetime | date, until: datetime | date, **typed: Any) -> None:
    """Offer coupons that are all alike."""
    from groupbuy.application import coupons

    zone = shell.settings.policy.zone
    template = _template(typed, instant_of(since, zone), instant_of(until, zone))
    made = shell.run(lambda work: coupons.offer(work, template))
    shell.out.table("coupon.offer/1", _TEMPLATE, [_item(shell, made)])


@coupon.command()
@click.argument("template_id", metavar="TEMPLATE")
@changing
@shared
@pass_shell
def pause(shell: Shell, template_id: str) -> None:
    """Stop giving coupons out for a while; what was claimed stays good."""
    _move(shell, "coupon.pause/1", template_id, "pause")


@coupon.command()
@click.argument("template_id", metavar="TEMPLATE")
@changing
@shared
@pass_shell
def resume(shell: Shell, template_id: str) -> None:
    """Give coupons out again."""
    _move(shell, "coupon.resume/1", template_id, "resume")


@coupon.command()
@click.argument("template_id", metavar="TEMPLATE")
@changing
@shared
@pass_shell
def end(shell: Shell, template_id: str) -> None:
    """Stop giving coupons out for good; what was claimed stays good."""
    _move(shell, "coupon.end/1", template_id, "end")


@coupon.command()
@click.argument("template_id", metavar="TEMPLATE")
@click.option("--count", type=int, required=True, help="How many.")
@changing
@shared
@pass_shell
def codes(shell: Shell, template_id: str, count: int) -> None:
    """Make codes and print them, one a line; they are told this once."""
    from groupbuy.application import coupons

    handed = shell.run(lambda work: coupons.make_codes(work, template_id, count))
    data = {"template_id": template_id, "codes": list(handed.codes)}
    shell.out.show("coupon.codes/1", data, lambda: handed.codes)


@coupon.command()
@click.argument("template_id", metavar="TEMPLATE")
@click.argument("users", nargs=-1, required=True, metavar="USER...")
@changing
@shared
@pass_shell
def give(shell: Shell, template_id: str, users: tuple[str, ...]) -> None:
    """Give one coupon to each of these people, or to nobody."""
    from groupbuy.application import coupons

    given = shell.run(lambda work: coupons.give(work, template_id, users))
    items = [
        {"id": one.id, "owner_id": one.owner_id, "valid_until": one.valid_until} for one in given
    ]
    shell.out.table("coupon.give/1", _GIVEN, items)


@coupon.command()
@click.argument("ids", nargs=-1, required=True)
@reasoned
@changing
@shared
@pass_shell
def revoke(shell: Shell, ids: tuple[str, ...]) -> None:
    """Take back coupons that were not used; their owners are told why."""
    from groupbuy.application import coupons

    def do(key: str) -> dict[str, object]:
        after = shell.run(lambda work: coupons.revoke(work, key, shell.reason))
        return {"result": after.state.value}

    each(shell, "coupon.revoke/1", ids, do)


def _move(shell: Shell, schema: str, template_id: str, name: str) -> None:
    from groupbuy.application import coupons
    from groupbuy.domain.marketing import TemplateMove

    after = shell.run(lambda work: coupons.move_template(work, template_id, TemplateMove(name)))
    shell.out.table(schema, _TEMPLATE, [_item(shell, after)])


def _template(typed: dict[str, Any], since: datetime, until: datetime) -> "CouponTemplate":
    from groupbuy.domain.kernel import Invalid
    from groupbuy.domain.marketing import CouponTemplate, Giving, promotion_of, written

    names = ("kind", "title", "arguments", "payer")
    promotion = promotion_of({"id": "new", **{name: typed[name] for name in names}})
    try:
        giving = Giving(typed["giving"])
    except ValueError:
        known = ", ".join(Giving)
        raise Invalid(field="giving", reason=f"must be one of {known}") from None
    return CouponTemplate(
        id="",
        promotion=written(promotion),
        giving=giving,
        quantity=typed["quantity"],
        starts_at=since,
        ends_at=until,
        created_at=since,
        created_by="",
        merchant_id=typed["merchant_id"],
        days=typed["days"],
        per_person=typed["per_person"],
        new_users=typed["new_users"],
        budget=typed["budget"],
    )


def _item(shell: Shell, template: "CouponTemplate") -> dict[str, object]:
    promotion = template.terms
    return {
        "id": template.id,
        "state": template.state,
        "title": promotion.title,
        "sentence": promotion.sentence(english=shell.out.lang != "zh"),
        "giving": template.giving,
        "merchant_id": template.merchant_id,
        "claimed": template.claimed,
        "left": template.left,
        "ends_at": template.ends_at,
    }
