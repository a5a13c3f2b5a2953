"""The addresses of the API. None ends in `envelope`, `store` or `records`: those are intake's doors."""

from django.urls import path

from mukiau.web.api import issues, projects
from mukiau.web.api.door import Scope, endpoint

READ, WRITE = Scope.READ, Scope.SOURCES_WRITE

urlpatterns = [
    path("projects", endpoint(get=(READ, projects.list_all), post=(WRITE, projects.make_project)), name="api-projects"),
    path("projects/<number:project_id>/keys", endpoint(post=(WRITE, projects.make_key)), name="api-keys"),
    path("keys/<number:source_id>", endpoint(patch=(WRITE, projects.switch_key)), name="api-key"),
    path("issues", endpoint(get=(READ, issues.list_issues)), name="api-issues"),
    path("issues/<number:issue_id>", endpoint(get=(READ, issues.show_issue)), name="api-issue"),
    path("issues/<number:issue_id>/events", endpoint(get=(READ, issues.list_events)), name="api-issue-events"),
    path("events/<number:event_pk>", endpoint(get=(READ, issues.show_event)), name="api-event"),
    path("<path:rest>", endpoint(get=(READ, issues.nothing_here)), name="api-nothing"),
]
