"""The shapes of the API's answers, for its schema. Selectors make the answers themselves; tests
compare the two."""

from typing import Any

from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request

from catalog.api.problems import Problem
from catalog.choices import Availability, FailureReason, Gender, JobState, ProductState
from catalog.models import DeliveryState, WebhookEventType
from catalog.selectors.product_documents import Provenance
from catalog.services.products import RowOutcome

GENDERS = ["", *Gender.values]


def document(shape: type[serializers.Serializer[Any]], row: Any, **computed: Any) -> dict[str, Any]:
    """The members of a shape: the `computed` ones, and attributes of the row for the others."""
    return {
        name: computed[name] if name in computed else getattr(row, name)
        for name in shape._declared_fields
    }


def address(request: Request, name: str, *keys: Any) -> str:
    """The absolute URL of the address of the API that `urls` gives this name."""
    return request.build_absolute_uri(reverse(f"api:{name}", args=keys))


class ProblemErrorShape(serializers.Serializer[Any]):
    """One value that cannot be used."""

    parameter = serializers.CharField(required=False, help_text="Name of the query's parameter.")
    pointer = serializers.CharField(
        required=False, help_text="Place in the body, as a JSON pointer (RFC 6901) behind `#`."
    )
    detail = serializers.CharField(help_text="What is wrong with it.")


class ProblemShape(serializers.Serializer[Any]):
    """Why a request was refused (RFC 9457)."""

    type = serializers.URLField(help_text="Address of a description of this kind of problem.")
    title = serializers.CharField(help_text="The kind of problem, in a few words.")
    status = serializers.IntegerField(min_value=400, max_value=599)
    detail = serializers.CharField(help_text="What happened this time, in a sentence.")
    errors = ProblemErrorShape(many=True, required=False)  # type: ignore[assignment]  # a member


class ProblemTypeShape(serializers.Serializer[Any]):
    """A kind of problem, and what to do about it."""

    type = serializers.URLField()
    name = serializers.ChoiceField(choices=[problem.slug for problem in Problem])
    status = serializers.IntegerField(min_value=400, max_value=599)
    title = serializers.CharField()
    advice = serializers.CharField()


class CategoryShape(serializers.Serializer[Any]):
    """A category: its name, and the slug that the filter takes."""

    name = serializers.CharField()
    slug = serializers.CharField()


class CategoryEntryShape(CategoryShape):
    """A category with its parent."""

    parent = serializers.CharField(  # type: ignore[assignment]  # a member of the answer
        allow_null=True, help_text="Slug of the category above."
    )
    products = serializers.IntegerField(
        min_value=0, help_text="Published products, without those of the categories below."
    )


class CategoryListShape(serializers.Serializer[Any]):
    """All categories, by name."""

    results = CategoryEntryShape(many=True)


class ImageShape(serializers.Serializer[Any]):
    """One photo: absolute addresses, size in pixels, position 0 for the main photo."""

    id = serializers.IntegerField()
    url = serializers.URLField()
    thumbnail_url = serializers.URLField(help_text="JPEG, 400 pixels on its long side at most.")
    width = serializers.IntegerField(min_value=1)
    height = serializers.IntegerField(min_value=1)
    position = serializers.IntegerField(min_value=0)


class TextShape(serializers.Serializer[Any]):
    """The approved text of a product. Plain text: escape it where it meets HTML."""

    language = serializers.CharField()
    standard = serializers.CharField(help_text="A sentence or two.")
    alt_text = serializers.CharField(allow_blank=True, help_text="Up to 125 characters.")
    detailed = serializers.CharField(allow_blank=True, help_text="A paragraph.")
    page_title = serializers.CharField(
        allow_blank=True, help_text="A title for the product's page; `title` is the shop's own."
    )
    bullets = serializers.ListField(child=serializers.CharField(), help_text="Points, in order.")
    meta_title = serializers.CharField(allow_blank=True, help_text="For search engines.")
    meta_description = serializers.CharField(allow_blank=True, help_text="For search engines.")
    provenance = serializers.ChoiceField(
        choices=[value.value for value in Provenance],
        help_text="`generated` by a model, generated and then `edited`, or written by a `human`.",
    )
    model_version = serializers.CharField(allow_null=True, help_text="Null for a text by a person.")
    approved_at = serializers.DateTimeField(allow_null=True)


class OptionShape(serializers.Serializer[Any]):
    """An option of a variant, such as Size: M."""

    name = serializers.CharField()
    value = serializers.CharField(allow_blank=True)


class VariantShape(serializers.Serializer[Any]):
    """What a customer buys of a product. Empty texts and null say nothing."""

    sku = serializers.CharField(allow_blank=True)
    options = OptionShape(many=True)
    price = serializers.CharField(allow_null=True, help_text="For example `19.90`.")
    compare_at_price = serializers.CharField(
        allow_null=True, help_text="The usual price of a reduced variant."
    )
    currency = serializers.CharField(allow_blank=True, help_text="ISO 4217.")
    barcode = serializers.CharField(allow_blank=True)
    availability = serializers.ChoiceField(choices=["", *Availability.values])
    image = serializers.IntegerField(allow_null=True, help_text="`id` of its own photo.")


class LanguagesShape(serializers.Serializer[Any]):
    """The languages of an answer: of each part the first of the chain that says it."""

    chain = serializers.ListField(
        child=serializers.CharField(),
        help_text="The language that was asked for, and those that stand in for it. Title, colour "
        "and attributes come from the shop's language where none of them says them.",
    )
    title = serializers.CharField()
    colour = serializers.CharField()
    attributes = serializers.DictField(
        child=serializers.CharField(),
        help_text="By name, of those that are not in the shop's language.",
    )
    description = serializers.CharField(allow_null=True)


class ProductShape(serializers.Serializer[Any]):
    """A product. `description` is the approved text, or null; drafts never show. With `fields`
    only those members are there."""

    sku = serializers.CharField(required=False)
    title = serializers.CharField(required=False)
    brand = serializers.CharField(required=False, allow_blank=True)
    category = CategoryShape(required=False, allow_null=True)
    further_categories = CategoryShape(
        many=True, required=False, help_text="Where it stands besides, in order."
    )
    colour = serializers.CharField(required=False, allow_blank=True)
    gender = serializers.ChoiceField(required=False, choices=GENDERS)
    attributes = serializers.DictField(required=False, help_text="Further facts, name to value.")
    state = serializers.ChoiceField(required=False, choices=ProductState.choices)
    variants = VariantShape(many=True, required=False)
    images = ImageShape(many=True, required=False)
    description = TextShape(required=False, allow_null=True)
    languages = LanguagesShape(required=False)
    updated_at = serializers.DateTimeField(
        required=False, help_text="When the last change of anything shown here became visible."
    )
    deleted = serializers.BooleanField(
        required=False,
        help_text="True in a list of changes for products that are gone or no longer match; these "
        "have only `sku` and `updated_at` besides. Otherwise absent.",
    )


class ProductListShape(serializers.Serializer[Any]):
    """A page. Lists have `previous`, changes have `resume`."""

    next = serializers.URLField(allow_null=True, help_text="The next page, if there is one.")
    previous = serializers.URLField(required=False, allow_null=True)
    resume = serializers.URLField(
        required=False, help_text="Ask this later for the changes since this page."
    )
    results = ProductShape(many=True)


class RowAnswerShape(serializers.Serializer[Any]):
    """The result of one row."""

    sku = serializers.CharField(allow_blank=True)
    outcome = serializers.ChoiceField(choices=[outcome.value for outcome in RowOutcome])
    errors = ProblemErrorShape(many=True, required=False)  # type: ignore[assignment]  # a member


class BulkAnswerShape(serializers.Serializer[Any]):
    """One result per row, in the order of the rows."""

    results = RowAnswerShape(many=True)


class JobFailureShape(serializers.Serializer[Any]):
    """A product that has no draft, and why."""

    sku = serializers.CharField()
    reason = serializers.ChoiceField(choices=FailureReason.values)
    detail = serializers.CharField(help_text="What a person can do about it.")


class JobShape(serializers.Serializer[Any]):
    """A job, counted in products: `total` is the sum of the six counts after it."""

    id = serializers.IntegerField()
    url = serializers.URLField()
    state = serializers.ChoiceField(choices=JobState.choices)
    language = serializers.CharField()
    total = serializers.IntegerField(min_value=0)
    done = serializers.IntegerField(min_value=0, help_text="Have a draft.")
    not_recognised = serializers.IntegerField(
        min_value=0, help_text="No photo shows a fashion item that the model knows: no draft."
    )
    failed = serializers.IntegerField(min_value=0)
    skipped = serializers.IntegerField(min_value=0, help_text="Had a text, or no photo.")
    cancelled = serializers.IntegerField(min_value=0)
    left = serializers.IntegerField(min_value=0)
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    failures = JobFailureShape(many=True, help_text="The first hundred.")
    without_item = JobFailureShape(
        many=True, help_text="Products whose photos were not recognised, the first hundred."
    )
    contradictions = serializers.IntegerField(
        min_value=0,
        help_text="Drafts that say something that the catalog contradicts; people see them marked.",
    )
    photo_disagrees = serializers.IntegerField(
        min_value=0,
        help_text="Drafts whose photo probably shows another type of item than the catalog names.",
    )


class PhotoTextShape(serializers.Serializer[Any]):
    """What the model says about a photo. No person has read it: treat it as a draft."""

    recognised = serializers.BooleanField(
        help_text="Whether the photo shows a fashion item that the model knows; if not, no text."
    )
    reason = serializers.CharField(allow_blank=True, help_text="Why nothing was recognised.")
    standard = serializers.CharField(allow_blank=True)
    alt_text = serializers.CharField(allow_blank=True)
    detailed = serializers.CharField(allow_blank=True)
    page_title = serializers.CharField(allow_blank=True)
    bullets = serializers.ListField(child=serializers.CharField())
    meta_title = serializers.CharField(allow_blank=True)
    meta_description = serializers.CharField(allow_blank=True)
    confidence = serializers.FloatField(
        min_value=0,
        max_value=1,
        allow_null=True,
        help_text="Probability that all the text states is true.",
    )
    model_version = serializers.CharField()


class WebhookShape(serializers.Serializer[Any]):
    """A webhook. `notice` says why it was disabled, if it was."""

    id = serializers.UUIDField()
    address = serializers.URLField(help_text="Of this webhook in the API.")
    url = serializers.CharField(help_text="Where messages go.")
    events = serializers.ListField(child=serializers.ChoiceField(choices=WebhookEventType.choices))
    enabled = serializers.BooleanField()
    notice = serializers.CharField(allow_blank=True)
    failing_since = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()


class NewWebhookShape(WebhookShape):
    """A new webhook with its secret, which is shown this once."""

    secret = serializers.CharField()


class WebhookListShape(serializers.Serializer[Any]):
    """All webhooks of the client, the oldest first."""

    results = WebhookShape(many=True)


class AttemptShape(serializers.Serializer[Any]):
    """One attempt of a delivery: what the receiver answered, or why there was no answer."""

    at = serializers.DateTimeField()
    status = serializers.IntegerField(allow_null=True)
    detail = serializers.CharField(allow_blank=True)


class DeliveryShape(serializers.Serializer[Any]):
    """One event for one webhook."""

    number = serializers.IntegerField()
    event = serializers.UUIDField(help_text="The same in `webhook-id`, at each attempt.")
    type = serializers.ChoiceField(choices=WebhookEventType.choices)
    subject = serializers.CharField(
        help_text="For example a SKU; deliveries of one subject keep order."
    )
    state = serializers.ChoiceField(choices=DeliveryState.choices)
    attempts = serializers.IntegerField(min_value=0)
    created_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    delivered_at = serializers.DateTimeField(allow_null=True)
    log = AttemptShape(many=True)


class DeliveryListShape(serializers.Serializer[Any]):
    """The last deliveries, the latest first."""

    results = DeliveryShape(many=True)
