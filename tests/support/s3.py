"""An S3 server of our own that checks every signature, in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from attrs import frozen

ROOT_KEY = ("testing", "testing-secret")
BUCKET = "groupbuy-test"
_SERVE = """
import sys, warnings
warnings.simplefilter("ignore")
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
server.stop()
"""


@frozen
class Storage:
    """Where the server listens, and the one key it knows."""

    endpoint: str
    access_key: str
    secret_key: str

    def settings(self, **more: str) -> dict[str, str]:
        """Return what the adapter is built from."""
        return {
            "endpoint": self.endpoint,
            "bucket": BUCKET,
            "region": "us-east-1",
            "access_key": self.access_key,
            "secret_key": self.secret_key,
            "timeout_seconds": "20",
            **more,
        }


@contextmanager
def s3_server() -> Iterator[Storage]:
    """Run the server; it ends with the block. It has one bucket and one user who may use it."""
    env = {**os.environ, "MOTO_S3_CUSTOM_ENDPOINTS": ""}
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=env,
    )
    try:
        assert process.stdout is not None
        endpoint = f"http://127.0.0.1:{process.stdout.readline().strip()}"
        yield _prepared(endpoint)
    finally:
        process.communicate("")


def _prepared(endpoint: str) -> Storage:
    with httpx.Client(base_url=endpoint, trust_env=False, timeout=30) as http:
        key = _new_user(http)
        assert http.put(f"/{BUCKET}").is_success
        # From now on nothing passes without a valid signature.
        assert http.post("/moto-api/reset-auth", content=b"0").is_success
    return Storage(endpoint, *key)


def _new_user(http: httpx.Client) -> tuple[str, str]:
    """Make a user who may do anything with S3; return name and secret of their key."""
    policy = (
        '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}'
    )
    _iam(http, Action="CreateUser", UserName="shop")
    _iam(
        http,
        Action="PutUserPolicy",
        UserName="shop",
        PolicyName="all",
        PolicyDocument=policy,
    )
    made = _iam(http, Action="CreateAccessKey", UserName="shop")
    return _between(made, "AccessKeyId"), _between(made, "SecretAccessKey")


def _iam(http: httpx.Client, **said: str) -> str:
    signed = "AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/iam/aws4_request"
    answer = http.post(
        "/", data={**said, "Version": "2010-05-08"}, headers={"Authorization": signed}
    )
    assert answer.is_success, answer.text
    return answer.text


def _between(text: str, name: str) -> str:
    return text.partition(f"<{name}>")[2].partition(f"</{name}>")[0]
