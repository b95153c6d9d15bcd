"""The number of names of services that wait to be mapped, for the navigation of the desk."""

from django import template

from claims.queries.orders.unmapped_names import count_unmapped

register = template.Library()
register.simple_tag(count_unmapped)
