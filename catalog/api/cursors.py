"""Positions in a list as the opaque, signed texts that clients hand back."""

from typing import Any

from django.core.signing import BadSignature, Signer

from catalog.api.problem_types import Problem
from catalog.api.problems import ProblemRaised
from catalog.selectors.product_pages import Position

#: Signed, so that a cursor is ours and unaltered, and its value can go into a query as it is.
_SIGNER = Signer(salt="catalog.api.cursors")


def cursor_of(ordering: str, value: Any, *, backwards: bool = False) -> str:
    """The cursor of the rows behind `value` (`backwards`: before it) in an order."""
    return _SIGNER.sign_object([ordering, value, backwards])


def position_of(cursor: str, *, ordering: str) -> Position:
    """Raises `ProblemRaised` for a cursor that was altered, or belongs to another order."""
    if not cursor:
        return Position()
    try:
        of, value, backwards = _SIGNER.unsign_object(cursor)
    except (BadSignature, ValueError) as error:
        raise ProblemRaised(
            Problem.INVALID_CURSOR, "This cursor is not one that was handed out here."
        ) from error
    if of != ordering:
        raise ProblemRaised(
            Problem.INVALID_CURSOR, "This cursor belongs to a list in another order."
        )
    return Position(value, backwards)
