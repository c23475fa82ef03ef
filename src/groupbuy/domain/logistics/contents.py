"""An order in several parcels: what lies in each, and when the buyer has everything."""

from collections.abc import Iterable, Mapping, Sequence

from groupbuy.domain.kernel import Invalid, Refused
from groupbuy.domain.logistics.model import Content, Shipment, all_arrived
from groupbuy.domain.logistics.states import LEFT_OUT


def check_contents(
    contents: Sequence[Content], left: Mapping[int, int], earlier: Iterable[Shipment]
) -> None:
    """Refuse a parcel that holds what the order has not, or what lies in another parcel.

    `left` is how many units of each line were not refunded. Raises Invalid, Refused.
    """
    if len({each.line_no for each in contents}) != len(contents):
        raise Invalid(field="contents", reason="a line comes twice")
    packed = _packed(parcel for parcel in earlier if parcel.state not in LEFT_OUT)
    for each in contents:
        if each.line_no not in left:
            raise Invalid(field="contents", reason=f"no line {each.line_no} is left to send")
        if each.units < 1:
            raise Invalid(field="contents", reason="at least one unit of each line")
        if packed.get(each.line_no, 0) + each.units > left[each.line_no]:
            raise Refused(rule="units_left_to_send", about=f"line {each.line_no}")


def all_there(left: Mapping[int, int], parcels: Iterable[Shipment]) -> bool:
    """Tell whether the buyer has everything that is left of the order.

    A parcel that does not say what is in it holds all the rest.
    """
    waited_for = [parcel for parcel in parcels if parcel.state not in LEFT_OUT]
    if not all_arrived(parcel.state for parcel in waited_for):
        return False
    if any(not parcel.contents for parcel in waited_for):
        return True
    packed = _packed(waited_for)
    return all(packed.get(line, 0) >= units for line, units in left.items())


def _packed(parcels: Iterable[Shipment]) -> dict[int, int]:
    units: dict[int, int] = {}
    for parcel in parcels:
        for each in parcel.contents:
            units[each.line_no] = units.get(each.line_no, 0) + each.units
    return units
