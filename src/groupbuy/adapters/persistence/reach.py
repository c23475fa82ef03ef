"""How what is sold is found, passed on and rewarded: discovery, sharing, points, segments."""

from groupbuy.adapters.persistence.kinds import By, Kind
from groupbuy.domain.discovery import Habit, Heat
from groupbuy.domain.points import Invitation, PointLot, PointMove
from groupbuy.domain.segments import Push, PushConsent, PushHearing, Segment, SegmentMember
from groupbuy.domain.sharing import ShareLink, ShareVisit

DISCOVERY = (
    Kind(
        Habit,
        "habits",
        indexes=(By(("buyer_id", "last_on", "id")), By(("product_id", "last_on", "id"))),
        near=("buyer_id",),
    ),
    Kind(
        Heat,
        "heats",
        indexes=(
            By(("product_id", "id")),
            By(("community", "rank", "id")),
            By(("community", "category_id", "rank", "id")),
        ),
        checks={"counts": "buyers >= 0 AND units >= 0 AND back >= 0"},
    ),
)
POINTS = (
    Kind(
        Invitation,
        "invitations",
        indexes=(By(("inviter_id", "created_at", "id")), By(("state", "created_at", "id"))),
    ),
    Kind(
        PointLot,
        "point_lots",
        indexes=(By(("owner_id", "created_at", "id")),),
        checks={"counts": "earned >= 0 AND spent >= 0 AND expired >= 0"},
    ),
    Kind(
        PointMove,
        "point_moves",
        indexes=(By(("owner_id", "at", "id")), By(("lot_id", "id"))),
        near=("lot_id",),
    ),
)
SHARING = (
    Kind(ShareLink, "share_links", indexes=(By(("subject", "id")),)),
    Kind(ShareVisit, "share_visits", indexes=(By(("subject", "id")),), near=("subject",)),
)
SEGMENTS = (
    Kind(
        Segment,
        "segments",
        indexes=(By(("merchant_id", "created_at", "id")), By(("created_at", "id"))),
    ),
    Kind(
        SegmentMember,
        "segment_members",
        indexes=(By(("segment_id", "id")),),
        near=("segment_id",),
    ),
    Kind(
        Push,
        "pushes",
        indexes=(By(("merchant_id", "created_at", "id")), By(("created_at", "id"))),
    ),
    Kind(PushConsent, "push_consents"),
    Kind(
        PushHearing,
        "push_hearings",
        indexes=(By(("push_id", "id")), By(("user_id", "at", "id"))),
        near=("push_id",),
    ),
)
