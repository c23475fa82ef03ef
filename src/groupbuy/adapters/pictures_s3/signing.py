"""AWS Signature Version 4 for whole, small bodies: the form every S3 storage understands."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote, urlsplit

from attrs import field, frozen

from groupbuy.application.ports import Clock

_ALGORITHM = "AWS4-HMAC-SHA256"


@frozen
class Signer:
    """Signs requests with one key. The specification is Amazon's "Authenticating Requests"."""

    _access_key: str
    _secret_key: str = field(repr=False)
    _region: str
    _clock: Clock

    def signed(
        self, method: str, url: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> dict[str, str]:
        """Return all headers of a request, its signature among them.

        Path and query of `url` are percent-encoded already; query names stand in order.
        """
        place, now = urlsplit(url), self._clock.now()
        hashed = hashlib.sha256(body).hexdigest()
        sent = {
            **(headers or {}),
            "host": place.netloc,
            "x-amz-content-sha256": hashed,
            "x-amz-date": now.strftime("%Y%m%dT%H%M%SZ"),
        }
        names = ";".join(sorted(sent))
        lines = "".join(f"{name}:{sent[name].strip()}\n" for name in sorted(sent))
        canonical = f"{method}\n{place.path}\n{place.query}\n{lines}\n{names}\n{hashed}"
        scope = f"{now:%Y%m%d}/{self._region}/s3/aws4_request"
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        text = "\n".join([_ALGORITHM, sent["x-amz-date"], scope, digest])
        signature = hmac.new(self._key(now), text.encode(), hashlib.sha256).hexdigest()
        said = f"Credential={self._access_key}/{scope},SignedHeaders={names},Signature={signature}"
        return {**sent, "authorization": f"{_ALGORITHM} {said}"}

    def _key(self, now: datetime) -> bytes:
        key = f"AWS4{self._secret_key}".encode()
        for word in (f"{now:%Y%m%d}", self._region, "s3", "aws4_request"):
            key = hmac.digest(key, word.encode(), hashlib.sha256)
        return key


def query(**values: str) -> str:
    """Return a query the way it is signed: names in order, everything else encoded."""
    named = {name.replace("_", "-"): value for name, value in values.items()}
    return "&".join(f"{name}={quote(named[name], safe='-_.~')}" for name in sorted(named))
