"""One example of each request body, by the name of its type; a test decodes every one."""

from collections.abc import Mapping
from typing import Any

_LEADER = "ldr_01JC3F8E1PZ7W5N0R4T6Y8B2DM"
_MERCHANT = "mch_01JC3F8E1PZ7W5N0R4T6Y8B2DN"
_ORDER = "ord_01JC3F8E1PZ7W5N0R4T6Y8B2DP"
_POINT = "pup_01JC3F8E1PZ7W5N0R4T6Y8B2DQ"
_CATEGORY = "cat_01JC3F8E1PZ7W5N0R4T6Y8B2DR"
_SKU = "sku_01JC3F8E1PZ7W5N0R4T6Y8B2DS"
_PRICE = {"amount": 3_990, "currency": "CNY"}
_LIST_PRICE = {"amount": 4_990, "currency": "CNY"}
_PHONE = "+8613800138000"
_WHY = {"reason": "与买家约定"}
_VARIANT = {"code": "PEACH-5", "options": "5 斤装", "price": _PRICE, "stock": 200}
_TABLE = f"order_id,carrier,tracking_number\n{_ORDER},shunfeng,SF1234567890123\n"
_PARCEL = {"carrier": "sf", "tracking_number": "SF1234567890"}

EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "CaseAnswerIn": {"answer": "抱歉，马上退款"},
    "DisputeAnswerIn": {"reason": "合同写的是 8%", "rate_bp": 800},
    "AnswerIn": {"text": "很甜，果肉不硬", "anonymous": False},
    "ApplyIn": {"name": "何秀兰", "communities": ["东门苑"], "contact": "微信 xiulan"},
    "ApproveIn": {"commission_bp": 800},
    "AssignIn": {},
    "TagIn": {"word": "宝妈", "reason": "参加过亲子活动"},
    "UntagIn": {"word": "宝妈"},
    "BarIn": {"reason": "多次恶意退款", "until": "2026-12-31T16:00:00Z"},
    "LiftIn": {"reason": "已沟通"},
    "BlockIn": {"blocked": True, "reason": "冒用他人身份"},
    "BrandIn": {"name": "果园"},
    "BulkIn": {
        "selection": {"category_id": _CATEGORY, "states": ["listed"]},
        "repricing": {"share_bp": 9_500, "step": 10},
    },
    "BulkRunIn": {
        "selection": {"category_id": _CATEGORY, "states": ["listed"]},
        "repricing": {"share_bp": 9_500, "step": 10},
        "digest": "9f3c1d0a77be",
        "reason": "双十一",
    },
    "CampaignIn": {
        "title": "阳山水蜜桃",
        "starts_at": "2026-11-02T04:00:00Z",
        "ends_at": "2026-11-03T04:00:00Z",
        "offers": [{"sku_id": _SKU, "share_bp": 8_000}],
        "leader_id": _LEADER,
        "quorum": {"measure": "buyers", "target": 50},
        "capacity": {"limit": 200, "measure": "units"},
        "limits": {"units_per_buyer": 5},
        "pickup_point_ids": [_POINT],
        "promotions": [
            {
                "kind": "spend_threshold",
                "title": "满 100 减 20",
                "arguments": {"steps": [{"reach": 10_000, "off": 2_000}]},
            }
        ],
    },
    "CaseIn": {
        "line_no": 1,
        "kind": "return_and_refund",
        "reason": "damaged",
        "units": 1,
        "text": "到手就破了",
        "pictures": ["2026/11/broken-1.jpg"],
        "dry_run": True,
    },
    "PushIn": {
        "segment_id": "seg_01JC3F8E1PZ7W5N0R4T6Y8B2DV",
        "subject": "cmp_01JC3F8E1PZ7W5N0R4T6Y8B2DW",
        "title": "{merchant}上新",
        "body": "{subject}开团了",
        "title_en": "New from {merchant}",
        "body_en": "{subject} has begun",
    },
    "PushSendIn": {"digest": "9f3c1d0a77be"},
    "PushConsentIn": {"channels": ["inbox"]},
    "UnsubscribeIn": {"token": "usr_01JC3F8E1PZ7W5N0R4T6Y8B2DX.9f3c1d0a77be"},
    "SegmentIn": {
        "name": "母婴买家",
        "who": {"all": [{"category": _CATEGORY}, {"bought_within_days": 90}]},
    },
    "CategoryIn": {"name": "水果", "commission_bp": 600},
    "CodeIn": {"code": "402913"},
    "TailIn": {"tail": "8000"},
    "OfflineEventsIn": {
        "device": "point-phone-1",
        "issued_at": "2026-11-05T08:00:00Z",
        "signature": "9f3c1d0a77be",
        "events": [
            {
                "event_id": "e-0001",
                "parcel_id": "shp_01JC3F8E1PZ7W5N0R4T6Y8B2DT",
                "proof": "code",
                "text": "402913",
                "at": "2026-11-05T10:12:00Z",
            }
        ],
    },
    "FilterIn": {"states": ["confirmed"], "days": 7},
    "ReaddressIn": {
        "name": "王芳",
        "phone": _PHONE,
        "region": "上海 浦东",
        "address": "东门路 2 号",
        "reason": "买家来电",
    },
    "RemarkIn": {"text": "先打电话再送"},
    "RulesIn": {
        "rules": [{"name": "小额", "below": {"amount": 10_000, "currency": "CNY"}}],
    },
    "ReceiptIn": {"sku_id": _SKU, "units": 120, "remark": "送货单 88"},
    "ShareIn": {"channel": "moments", "tone": "warm"},
    "ShareOutIn": {"supply": 100, "digest": "9f3c1d0a77be5a01", "reason": "供货不足"},
    "TableIn": {"csv": _TABLE},
    "RunTableIn": {"csv": _TABLE, "digest": "9f3c1d0a77be5a01"},
    "VisitIn": {"step": "shown"},
    "WeightIn": {"line_no": 1, "grams": 1850, "reason": "少了一颗"},
    "ContactIn": {"name": "王芳", "phone": _PHONE, "region": "上海 浦东", "address": "东门路 1 号"},
    "CorrectionIn": {"note": "请补充门牌号", "hours": 24},
    "CountIn": {"good": 1, "damaged": 1},
    "DisputeIn": {"reason": "说好的是 8%"},
    "EraseIn": {"password": "lv-Cha.2026"},
    "InvoiceIn": {
        "kind": "company",
        "title": "东门果行有限公司",
        "tax_number": "91350100M000100Y43",
    },
    "FeedbackIn": {"kind": "order", "text": "少了两个桃子", "order_id": _ORDER},
    "FollowIn": {"on": True},
    "CodesIn": {"count": 100},
    "CouponCodeIn": {"code": "K7QM-2ZPT-9XWD-4HNB"},
    "GivenIn": {"user_ids": ["usr_01M4J9S2Q80E00800000000001"]},
    "CouponTemplateIn": {
        "kind": "amount_off",
        "title": "满 100 减 20",
        "arguments": {"off": 2_000, "reach": 10_000},
        "quantity": 1_000,
        "starts_at": "2026-12-01T00:00:00+08:00",
        "ends_at": "2026-12-31T00:00:00+08:00",
        "days": 7,
    },
    "JoinIn": {
        "items": [{"sku_id": _SKU, "units": 2}],
        "contact": {"name": "王芳", "phone": _PHONE, "region": "上海 浦东"},
        "pickup_point_id": _POINT,
    },
    "LadderIn": {
        "reason": "双十一激励",
        "steps": [{"sales": {"amount": 500_000, "currency": "CNY"}, "bonus_bp": 50}],
        "month": "2026-12",
    },
    "LoginIn": {"phone": _PHONE, "password": "lv-Cha.2026"},
    "MergeIn": {"into": _CATEGORY, "reason": "重复的类目"},
    "MerchantIn": {"name": "东门果行", "fee_bp": 100},
    "MessageIn": {"text": "补一张照片", "pictures": ["/media/box.jpg"]},
    "NameIn": {"name": "秀兰"},
    "OpinionIn": {"stars": 4, "text": "放了两天更甜"},
    "PaperIn": {
        "number": "25312000000012345678",
        "amount": _PRICE,
        "link": "https://tax.example.com/25312000000012345678",
    },
    "ParcelIn": _PARCEL,
    "PasswordIn": {"old": "lv-Cha.2026", "new": "hong-Cha.2027"},
    "PayoutIn": {
        "amount": {"amount": 120_000, "currency": "CNY"},
        "digest": "9f3c1d0a77be",
    },
    "PayoutAccountIn": {
        "channel": "bank_card",
        "account": "6222021234567890",
        "name": "何秀兰",
    },
    "PlanIn": {"list_at": "2026-11-02T04:00:00Z", "delist_at": "2026-12-02T04:00:00Z"},
    "PhoneIn": {"phone": _PHONE},
    "PickupPointIn": {
        "name": "东门自提点",
        "address": "东门路 1 号",
        "region": "上海 浦东",
        "leader_id": _LEADER,
        "open_hours": "16:00 – 20:00",
    },
    "PlaceIn": {"name": "王芳", "phone": _PHONE, "region": "上海 浦东", "street": "东门路 1 号"},
    "ProductIn": {
        "code": "PEACH",
        "name": "阳山水蜜桃",
        "category_id": _CATEGORY,
        "variants": [_VARIANT],
        "attributes": [{"name": "产地", "value": "无锡"}],
    },
    "ProductPatch": {"name": "阳山水蜜桃 特级"},
    "QuestionIn": {"text": "果子大概多大？"},
    "RateIn": {"rate_bp": 600, "reason": "水果类目调整"},
    "ReadIn": {"ids": [f"notify/{_ORDER}/order.shipped"]},
    "ReasonIn": _WHY,
    "ReportIn": {"reason": "与商品无关"},
    "ReviewIn": {"stars": 5, "text": "新鲜，送得快", "pictures": ["/media/peach.jpg"]},
    "SatisfactionIn": {"satisfaction": 5},
    "SeenIn": {"version": 1},
    "ReplacementIn": _PARCEL,
    "ReturnParcelIn": _PARCEL,
    "RulingIn": {"decide_for": "buyer", "reason": "运单重量与商品相符"},
    "SaidIn": {"reason": "退回的是空箱子"},
    "RegisterIn": {"phone": _PHONE, "password": "lv-Cha.2026", "name": "秀兰", "terms": "2026-10"},
    "RoleIn": {"role": "finance", "reason": "新同事"},
    "RunIn": {"digest": "9f3c1d0a77be", "reason": "十月结算"},
    "ShipManyIn": {"parcels": [{"order_id": _ORDER, **_PARCEL}], "dry_run": True},
    "StaffIn": {"merchant_id": _MERCHANT, "reason": "新店员"},
    "StockIn": {"units": 40, "reason": "到货"},
    "TextIn": {"text": "谢谢支持，下次多送两个"},
    "VariantIn": _VARIANT,
    "VariantPatch": {"price": _PRICE, "list_price": _LIST_PRICE},
    "WhyIn": _WHY,
    "SeriesIn": {
        "rhythm": {"weekdays": [1, 4], "at": "20:00", "lasts_minutes": 1440, "lead_minutes": 60},
        "publish": True,
    },
    "WindowIn": {"starts_at": "2026-12-01T04:00:00Z", "ends_at": "2026-12-03T04:00:00Z"},
    "WithdrawalIn": {"amount": {"amount": 50_000, "currency": "CNY"}},
    "WordsIn": {"text": "已经补发，明天送到"},
}
