"""The way from a row of a list to the page of its own that stands for Django's form."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch


def own_page(name: str, object_id: str) -> HttpResponse:
    """A redirect to the page `name` of a row; 404 for an id that is no number."""
    try:
        return redirect(name, object_id)
    except NoReverseMatch as error:
        raise Http404 from error
