from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from claims.api import api

# As allauth documents it: the admin is entered through the portal's own sign-in.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("accounts.urls")),
    path("account/", include("allauth.account.urls")),
    path("api/v1/", api.urls),
    path("", include("claims.portal.urls")),
]
