"""ID tokens: only one that the provider signed, for us, now, in answer to this sign-in, holds."""

import json
import time
from typing import Any

import jwt
import pytest
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from mukiau.core.event import JSONObject
from mukiau.web.accounts.company import verify_id_token

ISSUER, CLIENT, NONCE = "https://login.example.com", "mukiau", "n" * 32
OWN = rsa.generate_private_key(public_exponent=65537, key_size=2048)
FOREIGN = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _jwk(key: rsa.RSAPrivateKey, name: str) -> JSONObject:
    return {**json.loads(RSAAlgorithm.to_jwk(key.public_key())), "kid": name, "alg": "RS256", "use": "sig"}


KEYS = {"keys": [_jwk(OWN, "own")]}
LONG_AGO, FAR_AHEAD = 1_000_000_000, 9_000_000_000
"""Unix seconds."""


def _claims(**changed: Any) -> JSONObject:
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": CLIENT, "sub": "17", "iat": now, "exp": now + 300, "nonce": NONCE, **changed}
    return {name: value for name, value in claims.items() if value is not None}


def _token(claims: JSONObject, *, key: Any = OWN, algorithm: str = "RS256", kid: str | None = "own") -> str:
    return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": kid} if kid else {})


def _verify(token: str, keys: JSONObject = KEYS) -> JSONObject:
    return verify_id_token(token, keys, issuer=ISSUER, audience=CLIENT, nonce=NONCE)


def test_a_token_of_the_provider_holds() -> None:
    assert _verify(_token(_claims()))["sub"] == "17"


def test_a_token_without_a_named_key_holds_when_there_is_one_key_only() -> None:
    two = {"keys": [_jwk(OWN, "own"), _jwk(FOREIGN, "other")]}

    assert _verify(_token(_claims(), kid=None))["sub"] == "17"
    with pytest.raises(OAuth2Error):
        _verify(_token(_claims(), kid=None), two)


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://evil.example"},
        {"aud": "another-application"},
        {"aud": ["another-application"]},
        {"exp": LONG_AGO},
        {"iat": FAR_AHEAD},
        {"nbf": FAR_AHEAD},
        {"nonce": "m" * 32},
        {"nonce": None},
        {"nonce": ""},
        {"azp": "another-application"},
        {"sub": None},
        {"exp": None},
        {"iat": None},
        {"iss": None},
        {"aud": None},
    ],
    ids=str,
)
def test_a_token_for_somebody_or_something_else_is_refused(changed: JSONObject) -> None:
    with pytest.raises(OAuth2Error):
        _verify(_token(_claims(**changed)))


def test_a_token_of_another_key_is_refused() -> None:
    with pytest.raises(OAuth2Error):
        _verify(_token(_claims(), key=FOREIGN))


def test_an_unknown_key_is_refused() -> None:
    with pytest.raises(OAuth2Error):
        _verify(_token(_claims(), kid="unknown"))


def test_a_token_without_signature_is_refused() -> None:
    with pytest.raises(OAuth2Error):
        _verify(_token(_claims(), key=None, algorithm="none"))


def test_a_token_signed_with_the_public_key_as_a_secret_is_refused() -> None:
    secret = "a shared secret that is long enough"

    with pytest.raises(OAuth2Error):
        _verify(_token(_claims(), key=secret, algorithm="HS256"))
    with pytest.raises(OAuth2Error):
        _verify(_token(_claims(), key=secret, algorithm="HS256"), {"keys": [{"kty": "oct", "k": "YQ", "kid": "own"}]})


def test_a_changed_token_is_refused() -> None:
    head, _, signature = _token(_claims()).split(".")
    body = _token(_claims(sub="18")).split(".")[1]

    with pytest.raises(OAuth2Error):
        _verify(f"{head}.{body}.{signature}")


@pytest.mark.parametrize("token", ["", "None", "a.b.c", "..", "é"])
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(OAuth2Error):
        _verify(token)
