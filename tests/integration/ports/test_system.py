"""Identity, chance and secrets are what their ports promise."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from attrs import define

from groupbuy.adapters.system import AesVault, ArgonPasswords, JitterBackoff, RandomIds
from groupbuy.domain.kernel import NotFound, cell_of, kind_of, time_of

START = datetime(2026, 1, 1, tzinfo=UTC)
MASTERS = {"2025": b"a" * 32, "2026": b"b" * 32}
BOUND = "tenant|usr_1|phone"


@define
class HandClock:
    at: datetime = START

    def now(self):
        return self.at


@pytest.fixture
def vault():
    return AesVault(MASTERS, "2026")


def test_ids_sort_in_the_order_of_making_even_when_the_clock_goes_back():
    clock = HandClock()
    ids = RandomIds(clock)
    made = []
    for step in range(40_000):
        if step == 20_000:
            clock.at -= timedelta(hours=1)
        made.append(ids.new("ord", 5))
    assert all(one < other for one, other in pairwise(made))


def test_an_id_tells_its_kind_cell_and_time():
    some_id = RandomIds(HandClock()).new("grp", 77)
    assert (kind_of(some_id), cell_of(some_id)) == ("grp", 77)
    assert time_of(some_id) == int(START.timestamp()) * 1000


def test_threads_never_make_the_same_id():
    ids = RandomIds(HandClock())
    with ThreadPoolExecutor(4) as pool:
        made = pool.map(lambda _: {ids.new("ord") for _ in range(500)}, range(4))
    assert len(set().union(*made)) == 2_000


def test_tokens_and_digits_have_their_length_and_differ():
    ids = RandomIds(HandClock())
    assert len(ids.token()) == 43
    assert ids.token() != ids.token()
    assert len({ids.digits(6) for _ in range(50)}) > 40
    assert all(len(d) == 6 and d.isdecimal() for d in (ids.digits(6) for _ in range(20)))


def test_waiting_ends(monkeypatch):
    waited = []
    monkeypatch.setattr("threading.Event.wait", lambda _self, seconds: waited.append(seconds))
    for attempt in range(1, 40):
        JitterBackoff().wait(attempt)
    assert all(0 <= seconds <= 0.25 for seconds in waited)
    assert waited[0] <= 0.004


def test_sealed_text_opens_with_the_same_key_and_binding_only(vault):
    key, other = vault.new_data_key(), vault.new_data_key()
    sealed = vault.seal(key, BOUND, "138 0013 8000 何")
    assert vault.open(key, BOUND, sealed) == "138 0013 8000 何"
    assert "138" not in sealed
    assert vault.seal(key, BOUND, "x") != vault.seal(key, BOUND, "x")
    for wrong_key, wrong_binding in ((other, BOUND), (key, "tenant|usr_2|phone"), ("", BOUND)):
        with pytest.raises(NotFound):
            vault.open(wrong_key, wrong_binding, sealed)


def test_any_flipped_byte_is_noticed(vault):
    key = vault.new_data_key()
    sealed = vault.seal(key, BOUND, "secret")
    for place in range(len(sealed)):
        broken = sealed[:place] + chr(ord(sealed[place]) ^ 1) + sealed[place + 1 :]
        with pytest.raises(NotFound):
            vault.open(key, BOUND, broken)
    for place in range(len(key)):
        with pytest.raises(NotFound):
            vault.open(key[:place] + chr(ord(key[place]) ^ 1) + key[place + 1 :], BOUND, sealed)


def test_what_was_sealed_under_a_gone_key_stays_sealed(vault):
    old = AesVault({"2025": MASTERS["2025"]}, "2025")
    key = old.new_data_key()
    sealed = old.seal(key, BOUND, "x")
    assert vault.open(key, BOUND, sealed) == "x"
    with pytest.raises(NotFound):
        AesVault({"2026": MASTERS["2026"]}, "2026").open(key, BOUND, sealed)


def test_a_rewrapped_key_opens_the_same_text_under_the_current_master(vault):
    key = AesVault(MASTERS, "2025").new_data_key()
    sealed = vault.seal(key, BOUND, "x")
    new = vault.rewrap(key)
    assert new.startswith("2026:")
    assert vault.rewrap(new) == new
    assert AesVault({"2026": MASTERS["2026"]}, "2026").open(new, BOUND, sealed) == "x"


def test_fingerprints_find_the_same_text_of_the_same_field_only(vault):
    again = AesVault(MASTERS, "2025")
    assert vault.fingerprint("phone", "138") == again.fingerprint("phone", "138")
    assert vault.fingerprint("phone", "138") != vault.fingerprint("card", "138")
    assert vault.fingerprint("phone", "138") != vault.fingerprint("phone", "139")
    rotated = AesVault({"2026": MASTERS["2026"], **MASTERS}, "2026", "2025")
    assert rotated.fingerprint("phone", "138") == vault.fingerprint("phone", "138")


@pytest.mark.parametrize(
    ("masters", "current"),
    [({}, "a"), ({"a": b"short"}, "a"), ({"a": b"x" * 32}, "b"), ({"a:b": b"x" * 32}, "a:b")],
)
def test_a_vault_refuses_keys_that_are_none(masters, current):
    with pytest.raises(ValueError):
        AesVault(masters, current)


def test_masters_do_not_show_in_the_repr(vault):
    assert "aaaa" not in repr(vault)


def test_a_password_matches_its_own_hash_only():
    passwords = ArgonPasswords()
    hashed = passwords.hash("correct horse")
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.verify(hashed, "correct horse")
    assert not passwords.verify(hashed, "wrong horse")
    assert not passwords.verify("", "nobody has this password")
    assert not passwords.verify("garbage", "correct horse")
