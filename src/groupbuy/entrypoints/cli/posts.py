"""`groupbuy review` and `groupbuy question`: what waits for a moderator, and deciding about it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from groupbuy.entrypoints.cli.bulk import each
from groupbuy.entrypoints.cli.choices import states_of
from groupbuy.entrypoints.cli.exit_codes import Exit
from groupbuy.entrypoints.cli.output import Column, cell
from groupbuy.entrypoints.cli.shell import Shell, changing, limited, pass_shell, reasoned, shared

if TYPE_CHECKING:
    from groupbuy.application.write_path import Work
    from groupbuy.domain.community import Post

_POST = (
    Column("id", "编号", "id"),
    Column("state", "状态", "state"),
    Column("waiting", "待审", "waits"),
    Column("findings", "原因", "because of"),
    Column("reports", "举报", "reports", right=True),
    Column("stars", "星", "stars", right=True),
    Column("about", "关于", "about"),
    Column("text", "内容", "text"),
    Column("reply", "商家回复", "answered"),
    Column("created_at", "时间", "created"),
)
_RATING = (
    Column("id", "商品", "product"),
    Column("kept", "显示", "shown"),
    Column("counted", "重算", "counted"),
)
_DETAIL = (
    *_POST,
    Column("author_id", "作者", "author"),
    Column("merchant_id", "商家", "merchant"),
    Column("pictures", "图片", "pictures"),
    Column("before", "修改前", "before"),
    Column("decided_by", "审核人", "decided by"),
    Column("decision", "理由", "why"),
)


@click.group()
def review() -> None:
    """Moderate reviews; none is ever deleted, and merchants answer them."""


@click.group()
def question() -> None:
    """Moderate questions and the answers to them."""


@review.command("list")
@click.option("--all", "everything", is_flag=True, help="Those that need no look, too.")
@click.option("--state", "states", multiple=True, help="May be repeated; searches all.")
@limited
@shared
@pass_shell
def list_reviews(shell: Shell, everything: bool, states: tuple[str, ...], limit: int) -> None:
    """List reviews that wait for a look, the oldest first; or all, the newest first."""
    _list(shell, "review", everything, states, limit)


@question.command("list")
@click.option("--answers", "answers", is_flag=True, help="Answers and replies instead.")
@click.option("--all", "everything", is_flag=True, help="Those that need no look, too.")
@click.option("--state", "states", multiple=True, help="May be repeated; searches all.")
@limited
@shared
@pass_shell
def list_questions(
    shell: Shell, answers: bool, everything: bool, states: tuple[str, ...], limit: int
) -> None:
    """List questions that wait for a look, the oldest first; or all, the newest first."""
    _list(shell, "answer" if answers else "question", everything, states, limit)


@review.command("answer")
@click.argument("key")
@click.option("--merchant", "merchant_id", required=True, metavar="ID", help="Who answers.")
@click.option("--text", required=True, metavar="TEXT", help="Everybody reads it.")
@changing
@shared
@pass_shell
def answer_review(shell: Shell, key: str, merchant_id: str, text: str) -> None:
    """Answer a review as its merchant, or word the one answer anew."""
    from groupbuy.application import community

    def do(work: "Work") -> "Post":
        return community.answer_review(_staff(work, merchant_id), key, text)

    shell.out.table("review.answer/1", _POST, [_item(shell.run(do))])


@question.command("answer")
@click.argument("key")
@click.option("--merchant", "merchant_id", required=True, metavar="ID", help="Who answers.")
@click.option("--text", required=True, metavar="TEXT", help="Everybody reads it.")
@changing
@shared
@pass_shell
def answer_question(shell: Shell, key: str, merchant_id: str, text: str) -> None:
    """Answer a question as the merchant whose goods it is about."""
    from groupbuy.application import community

    def do(work: "Work") -> "Post":
        return community.answer_question(_staff(work, merchant_id), community.Reply(key, text))

    shell.out.table("question.answer/1", _POST, [_item(shell.run(do))])


@review.command()
@shared
@pass_shell
def verify(shell: Shell) -> None:
    """Count every rating anew from the reviews that are shown; ends with 7 if one is wrong."""
    from groupbuy.application import community

    found = community.wrong_ratings(shell.app.desk, shell.caller)
    items = [{"id": e.product_id, "kept": e.kept, "counted": e.counted} for e in found]
    shell.out.table("review.verify/1", _RATING, items)
    if found:
        shell.leave(Exit.FINDINGS)


def _staff(work: "Work", merchant_id: str) -> "Work":
    """Let somebody at the command line speak for a merchant."""
    from attrs import evolve

    return evolve(work, caller=evolve(work.caller, merchant_id=merchant_id))


def _show(shell: Shell, key: str) -> None:
    from groupbuy.application import community

    found = shell.read(lambda work: community.post_of(work, key))
    item = {**_item(found.post), **_more(found.post)}
    said = [{"by": e.reporter_id, "reason": e.reason, "at": e.at} for e in found.reports]

    def lines() -> list[str]:
        head = [
            f"{column.heading(shell.out.lang)}\t{cell(item[column.key], shell.out.lang)}"
            for column in _DETAIL
        ]
        word = shell.out.words("举报", "report")
        return [*head, *(f"{word}\t{each['by']}\t{each['reason']}" for each in said)]

    shell.out.show("post.show/1", {**item, "said": said}, lines)


def _list(shell: Shell, kind: str, everything: bool, states: tuple[str, ...], limit: int) -> None:
    from groupbuy.application import community
    from groupbuy.domain.community import Answer, PostState, Question, Review

    kinds: dict[str, type[Post]] = {"review": Review, "question": Question, "answer": Answer}
    wanted = states_of(PostState, states)
    sought = community.Sought(kinds[kind], not (everything or wanted), wanted, limit)
    found = shell.read(lambda work: community.posts(work, sought))
    shell.out.table(f"{kind}.list/1", _POST, [_item(post) for post in found])


def _item(post: "Post") -> dict[str, object]:
    from groupbuy.domain.community import Review

    mine = post if isinstance(post, Review) else None
    about = getattr(post, "about", "") or getattr(post, "question_id", "")
    return {
        "id": post.id,
        "state": post.state,
        "waiting": post.waiting,
        "findings": list(post.findings),
        "reports": post.reports,
        "stars": mine and mine.stars,
        "about": mine.product_id if mine else about,
        "text": post.text,
        "reply": mine.reply if mine else "",
        "created_at": post.created_at,
    }


def _more(post: "Post") -> dict[str, object]:
    from groupbuy.domain.community import Review

    mine = post if isinstance(post, Review) else None
    return {
        "author_id": post.author_id,
        "merchant_id": post.merchant_id,
        "pictures": list(mine.pictures) if mine else [],
        "before": [f"{each.stars}: {each.text}" for each in mine.editions] if mine else [],
        "decided_by": post.decided_by,
        "decision": post.decision,
    }


def _deciding(verb: str, schema: str) -> Callable[..., None]:
    def run(shell: Shell, ids: tuple[str, ...]) -> None:
        from groupbuy.application import community

        use_case = {"publish": community.publish, "hide": community.hide}.get(verb)
        decide = use_case or community.reject

        def do(key: str) -> dict[str, object]:
            after = shell.run(lambda work: decide(work, key, shell.reason))
            return {"id": after.id, "state": after.state, "message": str(after.state)}

        each(shell, schema, ids, do)

    return run


_VERBS = {
    "publish": "Show posts, or confirm those that are shown.",
    "hide": "Show posts no longer; they are kept, and their authors read why.",
    "reject": "Never show posts as they stand; their authors read why.",
}


def _complete(group: click.Group, noun: str) -> None:
    """Give a group the verbs that decide about posts, and `show`."""
    for verb, meaning in _VERBS.items():
        run = reasoned(changing(shared(pass_shell(_deciding(verb, f"{noun}.{verb}/1")))))
        group.command(verb, help=meaning)(click.argument("ids", nargs=-1, required=True)(run))
    shown = shared(pass_shell(_show))
    group.command("show", help="Show a post with its reports.")(click.argument("key")(shown))


_complete(review, "review")
_complete(question, "question")
