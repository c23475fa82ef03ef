"""Where a merchant is paid: said by its staff, sealed under the merchant's own key."""

from datetime import datetime

from attrs import evolve, frozen

from groupbuy.application.steps.payout_accounts import ACCOUNT, HOLDER, checked_account
from groupbuy.application.steps.sealing import open_sealed, seal
from groupbuy.application.write_path import Work
from groupbuy.domain.kernel import Event, NotFound
from groupbuy.domain.membership import Merchant, Role


@frozen
class MerchantAccount:
    """Where a merchant is paid, as far as it may be shown."""

    channel: str
    tail: str
    """The last four characters of the account."""
    changed_at: datetime | None


def change_payout_account(work: Work, channel: str, account: str, name: str) -> MerchantAccount:
    """Keep, sealed, where the caller's merchant is paid. Payouts cool down after every change.

    Payouts asked for before keep the account they were asked for with. Raises Forbidden, NotFound,
    Invalid.
    """
    work.caller.require(Role.MERCHANT)
    plain, holder = checked_account(channel, account, name)
    key = work.caller.merchant_id or ""
    merchant = work.of(Merchant).lock([key]).get(key)
    if merchant is None:
        raise NotFound(kind="merchant", key=key)
    now = work.now()
    if not merchant.data_key:
        merchant = evolve(merchant, data_key=work.kit.vault.new_data_key())
    changed = evolve(
        merchant,
        payout_channel=channel,
        payout_account_sealed=seal(work, merchant, ACCOUNT, plain),
        payout_name_sealed=seal(work, merchant, HOLDER, holder),
        payout_changed_at=now,
    )
    work.of(Merchant).save(changed)
    work.emit([Event("merchant.payout_account_changed", merchant.id, now)])
    work.audit("merchant.payout_account", merchant.id, channel_chosen=channel)
    work.tell(f"merchant:{merchant.id}", f"payout_account.changed.{merchant.version}", merchant.id)
    return MerchantAccount(channel, plain[-4:], now)


def my_payout_account(work: Work) -> MerchantAccount:
    """Return where the caller's merchant is paid. Raises NotFound if that was never said."""
    work.caller.require(Role.MERCHANT)
    key = work.caller.merchant_id or ""
    merchant = work.of(Merchant).find([key]).get(key)
    if merchant is None or not merchant.payout_account_sealed:
        raise NotFound(kind="payout_account", key=key)
    account = open_sealed(work, merchant, ACCOUNT, merchant.payout_account_sealed)
    return MerchantAccount(merchant.payout_channel, account[-4:], merchant.payout_changed_at)
