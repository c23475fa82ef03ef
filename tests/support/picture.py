"""Pictures of a run for the READMEs: `python -m tests.support.picture` plays the demo, draws it.

What is drawn is what the demo printed, line by line; nothing is added and nothing left out.
"""

import subprocess
import sys
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text

from tests.support.source import ROOT

PICTURES = {
    "en": ROOT / "docs" / "pictures" / "demo.en.svg",
    "zh": ROOT / "docs" / "pictures" / "demo.zh.svg",
}
"""By language."""
COLUMNS = 108
FONTS = "ui-monospace, 'Noto Sans Mono CJK SC', 'Sarasa Mono SC', Menlo, Consolas, monospace"
_FRAME = """<svg class="rich-terminal" viewBox="0 0 {width} {height}" \
xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: FONTS; font-size: {char_height}px; \
line-height: {line_height}px; font-variant-east-asian: full-width; }}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: FONTS; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
""".replace("FONTS", FONTS)  # the browser's own fonts: a picture must load nothing


def played(language: str) -> str:
    """Play the demo from beginning to end; return what it said. Raises if it found anything."""
    programs = Path(sys.executable).parent
    done = subprocess.run(
        [str(programs / "groupbuy"), "demo", "--lang", language],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
        env={"PATH": str(programs), "COLUMNS": str(COLUMNS), "LC_ALL": "C.UTF-8"},
    )
    return done.stdout


def drawn(said: str) -> str:
    """Draw what a terminal would show."""
    console = Console(record=True, width=COLUMNS, file=StringIO(), legacy_windows=False)
    console.print(Text("$ groupbuy demo", style="bold"))
    console.print(Text.from_ansi(said.strip("\n")), soft_wrap=True)
    return console.export_svg(title="groupbuy demo", code_format=_FRAME, unique_id="demo")


def main() -> int:
    """Write the pictures."""
    for language, path in PICTURES.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(drawn(played(language)), encoding="utf-8")
        print(f"{path.relative_to(ROOT)} drawn")
    return 0


if __name__ == "__main__":
    sys.exit(main())
