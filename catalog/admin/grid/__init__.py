"""The grid over products: its addresses below `/admin/`, and who may open each."""

from django.urls import URLPattern, path
from django.views.decorators.http import require_POST, require_safe

from catalog.admin.desk.pages import desk_view
from catalog.admin.grid.many import apply_view, preview_view
from catalog.admin.grid.page import (
    cell_view,
    grid_view,
    undo_view,
    view_delete_view,
    view_save_view,
)

VIEW = "catalog.view_product"
CHANGE = "catalog.change_product"

urlpatterns: list[URLPattern] = [
    path("grid/", desk_view(require_safe(grid_view), permission=VIEW), name="grid"),
    path("grid/cell/", desk_view(require_POST(cell_view), permission=CHANGE), name="grid_cell"),
    path(
        "grid/preview/",
        desk_view(require_POST(preview_view), permission=CHANGE),
        name="grid_preview",
    ),
    path("grid/apply/", desk_view(require_POST(apply_view), permission=CHANGE), name="grid_apply"),
    path("grid/undo/", desk_view(require_POST(undo_view), permission=CHANGE), name="grid_undo"),
    path(
        "grid/views/save/",
        desk_view(require_POST(view_save_view), permission=VIEW),
        name="grid_view_save",
    ),
    path(
        "grid/views/<int:view_id>/delete/",
        desk_view(require_POST(view_delete_view), permission=VIEW),
        name="grid_view_delete",
    ),
]
