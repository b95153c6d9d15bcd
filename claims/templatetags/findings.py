"""Findings in sentences, in the language and the time zone of the reader."""

from django import template

from claims import wording

register = template.Library()
register.filter("sentence", wording.sentence)
