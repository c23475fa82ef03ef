"""Why a value makes no sense, in Chinese; the rules themselves say it in English."""

import re
from collections.abc import Mapping

REASONS: Mapping[str, str] = {
    "1 minute to 1 day": "要在 1 分钟到 1 天之间",
    "1 to 40 letters, digits and dashes": "1 到 40 个字母、数字或横线",
    "1 to 40 of a-z, 0-9, _ and -": "1 到 40 个小写字母、数字、下划线或横线",
    "1 to 80 characters, without #": "1 到 80 个字，不含 #",
    "give line and units, or neither": "行号和数量要一起填，或都不填",
    "say what was done": "请说明处理情况",
    "the tracking service does not follow it": "物流平台无法跟踪此单号",
    "stands twice in the file": "在文件里出现了两次",
    "a campaign needs something to sell": "团购里要有商品",
    "a parcel needs an address": "快递需要地址",
    "a variant stands twice": "同一规格出现了两次",
    "a line comes twice": "同一行出现了两次",
    "a name comes twice": "名称重复",
    "at least one unit of each line": "每行至少一件",
    "has to name something": "规则至少要有一个条件",
    "must not be negative": "不能为负",
    "carrier and number are needed": "请填写快递公司和单号",
    "counts buyers or units": "只能按人数或件数",
    "does not fit the channel": "与收款方式不符",
    "every step must lie above the one before": "每一档都要高于前一档",
    "give a price or a share of the original, not both": "团购价和折扣只填一个",
    "give an instant or a day, not both": "时刻和日期只填一个",
    "has another currency than the original": "与原价的币种不同",
    "is guessed too easily": "太容易被猜到",
    "is missing": "必填",
    "does not filter this report": "不能用来筛选这张报表",
    "chooses the rows of distribution and products only": "只用于订单分布和商品排行",
    "is no date": "不是日期",
    "must be after since": "要不早于开始日期",
    "is too far from since": "时间太长",
    "has nothing before it": "之前没有可比的时间",
    "is no delivery of this installation": "没有启用这种送达方式",
    "is no mail address": "不是邮箱地址",
    "must be csv, xlsx or svg": "只能是 csv、xlsx 或 svg",
    "must be small letters, digits and dashes": "只能用小写字母、数字和连字符",
    "must be a whole number": "要整数",
    "must be an amount with at most two decimals": "要最多两位小数的金额",
    "has too few columns": "列数不够",
    "is needed": "必填",
    "is no phone number": "不是手机号",
    "is no time zone": "不是时区",
    "is the old one": "与旧的相同",
    "lies outside the calendar": "日期超出范围",
    "must be at least 0.01": "至少 0.01",
    "must be at least 1": "至少为 1",
    "must have 1 to 200 letters": "1 到 200 个字",
    "must lie between 0.01 and the original": "要在 0.01 和原价之间",
    "must lie between 1 and 10000": "要在 1 和 10000 之间",
    "must not be below zero": "不能小于零",
    "must read YYYY-MM, YYYY-MM-H1, YYYY-Www or YYYY-MM-DD": (
        "要写成 YYYY-MM、YYYY-MM-H1、YYYY-Www 或 YYYY-MM-DD"
    ),
    "must read cls_YYYY-MM@digest": "要写成 cls_YYYY-MM@摘要",
    "must read YYYY-MM": "要写成 YYYY-MM",
    "must read number@hash": "要写成 编号@哈希",
    "only companies have one": "只有企业抬头才填税号",
    "is no tax number": "不是有效的税号",
    "8 to 40 digits, capital letters and dashes": "8 到 40 个数字、大写字母或横线",
    "must read https://…": "要写成 https://…",
    "must be personal or company": "只能是 personal 或 company",
    "is of another merchant": "是另一个商家的",
    "must read mch_…:amount@digest": "要写成 mch_…:金额@摘要",
    "must read stl_YYYY-MM@digest": "要写成 stl_YYYY-MM@摘要",
    "nothing is ordered": "还没有选商品",
    "offer parcels, a pickup point, or both": "快递和自提至少选一个",
    "say why the provider will pay it now": "请说明为什么现在可以退款",
    "say why, everybody will read it": "请说明原因，所有人都会看到",
    "say why, the audit keeps it": "请说明原因，审计会保留",
    "say why, both sides will read it": "请说明原因，双方都会看到",
    "say why, the operator will read it": "请说明原因，平台会看到",
    "say why, the buyer will read it": "请说明原因，买家会看到",
    "is no kind of movement": "不是付款、退款、提现或手续费",
    "must be payment, refund, payout or fee": "只能是 payment、refund、payout 或 fee",
    "has the wrong sign: money in is positive": "正负号不对：收入为正，支出为负",
    "must be three capital letters": "要三个大写字母",
    "must be https:// addresses or paths of this site": "要以 https:// 开头，或是本站的路径",
    "does not fit the kind of complaint": "与投诉类型不符",
    "must be 1 to 5 stars": "要在 1 到 5 之间",
    "must be fen or yuan": "只能是 fen 或 yuan",
    "must be whole fen": "要整数分",
    "must be yuan with two decimals": "要带两位小数的元",
    "must be YYYY-MM-DD HH:MM:SS": "格式是 YYYY-MM-DD HH:MM:SS",
    "must have at most 10 MB": "不能超过 10 MB",
    "must be a JPEG, PNG or WebP picture": "只支持 JPEG、PNG 或 WebP 图片",
    "must not move": "不支持动图",
    "cannot be read": "图片无法读取",
    "is too tall for its width": "图片太长",
    "is no barcode: its check digit or length is wrong": "条形码的位数或校验位不对",
    "must name the same options in every variant": "各规格的选项名称要一致",
    "must differ between the variants": "各规格的选项不能重复",
    "must have different names": "名称不能重复",
    "must be ids, https:// addresses or paths of this site": (
        "要写图片编号、https:// 地址或本站路径"
    ),
    "must lie ahead": "要晚于现在",
    "must lie behind list_at": "要晚于上架时间",
    "must be another one": "要选另一个",
    "must be 1, 10 or 100": "只能是 1、10 或 100",
    "must be one of prices, state and category": "价格、状态、分类每次只改一项",
    "names a picture that is not there": "图片不存在或不能用在这里",
    "0 (Monday) to 6": "0（周一）到 6",
    "a line stands twice": "同一行出现了两次",
    "are named when points come instead, only": "只有改送积分时才填积分",
    "each step must ask more and take more off": "每一档要满得更多、减得更多",
    "give prices or a share below the whole": "请填价格，或低于原价的折扣",
    "hours lie within a day": "时段要在一天之内",
    "is named when gifts are substituted, only": "只有换赠时才填替代赠品",
    "is no instant": "不是时刻",
    "is not known here": "没有这一项",
    "is not known when somebody joins": "参团时还不知道这一条件",
    "is not one of the choices": "不在可选范围内",
    "must be variant:units": "要写成 规格:件数",
    "must be a list": "要填成列表",
    "must be after the start": "要晚于开始时间",
    "must be fields with values": "要填成字段和值",
    "must be true or false": "只能是或否",
    "is no id": "不是编号",
    "must lie between 0 and the original": "要在 0 和原价之间",
    "must take off less than they ask": "减的要少于满的",
    "needs a zone": "要带时区",
    "needs exactly one step": "只能有一档",
    "is no variant of this merchant: see groupbuy export stock": (
        "这个商户没有这个规格，可用 groupbuy export stock 查看"
    ),
    "is no workbook that can be read: save it as .xlsx, or as CSV": (
        "不是可读的工作簿，请另存为 .xlsx 或 CSV"
    ),
    "is too large for a workbook: save it as CSV": "工作簿太大，请另存为 CSV",
    "must be an object": "每行要是一个 JSON 对象",
    "is not a known field": "没有这个字段",
    "must be a text or a number": "要填文字或整数",
    "must not be empty": "不能为空",
    "is no leader here: see groupbuy leader list": "没有这个团长，可用 groupbuy leader list 查看",
    "has no account with this number: they have to register first": (
        "这个手机号还没有注册，请本人先注册"
    ),
    "was refused, suspended or erased: decide with groupbuy leader first": (
        "已被拒绝、停用或注销，请先用 groupbuy leader 处理"
    ),
}
"""By what the rule says."""

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(english), chinese)
    for english, chinese in (
        (r"must be (\d+) to (\d+)", r"要在 \1 到 \2 之间"),
        (r"must be 1 to (\d+)", r"要有 1 到 \1 个"),
        (r"must be a whole number from 0 to (\d+)", r"要填 0 到 \1 的整数"),
        (r"must name 1 to (\d+) levels", r"要有 1 到 \1 级"),
        (r"must have at most (\d+) characters", r"最多 \1 个字"),
        (
            r"(\d+) are there now: export again, or leave this cell empty",
            r"现在是 \1 件，请重新导出，或把这一格留空",
        ),
        (r"is in row (\d+) already: keep one of them", r"与第 \1 行重复，请只留一行"),
        (r"a file holds at most (\d+) rows: part it", r"一个文件最多 \1 行，请拆开"),
        (r"has (\d+) cells instead of (\d+)", r"有 \1 格，应有 \2 格"),
        (r"holds the error (\S+): mend the formula", r"里有错误 \1，请修好公式"),
        (r"must be one of (.+)", r"只能是 \1 之一"),
        (r"must have 1 to (\d+) visible letters", r"1 到 \1 个可见的字"),
        (r"must have 1 to (\d+) plain letters", r"1 到 \1 个普通字符"),
        (r"must be 0 to (\d+) days behind from", r"要晚于起始日 0 到 \1 天"),
        (r"1 to (\d+) characters", r"1 到 \1 个字"),
        (r"at most (\d+) filters", r"最多保存 \1 个筛选"),
        (r"takes (\d+) to (\d+) rows", r"要有 \1 到 \2 行"),
        (r"takes (\d+) to (\d+) ids", r"要有 \1 到 \2 个编号"),
        (r"(\w+) is not offered here", r"本团没有 \1"),
        (r"at most (\d+)", r"最多 \1 个"),
        (r"must have 1 to (\d+) letters", r"1 到 \1 个字"),
        (r"must have at most (\d+) letters", r"最多 \1 个字"),
        (r"no line (\d+) is left to send", r"第 \1 行没有可发的商品"),
        (r"the last (\d+) digits", r"最后 \1 位数字"),
        (r"at most (\d+) at once", r"一次最多 \1 行"),
        (r"at most (\d+) pictures", r"最多 \1 张图片"),
        (r"good and damaged are 0 to (\d+) together", r"完好和损坏合计要在 0 到 \1 之间"),
        (r"must be ([A-Z]{3})", r"只能用 \1"),
        (r"must have at most (\d+) megapixels", r"不能超过 \1 百万像素"),
        (r"needs (\d+) to 64 hex digits", r"要有 \1 到 64 个十六进制数字"),
        (r"line (\d+) does not add up", r"第 \1 行的数字对不上"),
        (r"is no period of the cycle (\w+)", r"不是结算周期 \1 的一期"),
        (r"columns are missing: (.+)", r"缺少列：\1"),
    )
)
"""For reasons that name a number; the first that fits."""


def reason_in(reason: str, language: str) -> str:
    """Return a reason in that language; one without words of its own stays as it is."""
    if language == "en":
        return reason
    if reason in REASONS:
        return REASONS[reason]
    for english, chinese in _PATTERNS:
        if found := english.fullmatch(reason):
            return found.expand(chinese)
    return reason
