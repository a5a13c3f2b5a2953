"""A company with its own sign-in, a mukiau that trusts it, and a browser without windows to go between them."""

import json
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
from oidc_provider import CLIENT_ID, CLIENT_SECRET

PROVIDER = Path(__file__).with_name("oidc_provider.py")
TIMEOUT_SECONDS = 60

PEOPLE = {
    "sato": {"email": "Sato@example.co.jp", "email_verified": True, "name": "Sato"},
    "guest": {"email": "guest@elsewhere.example", "email_verified": True},
    "invited": {"email": "invited@elsewhere.example", "email_verified": True},
    "unproven": {"email": "unproven@example.co.jp", "email_verified": False},
    "texty": {"email": "texty@example.co.jp", "email_verified": "false"},
    "silent": {"email": "silent@example.co.jp"},
    "near": {"email": "near@example.co.jp.evil.example", "email_verified": True},
    "mori": {"email": "mori@example.com", "email_verified": True},
    "nameless": {},
}


def start_provider(port: int, folder: Path, mukiau: str) -> subprocess.Popen[bytes]:
    """Start the provider; it answers a little later."""
    back = f"{mukiau}/sign-in/company/back/"
    command = [sys.executable, str(PROVIDER), str(port), str(folder), back, json.dumps(PEOPLE)]
    return subprocess.Popen(command)


def settings_for(provider: str) -> dict[str, str]:
    """Return what mukiau has to be told."""
    return {
        "MUKIAU_OIDC_ISSUER": f"{provider}/o",
        "MUKIAU_OIDC_CLIENT_ID": CLIENT_ID,
        "MUKIAU_OIDC_CLIENT_SECRET": CLIENT_SECRET,
        "MUKIAU_OIDC_NAME": "Example Inc.",
        "MUKIAU_ALLOWED_DOMAINS": "example.co.jp, @example.org",
    }


@dataclass
class Traveller:
    """Somebody who follows links and redirects, and remembers where they came through."""

    mukiau: str
    client: httpx.Client
    seen: list[str] = field(default_factory=list)

    def go(self, address: str) -> httpx.Response:
        """Follow redirects to the page at their end."""
        answer = self.client.get(address, headers={"accept-language": "en"})
        self.seen.append(str(answer.url))
        return self.go(str(answer.next_request.url)) if answer.next_request else answer

    def sign_in(self, name: str, *, query: str = "next=/status/") -> httpx.Response:
        """Go by the button, choose who one is at the provider, and come back."""
        choice = self.go(f"{self.mukiau}/sign-in/company/?{query}")
        assert "The company" in choice.text, choice.text
        link = re.search(rf'id="{name}" href="([^"]+)"', choice.text)
        assert link is not None
        return self.go(str(choice.url.join(link[1].replace("&amp;", "&"))))

    def way_back(self, name: str) -> str:
        """Go as far as the provider sends one back, and return that address without following it."""
        choice = self.go(f"{self.mukiau}/sign-in/company/")
        address = choice.url.copy_merge_params({"as": name})
        while True:
            following = self.client.get(address).next_request
            assert following is not None
            if str(following.url).startswith(self.mukiau):
                return str(following.url)
            address = following.url

    def parameters(self, part: str) -> dict[str, str]:
        """Return the query of the address with this part that was come through last."""
        found = next(address for address in reversed(self.seen) if part in address)
        return {name: values[0] for name, values in parse_qs(urlsplit(found).query).items()}

    def is_in(self) -> bool:
        return self.client.get(f"{self.mukiau}/issues/").status_code == 200
