"""Whom a picture concerns."""

from groupbuy.application.write_path import Work
from groupbuy.domain.kernel import NotFound
from groupbuy.domain.membership import Role
from groupbuy.domain.pictures import Picture


def show_picture(work: Work, picture_id: str) -> Picture:
    """Return a picture that is for everybody, or concerns the caller. Raises NotFound.

    Evidence concerns whoever gave it, the merchant who sold the goods, and operators.
    """
    picture = work.of(Picture).get(picture_id)
    caller = work.caller
    concerned = (
        not picture.purpose.private
        or picture.owner_id == caller.user_id
        or Role.OPERATOR in caller.roles
        or (Role.MERCHANT in caller.roles and picture.merchant_id == caller.merchant_id)
    )
    if not concerned:
        raise NotFound(kind="picture", key=picture_id)
    return picture
