from datetime import UTC, date, datetime

import pytest

from groupbuy.domain.kernel import Invalid
from groupbuy.entrypoints.http.campaign_schemas import CampaignIn, OfferIn

SKU = "sku_" + "0" * 26


def a_body(**changes):
    return CampaignIn(**{"title": "手表团", "offers": [OfferIn(SKU, share_bp=8000)], **changes})


def test_a_day_somebody_typed_is_that_local_day_and_its_end_is_exclusive():
    spec = a_body(starts_on=date(2026, 11, 2), ends_on=date(2026, 11, 4)).spec()
    assert spec.starts_at == datetime(2026, 11, 1, 16, tzinfo=UTC)
    assert spec.ends_at == datetime(2026, 11, 4, 16, tzinfo=UTC)


def test_the_day_follows_the_zone_of_the_campaign():
    spec = a_body(zone="UTC", starts_on=date(2026, 11, 2), ends_on=date(2026, 11, 2)).spec()
    assert (spec.ends_at - spec.starts_at).days == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ends_on": date(2026, 11, 4)}, "starts_at"),
        (
            {
                "starts_on": date(2026, 11, 2),
                "starts_at": datetime(2026, 11, 2, tzinfo=UTC),
                "ends_on": date(2026, 11, 4),
            },
            "starts_at",
        ),
        ({"starts_on": date(2026, 11, 2), "ends_on": date.max}, "ends_at"),
        (
            {"zone": "Mars/Base", "starts_on": date(2026, 11, 2), "ends_on": date(2026, 11, 4)},
            "zone",
        ),
    ],
)
def test_a_window_is_given_once_and_in_a_real_zone(changes, field):
    with pytest.raises(Invalid) as refused:
        a_body(**changes).spec()
    assert refused.value.field == field
