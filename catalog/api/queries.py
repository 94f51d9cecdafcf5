"""What the query of a request may hold. A value that makes no sense is refused by name."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from rest_framework import serializers

from catalog.api.fields import TextField, WholeNumberField
from catalog.api.principal import Principal
from catalog.api.problem_types import Problem
from catalog.api.problems import ParameterRefused, ProblemRaised
from catalog.choices import Gender, ProductState
from catalog.models import ApiScope
from catalog.selectors.product_documents import FIELDS
from catalog.selectors.product_pages import ORDERINGS

MOST_A_PAGE = 200
LANGUAGE = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,4})?$"
LANGUAGE_HELP = "Language of the texts, for example `en` or `pt-BR`."
STATES = [*ProductState.choices, ("any", "Any")]
BOOLEANS = ["true", "false"]


class SparseFieldsField(serializers.CharField):
    """Names between commas; the answer holds these alone, and costs less."""

    def to_internal_value(self, data: Any) -> tuple[str, ...]:
        names = super().to_internal_value(data).split(",")
        if not set(names) <= set(FIELDS):
            raise serializers.ValidationError(f"Choose from: {', '.join(FIELDS)}.")
        return tuple(name for name in FIELDS if name in names)


class SparseQuery(serializers.Serializer):
    """A query with the parameter `fields`, a name that serializers keep for themselves."""

    def get_fields(self) -> dict[str, serializers.Field]:
        sparse = SparseFieldsField(
            required=False,
            max_length=200,
            help_text=f"Only these fields, between commas; a choice of: {', '.join(FIELDS)}.",
        )
        return {**super().get_fields(), "fields": sparse}


class OneProductQuery(SparseQuery):
    """Parameters of `/products/{sku}/`."""

    language = serializers.RegexField(LANGUAGE, default="en", help_text=LANGUAGE_HELP)


class ProductListQuery(SparseQuery):
    """Parameters of `/products/`; filters combine with *and*."""

    category = serializers.SlugField(
        required=False, max_length=140, help_text="Slug of a category."
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
        help_text="Changes at or after this ISO 8601 time, oldest first. What is gone, or does "
        "not match the filters any more, comes as a tombstone. Go on with `next`, later with "
        "`resume`.",
    )
    language = serializers.RegexField(LANGUAGE, default="en", help_text=LANGUAGE_HELP)
    ordering = serializers.ChoiceField(
        required=False,
        choices=list(ORDERINGS),
        help_text="`sku` unless something else is said; changes come by `updated_at`.",
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


def read_query(kind: type[serializers.Serializer], parameters: Any) -> dict[str, Any]:
    """The checked values of a query. Raises `ParameterRefused`."""
    try:
        return dict(_reader(kind).run_validation(parameters.dict()))
    except serializers.ValidationError as error:
        raise ParameterRefused(error.detail) from error


@cache
def _reader(kind: type[serializers.Serializer]) -> serializers.Serializer:
    """One for all requests: to make one costs more than to read a query. It keeps no state."""
    return kind()


def parameter_names(kind: type[serializers.Serializer]) -> tuple[str, ...]:
    """How the parameters of a query are called."""
    return tuple(kind().fields)


def list_request(parameters: Any, principal: Principal) -> ListRequest:
    """The checked query of the product list, as far as the principal may ask for it."""
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
