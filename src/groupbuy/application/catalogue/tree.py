"""The category tree, kept by the operator."""

from attrs import evolve, frozen

from groupbuy.application.catalogue import facts
from groupbuy.application.catalogue.merging import height, shown_tree
from groupbuy.application.catalogue.shelf import upwards
from groupbuy.application.ports import Query
from groupbuy.application.steps.cataloguing import Names
from groupbuy.application.write_path import Work
from groupbuy.domain.catalogue import Category
from groupbuy.domain.kernel import BASIS_POINTS, Event, Invalid, Refused
from groupbuy.domain.membership import Role


@frozen
class PutCategory:
    """Make a category, or change the one with this id."""

    name: str
    parent_id: str | None = None
    commission_bp: int | None = None
    """Overrides the leader's rate for what is in it or below it; basis points."""
    category_id: str = ""


def put_category(work: Work, cmd: PutCategory) -> Category:
    """Make or change a category. Raises NotFound, Invalid, Refused for a name its siblings have."""
    work.caller.require(Role.OPERATOR)
    name = facts.line("name", cmd.name, facts.WORD_AT_MOST)
    if cmd.commission_bp is not None:
        facts.number("commission_bp", cmd.commission_bp, BASIS_POINTS)
    _need_place(work, cmd)
    twins = Query().where(parent_id=cmd.parent_id, name=name).page(2)
    if any(twin.id != cmd.category_id for twin in work.of(Category).select(twins)):
        raise Refused(rule="sibling_names_differ", about=name)
    if not cmd.category_id:
        made = Names(work).new_category(cmd.parent_id, name, cmd.commission_bp)
        work.emit([Event("category.created", made.id, work.now())])
        return made
    known = work.of(Category).get(cmd.category_id)
    if known.merged_into is not None:
        raise Refused(rule="it_was_merged_before", about=known.id)
    after = evolve(known, name=name, parent_id=cmd.parent_id, commission_bp=cmd.commission_bp)
    if after != known:
        work.of(Category).save(after)
        work.audit("category.change", known.id, commission_bp=str(cmd.commission_bp))
        if (after.name, after.parent_id) != (known.name, known.parent_id):
            work.later("index_category", f"{known.id}/{known.version}/", work.now())
    return after


def _need_place(work: Work, cmd: PutCategory) -> None:
    """A category stands below an existing one, at a bounded depth, and never below itself."""
    if cmd.parent_id is None:
        return
    path = upwards(work, cmd.parent_id)
    if path[-1].merged_into is not None:
        raise Refused(rule="it_was_merged_before", about=cmd.parent_id)
    if cmd.category_id and any(step.id == cmd.category_id for step in path):
        raise Refused(rule="the_tree_has_no_circle", about=cmd.category_id)
    taken = height(cmd.category_id, shown_tree(work)) if cmd.category_id else 1
    if len(path) + taken > facts.DEPTH_AT_MOST:
        raise Invalid("parent_id", f"must leave at most {facts.DEPTH_AT_MOST} levels")
