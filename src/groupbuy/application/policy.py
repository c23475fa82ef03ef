"""What an operator may set, with the defaults of the rules."""

from attrs import frozen

from groupbuy.domain.commission import DEFAULT_RULES, WithdrawalRules


@frozen
class Policy:
    """Settings that rules take as arguments. Durations name their unit."""

    zone: str = "Asia/Shanghai"
    currency: str = "CNY"
    provider: str = "sandbox"
    default_commission_bp: int = 500
    helper_bp: int = 0
    default_fee_bp: int = 100
    correction_hours: int = 48
    session_idle_hours: int = 72
    session_absolute_days: int = 30
    max_attempts: int = 20
    """After so many tries an outside effect waits for an operator."""
    closing_alert_minutes: int = 60
    auto_approve: bool = False
    withdrawals: WithdrawalRules = DEFAULT_RULES
