"""The list of texts: drafts first, approve and reject many at once."""

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from catalog.choices import DescriptionState
from catalog.models import Description
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


def test_approve_selected_names_the_refused_and_goes_on(reviewer):
    first, rejected, last = (DescriptionFactory() for _ in range(3))
    Description.objects.filter(pk=rejected.pk).update(state=DescriptionState.REJECTED)
    answer = press(reviewer, "approve_selected", [first, rejected, last])
    assert states(first, rejected, last) == ["approved", "rejected", "approved"]
    messages = [str(message) for message in get_messages(answer.wsgi_request)]
    assert messages[0].startswith(f"{rejected.product.sku}: This description is rejected by now")
    assert messages[1] == "2 drafts approved."


def test_reject_selected_asks_for_a_reason(reviewer):
    texts = [DescriptionFactory(), DescriptionFactory()]
    page = press(reviewer, "reject_selected", texts)
    assert "Reject 2 drafts?" in page.content.decode()
    assert states(*texts) == ["draft", "draft"]
    press(reviewer, "reject_selected", texts, confirmed="yes", reason="Reads badly")
    assert states(*texts) == ["rejected", "rejected"]
    assert {text.rejection_reason for text in Description.objects.all()} == {"Reads badly"}


def test_an_over_long_reason_is_a_message(reviewer):
    text = DescriptionFactory()
    answer = press(reviewer, "reject_selected", [text], confirmed="yes", reason="x" * 201)
    assert states(text) == ["draft"]
    assert "201 characters" in str(next(iter(get_messages(answer.wsgi_request))))


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
