"""`python -m tests.support.transcripts [FAMILY …]`: write the pages again."""

import sys

from tests.support.transcripts.playing import FAMILIES, GOLDEN, path_of, play
from tests.support.transcripts.stage import LANGS


def main() -> None:
    """Play what is named, or everything; pages of what is gone are removed."""
    wanted = sys.argv[1:] or list(FAMILIES)
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for name in wanted:
        for lang in LANGS:
            path_of(name, lang).write_text(play(name, lang).page, encoding="utf-8")
    known = {path_of(name, lang) for name in FAMILIES for lang in LANGS}
    for path in set(GOLDEN.glob("*.txt")) - known:
        path.unlink()


if __name__ == "__main__":
    main()
