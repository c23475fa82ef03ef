"""Pictures over HTTP: uploaded once, served for good, and evidence only through links that end."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from groupbuy.application.pictures import sweep
from groupbuy.application.write_path import Caller
from groupbuy.domain.membership import Role
from groupbuy.domain.ordering import Contact, Order
from groupbuy.domain.pictures import Picture
from tests.support.darkroom import drawn, seen
from tests.support.web import served

PICTURES = "/api/v1/me/pictures"
JPEG = {"Content-Type": "image/jpeg"}


@pytest.fixture
def desk(tmp_path):
    """A shop whose clock and pictures lie in a folder of this test alone."""
    clock = tmp_path / "clock"
    clock.write_text("2026-11-02T04:00:00+00:00")
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    with served(url, clock_file=str(clock)) as opened:
        opened.client.clock = clock
        yield opened


def send(shop, who, body=None, query="purpose=product", **headers):
    sent = {**who.headers, **JPEG, "Idempotency-Key": shop.app.kit.ids.token(), **headers}
    body = drawn() if body is None else body
    return shop.client.post(f"{PICTURES}?{query}", content=body, headers=sent)


def seller(shop):
    return shop.someone(Role.MERCHANT, merchant_id=shop.merchant().id)


def files(shop):
    return sorted(path for path in shop.app.settings.picture_folder.rglob("*.*") if path.is_file())


def test_a_picture_is_uploaded_and_served_to_everybody_for_good(desk):
    made = send(desk, seller(desk))
    assert made.status_code == 201, made.text
    shown = made.json()
    assert [each["width"] for each in shown["files"]] == [320, 750, 900, 900]
    for each in shown["files"]:
        answer = desk.client.get(each["address"])
        assert answer.status_code == 200
        assert answer.headers["content-type"] == each["media_type"]
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert re.fullmatch(r'inline; filename="[\w.-]+"', answer.headers["content-disposition"])
        assert len(answer.content) == each["size"]
        assert seen(answer.content).size == (each["width"], each["height"])
        known = {"If-None-Match": answer.headers["etag"]}
        again = desk.client.get(each["address"], headers=known)
        assert (again.status_code, again.content) == (304, b"")
        head = desk.client.head(each["address"])
        assert (head.status_code, head.content) == (200, b"")


def test_a_repeat_with_the_same_key_makes_no_second_picture(desk):
    who, key = seller(desk), {"Idempotency-Key": "k1"}
    first, again = (send(desk, who, **key) for _ in range(2))
    assert first.json()["id"] == again.json()["id"]
    assert again.headers["idempotency-replayed"] == "true"
    assert len(files(desk)) == 4
    other = send(desk, who, drawn(50, 50), **key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"", "image/jpeg", 422),
        (b"<svg onload='alert(1)'/>", "image/jpeg", 422),
        (b"GIF89a" + bytes(60), "image/png", 422),
        (b"\xff\xd8\xff<script>", "image/jpeg", 422),
        (b"<svg/>", "image/svg+xml", 415),
        (b"x", "image/heic", 415),
        (b"{}", "application/json", 415),
        (b"--x--", "multipart/form-data; boundary=x", 415),
        (b"\xff\xd8\xff" + bytes(10 * 1024 * 1024), "image/jpeg", 413),
    ],
)
def test_what_is_no_picture_is_refused_and_leaves_nothing(desk, body, kind, status):
    answer = send(desk, seller(desk), body, **{"Content-Type": kind})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert files(desk) == []


def test_a_refusal_says_what_can_be_done_in_the_readers_words(desk):
    said = send(desk, seller(desk), b"GIF89a", **{"Accept-Language": "zh-CN"}).json()
    assert said["errors"][0]["message"] == "只支持 JPEG、PNG 或 WebP 图片"


def test_who_may_not_uploads_nothing(desk):
    shopper = desk.someone()
    assert send(desk, shopper).status_code == 403
    assert send(desk, shopper, query="purpose=review").status_code == 201
    assert desk.client.post(PICTURES, content=drawn(), headers=JPEG).status_code == 401
    assert send(desk, shopper, query="purpose=after_sale&order=ord_x").status_code == 404
    assert send(desk, shopper, query="purpose=passport").status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "/media/pic_01JC3F8E1PZ7W5N0R4T6Y8B2DM/750.webp",
        "/media/pic_01JC3F8E1PZ7W5N0R4T6Y8B2DM/751.webp",
        "/media/..%2f..%2fshop.db/750.webp",
        "/media/%2e%2e/shop.db",
        "/media/pic_01JC3F8E1PZ7W5N0R4T6Y8B2DM/..%2f750.webp",
        "/media/private/pic_01JC3F8E1PZ7W5N0R4T6Y8B2DM/750.webp",
    ],
)
def test_what_is_no_picture_of_ours_is_not_found(desk, path):
    assert desk.client.get(path).status_code == 404


def order_of(shop, buyer, merchant):
    ids, now = shop.app.kit.ids, shop.app.kit.clock.now()
    order = Order(
        id=ids.new("ord"),
        campaign_id=ids.new("cmp"),
        group_id=ids.new("grp"),
        merchant_id=merchant.user.merchant_id,
        buyer_id=buyer.user.id,
        lines=(),
        contact=Contact("", ""),
        created_at=now,
        expires_at=now,
    )
    shop.app.desk.run(Caller.system("main"), lambda work: work.of(Order).add(order))
    return order


def test_evidence_is_seen_by_those_concerned_through_links_that_end(desk):
    buyer, merchant, stranger = desk.someone(), seller(desk), desk.someone()
    order = order_of(desk, buyer, merchant)
    query = f"purpose=after_sale&order={order.id}"
    assert send(desk, stranger, query=query).status_code == 404
    made = send(desk, buyer, query=query)
    assert made.status_code == 201, made.text
    place = f"{PICTURES}/{made.json()['id']}"
    for who in (buyer, merchant, desk.someone(Role.OPERATOR)):
        shown = desk.client.get(place, headers=who.headers).json()
        link = shown["files"][1]["address"]
        answer = desk.client.get(link)
        assert answer.status_code == 200
        assert answer.headers["cache-control"].startswith("private")
    for who in (stranger, seller(desk)):
        assert desk.client.get(place, headers=who.headers).status_code == 404
    plain = link.partition("?")[0]
    forged = (
        plain,
        plain.replace("/private", ""),
        link.replace("750.webp", "1280.webp"),
        link.replace("until=", "until=9"),
        link[:-1] + ("0" if link[-1] != "0" else "1"),
    )
    for address in forged:
        assert desk.client.get(address).status_code == 404, address
    later = datetime(2026, 11, 2, 4, tzinfo=UTC) + timedelta(minutes=21)
    desk.client.clock.write_text(later.isoformat())
    assert desk.client.get(link).status_code == 404


def test_a_picture_of_one_shop_is_no_picture_of_another(desk):
    address = send(desk, seller(desk)).json()["files"][0]["address"]
    folder = desk.app.settings.picture_folder
    (folder / "main").rename(folder / "other")
    assert desk.client.get(address).status_code == 404


def test_a_picture_nobody_shows_is_gone_after_a_day_with_its_files(desk):
    made = send(desk, seller(desk)).json()
    app = desk.app
    later = app.kit.clock.now() + timedelta(days=3_650)
    desk.client.clock.write_text(later.isoformat())
    assert app.database.forget("main", later)["pictures"] == 1
    assert sweep(app.desk, app.pictures.store, "main") == 4
    assert files(desk) == []
    found = app.desk.read(Caller.system("main"), lambda work: work.of(Picture).find([made["id"]]))
    assert found == {}


def test_pictures_are_kept_on_postgresql_too(pg_database, tmp_path):
    with served(pg_database.app_url, pictures={"folder": str(tmp_path)}) as shop:
        made = send(shop, seller(shop)).json()
        assert desk_shows(shop, made["id"])
        later = shop.app.kit.clock.now() + timedelta(days=2)
        assert shop.app.database.forget("main", later)["pictures"] == 1


def desk_shows(shop, key):
    found = shop.app.desk.read(Caller.system("main"), lambda work: work.of(Picture).get(key))
    return [each.file for each in found.renditions]
