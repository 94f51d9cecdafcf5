"""The start page's cards: each for those alone who may see what it is about."""

from typing import Any

from catalog.models import Product
from catalog.selectors.home import (
    imports_waiting,
    last_training_run,
    model_in_use,
    open_jobs,
    waiting_for_review,
)


def home_context(user: Any) -> dict[str, Any]:
    """What the cards show. A key that the account may not know of is absent."""
    cards: dict[str, Any] = {}
    if user.has_perm("catalog.view_description"):
        cards["waiting"] = waiting_for_review()
    if user.has_perm("catalog.view_descriptionjob"):
        cards["open_jobs"] = open_jobs()
    if user.has_perm("catalog.view_modelversion"):
        cards["model"] = model_in_use()
    if user.has_perm("catalog.view_trainingrun"):
        cards["training_run"] = last_training_run()
    if user.has_perm("catalog.change_productimport"):
        cards["imports"] = imports_waiting()
    if user.has_perm("catalog.add_product"):
        cards["is_empty"] = not Product.objects.exists()
    return cards
