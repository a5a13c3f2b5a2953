"""The site map, on one screen. Names with an underscore are those that allauth calls its pages by."""

from allauth.account import views as account_pages
from allauth.mfa.base import views as code_pages
from allauth.mfa.recovery_codes import views as recovery_pages
from allauth.mfa.totp import views as authenticator_pages
from django.urls import include, path, register_converter
from django.views.generic import RedirectView

from mukiau.web.numbers import Number
from mukiau.web.views import (
    account,
    audit_log,
    company,
    event_raw,
    first_start,
    help_page,
    issue,
    issue_events,
    issue_list,
    one_time_link,
    palette,
    people,
    preferences,
    set_aside,
    sign_in,
    sources,
    status,
    test_error,
)

register_converter(Number, "number")

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="issues", query_string=True), name="home"),
    path("issues/", issue_list.page, name="issues"),
    path("issues/news/", issue_list.news, name="issues-news"),
    path("issues/<number:issue_id>/", issue.latest, name="issue"),
    path("issues/<number:issue_id>/events/", issue_events.page, name="issue-events"),
    path("issues/<number:issue_id>/events/<number:event_pk>/", issue.page, name="event"),
    path("issues/<number:issue_id>/events/<number:event_pk>/raw/", event_raw.page, name="event-raw"),
    path("issues/<number:issue_id>/events/<number:event_pk>/json/", event_raw.as_json, name="event-json"),
    path("issues/<number:issue_id>/events/<number:event_pk>/markdown/", event_raw.as_markdown, name="event-markdown"),
    path("events/<str:event_id>/", issue.by_event_id, name="event-by-id"),
    path("sources/", sources.page, name="sources"),
    path("sources/projects/", sources.add_project, name="project-add"),
    path("sources/<number:project_id>/keys/", sources.add_key, name="key-add"),
    path("sources/keys/<number:source_id>/", sources.switch_key, name="key-switch"),
    path("sources/keys/<number:source_id>/test/", test_error.send, name="test-error"),
    path("sources/keys/<number:source_id>/test/<str:event_id>/", test_error.page, name="test-error-sent"),
    path("status/", status.page, name="status"),
    path("set-aside/", set_aside.page, name="set-aside"),
    path("set-aside/replay/", set_aside.replay, name="set-aside-replay"),
    path("people/", people.page, name="people"),
    path("people/invitations/", people.invite, name="invite"),
    path("people/invitations/<number:link_id>/revoke/", people.revoke_invitation, name="invitation-revoke"),
    path("people/<number:user_id>/", people.person, name="person"),
    path("people/<number:user_id>/role/", people.set_role, name="person-role"),
    path("people/<number:user_id>/active/", people.set_active, name="person-active"),
    path("people/<number:user_id>/sessions/end/", people.end_sessions, name="person-sessions-end"),
    path("people/<number:user_id>/tokens/revoke/", people.revoke_tokens, name="person-tokens-revoke"),
    path(
        "people/<number:user_id>/authenticator/remove/", people.remove_second_factor, name="person-authenticator-remove"
    ),
    path("people/<number:user_id>/password-link/", people.make_password_link, name="person-password-link"),
    path("audit-log/", audit_log.page, name="audit-log"),
    path("audit-log/csv/", audit_log.as_csv, name="audit-log-csv"),
    path("palette/", palette.options, name="palette"),
    path("help/", help_page.page, name="help"),
    path("preferences/language/", preferences.language, name="set-language"),
    path("preferences/theme/", preferences.theme, name="set-theme"),
    path("preferences/density/", preferences.density, name="set-density"),
    path("api/v1/", include("mukiau.web.api.urls")),
    path("sign-in/", sign_in.page, name="account_login"),
    path("sign-in/company/", company.start, name="company-sign-in"),
    path("sign-in/company/back/", company.back, name="company-sign-in-back"),
    path("sign-in/code/", code_pages.authenticate, name="mfa_authenticate"),
    path("sign-in/switched-off/", account_pages.account_inactive, name="account_inactive"),
    path("sign-in/link/<str:token>/", one_time_link.sign_in_link, name="sign-in-link"),
    path("sign-out/", account.sign_out, name="sign-out"),
    path("account/", account.page, name="account"),
    path("account/password/", account.password, name="account-password"),
    path("account/sessions/<number:session_id>/end/", account.end_session, name="session-end"),
    path("account/sessions/end-others/", account.end_other_sessions, name="sessions-end-others"),
    path("account/tokens/new/", account.new_token, name="token-new"),
    path("account/tokens/<number:token_id>/revoke/", account.revoke_token, name="token-revoke"),
    path("account/confirm/", account_pages.reauthenticate, name="account_reauthenticate"),
    path("account/confirm/code/", code_pages.reauthenticate, name="mfa_reauthenticate"),
    path("account/authenticator/", RedirectView.as_view(pattern_name="account"), name="mfa_index"),
    path("account/authenticator/add/", authenticator_pages.activate_totp, name="mfa_activate_totp"),
    path("account/authenticator/remove/", authenticator_pages.deactivate_totp, name="mfa_deactivate_totp"),
    path("account/recovery-codes/", recovery_pages.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("account/recovery-codes/new/", recovery_pages.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("invitation/<str:token>/", one_time_link.invitation, name="invitation"),
    path("new-password/<str:token>/", one_time_link.new_password, name="new-password"),
    path("first-start/<str:token>/", first_start.page, name="first-start"),
]

handler400 = "mukiau.web.errors.unreadable"
handler403 = "mukiau.web.errors.refused"
handler404 = "mukiau.web.errors.not_found"
handler429 = "mukiau.web.errors.too_many"
handler500 = "mukiau.web.errors.fault"
