from functools import cache
from typing import cast

from allauth.account.internal.stagekit import clear_login
from allauth.account.utils import perform_login
from allauth.account.views import request_login_code
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import sign_in_links, tokens
from accounts.forms import ProfileForm, TokenForm
from accounts.models import User, time_zones
from accounts.proving import prove_by_operator


class SignedInRequest(HttpRequest):
    """A request that has passed `login_required`."""

    user: User


@login_required
@require_http_methods(["GET", "POST"])
def profile(request: SignedInRequest) -> HttpResponse:
    # The form gets its own copy, because an invalid form leaves its values on its instance.
    person = User.objects.get(pk=request.user.pk)
    form = ProfileForm(request.POST or None, instance=person)
    if form.is_valid():
        form.save()
        messages.success(request, _("You have saved your profile."))
        return redirect("profile")
    return render(request, "account/profile.html", {"form": form, "time_zones": _time_zones()})


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def api_tokens(request: SignedInRequest) -> HttpResponse:
    """List the tokens and create new ones. Only the answer to the form shows a new secret."""
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
    messages.success(
        request,
        _("You have revoked “%(token)s”. Programs that use it no longer have access.")
        % {"token": token},
    )
    return redirect("api_tokens")


@login_required
def email(request: SignedInRequest) -> HttpResponse:
    """Say why the address can't be changed here: the shop's orders name people by it."""
    if not request.user.email:
        messages.info(
            request,
            _(
                "The shop has told us no email address of yours. To add one, write to the shop's"
                " support."
            ),
        )
        return redirect("profile")
    messages.info(
        request,
        _(
            "The shop knows you as %(email)s, so you can't change your address here."
            " To change it, write to the shop's support."
        )
        % {"email": request.user.email},
    )
    return redirect("profile")


@require_POST
def another_code(request: HttpRequest) -> HttpResponse:
    """Start anew with another code, which allauth refuses while a code or a link is awaited."""
    clear_login(request)
    return cast(HttpResponse, request_login_code(request))


@never_cache
@require_http_methods(["GET", "POST"])
def sign_in_link(request: HttpRequest, secret: str) -> HttpResponse:
    """Sign in by a printed link when its button is pressed, so that a preview doesn't use it up."""
    now = timezone.now()
    if request.method == "POST" and (person := sign_in_links.use_link(secret, now=now)):
        prove_by_operator(person)
        return cast(HttpResponse, perform_login(request, person, email=person.email))
    link = sign_in_links.find_link(secret, now=now)
    page = {"link": link}
    return render(request, "account/sign_in_link.html", page, status=200 if link else 404)


@cache
def _time_zones() -> list[str]:
    """Return the names to offer: places, and UTC."""
    places = (name for name in time_zones() if "/" in name)
    return ["UTC", *sorted(name for name in places if not name.startswith("Etc/"))]
