"""Pictures in a bucket of any storage that speaks the S3 protocol."""

from collections.abc import Mapping

import httpx

from groupbuy.adapters.pictures_s3.client import S3Pictures
from groupbuy.adapters.pictures_s3.signing import Signer
from groupbuy.application.ports import Clock


def build(settings: Mapping[str, str], clock: Clock) -> S3Pictures:
    """Build from flat settings: `endpoint`, `bucket`, `region`, `access_key`, `secret_key`,
    `timeout_seconds`.
    """  # noqa: D205  one sentence
    signer = Signer(settings["access_key"], settings["secret_key"], settings["region"], clock)
    timeout = httpx.Timeout(float(settings["timeout_seconds"]))
    return S3Pictures(
        httpx.Client(timeout=timeout, trust_env=False),
        signer,
        f"{settings['endpoint'].rstrip('/')}/{settings['bucket']}",
    )
