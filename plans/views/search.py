"""Search over everything the reader may see."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def search(request: HttpRequest) -> HttpResponse:
    return render(request, "plans/search.html", {"query": request.GET.get("q", "")})
