"""What is true of goods whoever sells them: sections, barcodes, named options."""

from collections.abc import Iterable
from enum import StrEnum

from groupbuy.domain.catalogue.model import Attribute


class Section(StrEnum):
    """Facts that every page knows how to show; each is an attribute with a name of its own."""

    ORIGIN = "origin"
    TASTE = "taste"
    NUTRITION = "nutrition"
    FUNCTION = "function"
    SELLING_POINTS = "selling_points"

    @property
    def attribute(self) -> str:
        """The name of its attribute."""
        return _NAMES[self]


_NAMES = {
    Section.ORIGIN: "产地",
    Section.TASTE: "口感",
    Section.NUTRITION: "营养",
    Section.FUNCTION: "功能",
    Section.SELLING_POINTS: "卖点",
}
_LENGTHS = (8, 12, 13, 14)


def sections_of(attributes: Iterable[Attribute]) -> dict[Section, str]:
    """Return the sections among some attributes; what is said twice stands one below the other."""
    found = dict[Section, str]()
    for section in Section:
        said = [each.value for each in attributes if each.name == section.attribute]
        if said:
            found[section] = "\n".join(said)
    return found


def with_section(
    attributes: Iterable[Attribute], section: Section, value: str
) -> tuple[Attribute, ...]:
    """Return attributes that say this of a section; an empty value takes it away."""
    kept = tuple(each for each in attributes if each.name != section.attribute)
    return (*kept, Attribute(section.attribute, value)) if value else kept


def is_barcode(text: str) -> bool:
    """Tell whether digits are a GTIN: EAN-8, UPC-A, EAN-13 or GTIN-14 with its check digit.

    Weights alternate 1 and 3 from the right (GS1 General Specifications, 7.9).
    """
    if len(text) not in _LENGTHS or not (text.isascii() and text.isdigit()):
        return False
    total = sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(reversed(text)))
    return total % 10 == 0


def options_disagree(named: Iterable[tuple[Attribute, ...]]) -> str:
    """Return why the named options of a product's variants do not go together; empty if they do.

    Variants without named options are left out of it.
    """
    given = [each for each in named if each]
    names = {tuple(option.name for option in each) for each in given}
    if len(names) > 1:
        return "must name the same options in every variant"
    if len(set(given)) < len(given):
        return "must differ between the variants"
    return ""
