"""The addresses of the pages of merges, and their text."""

from django.urls import reverse

LIST = reverse("admin:accounts_customermerge_changelist")
START = reverse("admin:accounts_customermerge_start")


def address(merge, view="change"):
    return reverse(f"admin:accounts_customermerge_{view}", args=[merge.pk])


def text(response):
    return " ".join(response.content.decode().split())
