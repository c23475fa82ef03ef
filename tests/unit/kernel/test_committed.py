"""An answer names the version that is stored, not the one before."""

from attrs import evolve

from groupbuy.application.steps.committed import as_committed
from groupbuy.domain.membership import User
from tests.support.shop import Shop


def test_what_was_changed_has_the_version_it_is_stored_with():
    shop = Shop()
    known = shop.get(User, shop.user().id)

    def change(work):
        locked = work.of(User).lock([known.id])[known.id]
        work.of(User).save(evolve(locked, blocked=True))
        return as_committed(work, (work.of(User).get(known.id), "words"))

    shown, words = shop.desk.run(shop.system(), change)
    assert (shown.version, words) == (known.version + 1, "words")
    assert shop.get(User, known.id).version == shown.version


def test_what_was_only_read_keeps_its_version():
    shop = Shop()
    known = shop.get(User, shop.user().id)
    shown = shop.desk.run(shop.system(), lambda w: as_committed(w, w.of(User).get(known.id)))
    assert shown == known
