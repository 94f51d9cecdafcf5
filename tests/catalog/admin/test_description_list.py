"""The list of texts: drafts first, approve and reject many at once."""

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from catalog.choices import DescriptionState
from catalog.models import Description
from moda_engine.brief.claims import Brief, Claim
from tests.factories import DescriptionFactory

LIST = reverse("admin:catalog_description_changelist")
pytestmark = pytest.mark.django_db


def press(client, action, texts, **more):
    data = {"action": action, "_selected_action": [text.pk for text in texts], **more}
    return client.post(f"{LIST}?state=all", data)


def states(*texts: Description):
    return [Description.objects.get(pk=text.pk).state for text in texts]


def test_drafts_are_shown_the_most_doubtful_first(reviewer):
    sure, hand, doubtful = (DescriptionFactory(confidence=value) for value in (0.9, None, 0.3))
    DescriptionFactory(state=DescriptionState.APPROVED)
    page = reviewer.get(LIST)
    assert list(page.context["cl"].result_list) == [doubtful, sure, hand]
    assert "field-status" not in page.content.decode()
    everything = reviewer.get(f"{LIST}?state=all")
    assert len(everything.context["cl"].result_list) == 4
    assert "field-status" in everything.content.decode()


@pytest.mark.parametrize("step", ["approve", "reject"])
def test_selected_drafts_are_judged_after_a_sample(reviewer, step):
    first, rejected, last = (DescriptionFactory() for _ in range(3))
    Description.objects.filter(pk=rejected.pk).update(state=DescriptionState.REJECTED)
    page = press(reviewer, f"{step}_selected", [first, rejected, last])
    assert {draft.pk for draft in page.context["drafts"]} == {first.pk, last.pk}
    assert page.context["step"] == step
    assert states(first, rejected, last) == ["draft", "rejected", "draft"]


def test_a_choice_without_a_draft_is_a_message(reviewer):
    text = DescriptionFactory(state=DescriptionState.REJECTED)
    answer = press(reviewer, "approve_selected", [text])
    assert "Choose at least one draft" in str(next(iter(get_messages(answer.wsgi_request))))


def test_of_too_many_the_first_are_judged_and_the_page_says_so(reviewer, monkeypatch):
    monkeypatch.setattr("catalog.admin.desk.selection.MOST", 2)
    monkeypatch.setattr("catalog.admin.description.MOST", 2)
    texts = [DescriptionFactory() for _ in range(3)]
    page = press(reviewer, "approve_selected", texts)
    assert {draft.pk for draft in page.context["drafts"]} == {text.pk for text in texts[:2]}
    assert "These are the first 2:" in page.content.decode()


@pytest.mark.parametrize("action", ["approve_selected", "reject_selected", "delete_selected"])
def test_a_viewer_has_no_actions(viewer, action):
    text = DescriptionFactory()
    press(viewer, action, [text], confirmed="yes", post="yes")
    assert states(text) == ["draft"]


def test_texts_are_neither_added_nor_deleted_here(admin_client):
    text = DescriptionFactory()
    assert admin_client.get(reverse("admin:catalog_description_add")).status_code == 403
    delete = reverse("admin:catalog_description_delete", args=[text.pk])
    assert admin_client.post(delete, {"post": "yes"}).status_code == 403
    assert states(text) == ["draft"]


def test_an_unknown_text_is_not_found(admin_client):
    url = reverse("admin:catalog_description_change", args=[99])
    assert admin_client.get(url, follow=True).status_code == 404


def test_a_text_opens_at_the_desk(admin_client):
    draft = DescriptionFactory()
    url = reverse("admin:catalog_description_change", args=[draft.pk])
    assert admin_client.get(url).url == reverse("admin:review_item", args=[draft.pk])


def test_texts_against_the_catalog_are_found_and_say_why(reviewer):
    title = Claim("product_type", "Trousers", "catalog", 1.0, "title")
    colour = Claim("colour", "Red", "catalog", 1.0, "attributes.Colour")
    contradicts, other_item = (
        DescriptionFactory(
            standard=standard,
            generated_standard=standard,
            brief=Brief((title, colour), probabilities={"product_type": seen}).to_json(),
            contradictions=contradictions,
            photo_disagrees=not contradictions,
        )
        for standard, seen, contradictions in (
            ("Blue trousers.", {"Trousers": 0.9}, 1),
            ("Red trousers.", {"Dresses": 0.93, "Trousers": 0.03}, 0),
        )
    )
    DescriptionFactory()
    why = {
        contradicts: "“Blue”: the attribute Colour says red",
        other_item: "The title says “trousers”; the photo shows “dress”, 93%",
    }
    for value, found in (("contradiction", [contradicts]), ("photo", [other_item])):
        page = reviewer.get(f"{LIST}?finding={value}")
        assert list(page.context["cl"].result_list) == found
        assert f'<td class="field-disagreement">{why[found[0]]}</td>' in page.content.decode()
    text = reviewer.get(LIST).content.decode()
    assert "Text contradicts the catalog" in text
    assert "Photo and title disagree" in text
