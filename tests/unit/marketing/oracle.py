"""Pricing once more, written from the rules alone: fractions, enumeration, no shared code.

It knows the kinds by their plain description (`kind` and arguments as they are typed), tries every
promotion of a layer and keeps the one that saves most. A basket is [(sku, units, price)].
"""

from fractions import Fraction

BASKET = {"spend_threshold", "nth_item", "bundle"}


def shares(amount, nets):
    """Largest remainder by sorting exact fractions; ties go to the line that stands first."""
    whole = sum(nets)
    amount = min(amount, whole)
    if amount <= 0:
        return [0] * len(nets)
    exact = [Fraction(amount * net, whole) for net in nets]
    parts = [int(each) for each in exact]
    for _ in range(amount - sum(parts)):
        behind = max(range(len(nets)), key=lambda n: (exact[n] - parts[n], -n))
        parts[behind] += 1
    return parts


def parts_of(lines, nets, units_of):
    """What so many units of each line stand for, rounded down."""
    return [
        int(Fraction(net, n) * units_of(sku, n))
        for (sku, n, _), net in zip(lines, nets, strict=True)
    ]


def spend_threshold(args, lines, nets, bases):
    counted = args.get("counts") == "count"
    come = sum(n for _, n, _ in lines) if counted else sum(bases)
    steps = [step for step in args["steps"] if step["reach"] <= come]
    if not steps:
        return []
    times = come // steps[0]["reach"] if args.get("repeats") else 1
    return shares(max(step["off"] for step in steps) * times, nets)


def nth_item(args, lines, nets, _):
    kept = Fraction(args["share_bp"], 10_000)
    cheap = parts_of(lines, nets, lambda _, n: n // args["nth"])
    return [int(each * (1 - kept)) for each in cheap]


def bundle(args, lines, nets, _):
    held = {sku: n for sku, n, _ in lines}
    sets = min(held.get(piece["sku_id"], 0) // piece["units"] for piece in args["pieces"])
    need = {piece["sku_id"]: piece["units"] * sets for piece in args["pieces"]}
    inside = parts_of(lines, nets, lambda sku, _: need.get(sku, 0))
    return shares(max(0, sum(inside) - sets * args["price"]), inside)


def amount_off(args, _lines, nets, bases):
    return shares(args["off"], nets) if sum(bases) >= args.get("reach", 0) else []


def percent_off(args, _lines, nets, bases):
    if sum(bases) < args.get("reach", 0):
        return []
    return shares(min(sum(nets) * args["off_bp"] // 10_000, args["cap"]), nets)


def exchange(args, lines, nets, _):
    free = {args["sku_id"]: args["units"]}
    return parts_of(lines, nets, lambda sku, n: min(n, free.get(sku, 0)))


OFF_GOODS = {
    each.__name__: each
    for each in (spend_threshold, nth_item, bundle, amount_off, percent_off, exchange)
}


def taken(rule, lines, nets, bases, freight):
    """Return what a promotion takes off each line, and off the freight."""
    args = rule["arguments"]
    if rule["kind"] == "freight_off":
        due = sum(bases) >= args.get("reach", 0)
        return [0] * len(nets), min(freight, args.get("cap", freight)) if due else 0
    return OFF_GOODS[rule["kind"]](args, lines, nets, bases) or [0] * len(nets), 0


def line_total(rule, sku, units, price):
    """Return what a line costs at a special or trial price; the group price where not meant."""
    args = rule["arguments"]
    tags = {tag["sku_id"]: tag["price"] for tag in args.get("tags", ())}
    if rule["kind"] == "trial_price":
        first = min(units, args.get("units", 1))
        return tags.get(sku, price) * first + price * (units - first)
    return (
        tags[sku] * units if sku in tags else price * units * args.get("share_bp", 10_000) // 10_000
    )


def cheapest(lines, promotions):
    """Return the nets at the lowest price of each line, and what saved how much."""
    nets, said = [], []
    for sku, units, price in lines:
        offers = [(price * units, "")]
        offers += [
            (line_total(p, sku, units, price), "promotion:" + p["id"])
            for p in promotions
            if p["kind"] in {"special_price", "trial_price"}
        ]
        cost, rule = min(offers)
        said.append((rule, price * units - cost))
        nets.append(cost)
    return nets, said


def price(lines, promotions, coupons, freight=0):
    """Return (nets, freight, {rule: amount})."""
    nets, said = cheapest(lines, promotions)
    activity = list(nets)
    layers = (
        ("promotion:", [p for p in promotions if p["kind"] in BASKET]),
        ("coupon:", list(coupons)),
    )
    for prefix, layer in layers:
        found = []
        for rule in layer:
            bases = nets if rule["basis"] == "remaining" else activity
            offs, less = taken(rule, lines, nets, bases, freight)
            found.append((-sum(offs) - less, rule["id"], offs, less))
        if found and min(found)[0] < 0:
            saved, key, offs, less = min(found)
            said.append((prefix + key, -saved))
            nets = [net - off for net, off in zip(nets, offs, strict=True)]
            freight -= less
    rules = {rule for rule, amount in said if amount}
    return nets, freight, {r: sum(a for rule, a in said if rule == r) for r in rules}
