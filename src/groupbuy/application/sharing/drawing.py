"""What is drawn on a picture to share, and which picture of the goods is in it."""

from attrs import frozen

from groupbuy.application.ports.share_card import Card
from groupbuy.application.sharing.linking import open_link
from groupbuy.application.sharing.telling import PATH
from groupbuy.application.write_path import Work
from groupbuy.domain.kernel import NotFound
from groupbuy.domain.sharing import CardWords, card_words


@frozen
class Draft:
    """A picture before it is drawn."""

    words: CardWords
    link: str
    picture_id: str
    """The picture of the goods; empty for none of ours."""

    def card(self, picture: bytes) -> Card:
        """Return what is drawn, with the bytes of the picture."""
        words = self.words
        return Card(
            words.title, words.price, words.facts, words.scan, words.site, self.link, picture
        )


def draft_card(work: Work, code: str, base_url: str, *, english: bool) -> Draft:
    """Return what is drawn for a link, or for the id of what is shared.

    Raises NotFound, also for what nobody can join any more; Refused for a title that induces
    people to share.
    """
    landing = open_link(work, code)
    if landing.facts is None:
        raise NotFound(kind="file", key=code)
    link = f"{base_url}{PATH}{code}"
    return Draft(card_words(landing.facts, link, english=english), link, landing.facts.picture_id)
