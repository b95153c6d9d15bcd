from django.urls import path

from accounts import views

urlpatterns = [
    # This replaces allauth's page of the same name, which adds and removes addresses.
    path("account/email/", views.email, name="account_email"),
    path("account/login/code/again/", views.another_code, name="account_another_code"),
    path("account/link/<str:secret>/", views.sign_in_link, name="sign_in_link"),
    path("profile/", views.profile, name="profile"),
    path("profile/tokens/", views.api_tokens, name="api_tokens"),
    path("profile/tokens/<int:token_id>/revoke/", views.revoke_api_token, name="revoke_api_token"),
]
