"""What an operator may set about reviews, questions and answers, and the form of their texts."""

import unicodedata
from enum import StrEnum

from attrs import frozen

from groupbuy.domain.kernel import Invalid

REVIEW_AT_MOST = 2_000
QUESTION_AT_MOST = 300
ANSWER_AT_MOST = 1_000
REVIEW_PICTURES_AT_MOST = 9
PICTURE_AT_MOST = 500
"""Letters of a reference of a picture."""


class Moderation(StrEnum):
    """When a person looks at what was said."""

    BEFORE = "before"
    """Nothing is shown before a moderator published it."""
    AFTER = "after"
    """It is shown at once, unless screening holds it; reports bring it to a moderator."""


@frozen
class CommunityRules:
    """What an operator may set about what people say in public."""

    reviews_are_moderated: Moderation = Moderation.AFTER
    """`after` shows reviews, questions and answers at once, `before` only once a moderator agreed.
    """
    banned_phrases: str = ""
    """Parted by commas; a text with one of them waits for a moderator."""
    review_days: int = 180
    """A line may be reviewed for so many days after delivery."""
    amend_days: int = 30
    """A review may be changed, once, for so many days."""
    prior_mean: int = 400
    """What a product is thought to be worth before anybody reviewed it; hundredths of a star."""
    prior_reviews: int = 5
    """How many reviews that opinion weighs as much as."""
    reviews_a_day: int = 50
    """Of one person."""
    questions_a_day: int = 10
    """Of one person."""
    answers_a_day: int = 50
    """Of one person, replies included."""
    marks_a_day: int = 200
    """How often one person may report or call something helpful."""
    followers_told: int = 50
    """So many past buyers who wish to help are told of a new question, the latest first."""

    @property
    def phrases(self) -> tuple[str, ...]:
        """The banned phrases, one by one."""
        parts = self.banned_phrases.replace("，", ",").split(",")
        return tuple(phrase for part in parts if (phrase := part.strip()))


def words_of(text: str, most: int, field: str = "text") -> str:
    """Return a text without space around it. Raises Invalid if it is empty, long or invisible."""
    plain = unicodedata.normalize("NFC", text).replace("\r\n", "\n").strip()
    hidden = any(
        unicodedata.category(letter)[0] == "C" and letter not in "\n\u200d" for letter in plain
    )
    if not 1 <= len(plain) <= most or hidden:
        raise Invalid(field=field, reason=f"must have 1 to {most} visible letters")
    return plain


def pictures_of(given: "tuple[str, ...]", most: int) -> tuple[str, ...]:
    """Return references of pictures: our own paths, or https. Raises Invalid."""
    if len(given) > most:
        raise Invalid(field="pictures", reason=f"must be 0 to {most}")
    for picture in given:
        ours = picture.startswith("/") and not picture.startswith(("//", "/\\"))
        plain = picture.isprintable() and len(picture) <= PICTURE_AT_MOST
        if not plain or not (ours or picture.startswith("https://")):
            raise Invalid(
                field="pictures", reason="must be https:// addresses or paths of this site"
            )
    return given
