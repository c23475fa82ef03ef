"""Why something is shown, in words that anybody can check against the figures."""

from datetime import date

from attrs import frozen

from groupbuy.domain.discovery import Heat


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


def decimal(hundredths: int) -> str:
    """Write hundredths with two digits behind the point."""
    return f"{hundredths // 100}.{hundredths % 100:02d}"
