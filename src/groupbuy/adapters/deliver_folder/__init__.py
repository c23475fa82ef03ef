"""Files put into a folder: one for each tenant and address; a repeat replaces its own file."""

import re
from collections.abc import Mapping
from pathlib import Path

from attrs import frozen

from groupbuy.application.ports.delivery import Letter
from groupbuy.domain.kernel import Invalid, Unavailable

__all__ = ["FolderDelivery", "build"]

_ADDRESS = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}")
_TENANT = re.compile(r"[A-Za-z0-9_-]{1,80}")


@frozen
class FolderDelivery:
    """Delivery into folders below one."""

    root: Path

    def check(self, address: str) -> None:
        """Raise Invalid for an address that is no plain name of a folder."""
        if not _ADDRESS.fullmatch(address):
            raise Invalid(field="to", reason="must have 1 to 60 plain letters")

    def deliver(self, tenant: str, letter: Letter) -> None:
        """Put the file in place, whole: whoever reads there never sees half of one."""
        self.check(letter.to)
        if not _TENANT.fullmatch(tenant):
            raise Invalid(field="tenant", reason="must have 1 to 80 plain letters")
        folder = self.root / tenant / letter.to
        path = folder / Path(letter.file.name).name
        part = path.with_name(f".{path.name}.part")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            part.write_bytes(letter.file.content)
            part.replace(path)
        except OSError as error:
            raise Unavailable(what="report folder") from error


def build(settings: Mapping[str, str]) -> FolderDelivery:
    """Build from `folder`, below which everything goes."""
    return FolderDelivery(Path(settings.get("folder") or "reports"))
