"""The review desk: its addresses below `/admin/`, and who may open each."""

from django.urls import URLPattern, path
from django.views.decorators.http import require_POST, require_safe

from catalog.admin.desk import many
from catalog.admin.desk.item_page import item_view, next_view
from catalog.admin.desk.item_parts import (
    again_view,
    history_view,
    hold_view,
    reading_view,
    wait_view,
)
from catalog.admin.desk.pages import CHANGE, REVIEW_MANY, VIEW, View, desk_view
from catalog.admin.desk.queue_page import queue_view
from catalog.admin.desk.steps import go_view, restore_view, step_view, undo_view


def _changes(view: View, permission: str = CHANGE) -> View:
    return desk_view(require_POST(view), permission=permission)


def _many(view: View) -> View:
    return desk_view(require_safe(view), permission=REVIEW_MANY)


urlpatterns: list[URLPattern] = [
    path("review/", desk_view(queue_view), name="review"),
    path("review/next/", desk_view(next_view), name="review_next"),
    path("review/undo/", _changes(undo_view), name="review_undo"),
    path("review/restore/<int:event_id>/", _changes(restore_view), name="review_restore"),
    path("review/<int:pk>/", desk_view(item_view), name="review_item"),
    path("review/<int:pk>/step/", _changes(step_view), name="review_step"),
    path("review/<int:pk>/go/", _changes(go_view, VIEW), name="review_go"),
    path("review/<int:pk>/reading/", _changes(reading_view, VIEW), name="review_reading"),
    path("review/<int:pk>/history/", desk_view(history_view), name="review_history"),
    path("review/<int:pk>/hold/", _changes(hold_view), name="review_hold"),
    path(
        "review/<int:pk>/again/",
        _changes(again_view, "catalog.describe_product"),
        name="review_again",
    ),
    path(
        "review/<int:pk>/again/<int:job_id>/",
        desk_view(wait_view, permission="catalog.describe_product"),
        name="review_wait",
    ),
    path("review/many/", _many(many.many_view), name="review_many"),
    path("review/many/bulk/", _many(many.bulk_view), name="review_many_bulk"),
    path("review/many/sample/", _changes(many.sample_view, REVIEW_MANY), name="review_many_sample"),
    path("review/many/judge/", _changes(many.judge_view, REVIEW_MANY), name="review_many_judge"),
    path("review/many/undo/", _changes(many.undo_view, REVIEW_MANY), name="review_many_undo"),
]
