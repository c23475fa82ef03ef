"""Playing one family of commands in one language, in a folder of its own."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from groupbuy.entrypoints.keys import generated
from tests.support.source import ROOT
from tests.support.transcripts import (
    desk,
    goods,
    house,
    installation,
    money,
    points,
    reaching,
    sharing,
)
from tests.support.transcripts.seed import NOVEMBER, seeded
from tests.support.transcripts.stage import Stage

GOLDEN = ROOT / "tests" / "integration" / "golden" / "cli"
Family = Callable[[Stage], None]
_BARE: dict[str, Family] = {each.__name__: each for each in installation.FAMILIES}
FAMILIES: dict[str, Family] = _BARE | {
    each.__name__: each
    for each in (
        *money.FAMILIES,
        *goods.FAMILIES,
        *house.FAMILIES,
        *desk.FAMILIES,
        *sharing.FAMILIES,
        *points.FAMILIES,
        *reaching.FAMILIES,
    )
}
"""Every family by its name, which is the name of its file too."""


def play(name: str, lang: str) -> Stage:
    """Play a family from the beginning; the stage that is returned has its page."""
    family = FAMILIES[name]
    with _folder():
        stage = Stage(lang) if name in _BARE else seeded(lang)
        stage.lines.append(f"# {family.__doc__}")
        family(stage)
    return stage


def path_of(name: str, lang: str) -> Path:
    """Return where a page is kept."""
    return GOLDEN / f"{name}.{lang}.txt"


@contextmanager
def _folder() -> Iterator[None]:
    """Lend an empty folder to work in, and settings that are nobody's own."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="groupbuy-transcript-")))
        stack.callback(os.chdir, Path.cwd())
        kept = {name: value for name, value in os.environ.items() if "GROUPBUY_" not in name}
        said = {
            "LC_ALL": "C.UTF-8",
            "COLUMNS": "100",
            "GROUPBUY_CLOCK_FILE": "../now",
            "GROUPBUY_KEYS_MASTER": generated(),
            "GROUPBUY_PROVIDER_BASE_URL": "http://127.0.0.1:1",
        }
        stack.enter_context(patch.dict(os.environ, {**kept, **said}, clear=True))
        (folder / "now").write_text(NOVEMBER.isoformat(), encoding="ascii")
        (folder / "work").mkdir()
        os.chdir(folder / "work")
        yield
