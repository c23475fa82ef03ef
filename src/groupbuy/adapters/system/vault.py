"""Personal data under one key per person, and those keys under a master key.

Sealed text reads `v1:` + base64url(nonce + AES-256-GCM). A data key reads `key id:` + the same,
sealed under the master key of that id; a new master key seals new data keys while old ones can
still be opened, so masters rotate without touching any personal data.
"""

import base64
import hashlib
import hmac
import os
import threading
from collections import OrderedDict
from collections.abc import Mapping

from attrs import define, field
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from groupbuy.domain.kernel import NotFound

KEY_BYTES = 32
_NONCE_BYTES = 12
_FORMAT = "v1"
_KEPT = 4096
"""Opened data keys kept in memory; the least recently used one goes first."""


@define(eq=False)
class AesVault:
    """The `Vault` port. `masters` maps key ids to 32 secret bytes; `current` seals new keys.

    Fingerprints come from the master key named `fingerprint_master` (the first one by default):
    changing that one makes stored fingerprints unfindable.
    """

    _masters: Mapping[str, bytes] = field(repr=False)
    _current: str
    _fingerprint_master: str = ""
    _opened: "OrderedDict[str, bytes]" = field(factory=OrderedDict, init=False, repr=False)
    _lock: threading.Lock = field(factory=threading.Lock, init=False, repr=False)
    _fingerprint_key: bytes = field(default=b"", init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        """Refuse keys that are no keys."""
        named = self._fingerprint_master or next(iter(self._masters), "")
        for key_id in (self._current, named):
            if key_id not in self._masters:
                raise ValueError(f"no master key is called {key_id!r}")
        for key_id, master in self._masters.items():
            if len(master) != KEY_BYTES or not key_id or ":" in key_id:
                raise ValueError(f"master key {key_id!r} is not {KEY_BYTES} bytes under a plain id")
        self._fingerprint_key = _derived(self._masters[named], b"groupbuy fingerprint")

    def new_data_key(self) -> str:
        """Make a data key for one person, itself encrypted (wrapped); store it with them."""
        return self._wrapped(AESGCM.generate_key(KEY_BYTES * 8))

    def rewrap(self, data_key: str) -> str:
        """Return the same data key under the current master key. Raises NotFound."""
        if data_key.partition(":")[0] == self._current:
            return data_key
        return self._wrapped(self._unwrapped(data_key))

    def seal(self, data_key: str, bound_to: str, text: str) -> str:
        """Encrypt. `bound_to` (tenant|user|field) must be given again to open it."""
        sealed = _encrypt(self._unwrapped(data_key), bound_to.encode(), text.encode())
        return f"{_FORMAT}:{sealed}"

    def open(self, data_key: str, bound_to: str, sealed: str) -> str:
        """Decrypt. Raises NotFound if the key is gone or `bound_to` differs."""
        form, _, body = sealed.partition(":")
        if form != _FORMAT:
            raise NotFound(kind="sealed", key=bound_to)
        try:
            return _decrypt(self._unwrapped(data_key), bound_to.encode(), body).decode()
        except (InvalidTag, ValueError):
            raise NotFound(kind="sealed", key=bound_to) from None

    def fingerprint(self, field: str, text: str) -> str:
        """Return a keyed hash, to find a phone number without storing it readable."""
        said = b"\0".join((field.encode(), text.encode()))
        return hmac.new(self._fingerprint_key, said, hashlib.sha256).hexdigest()

    def _wrapped(self, key: bytes) -> str:
        master = _derived(self._masters[self._current], b"groupbuy data keys")
        return f"{self._current}:{_encrypt(master, self._current.encode(), key)}"

    def _unwrapped(self, data_key: str) -> bytes:
        with self._lock:
            known = self._opened.get(data_key)
            if known is not None:
                self._opened.move_to_end(data_key)
                return known
        key_id, _, body = data_key.partition(":")
        try:
            master = _derived(self._masters[key_id], b"groupbuy data keys")
            key = _decrypt(master, key_id.encode(), body)
        except (KeyError, InvalidTag, ValueError):
            raise NotFound(kind="data_key", key=key_id) from None
        with self._lock:
            self._opened[data_key] = key
            while len(self._opened) > _KEPT:
                self._opened.popitem(last=False)
        return key


def _derived(master: bytes, purpose: bytes) -> bytes:
    """Return a key for one purpose, so that no key serves two."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose).derive(master)


def _encrypt(key: bytes, bound_to: bytes, text: bytes) -> str:
    nonce = os.urandom(_NONCE_BYTES)
    sealed = nonce + AESGCM(key).encrypt(nonce, text, bound_to)
    return base64.urlsafe_b64encode(sealed).decode()


def _decrypt(key: bytes, bound_to: bytes, body: str) -> bytes:
    sealed = base64.b64decode(body, altchars=b"-_", validate=True)
    return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound_to)
