"""Master keys of personal data: read, or made for development with a loud warning."""

import base64
import binascii
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

import structlog

from groupbuy.domain.kernel import Invalid
from groupbuy.entrypoints.settings import Settings

KEY_BYTES = 32
DEVELOPMENT = "dev"
"""Prefix of the id of a key that was made here and not by an operator."""


def master_keys(settings: Settings) -> Mapping[str, bytes]:
    """Return the keys by id, the one that seals first.

    A development key is made once, beside the database. Raises Invalid for keys that are none,
    and in production for none and for development keys.
    """
    text = settings.keys.master.get_secret_value() or _from_file(settings)
    keys = parse(text)
    if settings.production and any(name.startswith(DEVELOPMENT) for name in keys):
        raise Invalid(field="keys.master", reason="production refuses development keys")
    return keys


def parse(text: str) -> dict[str, bytes]:
    """Read `id:base64,id:base64`. Raises Invalid without repeating any of it."""
    keys = dict[str, bytes]()
    for part in text.replace("\n", ",").split(","):
        name, _, coded = part.strip().partition(":")
        if name:
            keys[name] = _decoded(coded)
    if not keys:
        raise Invalid(field="keys.master", reason="holds no key")
    return keys


def generated(name: str = DEVELOPMENT) -> str:
    """Make a key, in the form the setting wants."""
    return f"{name}:{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}"


def _decoded(coded: str) -> bytes:
    try:
        key = base64.b64decode(coded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Invalid(field="keys.master", reason="is not base64") from error
    if len(key) != KEY_BYTES:
        raise Invalid(field="keys.master", reason=f"a key is {KEY_BYTES} bytes")
    return key


def _from_file(settings: Settings) -> str:
    path = settings.key_file
    if path.exists():
        return path.read_text(encoding="ascii", errors="replace")
    if settings.production or settings.keys.file:
        raise Invalid(field="keys.master", reason="is missing")
    return _made(path)


def _made(path: Path) -> str:
    """Make a development key. Whoever comes second, of two processes, reads the first one's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.touch(mode=0o600)
    fresh.write_text(generated() + "\n", encoding="ascii")
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass
    else:
        structlog.get_logger().warning(
            "DEVELOPMENT KEY made: whoever has this file reads all personal data",
            file=path.name,
        )
    finally:
        fresh.unlink()
    return path.read_text(encoding="ascii")
