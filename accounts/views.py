from functools import cache

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import tokens
from accounts.forms import ProfileForm, TokenForm
from accounts.models import User, time_zones


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
@never_cache
@require_http_methods(["GET", "POST"])
def api_tokens(request: SignedInRequest) -> HttpResponse:
    """A new token is shown in the answer to the form, once: nothing else ever has it."""
    form = TokenForm(request.POST or None)
    made = secret = None
    if form.is_valid():
        try:
            made, secret = tokens.make_token(
                owner=request.user, now=timezone.now(), **form.cleaned_data
            )
            form = TokenForm()
        except ValidationError as error:
            form.add_error(None, error)
    page = {
        "form": form,
        "made": made,
        "secret": secret,
        "tokens": tokens.live_tokens(request.user),
    }
    return render(request, "account/api_tokens.html", page, status=422 if form.errors else 200)


@login_required
@require_POST
def revoke_api_token(request: SignedInRequest, token_id: int) -> HttpResponse:
    token = tokens.revoke_token(token_id=token_id, by=request.user, now=timezone.now())
    if token is None:
        raise Http404
    messages.success(request, f"“{token}” is revoked. Whatever used it gets no answers any more.")
    return redirect("api_tokens")


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
    places = (name for name in time_zones() if "/" in name)
    return ["UTC", *sorted(name for name in places if not name.startswith("Etc/"))]
