"""Personal data under one key per person, and those keys under a master key.

Sealed text reads `v1:` + base64url(nonce + AES-256-GCM). A data key reads `key id:` + the same,
sealed under the master key of that id; a new master key seals new data keys while old ones can
still be opened, so masters rotate without touching any personal data.
"""

import base64
import hmac
import threading
from collections import OrderedDict
from collections.abc import Mapping

from attrs import define, field
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from groupbuy.adapters.system.chance import CHANCE
from groupbuy.domain.kernel import NotFound

KEY_BYTES = 32
_NONCE_BYTES = 12
_FORMAT = "v1"
_KEPT = 50_000
"""Opened data keys kept in memory, as many as sessions; the least recently used one goes first."""


@define(eq=False)
class AesVault:
    """The `Vault` port. `masters` maps key ids to 32 secret bytes; `current` seals new keys.

    Fingerprints come from the master key named `fingerprint_master` (the first one by default):
    changing that one makes stored fingerprints unfindable.
    """

    _masters: Mapping[str, bytes] = field(repr=False)
    _current: str
    _fingerprint_master: str = ""
    _opened: "OrderedDict[str, AESGCM]" = field(factory=OrderedDict, init=False, repr=False)
    """Ready to use: making a cipher of a key costs more than using it."""
    _lock: threading.Lock = field(factory=threading.Lock, init=False, repr=False)
    _fingerprints: hmac.HMAC = field(init=False, repr=False)
    _derived: dict[str, bytes] = field(factory=dict, init=False, repr=False)
    """The key that wraps data keys, by master."""

    def __attrs_post_init__(self) -> None:
        """Refuse keys that are no keys."""
        named = self._fingerprint_master or next(iter(self._masters), "")
        for key_id in (self._current, named):
            if key_id not in self._masters:
                raise ValueError(f"no master key is called {key_id!r}")
        for key_id, master in self._masters.items():
            if len(master) != KEY_BYTES or not key_id or ":" in key_id:
                raise ValueError(f"master key {key_id!r} is not {KEY_BYTES} bytes under a plain id")
        key = _derived(self._masters[named], b"groupbuy fingerprint")
        self._fingerprints = hmac.new(key, digestmod="sha256")

    def new_data_key(self) -> str:
        """Make a data key for one person, itself encrypted (wrapped); store it with them."""
        return self._wrapped(AESGCM.generate_key(KEY_BYTES * 8))

    def rewrap(self, data_key: str) -> str:
        """Return the same data key under the current master key. Raises NotFound."""
        if data_key.partition(":")[0] == self._current:
            return data_key
        return self._wrapped(self._key_of(data_key))

    def seal(self, data_key: str, bound_to: str, text: str) -> str:
        """Encrypt. `bound_to` (tenant|user|field) must be given again to open it."""
        sealed = _encrypt(self._cipher(data_key), bound_to.encode(), text.encode())
        return f"{_FORMAT}:{sealed}"

    def open(self, data_key: str, bound_to: str, sealed: str) -> str:
        """Decrypt. Raises NotFound if the key is gone or `bound_to` differs."""
        form, _, body = sealed.partition(":")
        if form != _FORMAT:
            raise NotFound(kind="sealed", key=bound_to)
        try:
            return _decrypt(self._cipher(data_key), bound_to.encode(), body).decode()
        except (InvalidTag, ValueError):
            raise NotFound(kind="sealed", key=bound_to) from None

    def fingerprint(self, field: str, text: str) -> str:
        """Return a keyed hash, to find a phone number without storing it readable."""
        said = b"\0".join((field.encode(), text.encode()))
        mac = self._fingerprints.copy()  # looking the algorithm up costs more than using it
        mac.update(said)
        return mac.hexdigest()

    def _wrapped(self, key: bytes) -> str:
        master = self._master(self._current)
        return f"{self._current}:{_encrypt(AESGCM(master), self._current.encode(), key)}"

    def _cipher(self, data_key: str) -> AESGCM:
        with self._lock:
            known = self._opened.get(data_key)
            if known is not None:
                self._opened.move_to_end(data_key)
                return known
        cipher = AESGCM(self._key_of(data_key))
        with self._lock:
            self._opened[data_key] = cipher
            while len(self._opened) > _KEPT:
                self._opened.popitem(last=False)
        return cipher

    def _key_of(self, data_key: str) -> bytes:
        key_id, _, body = data_key.partition(":")
        try:
            master = self._master(key_id)
            return _decrypt(AESGCM(master), key_id.encode(), body)
        except (KeyError, InvalidTag, ValueError):
            raise NotFound(kind="data_key", key=key_id) from None

    def _master(self, key_id: str) -> bytes:
        known = self._derived.get(key_id)
        if known is None:
            known = self._derived[key_id] = _derived(self._masters[key_id], b"groupbuy data keys")
        return known


def _derived(master: bytes, purpose: bytes) -> bytes:
    """Return a key for one purpose, so that no key serves two."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose).derive(master)


def _encrypt(cipher: AESGCM, bound_to: bytes, text: bytes) -> str:
    nonce = CHANCE.draw(_NONCE_BYTES)
    sealed = nonce + cipher.encrypt(nonce, text, bound_to)
    return base64.urlsafe_b64encode(sealed).decode()


def _decrypt(cipher: AESGCM, bound_to: bytes, body: str) -> bytes:
    sealed = base64.b64decode(body, altchars=b"-_", validate=True)
    return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound_to)
