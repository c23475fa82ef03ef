"""Things as they will read once their unit of work is committed."""

from typing import Any, TypeVar

from attrs import evolve, fields, has

from groupbuy.application.write_path import Work

T = TypeVar("T")


def as_committed(work: Work, shown: T) -> T:
    """Return what a use case made with the versions it is stored with.

    Whoever edits next names the version of the answer, so it must not be the one before. Views
    are looked into: their attributes, and tuples of things.
    """
    found: Any = shown
    if isinstance(found, tuple):
        found = tuple(as_committed(work, each) for each in found)
    elif has(type(found)):
        names = {each.name for each in fields(type(found)) if each.init}
        if {"id", "version"} <= names:
            return work.of(type(shown)).committed(shown)
        parts = {name: getattr(found, name) for name in names if name[0] != "_"}
        after = {name: as_committed(work, part) for name, part in parts.items()}
        changed = {name: part for name, part in after.items() if part is not parts[name]}
        found = evolve(found, **changed) if changed else found
    return found  # type: ignore[no-any-return]
