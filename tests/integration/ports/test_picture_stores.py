"""The contract of picture storages in memory, in a folder, and on a server that checks us."""

from datetime import UTC, datetime

import httpx
import pytest

from groupbuy.adapters import pictures_folder, pictures_s3
from groupbuy.adapters.memory.pictures import MemoryPictures
from groupbuy.adapters.pictures_s3.signing import Signer, query
from groupbuy.domain.kernel import Unavailable
from groupbuy.entrypoints.bootstrap import SystemClock
from groupbuy.testing.pictures import KEY, TYPE, PictureStoreContract
from tests.integration.ports.rig import MovingClock
from tests.support.s3 import BUCKET, s3_server


class TestMemoryPictures(PictureStoreContract):
    @pytest.fixture
    def store(self):
        return MemoryPictures(MovingClock())


class TestFolderPictures(PictureStoreContract):
    @pytest.fixture
    def store(self, tmp_path):
        return pictures_folder.build({"folder": str(tmp_path / "pictures")}, SystemClock())

    def test_what_was_never_finished_is_not_listed(self, store):
        store.put(KEY, b"x", TYPE)
        (store.root / "main/public/pic_1/.unfinished-1").write_bytes(b"half")
        assert [file.key for file in store.listed("main/")] == [KEY]

    def test_a_folder_goes_with_its_last_file(self, store):
        store.put(KEY, b"x", TYPE)
        store.delete(KEY)
        assert not (store.root / "main/public/pic_1").exists()

    def test_a_disk_that_fails_is_told_as_such(self, store):
        store.root.mkdir()
        (store.root / "main").write_bytes(b"in the way")
        with pytest.raises((Unavailable, FileExistsError, NotADirectoryError)):
            store.put(KEY, b"x", TYPE)


@pytest.fixture(scope="module")
def server():
    with s3_server() as storage:
        yield storage


class TestS3Pictures(PictureStoreContract):
    @pytest.fixture
    def store(self, server):
        store = pictures_s3.build(server.settings(), SystemClock())
        yield store
        while page := store.listed(""):
            for file in page:
                store.delete(file.key)
        store.close_connections()

    def test_a_wrong_key_opens_nothing(self, server, store):
        store.put(KEY, b"x", TYPE)
        stranger = pictures_s3.build(server.settings(secret_key="guessed"), SystemClock())
        acts = (
            lambda: stranger.get(KEY),
            lambda: stranger.put(KEY, b"y", TYPE),
            lambda: stranger.delete(KEY),
            lambda: stranger.listed("main/"),
        )
        for act in acts:
            with pytest.raises(Unavailable):
                act()
        stranger.close_connections()
        assert store.get(KEY) == b"x"

    def test_nobody_reads_it_without_a_signature(self, server, store):
        store.put(KEY, b"x", TYPE)
        answer = httpx.get(f"{server.endpoint}/{BUCKET}/{KEY}", trust_env=False)
        assert answer.status_code == 403

    def test_a_bucket_that_is_not_there_is_told_as_such(self, server):
        lost = pictures_s3.build(server.settings(bucket="nowhere"), SystemClock())
        with pytest.raises(Unavailable):
            lost.put(KEY, b"x", TYPE)
        with pytest.raises(Unavailable):
            lost.listed("main/")
        lost.close_connections()


def test_a_storage_that_does_not_answer_is_told_as_such(server):
    settings = server.settings(endpoint="http://127.0.0.1:9", timeout_seconds="1")
    silent = pictures_s3.build(settings, SystemClock())
    with pytest.raises(Unavailable):
        silent.get(KEY)
    silent.close_connections()


class May24:
    def now(self):
        return datetime(2013, 5, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    ("url", "headers", "signature"),
    [
        (
            "https://examplebucket.s3.amazonaws.com/test.txt",
            {"range": "bytes=0-9"},
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        ),
        (
            f"https://examplebucket.s3.amazonaws.com/?{query(max_keys='2', prefix='J')}",
            {},
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        ),
    ],
)
def test_a_signature_is_the_one_of_the_specification(url, headers, signature):
    key = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    signed = Signer(*key, "us-east-1", May24()).signed("GET", url, b"", headers)
    assert signed["authorization"].endswith(f"Signature={signature}")
