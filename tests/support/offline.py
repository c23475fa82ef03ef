"""Does a built page load anything from another host? `python -m tests.support.offline FOLDER`."""

import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

_LOADS = {"script": "src", "img": "src", "iframe": "src", "link": "href", "source": "src"}
_ONLY_NAMES = {"canonical", "alternate", "author", "license"}


class _Reader(HTMLParser):
    """Collects the addresses that a browser would fetch by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what this element loads; a link that only names something loads nothing."""
        given = dict(attrs)
        address = given.get(_LOADS.get(tag, ""))
        if address and not (tag == "link" and given.get("rel") in _ONLY_NAMES):
            self.fetched.append(address)


def foreign_loads(folder: Path) -> Iterator[str]:
    """Yield `page: address` for everything fetched from another host."""
    for page in sorted(folder.rglob("*.html")):
        reader = _Reader()
        reader.feed(page.read_text(encoding="utf-8"))
        for address in reader.fetched:
            if address.startswith(("http:", "https:", "//")):
                yield f"{page.relative_to(folder)}: {address}"


def main() -> int:
    """Print what is loaded from elsewhere; 1 if anything is."""
    found = list(foreign_loads(Path(sys.argv[1])))
    print("\n".join(found), file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
