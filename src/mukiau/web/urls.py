"""The site map, on one screen."""

urlpatterns = []  # type: ignore[var-annotated]
