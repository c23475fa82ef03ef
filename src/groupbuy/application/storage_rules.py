"""What every storage keeps, whatever it is made of: keys, and kinds that are added only once."""

from collections.abc import Mapping

from attrs import frozen

from groupbuy.application.ports.persistence import Task
from groupbuy.domain.aftersale import AfterSale
from groupbuy.domain.catalogue import Product, Variant
from groupbuy.domain.commission import Dispute, Statement
from groupbuy.domain.community import Review
from groupbuy.domain.invoicing import Invoice
from groupbuy.domain.logistics import ParcelTrouble
from groupbuy.domain.membership import Notice, User
from groupbuy.domain.payments import Refund


@frozen
class UniqueKey:
    """No two things of one tenant agree in all of these attributes.

    On a distributed engine the promise holds within a cell. A key whose first part is empty text
    does not count where `unless_empty` is set.
    """

    names: tuple[str, ...]
    unless_empty: bool = False


UNIQUE_KEYS: Mapping[type, tuple[UniqueKey, ...]] = {
    Product: (UniqueKey(("merchant_id", "code")),),
    Variant: (UniqueKey(("merchant_id", "code")),),
    User: (UniqueKey(("phone_fingerprint",), unless_empty=True),),
    AfterSale: (UniqueKey(("open_line",), unless_empty=True),),
    Invoice: (UniqueKey(("open_order",), unless_empty=True),),
    Review: (UniqueKey(("line_key",)),),
    ParcelTrouble: (UniqueKey(("open_parcel",), unless_empty=True),),
    Refund: (UniqueKey(("payment_id", "cause", "effect_key")),),
    Statement: (UniqueKey(("leader_id", "period")),),
    Dispute: (UniqueKey(("open_line",), unless_empty=True),),
}
"""Taking a key that exists is a Conflict."""

ONCE: frozenset[type] = frozenset({Task, Notice})
"""Adding one that exists already does nothing: the effect was staged before."""
