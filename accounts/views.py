import zoneinfo
from functools import cache

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.forms import ProfileForm
from accounts.models import User


class SignedInRequest(HttpRequest):
    """What a view gets behind `login_required`."""

    user: User


@login_required
@require_http_methods(["GET", "POST"])
def profile(request: SignedInRequest) -> HttpResponse:
    # A copy of one's own: a form that fails leaves its text on the person that it was bound to.
    person = User.objects.get(pk=request.user.pk)
    form = ProfileForm(request.POST or None, instance=person)
    if form.is_valid():
        form.save()
        messages.success(request, "Your profile is saved.")
        return redirect("profile")
    return render(request, "account/profile.html", {"form": form, "time_zones": _time_zones()})


@login_required
def email(request: SignedInRequest) -> HttpResponse:
    """The shop's orders name people by their address, so it isn't changed here."""
    messages.info(
        request,
        f"The shop knows you as {request.user.email}, so your address can't be changed here."
        " To change it, write to the shop's support.",
    )
    return redirect("profile")


@cache
def _time_zones() -> list[str]:
    """The names worth offering: places, and UTC."""
    places = (name for name in zoneinfo.available_timezones() if "/" in name)
    return ["UTC", *sorted(name for name in places if not name.startswith("Etc/"))]
