import pytest

from groupbuy.application.ports import AuditRow
from groupbuy.domain.membership import Leader, LeaderState, Role, User

ENROL = ("user", "create", "--phone", "13800000001", "--name", "阿何", "--role", "operator")


def test_an_account_is_made_with_a_password_from_stdin(groupbuy, shop):
    run = groupbuy(*ENROL, "--no-input", "--json", stdin="four random words\n")
    assert run.code == 0
    assert run.document["roles"] == ["operator", "shopper"]
    made = shop.get(User, run.document["id"])
    assert made.password_hash == "hash of four random words"
    assert "13800000001" not in run.out
    assert "four random words" not in run.out + run.err


def test_a_weak_password_is_refused_before_anything_is_written(groupbuy, shop):
    run = groupbuy(*ENROL, "--no-input", stdin="12345\n")
    assert run.code == 2
    assert shop.all(User) == []


def test_a_phone_number_has_one_account(groupbuy):
    for code in (0, 1):
        assert groupbuy(*ENROL, "--no-input", stdin="four random words\n").code == code


def test_a_user_is_found_by_phone(groupbuy):
    made = groupbuy(*ENROL, "--no-input", "--json", stdin="four random words\n").document
    found = groupbuy("user", "list", "--phone", "138 0000 0001", "--json").document["items"]
    assert [each["id"] for each in found] == [made["id"]]
    assert groupbuy("user", "list", "--phone", "13800000002").code == 3


def test_a_role_is_granted_and_revoked_with_a_reason_in_the_audit(groupbuy, shop):
    user = shop.user()
    granted = groupbuy("user", "grant", user.id, "finance", "--reason", "new colleague")
    assert granted.code == 0
    assert Role.FINANCE in shop.get(User, user.id).roles
    groupbuy("user", "revoke", user.id, "finance", "--reason", "left")
    assert Role.FINANCE not in shop.get(User, user.id).roles
    assert [(row.action, row.reason) for row in shop.all(AuditRow)] == [
        ("user.role_granted", "new colleague"),
        ("user.role_revoked", "left"),
    ]


def test_a_role_that_does_not_exist_is_named_with_those_that_do(groupbuy, shop):
    run = groupbuy("user", "grant", shop.user().id, "king", "--reason", "x")
    assert run.code == 2
    assert "'king' is none of shopper, leader" in run.err


def test_users_are_listed_without_their_phones(groupbuy, shop):
    shop.user(initial="李", name_sealed="sealed")
    run = groupbuy("user", "list")
    assert run.code == 0
    assert "李" in run.out
    assert "sealed" not in run.out
    assert "phone" not in run.out


@pytest.fixture
def applied(shop):
    leader = shop.leader()
    return shop.store(
        Leader(
            id=shop.ids.new("ldr"),
            user_id=leader.user_id,
            name="周建国",
            applied_at=shop.clock.at,
            communities=("幸福小区",),
        )
    )


def test_applications_are_listed_by_state(groupbuy, applied):
    run = groupbuy("leader", "list", "--state", "applied", "--json")
    (item,) = run.document["items"]
    assert (item["id"], item["communities"]) == (applied.id, ["幸福小区"])


def test_a_leader_is_approved_at_a_rate(groupbuy, shop, applied):
    approve = ("leader", "approve", applied.id, "--commission-bp", "800")
    assert groupbuy(*approve).code == 2
    assert groupbuy(*approve, "--reason", "known here").code == 0
    after = shop.get(Leader, applied.id)
    assert (after.state, after.commission_bp) == (LeaderState.APPROVED, 800)


def test_a_refused_leader_can_read_why(groupbuy, shop, applied):
    assert groupbuy("leader", "refuse", applied.id, "--reason", "too far away").code == 0
    after = shop.get(Leader, applied.id)
    assert (after.state, after.refusal) == (LeaderState.REFUSED, "too far away")


def test_an_approved_leader_cannot_be_refused(groupbuy, shop):
    assert groupbuy("leader", "refuse", shop.leader().id, "--reason", "x").code == 5


def test_a_leader_is_not_made_but_approved(groupbuy, shop):
    run = groupbuy(*ENROL[:-1], "leader", "--no-input", stdin="four random words\n")
    assert run.code == 2
    assert "groupbuy leader approve" in run.err
    assert shop.all(User) == []


def test_nobody_works_for_a_merchant_that_is_not_named(groupbuy, shop):
    for extra, code in (((), 2), (("--merchant", "mch_nobody"), 3)):
        run = groupbuy(*ENROL[:-1], "merchant", *extra, "--no-input", stdin="four random words\n")
        assert run.code == code
        assert shop.all(User) == []


def test_staff_are_made_with_the_merchant_they_work_for(groupbuy, shop):
    shop_id = shop.merchant().id
    words = "four random words\n"
    run = groupbuy(*ENROL[:-2], "--merchant", shop_id, "--no-input", "--json", stdin=words)
    assert (run.document["merchant_id"], run.document["roles"]) == (
        shop_id,
        ["merchant", "shopper"],
    )
    made = shop.get(User, run.document["id"])
    assert (made.merchant_id, Role.MERCHANT in made.roles) == (shop_id, True)
