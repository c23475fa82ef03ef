"""Steps of whatever shows pictures: claiming those it names, letting go of those it no longer does.

A picture that nothing has claimed for a day is forgotten, and its files with it.
"""

from collections.abc import Collection

from groupbuy.application.write_path import Work
from groupbuy.domain.kernel import Invalid
from groupbuy.domain.membership import Role
from groupbuy.domain.pictures import Picture, Purpose

NOT_OURS = "names a picture that is not there"


def may_show(work: Work, picture: Picture, purpose: Purpose, merchant_id: str) -> bool:
    """Tell whether the caller may put a picture somewhere of that purpose."""
    if picture.purpose is not purpose:
        return False
    if purpose is Purpose.PRODUCT:
        return picture.merchant_id in {"", merchant_id}
    if purpose is Purpose.AFTER_SALE:
        return (picture.owner_id, picture.merchant_id) == (work.caller.user_id, merchant_id)
    return picture.owner_id == work.caller.user_id or Role.OPERATOR in work.caller.roles


def claim(
    work: Work,
    wanted: Collection[str],
    subject: str,
    *,
    purpose: Purpose,
    merchant_id: str = "",
    before: Collection[str] = (),
    known: dict[str, Picture] | None = None,
) -> None:
    """Stage that `subject` shows the `wanted` pictures, and no longer those it showed `before`.

    Raises Invalid for a picture that is not there, or not for this; what it showed before may
    stay in any case. `known` holds those read before; what changes is changed there too.
    """
    new, gone = set(wanted) - set(before), set(before) - set(wanted)
    found = work.of(Picture).find(new | gone) if known is None else known
    for key in sorted(new):
        picture = found.get(key)
        if picture is None or not may_show(work, picture, purpose, merchant_id):
            raise Invalid("pictures", NOT_OURS)
        found[key] = _saved(work, picture, picture.use(subject))
    for key in sorted(gone):
        if (picture := found.get(key)) is not None:
            found[key] = _saved(work, picture, picture.drop(subject, work.now()))


def _saved(work: Work, before: Picture, after: Picture) -> Picture:
    if after != before:
        work.of(Picture).save(after)
    return after
