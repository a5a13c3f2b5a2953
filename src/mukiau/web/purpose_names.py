"""What the purposes of environments are called on screen."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mukiau.work.purposes import Purpose

PURPOSE_NAMES: dict[Purpose, Promise] = {
    Purpose.PRODUCTION: _("Production"),
    Purpose.STAGING: _("Staging"),
    Purpose.DEVELOPMENT: _("Development"),
    Purpose.LOADTEST: _("Load test"),
}
"""In the order in which pages show them."""
