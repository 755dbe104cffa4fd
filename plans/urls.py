from django.urls import path

from plans.views import search

app_name = "plans"
urlpatterns = [
    path("tim-kiem/", search.search, name="search"),
]
