"""What an erased person has said: in public it stays without them, in private it goes.

What consumers say about goods must not be deleted (E-commerce Law of the PRC, art. 39), so
reviews, questions and answers keep their words and lose name and pictures. What stands in
feedback was sealed under the person's key; it is taken out besides.
"""

from attrs import evolve

from groupbuy.application.ports import Query
from groupbuy.application.steps.reading import every
from groupbuy.application.write_path import Work
from groupbuy.domain.community import Answer, Follow, Post, Question, Review, forgotten
from groupbuy.domain.feedback import Feedback, FeedbackMessage


def forget_words(work: Work, user_id: str) -> None:
    """Take a person out of everything they said; call it after the locks of their orders."""
    for kind in (Question, Answer, Review):
        _forget_posts(work, kind, user_id)
    follows = every(work.of(Follow), Query().where(user_id=user_id, on=True))
    for follow in work.of(Follow).lock([each.id for each in follows]).values():
        work.of(Follow).save(evolve(follow, on=False))
    _forget_cases(work, user_id)


def _forget_posts(work: Work, kind: type[Post], user_id: str) -> None:
    said = every(work.of(kind), Query().where(author_id=user_id))
    for post in work.of(kind).lock([each.id for each in said]).values():
        after = forgotten(post)
        if isinstance(after, Review):
            after = evolve(after, pictures=())
        if after != post:
            work.of(kind).save(after)


def _forget_cases(work: Work, user_id: str) -> None:
    cases = [each.id for each in every(work.of(Feedback), Query().where(person_id=user_id))]
    for case in work.of(Feedback).lock(cases).values():
        if case.waiting:
            after, happened = case.withdraw(work.now())
            work.of(Feedback).save(after)
            work.emit(happened)
    said = [
        each.id
        for key in cases
        for each in every(work.of(FeedbackMessage), Query().where(feedback_id=key))
    ]
    for message in work.of(FeedbackMessage).lock(said).values():
        work.of(FeedbackMessage).save(evolve(message, sealed="", pictures=()))
