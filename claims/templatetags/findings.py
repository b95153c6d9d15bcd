"""Template filter for findings: a sentence in the reader's language and time zone."""

from django import template

from claims import wording

register = template.Library()
register.filter("sentence", wording.sentence)
