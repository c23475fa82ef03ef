"""Whether a tracking number looks like one of its carrier: advice, never a refusal."""

import re
from collections.abc import Mapping

SHORTEST, LONGEST = 6, 32
"""Length of the numbers that tracking services take."""
_LOOKS: Mapping[str, re.Pattern[str]] = {
    "shunfeng": re.compile(r"SF\d{12,13}|\d{12}"),
    "jd": re.compile(r"JD[0-9A-Z]{11,15}"),
    "zhongtong": re.compile(r"\d{12,15}|ZTO?\d{10,14}"),
    "yuantong": re.compile(r"YT\d{13}|[A-Z]?\d{10,18}"),
    "yunda": re.compile(r"\d{13,15}|YD\d{11,15}"),
    "shentong": re.compile(r"\d{12,15}|STO?\d{10,14}"),
    "jtexpress": re.compile(r"JT\d{13}"),
    "ems": re.compile(r"[A-Z]{2}\d{9}[A-Z]{2}|\d{13}"),
    "youzhengguonei": re.compile(r"[A-Z]{2}\d{9}[A-Z]{2}|\d{13}"),
    "debangkuaidi": re.compile(r"DPK\d{12}|\d{8,15}"),
}
"""What the numbers of the most used carriers look like; of all others only the length is known."""


def plausible(carrier: str, tracking_number: str) -> bool:
    """Tell whether a number may be one of that carrier's: a hint before a slip goes out.

    A carrier may change its numbers any day, so nothing is refused for it.
    """
    looks = _LOOKS.get(carrier)
    number = tracking_number.upper()
    if looks is None:
        return SHORTEST <= len(number) <= LONGEST
    return looks.fullmatch(number) is not None
