"""Signing in at the company's own provider: OpenID Connect, authorization code flow with PKCE, state and nonce.

allauth does the round trip and keeps the state. It trusts an ID token that came over TLS without looking at the
signature, knows no nonce, and takes what is not `false` for a verified address. Here all of these are checked: signature,
issuer, audience, times and nonce of the ID token (OpenID Connect Core 3.1.3.7), the issuer's name in its own configuration
(Discovery 4.3), and that the user info is about the same person (Core 5.3.2).
"""

import hmac
from collections.abc import Mapping
from typing import Any

from allauth.account.models import EmailAddress
from allauth.core.internal.deferred import jwt
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from mukiau.web.address import absolute_url

# Signatures that only the provider can make; a shared secret (HS256) or none at all proves nothing here.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
MAX_CLOCK_DIFFERENCE_SECONDS = 60
_NEEDED = ("iss", "aud", "exp", "iat", "sub")


class CompanySignIn(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """Talks to the provider."""

    nonce = ""
    """What was sent along with the state that came back."""

    @property
    def openid_config(self) -> dict[str, Any]:
        """Return the provider's own description of itself, which must be about the issuer that was configured."""
        config: dict[str, Any] = super().openid_config
        if str(config.get("issuer")).rstrip("/") != settings.MUKIAU.oidc_issuer.rstrip("/"):
            raise OAuth2Error(
                f"The provider at {settings.MUKIAU.oidc_issuer} calls itself {config.get('issuer')!r}; set "
                "MUKIAU_OIDC_ISSUER to the name it gives itself."
            )
        return config

    def get_callback_url(self, request: HttpRequest, app: object) -> str:
        """Return where the provider sends people back to."""
        return absolute_url(request, reverse("company-sign-in-back"))

    def complete_login(
        self, request: HttpRequest, app: Any, token: Any, *, response: Mapping[str, Any], **_: Any
    ) -> SocialLogin:
        """Return who it is, from an ID token that holds; raises OAuth2Error."""
        with get_adapter().get_requests_session() as session:
            keys = session.get(self.openid_config["jwks_uri"])
            keys.raise_for_status()
        claims = verify_id_token(
            str(response.get("id_token")),
            keys.json(),
            issuer=self.openid_config["issuer"],
            audience=app.client_id,
            nonce=self.nonce,
        )
        if "email" not in claims and "userinfo_endpoint" in self.openid_config:
            told = self._fetch_user_info(token.token)
            if told.get("sub") != claims["sub"]:
                raise OAuth2Error("The user info is about somebody else than the ID token.")
            claims = {**told, **claims}
        return self.get_provider().sociallogin_from_response(request, {"id_token": claims})


class CompanyProvider(OpenIDConnectProvider):  # type: ignore[misc]
    """Reads what the provider says about somebody."""

    oauth2_adapter_class = CompanySignIn

    def extract_email_addresses(self, data: Mapping[str, Any]) -> list[EmailAddress]:
        """Return the address, verified only where the provider says so in as many words."""
        claims = data["id_token"]
        if not (email := claims.get("email")):
            return []
        said = (claims.get("email_verified"), claims.get("xms_edov"))  # the second is Entra ID's word for it
        return [EmailAddress(email=str(email).lower(), verified=any(is_true(word) for word in said), primary=True)]

    def extract_extra_data(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Keep no more about somebody than the page shows."""
        return {"email": data["id_token"].get("email"), "name": data["id_token"].get("name")}


class CompanyCallback(OAuth2CallbackView):  # type: ignore[misc]
    """The way back; hands the nonce of the remembered state on."""

    def _get_state(self, request: HttpRequest, provider: CompanyProvider) -> tuple[dict[str, Any] | None, Any]:
        state, refusal = super()._get_state(request, provider)
        self.adapter.nonce = (state or {}).get("nonce", "")
        return state, refusal


def is_true(word: object) -> bool:
    """Say whether a claim is true; some providers write it as text or a number.

    >>> [is_true(word) for word in (True, "true", "1", 1, False, "false", "0", None, "yes")]
    [True, True, True, True, False, False, False, False, False]
    """
    return str(word).lower() in {"true", "1"}


def verify_id_token(token: str, keys: Mapping[str, Any], *, issuer: str, audience: str, nonce: str) -> dict[str, Any]:
    """Return the claims of an ID token that holds; `keys` is the provider's JWK set. Raises OAuth2Error."""
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            key=_find_key(token, keys),
            algorithms=list(ALGORITHMS),
            audience=audience,
            issuer=issuer,
            leeway=MAX_CLOCK_DIFFERENCE_SECONDS,
            options={"require": list(_NEEDED)},
        )
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise OAuth2Error(f"The ID token does not hold: {error}") from error
    if not nonce or not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
        raise OAuth2Error("The ID token is not the answer to this sign-in: its nonce differs.")
    if claims.get("azp", audience) != audience:
        raise OAuth2Error("The ID token was made for another application.")
    return claims


def _find_key(token: str, keys: Mapping[str, Any]) -> Any:
    """Return the key a token names, or the only one there is."""
    named = jwt.get_unverified_header(token).get("kid")
    usable = [key for key in jwt.PyJWKSet.from_dict(dict(keys)).keys if named in {None, key.key_id}]
    if len(usable) != 1:
        raise ValueError(f"the provider has no key {named!r}")
    return usable[0].key
