"""The addresses of the API. None ends in `envelope`, `store` or `records`: those are intake's doors."""

from django.urls import path

from mukiau.web.api import (
    comments,
    decisions,
    deploys,
    finding,
    handlings,
    issues,
    lab,
    notifications,
    openapi,
    projects,
    registry,
    regrouping,
    requests,
    runbooks,
    teams,
)
from mukiau.web.api.door import Scope, endpoint

READ, WRITE, REGROUP, WORK = Scope.READ, Scope.SOURCES_WRITE, Scope.GROUPING_WRITE, Scope.WORK_WRITE

urlpatterns = [
    path("projects", endpoint(get=(READ, projects.list_all), post=(WRITE, projects.make_project)), name="api-projects"),
    path("projects/<number:project_id>/keys", endpoint(post=(WRITE, projects.make_key)), name="api-keys"),
    path("keys/<number:source_id>", endpoint(patch=(WRITE, projects.switch_key)), name="api-key"),
    path("issues", endpoint(get=(READ, issues.list_issues)), name="api-issues"),
    path("issues/<number:issue_id>", endpoint(get=(READ, issues.show_issue)), name="api-issue"),
    path("issues/<number:issue_id>/events", endpoint(get=(READ, issues.list_events)), name="api-issue-events"),
    path("issues/<number:issue_id>/grouping", endpoint(get=(READ, regrouping.show_grouping)), name="api-grouping"),
    path("issues/<number:issue_id>/merge", endpoint(post=(REGROUP, regrouping.merge)), name="api-issue-merge"),
    path("issues/<number:issue_id>/split", endpoint(post=(REGROUP, regrouping.split_off)), name="api-issue-split"),
    path(
        "issues/<number:issue_id>/comments",
        endpoint(get=(READ, comments.list_all), post=(WORK, comments.write)),
        name="api-issue-comments",
    ),
    path(
        "comments/<number:comment_id>",
        endpoint(patch=(WORK, comments.edit), delete=(WORK, comments.delete)),
        name="api-comment",
    ),
    path("issues/<number:issue_id>/work", endpoint(get=(READ, decisions.show)), name="api-issue-work"),
    path("issues/<number:issue_id>/decide", endpoint(post=(WORK, decisions.decide)), name="api-issue-decide"),
    path("issues/<number:issue_id>/resolve", endpoint(post=(WORK, decisions.resolve)), name="api-issue-resolve"),
    path("history/<number:line_id>/undo", endpoint(post=(WORK, decisions.undo)), name="api-history-undo"),
    path("issues/<number:issue_id>/assign", endpoint(post=(WORK, teams.assign)), name="api-issue-assign"),
    path("teams", endpoint(get=(READ, teams.list_all)), name="api-teams"),
    path("mine", endpoint(get=(READ, teams.list_mine)), name="api-mine"),
    path("changes/<number:change_id>/undo", endpoint(post=(REGROUP, regrouping.undo)), name="api-change-undo"),
    path("projects/<number:project_id>/policies", endpoint(get=(READ, lab.list_versions)), name="api-policies"),
    path(
        "projects/<number:project_id>/runs",
        endpoint(get=(READ, lab.list_all), post=(REGROUP, lab.try_text)),
        name="api-runs",
    ),
    path("runs/<number:run_id>", endpoint(get=(READ, lab.show)), name="api-run"),
    path("runs/<number:run_id>/apply", endpoint(post=(REGROUP, lab.apply)), name="api-run-apply"),
    path("runs/<number:run_id>/undo", endpoint(post=(REGROUP, lab.undo)), name="api-run-undo"),
    path("runs/<number:run_id>/stop", endpoint(post=(REGROUP, lab.stop)), name="api-run-stop"),
    path("events/<number:event_pk>", endpoint(get=(READ, issues.show_event)), name="api-event"),
    path("deploys", endpoint(get=(READ, deploys.list_all), post=(WORK, deploys.add)), name="api-deploys"),
    path("routes", endpoint(get=(READ, notifications.list_all), post=(WORK, notifications.make)), name="api-routes"),
    path(
        "routes/<number:route_id>",
        endpoint(
            get=(READ, notifications.show), patch=(WORK, notifications.switch), delete=(WORK, notifications.delete)
        ),
        name="api-route",
    ),
    path("routes/<number:route_id>/test", endpoint(post=(WORK, notifications.send_test)), name="api-route-test"),
    path("environments", endpoint(get=(READ, registry.list_environments)), name="api-environments"),
    path("services", endpoint(get=(READ, registry.list_services)), name="api-services"),
    path("customers", endpoint(get=(READ, registry.list_customers)), name="api-customers"),
    path("handlings", endpoint(get=(READ, handlings.list_all)), name="api-handlings"),
    path("handlings/<number:handling_id>", endpoint(get=(READ, handlings.show)), name="api-handling"),
    path("handlings/<number:handling_id>/<str:act>", endpoint(post=(WORK, handlings.act)), name="api-handling-act"),
    path("requests", endpoint(get=(READ, requests.list_all), post=(WORK, requests.file)), name="api-requests"),
    path(
        "requests/<number:request_id>",
        endpoint(get=(READ, requests.show), patch=(WORK, requests.change)),
        name="api-request",
    ),
    path("requests/<number:request_id>/<str:act>", endpoint(post=(WORK, requests.act)), name="api-request-act"),
    path("runbooks", endpoint(get=(READ, runbooks.list_all), post=(WORK, runbooks.create)), name="api-runbooks"),
    path("runbooks/find", endpoint(get=(READ, finding.find), post=(READ, finding.find)), name="api-runbooks-find"),
    path("runbooks/proposals", endpoint(get=(READ, finding.list_proposals)), name="api-runbook-proposals"),
    path(
        "runbooks/proposals/<number:proposal_id>/<str:act>",
        endpoint(post=(WORK, finding.answer)),
        name="api-runbook-proposal",
    ),
    path("runbooks/<str:code>", endpoint(get=(READ, runbooks.show), patch=(WORK, runbooks.save)), name="api-runbook"),
    path("runbooks/<str:code>/publish", endpoint(post=(WORK, runbooks.publish)), name="api-runbook-publish"),
    path("runbooks/<str:code>/comments", endpoint(post=(WORK, runbooks.comment)), name="api-runbook-comment"),
    path("openapi.json", endpoint(get=(READ, openapi.show)), name="api-openapi"),
    path("<path:rest>", endpoint(get=(READ, issues.nothing_here)), name="api-nothing"),
]
