"""What the query of a request may hold, cursors included. Values that cannot be used are refused by
the name of their parameter."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.core.signing import BadSignature, Signer
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.api.access import Principal
from catalog.api.fields import TextField, WholeNumberField
from catalog.api.problems import ParameterRefused, Problem, ProblemRaised
from catalog.choices import Gender, ProductState
from catalog.models import ApiScope
from catalog.selectors.product_documents import FIELDS
from catalog.selectors.products import ORDERINGS, Position

MOST_A_PAGE = 200
LANGUAGE = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,4})?$"
LANGUAGE_HELP = "Language of title, attributes and texts, for example `en` or `pt-BR`."
STATES = [*ProductState.choices, ("any", "Any")]
BOOLEANS = ["true", "false"]
#: Signed, so that a cursor comes from this API unaltered, and its value may go into a query.
_SIGNER = Signer(salt="catalog.api.cursors")


_NAME = "|".join(FIELDS)


@extend_schema_field({"type": "string", "pattern": f"^({_NAME})(,({_NAME}))*$"})
class SparseFieldsField(serializers.CharField):
    """Names between commas; the answer has only these members, and costs less."""

    def to_internal_value(self, data: Any) -> Any:
        names = super().to_internal_value(data).split(",")
        if not set(names) <= set(FIELDS):
            raise serializers.ValidationError(f"Choose from: {', '.join(FIELDS)}.")
        return tuple(name for name in FIELDS if name in names)


class SparseQuery(serializers.Serializer[Any]):
    """A query with the parameter `fields`, a name that serializers use for themselves."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        sparse = SparseFieldsField(
            required=False,
            max_length=200,
            help_text=f"Only these fields, between commas; a choice of: {', '.join(FIELDS)}.",
        )
        return {**super().get_fields(), "fields": sparse}


class OneProductQuery(SparseQuery):
    """Parameters of `/products/{sku}/`."""

    language = serializers.RegexField(
        LANGUAGE, default=settings.SHOP_LANGUAGE, help_text=LANGUAGE_HELP
    )


class ProductListQuery(SparseQuery):
    """Parameters of `/products/`; filters combine with *and*."""

    category = serializers.SlugField(
        allow_unicode=True, required=False, max_length=140, help_text="Slug of a category."
    )
    brand = TextField(
        trim_whitespace=False, required=False, max_length=120, help_text="Brand, whatever its case."
    )
    colour = TextField(
        trim_whitespace=False, required=False, max_length=60, help_text="Colour, whatever its case."
    )
    gender = serializers.ChoiceField(
        required=False, choices=Gender.values, help_text="Whom the product is for."
    )
    state = serializers.ChoiceField(
        choices=STATES,
        default=ProductState.PUBLISHED.value,
        help_text="Anything but `published` needs the scope `drafts`.",
    )
    has_description = serializers.ChoiceField(
        required=False,
        choices=BOOLEANS,
        help_text="`true`: only products with an approved text; `false`: only those without.",
    )
    search = TextField(
        trim_whitespace=False,
        required=False,
        max_length=200,
        help_text="Words, each the beginning of one in SKU, title, brand, colour, category or "
        "approved text.",
    )
    updated_since = serializers.DateTimeField(
        required=False,
        default_timezone=UTC,
        help_text="Changes at or after this ISO 8601 time, oldest first. Products that are gone "
        "or no longer match the filters come as tombstones. Go on with `next`, later with "
        "`resume`.",
    )
    language = serializers.RegexField(
        LANGUAGE, default=settings.SHOP_LANGUAGE, help_text=LANGUAGE_HELP
    )
    ordering = serializers.ChoiceField(
        required=False,
        choices=list(ORDERINGS),
        help_text="`sku` by default; changes come by `updated_at`.",
    )
    limit = WholeNumberField(
        default=50, min_value=1, max_value=MOST_A_PAGE, help_text="Products a page."
    )
    cursor = serializers.CharField(
        required=False,
        max_length=500,
        help_text="From `next`, `previous` or `resume`; opaque, valid with its own query.",
    )


@dataclass(frozen=True, slots=True)
class ListRequest:
    """A checked query of the product list."""

    filters: dict[str, Any]
    language: str
    fields: tuple[str, ...]
    ordering: str
    limit: int
    cursor: str
    updated_since: datetime | None


def read_query(kind: type[serializers.Serializer[Any]], parameters: Any) -> dict[str, Any]:
    """The checked values of a query. Raises `ParameterRefused`."""
    try:
        return dict(_reader(kind).run_validation(parameters.dict()))
    except serializers.ValidationError as error:
        raise ParameterRefused(error.detail) from error


@cache
def _reader(kind: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """One for all requests: making one costs more than reading a query. It keeps no state."""
    return kind()


def parameter_names(kind: type[serializers.Serializer[Any]]) -> tuple[str, ...]:
    """The names of a query's parameters."""
    return tuple(kind().fields)


def list_request(parameters: Any, principal: Principal) -> ListRequest:
    """The checked query of the product list. Raises `ProblemRaised` for what is not allowed."""
    values = read_query(ProductListQuery, parameters)
    since = values.pop("updated_since", None)
    if values["state"] != ProductState.PUBLISHED and not principal.may(ApiScope.DRAFTS):
        raise ProblemRaised(
            Problem.NOT_PERMITTED if principal.owner else Problem.NOT_AUTHENTICATED,
            "Unpublished products need a key with the scope `drafts`.",
        )
    ordering = values.pop("ordering", None)
    if since is not None and ordering not in (None, "updated_at"):
        raise ProblemRaised(Problem.UNPROCESSABLE, "Changes come by `ordering=updated_at` alone.")
    return ListRequest(
        language=values.pop("language"),
        fields=values.pop("fields", FIELDS),
        ordering=ordering or "sku",
        limit=values.pop("limit"),
        cursor=values.pop("cursor", ""),
        updated_since=since,
        filters=values,
    )


def cursor_of(ordering: str, value: Any, *, backwards: bool = False) -> str:
    """The cursor of the rows after `value` (`backwards`: before it) in an order."""
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
