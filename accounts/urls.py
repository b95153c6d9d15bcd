from django.urls import path

from accounts import views

urlpatterns = [
    # Instead of allauth's page of the same name, which adds and removes addresses.
    path("account/email/", views.email, name="account_email"),
    path("profile/", views.profile, name="profile"),
]
