"""Values as text: times in the viewer's zone, counts, levels, sparklines."""

from django import template

register = template.Library()
