"""Making what a run prints the same in every run: ids, numbers and digests by their turn."""

import re

from attrs import define, field

_ULID = "[0-9A-HJKMNP-TV-Z]{26}"
_THINGS = re.compile(rf"\b(?:([a-z]{{3}})_|([A-Z]))({_ULID})\b|\b[0-9a-f]{{12,64}}\b")

_TYPED = "0" * 8
"""What begins so is the number of a seal or was typed; a digest may happen to be all digits."""


@define
class Plain:
    """Names things in the order in which they are first seen: `ord_1`, `ord_2`, `DIGEST-1`."""

    _seen: dict[str, str] = field(factory=dict)
    _count: dict[str, int] = field(factory=dict)

    def __call__(self, text: str) -> str:
        """Return text with every id, provider's number and digest named by its turn."""
        return _THINGS.sub(self._name, text)

    def _name(self, found: "re.Match[str]") -> str:
        whole = found[0]
        if whole.startswith(_TYPED):
            return whole
        known = next((full for full in self._seen if full.startswith(whole)), whole)
        if known not in self._seen:
            kind = found[1] or found[2] or "DIGEST"
            self._count[kind] = self._count.get(kind, 0) + 1
            mark = "-" if kind == "DIGEST" else ("_" if found[1] else "#")
            self._seen[known] = f"{kind}{mark}{self._count[kind]}"
        return self._seen[known]
