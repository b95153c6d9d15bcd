from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from accounts.models import ApiToken
from claims.api import api
from claims.api.tokens import by_token
from claims.portal.uploads import resumable

# Staff enter the admin through the portal's own sign-in, as allauth documents.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # their way

send_files = by_token(ApiToken.Scope.WRITE_CLAIMS)

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("accounts.urls")),
    path("account/", include("allauth.account.urls")),
    path("", include("claims.portal.urls")),
    # Browsers and programs share the resumable uploads, and differ only in how they sign in. These
    # follow the portal's addresses, which register the converter.
    path(
        "api/v1/orders/<word:shop_id>/uploads",
        send_files(resumable.create_upload),
        {"goes_on_at": "api_upload"},
        name="api_create_upload",
    ),
    path("api/v1/uploads/<word:token>", send_files(resumable.upload), name="api_upload"),
    path("api/v1/", api.urls),
]
