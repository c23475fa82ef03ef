"""Four requests are all we ask of a bucket: put, get, delete, list."""

import re
import time
from contextlib import suppress
from datetime import datetime
from xml.etree.ElementTree import Element, ParseError, fromstring

import httpx
from attrs import frozen

from groupbuy.adapters.pictures_s3.signing import Signer, query
from groupbuy.application.ports import StoredFile
from groupbuy.domain.kernel import NotFound, Unavailable

_KEY = re.compile(r"[\w-][\w.-]*(/[\w-][\w.-]*)*", re.ASCII)
PAUSES = (0.1, 0.2, 0.4, 0.8)
"""Seconds before one thing is asked again; after the last one the storage counts as silent."""
_XML_AT_MOST = 4 * 1024 * 1024


@frozen(eq=False)
class S3Pictures:
    """PictureStore over HTTP; may be shared by threads. Buckets are addressed by path."""

    _http: httpx.Client
    _signer: Signer
    _bucket: str
    """Address of the bucket."""

    def put(self, key: str, data: bytes, media_type: str) -> None:
        """Write a file."""
        self._call("PUT", f"/{_checked(key)}", data, {"content-type": media_type})

    def get(self, key: str) -> bytes:
        """Return a file. Raises NotFound."""
        answer = self._call("GET", f"/{_checked(key)}")
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise NotFound(kind="file", key=key)
        return answer.content

    def delete(self, key: str) -> None:
        """Remove a file."""
        self._call("DELETE", f"/{_checked(key)}")

    def listed(self, prefix: str, after: str = "", limit: int = 1_000) -> list[StoredFile]:
        """Return files by key; a bucket tells at most a thousand at a time."""
        asked = query(list_type="2", max_keys=str(limit), prefix=prefix, start_after=after)
        answer = self._call("GET", f"?{asked}")
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise Unavailable(what="pictures")
        return [_file(each) for each in _read(answer.content).iterfind("{*}Contents")]

    def close_connections(self) -> None:
        """Close all connections."""
        self._http.close()

    def _call(
        self, method: str, place: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> httpx.Response:
        """Return an answer that is a success or a 404. Raises Unavailable for anything else.

        All we ask may be asked twice; a storage that is busy says 500 or 503, and wants pauses
        that grow (Amazon S3 User Guide, "Best practices design patterns: retries").
        """
        url = f"{self._bucket}{place}"
        answer: httpx.Response | None = None
        for pause in (*PAUSES, 0):
            signed = self._signer.signed(method, url, body, headers)
            with suppress(httpx.HTTPError):
                answer = self._http.request(method, url, content=body or None, headers=signed)
            if answer is not None and not answer.is_server_error:
                break
            time.sleep(pause)
        if answer is None:
            raise Unavailable(what="pictures")
        missing = method != "PUT" and answer.status_code == httpx.codes.NOT_FOUND
        if not (answer.is_success or missing):
            raise Unavailable(what="pictures")
        return answer


def _checked(key: str) -> str:
    if not _KEY.fullmatch(key):
        raise ValueError("not a key")
    return key


def _read(body: bytes) -> Element:
    """Read a listing. Raises Unavailable for what is none."""
    if len(body) > _XML_AT_MOST or b"<!" in body[:1_000]:
        raise Unavailable(what="pictures")
    try:
        return fromstring(body)  # noqa: S314  without a document type there are no entities
    except ParseError as error:
        raise Unavailable(what="pictures") from error


def _file(entry: Element) -> StoredFile:
    key, at = entry.findtext("{*}Key"), entry.findtext("{*}LastModified")
    if not key or not at:
        raise Unavailable(what="pictures")
    return StoredFile(key, datetime.fromisoformat(at))
