"""Handing a bag over, with and without a connection: who did it, with which proof, once."""

import hashlib
from datetime import datetime
from enum import StrEnum

from attrs import frozen

OFFLINE_ROUNDS = 10_000
"""Rounds of PBKDF2 for each mark on an offline list: a six-digit code is guessed by trying, so
that trying has to cost something."""
TAIL_DIGITS = 4
ONLINE = "online"
"""The device of whoever was connected."""


class Proof(StrEnum):
    """What somebody showed."""

    CODE = "code"
    PHONE_TAIL = "phone_tail"


@frozen
class HandOver:
    """That a bag was handed over; its id is the bag's, so that there is one. Append-only."""

    id: str
    order_id: str
    by: str
    proof: Proof
    device: str
    """A device that had no connection, or `online`."""
    event_id: str
    """The device's own number of the event; empty online."""
    at: datetime
    """When it happened, by the device's word."""
    recorded_at: datetime


class Outcome(StrEnum):
    """What became of a hand-over that a device tells of."""

    RECORDED = "recorded"
    REPEATED = "repeated"
    """The same event of the same device was told before."""
    CONFLICT = "conflict"
    """A person has to look: the goods may have gone out twice, or to the wrong one."""


class Conflicting(StrEnum):
    """Why a told hand-over was not recorded."""

    UNKNOWN_BAG = "unknown_bag"
    HANDED_OVER_BEFORE = "handed_over_before"
    ORDER_IS_REFUNDED = "order_is_refunded"
    PROOF_IS_WRONG = "proof_is_wrong"
    """Or the code was renewed after the list was taken."""
    TRIES_ARE_USED_UP = "tries_are_used_up"
    OUTSIDE_THE_LIST = "outside_the_list"
    """It names a time at which the list did not hold."""


def offline_mark(salt: str, proof: Proof, bag_id: str, text: str) -> str:
    """Return what an offline list holds instead of a code or the end of a phone number."""
    told = f"{proof.value}/{text}".encode()
    return hashlib.pbkdf2_hmac("sha256", told, f"{salt}/{bag_id}".encode(), OFFLINE_ROUNDS).hex()
