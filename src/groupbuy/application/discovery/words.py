"""Why something is shown, in words that anybody can check against the figures."""

from datetime import date, datetime

from attrs import frozen

from groupbuy.domain.campaigns import Measure, Progress
from groupbuy.domain.discovery import Chosen, Heat, Together


@frozen
class Why:
    """One reason, in both languages."""

    code: str
    """hot | hot_here | …"""
    zh: str
    en: str


def why_hot(heat: Heat, today: date) -> Why:
    """Say what a hot score is made of: buyers, their age, stars, returns."""
    score, back = decimal(heat.recent(today)), decimal(heat.back_bp)
    here = bool(heat.community)
    stars_zh, stars_en = "暂无评价", "no reviews yet"
    if heat.reviews:
        stars_zh = f"评分 {decimal(heat.stars)}（{heat.reviews} 条评价）"
        stars_en = f"rated {decimal(heat.stars)} ({heat.reviews} reviews)"
    who_zh = f"{'本社区 ' if here else ''}{heat.buyers} 人买过"
    who_en = f"{heat.buyers} {'neighbours' if here else 'people'} bought it"
    return Why(
        code="hot_here" if here else "hot",
        zh=f"{who_zh} · 热度 {score} · {stars_zh} · 退货 {back}%",
        en=f"{who_en} · heat {score} · {stars_en} · {back}% returned",
    )


def why_new(chosen: Chosen) -> Why:
    """Say why a new product is shown."""
    since, buyers = chosen.newcomer.since.isoformat(), chosen.newcomer.buyers
    if chosen.explored:
        return Why(
            code="new_turn",
            zh=f"{since} 上新 · 新品轮流展示",
            en=f"new since {since} · new products take turns here",
        )
    if not buyers:
        return Why("new", zh=f"{since} 上新", en=f"new since {since}")
    return Why(
        code="promising",
        zh=f"{since} 上新 · 已有 {buyers} 人买过",
        en=f"new since {since} · {buyers} people have bought it already",
    )


def why_together(each: Together, name: str) -> Why:
    """Say with what a product is bought, and by how many; `name` is that of the other one."""
    return Why(
        code="also_bought",
        zh=f"买过“{name}”的人中有 {each.both} 人也买了",
        en=f"{each.both} people who bought “{name}” bought this as well",
    )


def why_tonight(progress: Progress, local: datetime) -> Why:
    """Say when a campaign ends; `local` is that instant on the clock of the shop."""
    return Why(
        code="tonight",
        zh=f"今天 {local:%H:%M} 截止 · {_joined_zh(progress)}",
        en=f"ends today at {local:%H:%M} · {_joined_en(progress)}",
    )


def why_nearly(progress: Progress) -> Why:
    """Say how little a group misses; money in units of the shop's currency."""
    unit_zh, unit_en = _UNITS[progress.measure]
    missing = str(progress.missing)
    if progress.measure is Measure.AMOUNT:
        missing = decimal(progress.missing)
    elif progress.missing != 1:
        unit_en += "s"
    return Why(
        code="nearly_formed",
        zh=f"还差 {missing} {unit_zh}成团 · {_joined_zh(progress)}",
        en=f"{missing} more{unit_en} needed · {_joined_en(progress)}",
    )


def _joined_zh(progress: Progress) -> str:
    return f"{progress.joined} 人已参团"


def _joined_en(progress: Progress) -> str:
    return f"{progress.joined} joined"


_UNITS = {
    Measure.BUYERS: ("人", " buyer"),
    Measure.UNITS: ("件", " unit"),
    Measure.AMOUNT: ("元", ""),
}


def decimal(hundredths: int) -> str:
    """Write hundredths with two digits behind the point."""
    return f"{hundredths // 100}.{hundredths % 100:02d}"
