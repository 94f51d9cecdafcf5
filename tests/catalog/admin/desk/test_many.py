"""Many at once: chosen by ticks or by the queue, judged only after a sample was seen."""

from uuid import uuid4

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from catalog.admin.desk import selection
from catalog.choices import DescriptionState
from catalog.models import Description
from catalog.workers.bulk_reviews import bulk_review_run_chunk
from tests.factories import (
    CategoryFactory,
    DescriptionFactory,
    ProductFactory,
    ProductImageFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
GRID, SAMPLE, JUDGE, UNDO = (
    reverse(f"admin:review_many{part}") for part in ("", "_sample", "_judge", "_undo")
)


def said(answer):
    return [str(message) for message in get_messages(answer.wsgi_request)]


def count(state):
    return Description.objects.filter(state=state).count()


def judge(client, page, *, seen=None, url=JUDGE, **more):
    """Press the button of a sample page, having seen what it shows, or less."""
    shown = [draft.pk for draft in page.context["drafts"]]
    return client.post(
        url,
        {
            "selection": page.context["selection"],
            "step": page.context["step"],
            "idempotency_key": page.context["idempotency_key"],
            "seen": shown if seen is None else seen,
            **more,
        },
    )


def test_the_grid_shows_the_queue(admin_client):
    category = CategoryFactory()
    DescriptionFactory(product__category=category, standard="In it.")
    DescriptionFactory(standard="<b>Not in it.</b>")
    text = admin_client.get(GRID).content.decode()
    assert "All 2 drafts" in " ".join(text.split())
    assert "&lt;b&gt;Not in it." in text
    text = admin_client.get(GRID, {"category": category.pk}).content.decode()
    assert "The matching draft" in " ".join(text.split())
    assert "Not in it." not in text


def test_addresses_with_the_former_name_of_the_hash_choose_the_same_drafts(admin_client):
    one = DescriptionFactory(image=ProductImageFactory(perceptual_hash="00ff" * 4))
    DescriptionFactory(image=ProductImageFactory(perceptual_hash="ff00" * 4))
    query = "?order=look&look=00ff00ff00ff00ff"
    assert [draft.pk for draft in admin_client.get(GRID + query).context["page"]] == [one.pk]
    page = admin_client.post(SAMPLE + query, {"all": "yes", "step": "reject"})
    judge(admin_client, page, url=JUDGE + query)
    assert (count(DescriptionState.REJECTED), count(DescriptionState.DRAFT)) == (1, 1)


def test_an_empty_queue_says_what_to_do(admin_client):
    assert "No text awaits review" in admin_client.get(GRID).content.decode()
    DescriptionFactory()
    assert "No draft matches" in admin_client.get(GRID, {"most": 0}).content.decode()


def test_all_that_match_are_approved_after_a_sample_and_undone_as_one(admin_client):
    category = CategoryFactory()
    for _ in range(14):
        DescriptionFactory(product=ProductFactory(category=category))
    other = DescriptionFactory()
    query = f"?category={category.pk}"
    page = admin_client.post(SAMPLE + query, {"all": "yes", "step": "approve"})
    assert len(page.context["drafts"]) == 10
    assert "drawn at random from the 14" in page.content.decode()
    assert count(DescriptionState.APPROVED) == 0
    answer = judge(admin_client, page, url=JUDGE + query)
    assert answer.url == GRID + query
    assert said(answer) == ["14 drafts approved."]
    assert count(DescriptionState.APPROVED) == 14
    other.refresh_from_db()
    assert other.state == DescriptionState.DRAFT
    answer = admin_client.post(UNDO, {"idempotency_key": uuid4()})
    assert said(answer)[-1] == "Undone for 14 texts."
    assert count(DescriptionState.DRAFT) == 15


def test_nothing_is_judged_before_the_sample_is_seen(admin_client):
    drafts = [DescriptionFactory() for _ in range(3)]
    page = admin_client.post(SAMPLE, {"ids": [one.pk for one in drafts], "step": "approve"})
    again = judge(admin_client, page, seen=[drafts[0].pk])
    assert again.status_code == 200
    assert "Look at each of these drafts first" in again.content.decode()
    assert count(DescriptionState.APPROVED) == 0
    # What was ticked stays ticked, and the same sample is shown.
    assert again.context["seen"] == {drafts[0].pk}
    assert {one.pk for one in again.context["drafts"]} == {one.pk for one in drafts}
    judge(admin_client, again)
    assert count(DescriptionState.APPROVED) == 3


def test_ticked_ones_are_rejected_for_a_reason_but_for_one_left_out(admin_client):
    drafts = [DescriptionFactory() for _ in range(4)]
    page = admin_client.post(SAMPLE, {"ids": [one.pk for one in drafts[:3]], "step": "reject"})
    answer = judge(admin_client, page, reason="Wrong colour", leave_out=[drafts[0].pk])
    assert said(answer) == ["2 drafts rejected."]
    rejected = Description.objects.filter(rejection_reason="Wrong colour")
    assert {one.pk for one in rejected} == {drafts[1].pk, drafts[2].pk}


def test_a_double_click_judges_once(admin_client):
    draft = DescriptionFactory()
    page = admin_client.post(SAMPLE, {"ids": [draft.pk], "step": "approve"})
    judge(admin_client, page)
    assert said(judge(admin_client, page))[-1] == "1 draft approved."
    assert draft.events.count() == 1


def test_what_changed_after_the_choice_is_left_alone(admin_client):
    drafts = [DescriptionFactory() for _ in range(2)]
    page = admin_client.post(SAMPLE, {"all": "yes", "step": "approve"})
    drafts[0].standard = "Changed by somebody."
    drafts[0].save()
    answer = judge(admin_client, page)
    assert said(answer)[0] == "1 draft approved."
    assert said(answer)[1].startswith("1 draft was skipped")
    drafts[0].refresh_from_db()
    assert drafts[0].state == DescriptionState.DRAFT


def test_a_draft_deleted_from_the_sample_does_not_stop_the_rest(admin_client):
    drafts = [DescriptionFactory() for _ in range(2)]
    page = admin_client.post(SAMPLE, {"all": "yes", "step": "approve"})
    drafts[0].delete()
    again = judge(admin_client, page, seen=[])
    assert again.context["gone"] == [drafts[0].pk] or len(again.context["gone"]) == 1
    answer = judge(admin_client, again, seen=[drafts[1].pk, *again.context["gone"]])
    assert said(answer)[0] == "1 draft approved."


@pytest.mark.parametrize("token", ["", "forged", "eyJ1c2VyIjoxfQ:1tUu:x"])
def test_a_forged_choice_judges_nothing(admin_client, token):
    DescriptionFactory()
    answer = admin_client.post(JUDGE, {"selection": token, "step": "approve"})
    assert said(answer) == ["This selection is more than an hour old. Choose again."]
    assert count(DescriptionState.APPROVED) == 0


def test_the_choice_of_another_person_judges_nothing(admin_client, client):
    draft = DescriptionFactory()
    page = admin_client.post(SAMPLE, {"ids": [draft.pk], "step": "approve"})
    client.force_login(UserFactory(is_superuser=True))
    assert said(judge(client, page)) == ["Somebody else made this selection. Choose again."]
    assert count(DescriptionState.APPROVED) == 0


@pytest.mark.parametrize("ids", [[], ["x"], ["99999999999999999999"], ["0"]])
def test_a_choice_of_nothing_is_told(admin_client, ids):
    DescriptionFactory()
    answer = admin_client.post(SAMPLE, {"ids": ids, "step": "approve"})
    assert said(answer) == ["Choose at least one draft that nobody else is reviewing."]


def test_an_unknown_step_judges_nothing(admin_client):
    draft = DescriptionFactory()
    answer = admin_client.post(SAMPLE, {"ids": [draft.pk], "step": "delete"})
    assert answer.status_code == 404


def test_all_of_a_long_queue_are_left_to_a_worker(admin_client, monkeypatch):
    monkeypatch.setattr(selection, "MOST", 3)
    category = CategoryFactory()
    drafts = [DescriptionFactory(product__category=category) for _ in range(5)]
    DescriptionFactory()
    query = f"?category={category.pk}"
    page = admin_client.post(SAMPLE + query, {"all": "yes", "step": "approve"})
    text = " ".join(page.content.decode().split())
    assert "Approve 5 drafts" in text
    assert "so a worker judges them" in text
    answer = judge(admin_client, page, url=JUDGE + query, leave_out=[drafts[0].pk])
    assert said(answer) == ["A worker judges them now. Its progress is shown below."]
    assert count(DescriptionState.APPROVED) == 0
    text = admin_client.get(GRID).content.decode()
    assert "Approved: 0 of 4 texts" in text
    assert 'hx-trigger="every 2s"' in text
    while bulk_review_run_chunk():
        pass
    assert count(DescriptionState.APPROVED) == 4
    assert set(Description.objects.filter(state="draft")) >= {drafts[0]}
    text = admin_client.get(reverse("admin:review_many_bulk")).content.decode()
    assert "Approved: 4 of 4 texts" in text
    assert "hx-trigger" not in text
    answer = admin_client.post(UNDO, {"idempotency_key": uuid4()})
    assert said(answer)[-1] == "A worker takes it back now, text by text."
    while bulk_review_run_chunk():
        pass
    assert count(DescriptionState.APPROVED) == 0


def test_of_a_longer_list_of_ids_the_first_are_chosen(admin_client, monkeypatch):
    monkeypatch.setattr(selection, "MOST", 3)
    ids = [DescriptionFactory().pk for _ in range(5)]
    judge(admin_client, admin_client.post(SAMPLE, {"ids": ids, "step": "approve"}))
    assert count(DescriptionState.APPROVED) == 3


def test_drafts_that_contradict_themselves_are_left_out_and_named(admin_client):
    DescriptionFactory()
    DescriptionFactory(product__sku="SH-2", standard="Red shirt.", alt_text="Blue shirt.")
    page = admin_client.post(SAMPLE, {"step": "approve", "all": "yes"})
    assert said(judge(admin_client, page)) == [
        "1 draft approved.",
        "Left out, because their texts contradict one another: SH-2.",
    ]
