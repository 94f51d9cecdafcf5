"""The desk's pages as a server answers them: what they show, what the steps do, who may."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.category_tree import CategoryTree
from catalog.choices import DescriptionState, ReviewOrder
from catalog.models import Description, DescriptionJob, ReviewAction, ReviewLease
from catalog.transitions.description import description_change_text
from moda_engine.brief.claims import Brief, Claim
from tests.factories import (
    DescriptionFactory,
    ModelVersionFactory,
    ProductFactory,
    ProductImageFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

HTMX = {"HX-Request": "true"}


@pytest.fixture
def draft():
    image = ProductImageFactory(product__sku="SH-1", product__title="Linen shirt")
    return DescriptionFactory(product=image.product, image=image, confidence=0.3)


def words(answer):
    return answer.content.decode()


def press(client, step, description, *, query="", key="", **given):
    """Press a button of the item page as htmx does."""
    description.refresh_from_db()
    body = {
        "step": step,
        "idempotency_key": key or str(uuid4()),
        "seen": description.updated_at.isoformat(),
        "standard": description.standard,
        "alt_text": "",
        "detailed": "",
        **given,
    }
    url = reverse("admin:review_step", args=[description.pk]) + query
    return client.post(url, body, headers=HTMX)


def test_the_texts_of_a_page_are_edited_judged_and_undone_with_the_others(reviewer, draft):
    page = words(reviewer.get(reverse("admin:review_item", args=[draft.pk])))
    assert 'name="page_title"' in page
    typed = {
        "page_title": "Wren Linen Shirt",
        "bullets": "Linen\r\nFor men",
        "meta_title": "Linen Shirt | Wren",
        "meta_description": "A linen shirt.",
    }
    press(reviewer, "approve", draft, **typed)
    draft.refresh_from_db()
    assert draft.state == DescriptionState.APPROVED
    assert (draft.page_title, draft.bullets) == ("Wren Linen Shirt", "Linen\nFor men")
    press(reviewer, "reopen", draft)
    press(reviewer, "save", draft, **typed, standard="Other words.")
    refused = press(reviewer, "save", draft, meta_title="x" * 151)
    assert "The title for search engines has 151 characters" in words(refused)
    reviewer.post(reverse("admin:review_undo"), {"undo_idempotency_key": str(uuid4())})
    draft.refresh_from_db()
    assert (draft.page_title, draft.meta_title) == ("Wren Linen Shirt", "Linen Shirt | Wren")


def test_a_text_says_which_version_wrote_it_in_which_arithmetic(reviewer, draft):
    Description.objects.filter(pk=draft.pk).update(
        model_version=ModelVersionFactory(name="starter-1"), numeric_mode="bfloat16"
    )
    page = words(reviewer.get(reverse("admin:review_item", args=[draft.pk])))
    assert '<span class="moda-quiet">starter-1 (bfloat16) · English · ' in page


def test_the_queue_counts_and_filters_and_shows_the_most_in_doubt_first(reviewer, draft):
    sure = DescriptionFactory(confidence=0.9, product__title="Wool scarf")
    page = words(reviewer.get(reverse("admin:review")))
    assert "<strong>2</strong> drafts await review" in page
    assert page.index("Linen shirt") < page.index("Wool scarf")
    page = words(reviewer.get(reverse("admin:review"), {"least": "80"}))
    assert "<strong>1</strong> draft awaits review in this choice" in page
    assert "Linen shirt" not in page
    assert f"/admin/review/{sure.pk}/?least=80" in page


@pytest.mark.parametrize(
    ("query", "text"),
    [("", "Nothing awaits review"), ("?category=7", "No draft matches")],
)
def test_an_empty_queue_says_what_to_do(reviewer, query, text):
    assert text in words(reviewer.get(reverse("admin:review") + query))


def test_a_choice_that_makes_no_sense_is_told_and_left_out(reviewer, draft):
    page = words(reviewer.get(reverse("admin:review"), {"least": "800", "category": "x"}))
    assert "Linen shirt" in page
    assert "less than or equal to 100" in page


def test_categories_of_one_name_are_offered_by_their_paths(reviewer):
    tree = CategoryTree()
    women, men = (tree.make(f"{branch} > Shoes")[0] for branch in ("Women", "Men"))
    bags = tree.make("Women > Bags")[0]
    for category in (women, men, bags, bags):
        DescriptionFactory(product__category_id=category)
    field = reviewer.get(reverse("admin:review")).context["form"].fields["category"]
    assert field.widget.choices == [
        ("", "All"),
        (str(bags), "Bags (2)"),
        (str(men), "Men > Shoes (1)"),
        (str(women), "Women > Shoes (1)"),
    ]


def test_two_reviewers_are_led_to_different_drafts(reviewer, client_with, draft):
    DescriptionFactory(confidence=0.9)
    other = client_with("view_description", "change_description")
    first, second = (client.get(reverse("admin:review_next")).url for client in (reviewer, other))
    assert first == reverse("admin:review_item", args=[draft.pk])
    assert second != first
    assert "has this text open" in words(other.get(first))


def test_approving_answers_with_the_next_draft_of_the_choice(reviewer, draft):
    DescriptionFactory(confidence=0.2)
    following = DescriptionFactory(confidence=0.9, product__title="Wool scarf")
    answer = press(reviewer, "approve", draft, standard="Blue shirt.", query="?least=30")
    draft.refresh_from_db()
    assert (draft.state, draft.standard) == (DescriptionState.APPROVED, "Blue shirt.")
    assert "Wool scarf" in words(answer)
    assert "SH-1 approved." in words(answer)
    assert answer["HX-Push-Url"] == f"/admin/review/{following.pk}/?least=30"
    assert "<html" not in words(answer)
    assert ReviewLease.objects.get().description == following


def test_a_second_click_shows_the_same_next_draft_and_does_nothing(reviewer, draft):
    for confidence in (0.4, 0.5):
        DescriptionFactory(confidence=confidence)
    key, seen = str(uuid4()), draft.updated_at.isoformat()
    answers = [press(reviewer, "approve", draft, key=key, seen=seen) for _ in range(2)]
    assert answers[0]["HX-Push-Url"] == answers[1]["HX-Push-Url"]
    assert ReviewAction.objects.count() == 1


def test_reject_skip_next_and_previous(reviewer, draft):
    second = DescriptionFactory(confidence=0.5)
    third = DescriptionFactory(confidence=0.7)

    def led_to(answer):
        return int(answer["HX-Push-Url"].split("/")[3])

    assert led_to(press(reviewer, "skip", draft)) == second.pk
    go = reverse("admin:review_go", args=[second.pk])
    assert led_to(reviewer.post(go, {"step": "next"}, headers=HTMX)) == third.pk
    assert led_to(reviewer.post(go, {"step": "previous"}, headers=HTMX)) == draft.pk
    assert led_to(press(reviewer, "reject", second, reason="Wrong colour")) == third.pk
    second.refresh_from_db()
    assert (second.state, second.rejection_reason) == (DescriptionState.REJECTED, "Wrong colour")


def test_after_the_last_one_the_desk_says_so_and_offers_undo(reviewer, draft):
    answer = press(reviewer, "approve", draft)
    assert "All is reviewed" in words(answer)
    answer = reviewer.post(
        reverse("admin:review_undo"), {"undo_idempotency_key": str(uuid4())}, headers=HTMX
    )
    assert "Undone." in words(answer)
    assert answer["HX-Push-Url"] == f"/admin/review/{draft.pk}/"
    draft.refresh_from_db()
    assert draft.state == DescriptionState.DRAFT


def test_after_skipping_the_last_one_the_desk_says_that_it_still_waits(reviewer, draft):
    page = words(press(reviewer, "skip", draft, query="?most=50"))
    assert "All drafts that match are reviewed" not in page
    assert "No other draft is free" in page
    assert "1 draft still waits: you skipped it, or a colleague has it open." in page
    assert 'href="/admin/review/?most=50"' in page


def test_the_second_to_save_sees_both_versions_and_may_choose_theirs_or_mine(reviewer, draft):
    seen = draft.updated_at.isoformat()
    description_change_text(
        description=draft, actor=UserFactory(), texts={"standard": "Words of another."}
    )
    answer = press(reviewer, "approve", draft, seen=seen, standard="Words of mine.")
    page = words(answer)
    assert "Somebody changed this text after you opened it." in page
    assert "Words of mine.</textarea>" in page
    assert "data-theirs>Words of another.</p>" in page
    draft.refresh_from_db()
    assert draft.state == DescriptionState.DRAFT
    assert f'name="seen" value="{draft.updated_at.isoformat()}"' in page.replace("&#x2B;", "+")
    press(reviewer, "approve", draft, standard="Words of mine.")
    draft.refresh_from_db()
    assert (draft.state, draft.standard) == (DescriptionState.APPROVED, "Words of mine.")


def test_bad_words_do_not_hide_that_somebody_changed_the_text_meanwhile(reviewer, draft):
    seen = draft.updated_at.isoformat()
    description_change_text(description=draft, actor=UserFactory(), texts={"standard": "Theirs."})
    page = words(press(reviewer, "approve", draft, seen=seen, standard="x" * 5_001))
    assert f'name="seen" value="{seen}"' in page.replace("&#x2B;", "+")
    page = words(press(reviewer, "approve", draft, seen=seen, standard="Mine."))
    assert "data-theirs>Theirs.</p>" in page


@pytest.mark.parametrize(
    ("step", "before", "after", "said"),
    [
        ("withdraw", "approved", "withdrawn", "Withdrawn: storefronts show no text now."),
        ("reopen", "approved", "draft", "It is a draft again."),
        ("reopen", "rejected", "draft", "It is a draft again."),
        ("reopen", "withdrawn", "draft", "It is a draft again."),
    ],
)
def test_a_text_that_was_judged_is_withdrawn_or_reopened_here(
    reviewer, draft, step, before, after, said
):
    Description.objects.filter(pk=draft.pk).update(state=before)
    page = words(reviewer.get(reverse("admin:review_item", args=[draft.pk])))
    assert f'name="step" value="{step}"' in page
    assert said in words(press(reviewer, step, draft))
    draft.refresh_from_db()
    assert draft.state == after


def test_changing_an_approved_text_makes_a_draft(reviewer, draft):
    press(reviewer, "approve", draft)
    page = words(press(reviewer, "save", draft, standard="Better words."))
    assert "Better words.</textarea>" in page
    draft.refresh_from_db()
    assert (draft.state, draft.standard) == (DescriptionState.APPROVED, "Red cotton shirt for men.")
    assert Description.objects.get(state=DescriptionState.DRAFT).standard == "Better words."


@pytest.mark.parametrize("step", ["reject", "approve", "withdraw"])
def test_a_step_from_the_wrong_state_becomes_a_message(reviewer, draft, step):
    press(reviewer, "reject", draft)
    assert "rejected by now" in words(press(reviewer, step, draft))
    draft.refresh_from_db()
    assert draft.state == DescriptionState.REJECTED


def test_a_step_that_does_not_exist_is_not_found(reviewer, draft):
    assert press(reviewer, "explode", draft).status_code == 404


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("   ", "The description is empty"),
        ("x" * 100_000, "has 100,000 characters; up to 5,000 are allowed"),
        ("Red \u202eshirt", "turns the direction of writing"),
    ],
)
def test_bad_words_stay_in_the_editor_with_the_reason(reviewer, draft, typed, said):
    page = words(press(reviewer, "approve", draft, standard=typed))
    assert said in page
    assert f"{typed}</textarea>" in page
    assert not ReviewAction.objects.exists()


def test_words_for_a_text_deleted_meanwhile_can_be_copied(reviewer, draft):
    gone = Description.objects.get(pk=draft.pk)
    draft.delete()
    url = reverse("admin:review_step", args=[gone.pk])
    answer = reviewer.post(url, {"step": "approve", "standard": "My words."}, headers=HTMX)
    assert "This description was deleted meanwhile." in words(answer)
    assert "My words.</textarea>" in words(answer)


def test_script_is_shown_as_text(reviewer, draft):
    bad = "<script>alert(1)</script></textarea>"
    version = ModelVersionFactory()
    Description.objects.filter(pk=draft.pk).update(
        standard=bad,
        generated_standard="<b>was</b>",
        rejection_reason=bad,
        model_version=version,
        brief=Brief((Claim("brand", bad, "catalog", 1.0, bad),), reason=bad).to_json(),
    )
    DescriptionFactory(product=draft.product, standard=bad + ".", state=DescriptionState.REJECTED)
    page = words(reviewer.get(reverse("admin:review_item", args=[draft.pk])))
    assert "<script>alert" not in page
    assert "<b>was</b>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&lt;/textarea&gt;</textarea>" in page


def test_one_whose_session_ended_is_led_to_the_log_in_and_back(draft):
    url = reverse("admin:review_step", args=[draft.pk])
    here = f"http://testserver/admin/review/{draft.pk}/?order=newest"
    answer = Client().post(url, {"step": "approve"}, headers={**HTMX, "HX-Current-URL": here})
    assert answer["HX-Redirect"] == (
        f"/admin/login/?next=%2Fadmin%2Freview%2F{draft.pk}%2F%3Forder%3Dnewest"
    )


def test_a_viewer_may_read_and_go_on_but_change_nothing(viewer, draft):
    page = words(viewer.get(reverse("admin:review_item", args=[draft.pk])))
    assert "Red cotton shirt for men." in page
    assert 'value="approve"' not in page
    assert not ReviewLease.objects.exists()
    go = reverse("admin:review_go", args=[draft.pk])
    assert viewer.post(go, {"step": "next"}, headers=HTMX).status_code == 200
    assert press(viewer, "approve", draft).status_code == 403
    assert viewer.post(go, {"step": "approve"}, headers=HTMX).status_code == 200
    draft.refresh_from_db()
    assert draft.state == DescriptionState.DRAFT


def test_similar_photos_are_ticked_to_go_along(reviewer, draft):
    similar = ProductImageFactory(perceptual_hash=draft.image.perceptual_hash)
    other = DescriptionFactory(product=similar.product, image=similar, confidence=0.9)
    stranger = DescriptionFactory(confidence=0.8)
    page = words(reviewer.get(reverse("admin:review_item", args=[draft.pk])))
    assert f'name="similar" value="{other.pk}"' in page
    press(
        reviewer,
        "approve",
        draft,
        standard="Both.",
        similar=[other.pk, stranger.pk],
        same_words="yes",
    )
    found = Description.objects.filter(standard="Both.", state=DescriptionState.APPROVED)
    assert set(found) == {draft, other}


def test_again_asks_for_a_text_with_facts_before_all_others(client_with, draft):
    client = client_with("view_description", "change_description", "describe_product")
    version = ModelVersionFactory()
    url = reverse("admin:review_again", args=[draft.pk])
    answer = client.post(url, {"facts": " linen ", "model_version": version.pk}, headers=HTMX)
    job = DescriptionJob.objects.get()
    assert (job.options, job.model_version, job.priority) == (
        {"facts": "linen"},
        version,
        DescriptionJob.SINGLE_PRIORITY,
    )
    wait = reverse("admin:review_wait", args=[draft.pk, job.pk])
    assert f'hx-get="{wait}' in words(answer)
    new = DescriptionFactory(
        product=draft.product, job_item=job.items.get(), standard="New.", model_version=version
    )
    answer = client.get(wait, headers=HTMX)
    assert "New." in words(answer)
    assert reverse("admin:review_item", args=[new.pk]) in words(answer)
    assert "hx-trigger" not in words(answer)


def test_the_history_is_a_page_of_its_own_too(reviewer, draft):
    press(reviewer, "save", draft, standard="First.")
    page = words(reviewer.get(reverse("admin:review_history", args=[draft.pk])))
    assert "<h1>History: Linen shirt</h1>" in page
    assert f'<a href="{reverse("admin:review_item", args=[draft.pk])}">Open this text</a>' in page
    assert "<strong>Edited</strong>" in page


def test_the_history_restores_earlier_words(reviewer, draft):
    press(reviewer, "save", draft, standard="First.")
    press(reviewer, "save", draft, standard="Second.")
    event = draft.events.order_by("id").first()
    url = reverse("admin:review_restore", args=[event.pk])
    page = words(reviewer.post(url, {"idempotency_key": str(uuid4())}, headers=HTMX))
    assert "First.</textarea>" in page
    draft.refresh_from_db()
    assert draft.standard == "First."


@pytest.mark.parametrize("order", ReviewOrder.values)
def test_approve_and_next_asks_the_same_number_of_queries_whatever_the_queue_holds(
    reviewer, draft, order
):
    """Savepoints, and the refresh of the test itself, are counted too."""

    def drafts(number):
        for place in range(number):
            image = ProductImageFactory(product=ProductFactory())
            DescriptionFactory(product=image.product, image=image, confidence=place / 100)
            DescriptionFactory(product=image.product, state=DescriptionState.REJECTED)

    def asked():
        some = Description.objects.filter(state="draft").order_by("id")[1]
        reviewer.get(reverse("admin:review_item", args=[some.pk]))
        with CaptureQueriesContext(connection) as queries:
            assert press(reviewer, "approve", some, query=f"?order={order}").status_code == 200
        return len(queries)

    drafts(4)
    few = asked()
    drafts(40)
    assert asked() == few <= 50


def test_facts_that_a_person_typed_are_offered_again(client_with, draft):
    draft.facts = "sleeves: long"
    draft.save()
    draft.product.attributes = {"product_type": "Cap", "Fabric": "NA"}
    draft.product.save()
    client = client_with("view_description", "change_description", "describe_product")
    text = words(client.get(reverse("admin:review_item", args=[draft.pk])))
    assert 'value="sleeves: long"' in text
    assert "<dt>Product type</dt><dd>Cap</dd>" in text
