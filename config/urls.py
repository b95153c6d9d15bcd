from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from accounts.models import ApiToken
from claims.api import api
from claims.api.tokens import by_token
from claims.portal.uploads import resumable

# As allauth documents it: the admin is entered through the portal's own sign-in.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

send_files = by_token(ApiToken.Scope.WRITE_CLAIMS)

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("accounts.urls")),
    path("account/", include("allauth.account.urls")),
    path("", include("claims.portal.urls")),
    # Resumable uploads are one for browsers and programs, who only sign in otherwise. After the
    # portal's addresses, which know the converter.
    path(
        "api/v1/orders/<word:shop_id>/uploads",
        send_files(resumable.create_upload),
        {"goes_on_at": "api_upload"},
        name="api_create_upload",
    ),
    path("api/v1/uploads/<word:token>", send_files(resumable.upload), name="api_upload"),
    path("api/v1/", api.urls),
]
