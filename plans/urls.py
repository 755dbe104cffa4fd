from django.urls import path

from plans.views import pilots, search

app_name = "plans"
urlpatterns = [
    path("tim-kiem/", search.search, name="search"),
    path("chon-diem/<int:plan_id>/<int:unit_id>/", pilots.choose, name="choose_pilot"),
]
