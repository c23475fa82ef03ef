"""Personal data sealed under one person's key, bound to tenant, person and field."""

from typing import Protocol

from groupbuy.application.ports import Vault
from groupbuy.application.write_path import Caller, Work
from groupbuy.domain.ordering import Contact

NAME = "name"
"""A person's display name."""
ORDER_NOTE = "order.note"
"""What a buyer writes to whoever packs the goods."""
AFTER_SALE_TEXT = "after_sale.text"
"""What a buyer says about goods they want to give back."""
AFTER_SALE_ANSWER = "after_sale.answer"
"""What the merchant says to that."""
AFTER_SALE_APPEAL = "after_sale.appeal"
"""Why a buyer asks an operator to decide."""
AFTER_SALE_RULING = "after_sale.ruling"
"""What the operator says to both."""
DISPUTE_TEXT = "dispute.text"
"""Why somebody doubts a line of a statement."""
DISPUTE_ANSWER = "dispute.answer"
"""What finance says to that."""
FEEDBACK_TEXT = "feedback.text"
"""What is said in feedback, by whomever."""
CORRECTION = "order.correction"
"""What a merchant asks a buyer to mend."""


class KeyHolder(Protocol):
    """A person, or a merchant: whoever has a data key of their own."""

    @property
    def id(self) -> str:
        """Their id."""
        ...

    @property
    def data_key(self) -> str:
        """Their wrapped key; empty if there is none."""
        ...


def bound_to(tenant: str, user_id: str, name: str) -> str:
    """Return what a sealed text is bound to: moved to another person or field it will not open."""
    return f"{tenant}|{user_id}|{name}"


def seal(work: Work, owner: KeyHolder, name: str, text: str) -> str:
    """Encrypt a field of one person; nothing stays nothing."""
    if not text:
        return ""
    where = bound_to(work.caller.tenant, owner.id, name)
    return work.kit.vault.seal(owner.data_key, where, text)


def open_sealed(work: Work, owner: KeyHolder, name: str, sealed: str) -> str:
    """Decrypt a field. Raises NotFound once the person was erased."""
    if not sealed:
        return ""
    where = bound_to(work.caller.tenant, owner.id, name)
    return work.kit.vault.open(owner.data_key, where, sealed)


def seal_contact(vault: Vault, caller: Caller, contact: Contact) -> Contact:
    """Seal name, phone and street of the caller's own contact; the phone's end stays readable.

    Needs no transaction: a login carries the caller's wrapped key.
    """
    return Contact(
        name=seal_own(vault, caller, "contact_name", contact.name),
        phone=seal_own(vault, caller, "contact_phone", contact.phone),
        address=seal_own(vault, caller, "contact_address", contact.address),
        region=contact.region,
        phone_tail=contact.phone[-4:],
    )


def seal_own(vault: Vault, caller: Caller, name: str, text: str) -> str:
    """Encrypt a field of the caller's own, without a transaction; nothing stays nothing."""
    where = bound_to(caller.tenant, caller.user_id, name)
    return vault.seal(caller.data_key, where, text) if text else ""


def open_own(vault: Vault, caller: Caller, name: str, sealed: str) -> str:
    """Decrypt a field of the caller's own, without a transaction."""
    where = bound_to(caller.tenant, caller.user_id, name)
    return vault.open(caller.data_key, where, sealed) if sealed else ""
