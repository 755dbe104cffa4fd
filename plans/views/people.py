"""The people of the units one manages: who is there, who comes, who leaves."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from plans.actions import people
from plans.actions.right_changes import log_entries
from plans.forms.people import AddPersonForm, EndForm, MembershipForm
from plans.models import Membership, Unit
from plans.models.memberships import written_name
from plans.permissions import (
    MANAGE_STAFF,
    accounts_managed,
    may_change_membership,
    may_give,
    may_handle_account,
    may_manage_some,
    roles_to_give,
    units_for,
)
from plans.text import fold

from .refusals import told_in_messages, told_on

PER_PAGE = 50
LATELY = 15
"""How many changes of a unit's roles its list tells."""


def managed_unit(request: HttpRequest, unit_id: int) -> Unit:
    units = units_for(request.user, MANAGE_STAFF).select_related("parent")
    return get_object_or_404(units, pk=unit_id)


@require_safe
def units(request: HttpRequest) -> HttpResponse:
    """The units whose people one manages; `?q=` finds units and people by their names,
    `?loc=trong` the units that have nobody."""
    if not may_manage_some(request.user):
        raise Http404
    managed = units_for(request.user, MANAGE_STAFF).current().select_related("parent")
    query = fold(request.GET.get("q", ""))[:100]
    if query:
        return _found(request, managed, query)
    if len(only := list(managed[:2])) == 1:
        return redirect("plans:unit_people", only[0].pk)
    active = Membership.objects.current().filter(user__is_active=True)
    if request.GET.get("loc") == "trong":
        managed = managed.filter(~Exists(active.filter(unit=OuterRef("pk"))))
    pages = Paginator(managed.order_by("path"), PER_PAGE).get_page(
        request.GET.get("trang")
    )
    shown = list(pages)
    counts = dict(
        active.filter(unit__in=shown)
        .order_by()
        .values_list("unit")
        .annotate(number=Count("user", distinct=True))
    )
    for unit in shown:
        unit.number = counts.get(unit.pk, 0)
    return render(request, "plans/people/units.html", {"pages": pages, "units": shown})


def _found(request: HttpRequest, managed: Any, query: str) -> HttpResponse:
    """What the words are found in, whatever their marks: units, and people in them."""
    words = query.split()
    names = managed.order_by("path").values_list("pk", "name", "code", "parent__name")
    hits = [key for key, *texts in names.iterator() if _holds(texts, words)]
    everybody = Membership.objects.filter(unit__in=managed.order_by().values("pk"))
    texts = everybody.order_by("user__first_name", "user__last_name", "pk").values_list(
        *("pk", "user__last_name", "user__first_name", "user__username"),
        *("user__email", "unit__name", "unit__code"),
    )
    people_hits = [key for key, *texts in texts.iterator() if _holds(texts, words)]
    pages = Paginator(people_hits, PER_PAGE).get_page(request.GET.get("trang"))
    rows = Membership.objects.select_related("user", "unit__parent").in_bulk(
        list(pages)
    )
    return render(
        request,
        "plans/people/units.html",
        {
            "query": request.GET["q"],
            "units": managed.filter(pk__in=hits[:PER_PAGE]).order_by("path"),
            "rows": [rows[key] for key in pages if key in rows],
            "pages": pages,
        },
    )


def _holds(texts: list[str | None], words: list[str]) -> bool:
    """Whether each word begins one of the texts' words. A number is one as a whole:
    "Phường 3" is not every unit whose code begins with 3."""
    text = f" {fold(' '.join(each or '' for each in texts))} "
    return all(
        f" {word} " in text or (word.isalpha() and f" {word}" in text) for word in words
    )


@require_safe
def unit_people(request: HttpRequest, unit_id: int) -> HttpResponse:
    """The people of the unit; `?loc=thoi` those who have left."""
    unit = managed_unit(request, unit_id)
    rows = unit.memberships.select_related("user__invitation")
    kept = rows.not_over()
    left = request.GET.get("loc") == "thoi"
    if left:
        rows = rows.exclude(pk__in=kept.values("pk")).order_by("-ends_on", "pk")
    else:
        rows = kept.order_by("user__first_name", "user__last_name", "pk")
    pages = Paginator(rows, PER_PAGE).get_page(request.GET.get("trang"))
    shown = list(pages)
    handled = accounts_managed(request.user, [row.user for row in shown])
    for row in shown:
        row.unit = unit
        row.may_change = may_change_membership(request.user, row)
        row.handled = row.user_id in handled
    return render(
        request,
        "plans/people/unit.html",
        {
            "unit": unit,
            "rows": shown,
            "pages": pages,
            "left": left,
            "roles": roles_to_give(request.user, unit),
            "changes": log_entries(unit)
            .select_related("user")
            .order_by("-timestamp")[:LATELY],
        },
    )


def add(request: HttpRequest, unit_id: int) -> HttpResponse:
    """Add a person to the unit: one who has an account, or a new one."""
    unit = managed_unit(request, unit_id)
    form = AddPersonForm(request.POST or None, **_choices(request, unit))
    if request.method == "POST" and form.is_valid():
        with told_on(form):
            added = people.add_person(
                unit=unit,
                actor=request.user,
                full_name=form.cleaned_data["full_name"],
                email=form.cleaned_data["email"],
                username=form.cleaned_data["username"],
                terms=form.terms(),
                reason=form.cleaned_data["reason"],
            )
            _tell_added(request, added)
            if may_handle_account(request.user, added.person):
                return redirect("plans:person", added.person.pk)
            return redirect("plans:unit_people", unit.pk)
    return render(
        request,
        "plans/people/add.html",
        {"unit": unit, "form": form},
        status=422 if form.is_bound else 200,
    )


def _tell_added(request: HttpRequest, added: people.Added) -> None:
    name = written_name(added.person)
    if not added.is_new:
        text = _("%(name)s, who has an account, was added.") % {"name": name}
    elif added.person.email:
        text = _("%(name)s was added. The invitation goes to %(email)s.") % {
            "name": name,
            "email": added.person.email,
        }
    else:
        text = _("%(name)s was added. Hand over the link to choose a password.") % {
            "name": name
        }
    messages.success(request, text)


def _choices(request: HttpRequest, unit: Unit) -> dict[str, Any]:
    """The roles the reader may give in the unit, and whether managing with them."""
    roles = roles_to_give(request.user, unit)
    return {
        "roles": roles,
        "may_pass_on": any(
            may_give(request.user, unit, role, manages_staff=True) for role in roles
        ),
    }


def _own(request: HttpRequest, membership_id: int) -> Membership:
    rows = Membership.objects.select_related("user", "unit__parent")
    membership = get_object_or_404(rows, pk=membership_id)
    if not may_change_membership(request.user, membership):
        raise Http404
    return membership


def membership(request: HttpRequest, membership_id: int) -> HttpResponse:
    """Change a person's role in a unit and its days."""
    row = _own(request, membership_id)
    form = MembershipForm(
        request.POST or None, membership=row, **_choices(request, row.unit)
    )
    if request.method == "POST" and form.is_valid():
        with told_on(form):
            people.change_membership(
                membership=row,
                actor=request.user,
                terms=form.terms(),
                seen=form.saw(),
                reason=form.cleaned_data["reason"],
            )
            messages.success(request, _("Saved."))
            return redirect("plans:unit_people", row.unit_id)
    return render(
        request,
        "plans/people/membership.html",
        {
            "membership": row,
            "form": form,
            "end_form": _end_form(request, row),
            "handled": may_handle_account(request.user, row.user),
        },
        status=422 if form.is_bound else 200,
    )


def _end_form(request: HttpRequest, row: Membership, data: Any = None) -> EndForm:
    return EndForm(
        data,
        may_close=row.user.is_active
        and people.is_last_role(row)
        and may_handle_account(request.user, row.user),
    )


@require_POST
def end(request: HttpRequest, membership_id: int) -> HttpResponse:
    """End a role at once; with its last role, the person's account may be closed."""
    row = _own(request, membership_id)
    form = _end_form(request, row, request.POST)
    if form.is_valid():
        with told_in_messages(request):
            people.end_membership(
                membership=row,
                actor=request.user,
                reason=form.cleaned_data["reason"],
                close=form.cleaned_data.get("close_account", False),
            )
            text = _("%s no longer has this role.")
            messages.success(request, text % written_name(row.user))
    return redirect("plans:unit_people", row.unit_id)
