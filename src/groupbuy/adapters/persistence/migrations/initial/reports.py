"""Tables of the first revision: reports."""

from groupbuy.adapters.persistence.migrations.tools import index, instant, integer, table, text


def create() -> None:
    """Create the tables of this part (reports)."""
    _report_positions()
    _report_facts()
    _report_sums()
    _report_schedules()
    _past_purchases()


def _report_positions() -> None:
    table(
        "report_positions",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        instant("since"),
        text("after"),
        instant("next_since", null=True),
        text("zone"),
        integer("rules"),
        instant("held_until", null=True),
        instant("read_at", null=True),
        integer("version"),
        key=("tenant_id", "cell", "id"),
    )


def _report_facts() -> None:
    table(
        "report_facts",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("merchant_id"),
        text("campaign_id"),
        text("leader_id"),
        text("point_id"),
        text("buyer_id"),
        text("region"),
        text("currency"),
        instant("created_at"),
        instant("placed_at", null=True),
        instant("confirmed_at", null=True),
        text("state"),
        text("close_reason"),
        text("lines"),
        text("moves"),
        integer("version"),
        key=("tenant_id", "cell", "id"),
    )
    index(
        "ix_report_facts_tenant_id_merchant_id_id",
        "report_facts",
        ["tenant_id", "merchant_id", "id"],
    )


def _report_sums() -> None:
    table(
        "report_sums",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("merchant_id"),
        text("grain"),
        text("day"),
        text("currency"),
        text("parts"),
        text("counts"),
        integer("version"),
        text("campaign_id"),
        text("leader_id"),
        key=("tenant_id", "cell", "id"),
    )
    index(
        "ix_report_sums_campaign",
        "report_sums",
        ["tenant_id", "campaign_id", "grain", "day", "id"],
        where="campaign_id <> ''",
    )
    index(
        "ix_report_sums_leader",
        "report_sums",
        ["tenant_id", "leader_id", "grain", "day", "id"],
        where="leader_id <> ''",
    )
    index(
        "ix_report_sums_tenant_id_grain_day_id", "report_sums", ["tenant_id", "grain", "day", "id"]
    )
    index(
        "ix_report_sums_tenant_id_merchant_id_grain_day_id",
        "report_sums",
        ["tenant_id", "merchant_id", "grain", "day", "id"],
    )


def _report_schedules() -> None:
    table(
        "report_schedules",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("name"),
        text("every"),
        integer("hour"),
        text("form"),
        text("to"),
        instant("next_at"),
        text("made_by"),
        instant("made_at"),
        text("merchant_id"),
        text("by"),
        text("language"),
        instant("stopped_at", null=True),
        integer("version"),
        key=("tenant_id", "cell", "id"),
    )
    index(
        "ix_report_schedules_tenant_id_next_at_id",
        "report_schedules",
        ["tenant_id", "next_at", "id"],
    )


def _past_purchases() -> None:
    table(
        "past_purchases",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("merchant_id"),
        text("source"),
        text("customer"),
        text("on"),
        integer("units"),
        integer("amount"),
        instant("imported_at"),
        text("currency"),
        key=("tenant_id", "cell", "id"),
    )
    index(
        "ix_past_purchases_tenant_id_merchant_id_source_id",
        "past_purchases",
        ["tenant_id", "merchant_id", "source", "id"],
    )
