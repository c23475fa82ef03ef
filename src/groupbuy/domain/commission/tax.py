"""Income tax withheld at payout: one strategy an operator chooses. Amounts are fen of CNY."""

from enum import StrEnum

from attrs import frozen

from groupbuy.domain.kernel import BASIS_POINTS

EXEMPT_MONTHLY = 500_000
"""¥5 000 a month stay free of tax under the cumulative method."""

_LABOUR = ((2_000_000, 2_000, 0), (5_000_000, 3_000, 200_000), (None, 4_000, 700_000))
"""(taxable income up to, rate in basis points, quick deduction) of labour service income."""
_YEARLY = (
    (3_600_000, 300, 0),
    (14_400_000, 1_000, 252_000),
    (30_000_000, 2_000, 1_692_000),
    (42_000_000, 2_500, 3_192_000),
    (66_000_000, 3_000, 5_292_000),
    (96_000_000, 3_500, 8_592_000),
    (None, 4_500, 18_192_000),
)
"""The same for comprehensive income of a calendar year."""


class TaxMethod(StrEnum):
    """How much an operator withholds when it pays somebody out."""

    NONE = "none"
    """The leader declares it; nothing is withheld."""
    LABOUR_SERVICE = "labour_service"
    """Each payment for itself."""
    PLATFORM_CUMULATIVE = "platform_cumulative"
    """By the year so far, as platforms report income since October 2025."""


@frozen
class YearSoFar:
    """What one person earned and paid in this calendar year, before the payment at hand."""

    income: int = 0
    withheld: int = 0
    months: int = 1
    """Months since the first income of the year, the current one included."""


NOTHING_YET = YearSoFar()


def tax_on(method: TaxMethod, income: int, year: YearSoFar = NOTHING_YET) -> int:
    """Return what is withheld from a payment of `income`; never negative, never above it."""
    if method is TaxMethod.LABOUR_SERVICE:
        return _labour_service(income)
    if method is TaxMethod.PLATFORM_CUMULATIVE:
        return _cumulative(income, year)
    return 0


def _labour_service(income: int) -> int:
    free = 80_000 if income <= 400_000 else income * 2_000 // BASIS_POINTS
    return _by_table(max(0, income - free), _LABOUR)


def _cumulative(income: int, year: YearSoFar) -> int:
    total = (year.income + income) * 8_000 // BASIS_POINTS - EXEMPT_MONTHLY * year.months
    due = _by_table(max(0, total), _YEARLY) - year.withheld
    return min(max(0, due), income)


def _by_table(taxable: int, table: tuple[tuple[int | None, int, int], ...]) -> int:
    for limit, rate, deduction in table:
        if limit is None or taxable <= limit:
            return taxable * rate // BASIS_POINTS - deduction
    raise ValueError("a tax table ends with an open row")
