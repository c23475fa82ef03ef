"""Removing files that no row names: rows of pictures nobody shows are forgotten by themselves."""

from collections.abc import Iterator
from datetime import timedelta

from groupbuy.application.ports import PictureStore, StoredFile
from groupbuy.application.write_path import Caller, Desk
from groupbuy.domain.pictures import PRIVATE, PUBLIC, Picture

PAGE = 1_000
"""Files looked at by one transaction."""
UPLOADING = timedelta(hours=2)
"""Younger files may belong to an upload whose row is not committed yet."""


def sweep(desk: Desk, store: PictureStore, tenant: str, *, dry_run: bool = False) -> int:
    """Remove files without a row; return how many there were. Raises Unavailable."""
    caller = Caller.system(tenant)
    return sum(_page(desk, store, caller, page, dry_run=dry_run) for page in _pages(store, tenant))


def _pages(store: PictureStore, tenant: str) -> Iterator[list[StoredFile]]:
    for shelf in (PRIVATE, PUBLIC):
        prefix, after = f"{tenant}/{shelf}/", ""
        while page := store.listed(prefix, after, PAGE):
            yield page
            after = page[-1].key


def _page(
    desk: Desk, store: PictureStore, caller: Caller, page: list[StoredFile], *, dry_run: bool
) -> int:
    owners = {file.key: file.key.split("/")[2] for file in page}
    # The rows are read after the listing: a file is written before its row, never behind it.
    known = desk.read(caller, lambda work: work.of(Picture).find(set(owners.values())))
    young = desk.kit.clock.now() - UPLOADING
    orphans = [f.key for f in page if owners[f.key] not in known and f.at < young]
    for key in () if dry_run else orphans:
        store.delete(key)
    return len(orphans)
