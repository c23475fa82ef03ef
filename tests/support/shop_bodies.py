"""What requests say in the tests of two shops."""

from collections.abc import Mapping
from datetime import datetime, timedelta

START = datetime.fromisoformat("2026-10-05T04:00:00+00:00")
MONDAYS = {"weekdays": [1], "at": "08:00", "lasts_minutes": 60}
"""When something comes again."""
CARD = {"channel": "bank_card", "account": "6222021234567890", "name": "何秀兰"}
EVERY_BUYER = {"name": "买过的人", "who": {"orders_at_least": 1}}
ADDRESS = {"name": "王", "phone": "13800009999", "region": "上海", "street": "幸福路 1 号"}


def push_about(ids: Mapping[str, str]) -> dict[str, object]:
    """Return a push about the campaign that sells."""
    words = {"title": "上新", "body": "{subject}", "title_en": "New", "body_en": "{subject}"}
    return {"segment_id": ids["segment"], "subject": ids["selling"], **words}


def point_of(ids: Mapping[str, str]) -> dict[str, object]:
    """Describe a pickup point."""
    return {"name": "东门", "address": "东门路 1 号", "region": "浦东", "leader_id": ids["leader"]}


def product_of(category_id: str, number: int) -> dict[str, object]:
    """Describe a product."""
    price = {"amount": 1_990, "currency": "CNY"}
    variant = {"code": f"S{number}", "price": price, "stock": 100}
    return {
        "code": f"P{number}",
        "name": "水蜜桃",
        "category_id": category_id,
        "variants": [variant],
    }


def campaign_of(ids: Mapping[str, str]) -> dict[str, object]:
    """Describe a campaign that one buyer is enough for, an hour after the start of everything."""
    return {
        "title": "水蜜桃团",
        "starts_at": (START + timedelta(hours=1)).isoformat(),
        "ends_at": (START + timedelta(days=60)).isoformat(),
        "offers": [{"sku_id": ids["variant"], "share_bp": 8_000}],
        "leader_id": ids["leader"],
        "pickup_point_ids": [ids["point"]],
        "quorum": {"target": 1},
    }


def coupons_of(ids: Mapping[str, str]) -> dict[str, object]:
    """Describe coupons that anybody may claim."""
    return {
        "kind": "amount_off",
        "title": "满 10 减 1",
        "arguments": {"off": 100, "reach": 1_000},
        "quantity": 100,
        "per_person": 50,
        "merchant_id": ids["merchant"],
        "starts_at": START.isoformat(),
        "ends_at": (START + timedelta(days=300)).isoformat(),
        "days": 30,
    }


def join_of(ids: Mapping[str, str]) -> dict[str, object]:
    """Describe a join."""
    return {
        "items": [{"sku_id": ids["variant"]}],
        "contact": {"name": "王", "phone": "13800009999", "region": "上海"},
        "pickup_point_id": ids["point"],
    }
