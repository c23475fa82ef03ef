"""What may be said about a product: checked values, the same for a form and for a file."""

import re
from collections.abc import Callable, Sequence
from typing import TypeVar

from attrs import evolve, frozen

from groupbuy.application.ports import Markup
from groupbuy.domain.campaigns import ReturnPolicy
from groupbuy.domain.catalogue import Attribute, Product, Variant, is_barcode
from groupbuy.domain.kernel import Invalid, Money
from groupbuy.domain.pictures import picture_id_in

T = TypeVar("T")

CODE_AT_MOST = 64
NAME_AT_MOST = 120
WORD_AT_MOST = 40
"""Characters in the name of a category, a brand or an attribute."""
VALUE_AT_MOST = 500
UNIT_AT_MOST = 16
OPTIONS_AT_MOST = 200
DESCRIPTION_AT_MOST = 20_000
HTML_AT_MOST = 60_000
"""Characters of a description with its marks."""
NAMED_AT_MOST = 5
"""Named options of one variant."""
DAYS_AT_MOST = 36_500
GRAMS_AT_MOST = 10_000_000
CHOICE = " / "
"""Between the choices of one variant (size, colour)."""
ATTRIBUTES_AT_MOST = 100
PICTURES_AT_MOST = 20
DEPTH_AT_MOST = 5
"""Levels of the category tree."""
VARIANTS_AT_MOST = 200
"""Variants of one product."""
STOCK_AT_MOST = 1_000_000_000
PRICE_AT_MOST = 10_000_000_000
"""Minor units: a hundred million yuan."""

RETURN_POLICIES = tuple(policy.value for policy in ReturnPolicy)

_CODE = re.compile(r"[^\s\x00-\x1f]+")
_CONTROL = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\ud800-\\udfff]")
_PRICE = re.compile(r"([0-9]{1,9})(?:\.([0-9]{1,2}))?")


def money(field: str, text: object, currency: str = "CNY") -> Money:
    """Read a price in major units (`19.9`, `¥` left out) exactly. Raises Invalid."""
    found = _PRICE.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise Invalid(field, "must be an amount with at most two decimals")
    whole, part = found.group(1), found.group(2) or ""
    return Money(int(whole) * 100 + int(part.ljust(2, "0")), currency)


def yuan(amount: Money) -> str:
    """Write an amount in major units, with two decimals."""
    return f"{amount.minor // 100}.{amount.minor % 100:02d}"


def line(field: str, value: str, longest: int, *, empty: bool = False) -> str:
    """Return a one-line text, trimmed. Raises Invalid for control characters and bad lengths."""
    text = value.strip()
    if not text and not empty:
        raise Invalid(field, "must not be empty")
    if len(text) > longest:
        raise Invalid(field, f"must have at most {longest} characters")
    if _CONTROL.search(text):
        raise Invalid(field, "must not hold control characters")
    return text


def prose(field: str, value: str, longest: int) -> str:
    """Return a text of several lines, trimmed. Raises Invalid like `line`."""
    text = value.replace("\r\n", "\n").strip()
    line(field, text.replace("\n", " ").replace("\t", " "), longest, empty=True)
    return text


def code(field: str, value: str) -> str:
    """Return a merchant's own code. Raises Invalid if it has spaces or is too long."""
    if len(value) > CODE_AT_MOST or not _CODE.fullmatch(value):
        raise Invalid(field, f"must be 1 to {CODE_AT_MOST} characters without spaces")
    return line(field, value, CODE_AT_MOST)


def number(field: str, value: int, highest: int) -> int:
    """Return a whole number from 0 to `highest`. Raises Invalid."""
    if type(value) is not int or not 0 <= value <= highest:
        raise Invalid(field, f"must be a whole number from 0 to {highest}")
    return value


@frozen
class SkuFacts:
    """One variant as a merchant describes it. Optional facts left out stay as they are."""

    code: str
    options: str
    price: Money
    list_price: Money | None = None
    cost: Money | None = None
    stock: int = 0
    """Units for sale; used when the variant is new, or on request."""
    named_options: tuple[Attribute, ...] | None = None
    """Where they are given, `options` follows from them."""
    barcode: str | None = None
    grams: int | None = None
    low_stock: int | None = None

    def checked(self, field: str = "skus") -> "SkuFacts":
        """Return the same facts, tidied. Raises Invalid naming the fact below `field`."""
        for name, amount in (
            ("price", self.price),
            ("list_price", self.list_price),
            ("cost", self.cost),
        ):
            if amount is not None and not 1 <= amount.minor <= PRICE_AT_MOST:
                raise Invalid(f"{field}.{name}", f"must be from 0.01 to {PRICE_AT_MOST // 100}")
        named = _named(f"{field}.named_options", self.named_options)
        said = CHOICE.join(each.value for each in named) if named else self.options
        return SkuFacts(
            code=code(f"{field}.code", self.code),
            options=line(f"{field}.options", said, OPTIONS_AT_MOST, empty=True),
            price=self.price,
            list_price=self.list_price,
            cost=self.cost,
            stock=number(f"{field}.stock", self.stock, STOCK_AT_MOST),
            named_options=named,
            barcode=_barcode(f"{field}.barcode", self.barcode),
            grams=_count(f"{field}.grams", self.grams, GRAMS_AT_MOST),
            low_stock=_count(f"{field}.low_stock", self.low_stock, STOCK_AT_MOST),
        )

    def on(self, variant: Variant) -> Variant:
        """Return the variant with everything that is given here; its code stays."""
        return evolve(
            variant,
            options=self.options,
            price=self.price,
            list_price=_or(self.list_price, variant.list_price),
            cost=_or(self.cost, variant.cost),
            named_options=_or(self.named_options, variant.named_options),
            barcode=_or(self.barcode, variant.barcode),
            grams=_or(self.grams, variant.grams),
            low_stock=_or(self.low_stock, variant.low_stock),
        )


@frozen
class ProductFacts:
    """A product as a merchant describes it. Optional facts left out (None) stay as they are."""

    code: str
    name: str
    unit: str | None = None
    description: str | None = None
    attributes: tuple[Attribute, ...] | None = None
    pictures: tuple[str, ...] | None = None
    return_policy: str | None = None
    description_html: str | None = None
    """Where it is given, `description` is the text of it."""
    shelf_life_days: int | None = None

    def checked(self) -> "ProductFacts":
        """Return the same facts, tidied. Raises Invalid naming the fact."""
        policy = self.return_policy
        if policy is not None and policy not in RETURN_POLICIES:
            raise Invalid("return_policy", "must be one of " + ", ".join(RETURN_POLICIES))
        return ProductFacts(
            code=code("code", self.code),
            name=line("name", self.name, NAME_AT_MOST),
            unit=_given(self.unit, lambda text: line("unit", text, UNIT_AT_MOST, empty=True)),
            description=_given(
                self.description, lambda text: prose("description", text, DESCRIPTION_AT_MOST)
            ),
            attributes=_attributes(self.attributes),
            pictures=_pictures(self.pictures),
            return_policy=policy,
            description_html=_given(self.description_html, _html),
            shelf_life_days=_count("shelf_life_days", self.shelf_life_days, DAYS_AT_MOST),
        )

    def cleaned(self, markup: Markup) -> "ProductFacts":
        """Return the same facts with a description that is safe to show. Raises Invalid.

        A description without marks takes the place of one that had some; taking the marks away
        leaves the text.
        """
        if self.description_html:
            html = _html(markup.clean(self.description_html))
            text = prose("description_html", markup.plain(html), DESCRIPTION_AT_MOST)
            return evolve(self, description_html=html, description=text)
        if self.description is not None:
            return evolve(self, description_html="")
        return self

    def on(self, product: Product) -> Product:
        """Return the product with everything that is given here; its code stays."""
        return evolve(
            product,
            name=self.name,
            unit=_or(self.unit, product.unit),
            description=_or(self.description, product.description),
            attributes=_or(self.attributes, product.attributes),
            pictures=_or(self.pictures, product.pictures),
            return_policy=_or(self.return_policy, product.return_policy),
            description_html=_or(self.description_html, product.description_html),
            shelf_life_days=_or(self.shelf_life_days, product.shelf_life_days),
        )


def path(field: str, names: Sequence[str]) -> tuple[str, ...]:
    """Return a checked category path, from the root. Raises Invalid."""
    if not 1 <= len(names) <= DEPTH_AT_MOST:
        raise Invalid(field, f"must name 1 to {DEPTH_AT_MOST} levels")
    return tuple(line(field, name, WORD_AT_MOST) for name in names)


def _or(given: T | None, known: T) -> T:
    return known if given is None else given


def _given(value: str | None, check: Callable[[str], str]) -> str | None:
    return None if value is None else check(value)


def _attributes(given: tuple[Attribute, ...] | None) -> tuple[Attribute, ...] | None:
    """Tidy each one; the very same fact said twice is kept once."""
    if given is None:
        return None
    tidy = dict.fromkeys(
        Attribute(
            line("attributes.name", fact.name, WORD_AT_MOST),
            line("attributes.value", fact.value, VALUE_AT_MOST),
        )
        for fact in given
    )
    if len(tidy) > ATTRIBUTES_AT_MOST:
        raise Invalid("attributes", f"must be at most {ATTRIBUTES_AT_MOST}")
    return tuple(tidy)


def _named(field: str, given: tuple[Attribute, ...] | None) -> tuple[Attribute, ...] | None:
    """Tidy named options; each name stands once."""
    if given is None:
        return None
    tidy = tuple(
        Attribute(
            line(f"{field}.name", each.name, WORD_AT_MOST),
            line(f"{field}.value", each.value, WORD_AT_MOST),
        )
        for each in given
    )
    if len(tidy) > NAMED_AT_MOST:
        raise Invalid(field, f"must be at most {NAMED_AT_MOST}")
    if len({each.name for each in tidy}) < len(tidy):
        raise Invalid(field, "must have different names")
    return tidy


def _barcode(field: str, given: str | None) -> str | None:
    text = None if given is None else given.strip()
    if text and not is_barcode(text):
        raise Invalid(field, "is no barcode: its check digit or length is wrong")
    return text


def _count(field: str, given: int | None, highest: int) -> int | None:
    return None if given is None else number(field, given, highest)


def _html(text: str) -> str:
    return prose("description_html", text, HTML_AT_MOST)


def _pictures(given: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """A page shows these addresses: nothing but https and our own paths may be among them."""
    if given is None:
        return None
    if len(given) > PICTURES_AT_MOST:
        raise Invalid("pictures", f"must be at most {PICTURES_AT_MOST}")
    texts = (line("pictures", picture, VALUE_AT_MOST) for picture in given)
    tidy = tuple(picture_id_in(text) or text for text in texts)
    for picture in tidy:
        ours = picture_id_in(picture) is not None
        ours |= picture.startswith("/") and not picture.startswith(("//", "/\\"))
        if not (ours or picture.startswith("https://")):
            raise Invalid("pictures", "must be ids, https:// addresses or paths of this site")
    return tidy
