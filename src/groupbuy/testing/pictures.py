"""What every storage of pictures promises, as tests for whoever writes one.

Inherit `PictureStoreContract` in a pytest module and give it the fixture `store`, empty at the
start of each test.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from groupbuy.application.ports import PictureStore
from groupbuy.domain.kernel import NotFound
from groupbuy.testing.refusals import refused

KEY = "main/public/pic_1/750.webp"
TYPE = "image/webp"


class PictureStoreContract:
    """The promises. Needs the fixture `store`."""

    def test_a_file_comes_back_as_it_was_put(self, store: PictureStore) -> None:
        """Every byte, none of them read as text; an empty file is a file."""
        every = bytes(range(256)) * 1_000
        store.put(KEY, every, TYPE)
        store.put(f"{KEY}.empty", b"", TYPE)
        assert store.get(KEY) == every
        assert store.get(f"{KEY}.empty") == b""

    def test_a_file_put_twice_is_the_second_one(self, store: PictureStore) -> None:
        """Nothing of the first is left, however long it was."""
        store.put(KEY, b"a long one" * 100, TYPE)
        store.put(KEY, b"short", TYPE)
        assert store.get(KEY) == b"short"
        assert [file.key for file in store.listed("main/")] == [KEY]

    def test_what_is_not_there_is_not_found(self, store: PictureStore) -> None:
        """Nor is a folder a file."""
        store.put(KEY, b"x", TYPE)
        for key in ("main/public/pic_2/750.webp", "main/public/pic_1", f"{KEY}/deeper"):
            with refused(NotFound):
                store.get(key)

    def test_a_file_that_is_deleted_is_gone_and_may_be_deleted_again(
        self, store: PictureStore
    ) -> None:
        """Its neighbours stay."""
        store.put(KEY, b"x", TYPE)
        store.put(f"{KEY}.2", b"y", TYPE)
        for _ in range(2):
            store.delete(KEY)
        store.delete("never/there")
        with refused(NotFound):
            store.get(KEY)
        assert store.get(f"{KEY}.2") == b"y"

    def test_a_listing_is_in_order_and_goes_on_where_it_ended(self, store: PictureStore) -> None:
        """Signs sort as bytes do; other prefixes are left out."""
        names = ("a", "a-b/1", "a.b/1", "a/b/2", "a/c", "a0/1", "B", "b_1")
        keys = [f"main/{name}/f.webp" for name in names]
        for key in (*keys, "main-2/x", "mai/x", "other/x"):
            store.put(key, b"x", TYPE)
        seen: list[str] = []
        while page := store.listed("main/", seen[-1] if seen else "", 3):
            assert len(page) <= 3
            seen += [file.key for file in page]
        assert seen == sorted(keys)
        assert [file.key for file in store.listed("main/a/")] == [
            key for key in seen if key.startswith("main/a/")
        ]
        assert store.listed("nowhere/") == []

    def test_a_listing_tells_when_a_file_was_written(self, store: PictureStore) -> None:
        """In aware time, newer once it is written again."""
        store.put(KEY, b"x", TYPE)
        (first,) = store.listed("main/")
        store.put(KEY, b"y", TYPE)
        (again,) = store.listed("main/")
        assert first.at.utcoffset() == timedelta(0)
        assert again.at >= first.at

    @pytest.mark.parametrize(
        "key",
        ["", "/a", "a/", "a//b", "../a", "a/../b", "a/./b", ".a", "a/.b", "a b", "a\nb", "a\\b"],
    )
    def test_what_is_no_key_is_refused(self, store: PictureStore, key: str) -> None:
        """No name leads out of the storage."""
        for act in (store.get, store.delete, lambda each: store.put(each, b"x", TYPE)):
            with pytest.raises(ValueError, match="not a key"):
                act(key)

    def test_a_file_is_whole_whoever_writes_it_at_once(self, store: PictureStore) -> None:
        """One of them has written the last one; nobody reads a mixture."""
        bodies = [bytes([letter]) * 50_000 for letter in b"abcd"]
        store.put(KEY, bodies[0], TYPE)

        def write(body: bytes) -> bytes:
            store.put(KEY, body, TYPE)
            return store.get(KEY)

        with ThreadPoolExecutor(4) as pool:
            read = list(pool.map(write, bodies * 4))
        assert set(read) <= set(bodies)
