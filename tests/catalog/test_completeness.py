"""Lines of a channel: understood, or refused with what to write; and judged by the database."""

import pytest

from catalog.choices import DescriptionState
from catalog.completeness import Requirement, is_complete, requirements_of
from catalog.exceptions import ChannelRefused
from catalog.models import Channel, Product
from catalog.selectors.completeness import (
    Share,
    completeness_report,
    product_gaps,
    products_lacking,
)
from tests.factories import (
    CategoryFactory,
    DescriptionFactory,
    ProductFactory,
    ProductImageFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def channel(requirements, banned="", language="en"):
    return Channel.objects.create(
        name=f"Channel {Channel.objects.count()}",
        requirements=requirements,
        banned=banned,
        language=language,
    )


def complete(requirements, **more):
    found = Product.objects.filter(is_complete(channel(requirements, **more)))
    return "".join(found.order_by("sku").values_list("sku", flat=True))


def test_lines_are_read():
    lines = "Title <= 70\nphotos >= 2\n\ntext alt_text<=125\nattribute Care label\nbrand\nbrand"
    assert requirements_of(lines) == [
        Requirement("title", 70),
        Requirement("photos", 2),
        Requirement("text:alt_text", 125),
        Requirement("attribute:Care label"),
        Requirement("brand"),
    ]
    assert [one.label for one in requirements_of(lines)] == [
        "Title, up to 70 characters",
        "Photos: at least 2",
        "Approved text: alt text, up to 125 characters",
        "Attribute: Care label",
        "Brand",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "titel",
        "title > 70",
        "title >= 70",
        "title <= 0",
        "title <= many",
        "photos <= 2",
        "gender <= 3",
        "title <= 9999999",
        "attribute",
        "text",
        "attribute Fabric <= 3",
    ],
)
def test_a_line_that_is_no_requirement_is_refused(line):
    with pytest.raises(ChannelRefused, match=f"“{line}” is not understood"):
        requirements_of(f"brand\n{line}")


def test_a_text_that_there_is_not_is_named_with_those_that_there_are():
    with pytest.raises(ChannelRefused, match=r"no text “headline”\. Choose among: standard, alt"):
        requirements_of("text headline")


@pytest.mark.parametrize("requirements", ["title <= 4", "brand", "category", "colour", "gender"])
def test_facts_and_their_lengths(requirements):
    full = {"brand": "Wren", "colour": "red", "gender": "men", "category": CategoryFactory()}
    ProductFactory(sku="A", title="Coat", **full)
    ProductFactory(sku="B", title="Coats", brand="", colour="", gender="", category=None)
    assert complete(requirements) == "A"


def test_photos_are_counted():
    for sku, photos in [("A", 0), ("B", 1), ("C", 2)]:
        product = ProductFactory(sku=sku)
        for position in range(photos):
            ProductImageFactory(product=product, position=position)
    assert (complete("photos"), complete("photos >= 2"), complete("photos >= 3")) == ("BC", "C", "")


def test_an_attribute_is_there_by_its_name():
    ProductFactory(sku="A", attributes={"Fabric": "wool"})
    ProductFactory(sku="B", attributes={"fabric": "wool"})
    assert complete("attribute Fabric") == "A"


def test_a_text_counts_when_it_is_approved_in_the_language_of_the_channel():
    for sku, state, language, text in [
        ("A", DescriptionState.APPROVED, "en", "A coat."),
        ("B", DescriptionState.DRAFT, "en", "A coat."),
        ("C", DescriptionState.APPROVED, "de", "Ein Mantel."),
        ("D", DescriptionState.APPROVED, "en", "A long coat."),
    ]:
        product = ProductFactory(sku=sku)
        DescriptionFactory(product=product, state=state, language=language, standard=text)
    assert complete("text standard") == "AD"
    assert complete("text standard <= 7") == "A"
    assert complete("text standard", language="de") == "C"


def test_banned_words_are_found_as_words_in_any_case():
    ProductFactory(sku="A", title="Wholesale coat")
    ProductFactory(sku="B", title="Coat, SALE!")
    ProductFactory(sku="C", title="Coat 50% off (a.b)")
    DescriptionFactory(
        product=ProductFactory(sku="D", title="Coat"),
        state=DescriptionState.APPROVED,
        standard="On sale now.",
    )
    assert complete("title", banned="sale") == "AC"
    assert complete("title", banned="50% off\n(a.b)") == "ABD"


def test_what_is_missing_is_counted_and_found():
    google = channel("title\nbrand\ncolour")
    ProductFactory(sku="A", brand="Wren", colour="red")
    ProductFactory(sku="B", brand="", colour="red")
    ProductFactory(sku="C", brand="", colour="")
    gaps = [(gap.requirement.key, gap.products) for gap in completeness_report([google]).gaps[0]]
    assert gaps == [("brand", 2), ("colour", 1)]

    def lacking(address):
        found = products_lacking(Product.objects.order_by("sku"), address)
        return "".join(found.values_list("sku", flat=True))

    assert lacking(f"{google.pk}:brand") == "BC"
    assert lacking(f"{google.pk}:any") == "BC"
    assert [lacking(it) for it in (f"{google.pk}:gender", "0:any", "x", ":", "²:any")] == [""] * 5


def test_shares_by_category():
    coats = CategoryFactory(name="Coats")
    needs = [channel("brand"), channel("colour")]
    ProductFactory(category=coats, brand="Wren", colour="")
    ProductFactory(category=coats, brand="", colour="")
    ProductFactory(category=None, brand="Wren", colour="red")
    report = completeness_report(needs)
    assert report.categories == {
        "": [Share(1, 1), Share(1, 1)],
        "Coats": [Share(2, 1), Share(2, 0)],
    }
    assert report.totals == [Share(3, 2), Share(3, 1)]
    assert [(Share(2, 1).percent, Share(2, 1).tenth), Share(0, 0).percent] == [(50, 5), 0]
    assert Share(1000, 999).percent == 99


def test_what_one_product_lacks():
    Channel.objects.all().delete()
    channel("title\nbrand\nphotos >= 3")
    product = ProductFactory(brand="")
    assert [lacking for _channel, lacking in product_gaps(product)] == [
        ["Brand", "Photos: at least 3"]
    ]


def test_the_channels_that_come_with_the_catalog_are_understood():
    names = [one.name for one in Channel.objects.all() if requirements_of(one.requirements)]
    assert names == ["Own storefront", "Shopify SEO", "Google Merchant", "Marketplace"]


@pytest.mark.parametrize("blank", [" ", "   ", "\t", "\xa0"])
def test_a_pasted_line_may_have_other_blanks(blank):
    [found] = requirements_of(f"attribute{blank}Fabric")
    assert found.key == "attribute:Fabric"
