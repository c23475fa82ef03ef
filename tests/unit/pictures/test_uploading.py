"""Uploading a picture: who may, how many, what is kept, what is swept away."""

from datetime import timedelta

import pytest
from attrs import evolve

from groupbuy.adapters.memory.pictures import MemoryPictures
from groupbuy.adapters.studio_pillow import PillowStudio
from groupbuy.application import pictures
from groupbuy.application.pictures import Shelf, Upload
from groupbuy.application.pictures.sweeping import UPLOADING
from groupbuy.application.steps.picturing import claim
from groupbuy.domain.kernel import (
    Forbidden,
    Invalid,
    NotFound,
    Refused,
    TooMany,
    Unauthenticated,
    Unavailable,
)
from groupbuy.domain.membership import Role
from groupbuy.domain.pictures import (
    FILES,
    USES_AT_MOST,
    Picture,
    Purpose,
    picture_id_in,
    pictures_named_in,
    shown_at,
)
from tests.support.darkroom import drawn
from tests.support.shop import Shop

SENT = drawn(64, 48)


@pytest.fixture
def shop():
    return Shop()


@pytest.fixture
def shelf(shop):
    return Shelf(PillowStudio(), MemoryPictures(shop.clock))


@pytest.fixture
def seller(shop):
    return shop.caller("usr_seller", Role.MERCHANT, merchant_id=shop.merchant().id)


def upload(shop, shelf, who, purpose=Purpose.PRODUCT, **said):
    return pictures.upload(shop.desk, who, shelf, Upload(purpose, SENT, **said))


def show(shop, who, picture):
    return shop.desk.read(who, lambda work: pictures.show_picture(work, picture.id))


def use(shop, who, picture, subject="prd_1", purpose=Purpose.PRODUCT, before=(), wanted=None):
    ids = [picture.id] if wanted is None else wanted
    shop.desk.run(
        who,
        lambda work: claim(
            work,
            ids,
            subject,
            purpose=purpose,
            merchant_id=who.merchant_id or "",
            before=before,
        ),
    )
    return shop.get(Picture, picture.id)


def test_the_files_are_there_before_the_row_that_names_them(shop, shelf, seller):
    made = upload(shop, shelf, seller)
    assert set(shelf.store.files) == {f"main/public/{made.id}/{file}" for file in FILES}
    kept = shop.get(Picture, made.id)
    assert [each.file for each in kept.renditions] == list(FILES)
    assert (kept.merchant_id, kept.owner_id) == (seller.merchant_id, "usr_seller")
    assert kept.loose_since == shop.clock.now()


def test_a_storage_that_is_down_leaves_nothing_behind(shop, shelf, seller):
    shelf.store.down = True
    with pytest.raises(Unavailable):
        upload(shop, shelf, seller)
    assert shop.all(Picture) == []


def test_goods_are_pictured_by_those_who_sell_them(shop, shelf, seller):
    assert upload(shop, shelf, seller, merchant_id="mch_else").merchant_id == seller.merchant_id
    operator = shop.caller("usr_op", Role.OPERATOR)
    assert upload(shop, shelf, operator).merchant_id == ""
    assert upload(shop, shelf, operator, merchant_id=seller.merchant_id).merchant_id
    with pytest.raises(NotFound):
        upload(shop, shelf, operator, merchant_id="mch_nobody")
    with pytest.raises(Forbidden):
        upload(shop, shelf, shop.caller("usr_buyer", Role.SHOPPER))
    with pytest.raises(Forbidden):
        upload(shop, shelf, shop.caller("usr_lost", Role.MERCHANT))
    with pytest.raises(Unauthenticated):
        upload(shop, shelf, evolve(shop.system(), user_id="", roles=frozenset()))


def test_evidence_is_about_ones_own_order_and_lies_on_the_private_shelf(shop, shelf):
    buyer = shop.caller("usr_buyer", Role.SHOPPER)
    for order in ("", "ord_nobodys"):
        with pytest.raises(NotFound):
            upload(shop, shelf, buyer, Purpose.AFTER_SALE, order_id=order)
    assert shelf.store.files == {}


def test_a_day_has_only_so_many_pictures_and_sellers_have_more(shop, shelf, seller):
    shop.policy = evolve(shop.policy, pictures_a_day=2, pictures_a_day_by_sellers=3)
    shop.desk = evolve(shop.desk, kit=evolve(shop.desk.kit, policy=shop.policy))
    buyer = shop.caller("usr_buyer", Role.SHOPPER)
    for _ in range(2):
        upload(shop, shelf, buyer, Purpose.REVIEW)
    with pytest.raises(TooMany):
        upload(shop, shelf, buyer, Purpose.REVIEW)
    for _ in range(3):
        upload(shop, shelf, seller)
    with pytest.raises(TooMany):
        upload(shop, shelf, seller)
    shop.clock.forward(days=1)
    assert upload(shop, shelf, buyer, Purpose.REVIEW)


def test_evidence_is_shown_to_those_concerned_and_to_nobody_else(shop, seller):
    picture = Picture(
        "pic_1", Purpose.AFTER_SALE, "usr_buyer", shop.clock.now(), (), seller.merchant_id
    )
    shop.desk.run(shop.system(), lambda work: work.of(Picture).add(picture))
    other = shop.caller("usr_x", Role.MERCHANT, merchant_id="mch_x")
    for who in (
        shop.caller("usr_buyer", Role.SHOPPER),
        seller,
        shop.caller("usr_op", Role.OPERATOR),
    ):
        assert show(shop, who, picture).id == picture.id
    for who in (other, shop.caller("usr_neighbour", Role.SHOPPER)):
        with pytest.raises(NotFound):
            show(shop, who, picture)


def test_what_shows_a_picture_keeps_it_and_lets_go_of_it(shop, shelf, seller):
    made = upload(shop, shelf, seller)
    assert use(shop, seller, made).loose_since is None
    assert use(shop, seller, made, "prd_2").used_by == ("prd_1", "prd_2")
    shop.clock.forward(minutes=1)
    assert use(shop, seller, made, "prd_1", before=[made.id], wanted=[]).loose_since is None
    left = use(shop, seller, made, "prd_2", before=[made.id], wanted=[])
    assert (left.used_by, left.loose_since) == ((), shop.clock.now())


def test_a_picture_is_shown_only_where_it_belongs(shop, shelf, seller):
    made = upload(shop, shelf, seller)
    stranger = evolve(seller, merchant_id="mch_else")
    with pytest.raises(Invalid):
        use(shop, stranger, made)
    with pytest.raises(Invalid):
        use(shop, seller, made, purpose=Purpose.REVIEW)
    with pytest.raises(Invalid):
        use(shop, seller, made, wanted=["pic_nowhere"])
    review = upload(shop, shelf, seller, Purpose.REVIEW)
    assert use(shop, seller, review, "rev_1", Purpose.REVIEW).used_by == ("rev_1",)
    other = shop.caller("usr_other", Role.SHOPPER)
    with pytest.raises(Invalid):
        use(shop, other, review, "rev_2", Purpose.REVIEW)
    for number in range(1, USES_AT_MOST):
        use(shop, seller, review, f"rev_x{number}", Purpose.REVIEW)
    with pytest.raises(Refused):
        use(shop, seller, review, "rev_y", Purpose.REVIEW)


def test_files_without_a_row_are_swept_once_no_upload_can_still_need_them(shop, shelf, seller):
    kept = upload(shop, shelf, seller)
    lost = kept.id[:-1] + "X"
    for tenant in ("main", "other"):
        for file in ("public", "private"):
            shelf.store.put(f"{tenant}/{file}/{lost}/320.webp", b"x", "image/webp")

    def sweep(**how):
        return pictures.sweep(shop.desk, shelf.store, "main", **how)

    assert sweep() == 0
    shop.clock.forward(seconds=(UPLOADING + timedelta(seconds=1)).total_seconds())
    assert sweep(dry_run=True) == 2
    assert sweep() == 2
    assert sweep() == 0
    assert {key.split("/")[2] for key in shelf.store.files if key.startswith("main")} == {kept.id}
    assert len([key for key in shelf.store.files if key.startswith("other")]) == 2


PIC = "pic_01JC3F8E1PZ7W5N0R4T6Y8B2DM"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (PIC, PIC),
        (f"/media/{PIC}/750.webp", PIC),
        (f"/media/{PIC}", PIC),
        (f"https://elsewhere.example.com/media/{PIC}/750.webp", None),
        (f"/media/private/{PIC}/750.webp", None),
        (f"/media/{PIC}/../../secret", None),
        (PIC.lower(), None),
        ("prd_01JC3F8E1PZ7W5N0R4T6Y8B2DM", None),
        ("", None),
    ],
)
def test_a_picture_is_named_by_its_id_or_by_our_own_address(text, found):
    assert picture_id_in(text) == found


def test_pages_find_our_pictures_and_those_of_others():
    assert shown_at(PIC) == f"/media/{PIC}/1280.webp"
    assert shown_at(PIC, "320.webp") == f"/media/{PIC}/320.webp"
    assert shown_at("https://cdn.example.com/a.jpg") == "https://cdn.example.com/a.jpg"
    html = f'<img src="/media/{PIC}/750.webp"><img src="/media/{PIC}/320.webp">'
    assert pictures_named_in(html) == (PIC,)
