"""`lacegraph mock` while it runs, and the vendor's client for Python with its requests sent there."""

import functools
import os
import re
import shlex
import subprocess
import sys
import tomllib
import unittest.mock
from typing import NamedTuple
from urllib.parse import urlsplit

import laceworksdk.http_session
import requests
from laceworksdk import LaceworkClient
from requests.adapters import HTTPAdapter

from common import refuse

# The client takes these as its configuration, from the shell and from an .env file above it.
for variable in [name for name in os.environ if name.startswith("LW_")]:
    del os.environ[variable]


class Call(NamedTuple):
    """One call that a client made, with the last answer to it."""

    method: str
    path: str
    account_name: str | None
    org_access: str | None
    status: int
    # How often it was sent until the client was content.
    tries: int


class ToTheMock(HTTPAdapter):
    """The client's way to the network, but that it ends at the mock; the client asks https://ACCOUNT.DOMAIN alone."""

    def __init__(self, base_url: str, calls: list[Call], **options: object) -> None:
        super().__init__(**options)
        self._base_url = base_url
        self._calls = calls

    def send(self, request: requests.PreparedRequest, **options: object) -> requests.Response:
        origin = "https://" + urlsplit(request.url).netloc
        refuse(f"the client asks {request.url}", unless=request.url.startswith(origin + "/api/v2/"))
        path = request.url.removeprefix(origin)
        redirected = request.copy()
        redirected.url = self._base_url + path
        response = super().send(redirected, **options | {"proxies": None})
        response.request, response.url = request, request.url
        expect_rate_limit_headers(request.url, response.headers)
        scope = (request.headers.get("Account-Name"), request.headers.get("Org-Access"))
        tries = 1 + len(response.raw.retries.history)
        self._calls.append(Call(request.method, path, *scope, response.status_code, tries))
        return response


def expect_rate_limit_headers(url: str, headers: dict[str, str]) -> None:
    """Every answer carries the three of them, refusals too."""
    for name, form in (
        ("RateLimit-Limit", r"(\d+)(, \1;w=\d+)?"),
        ("RateLimit-Remaining", r"\d+"),
        ("RateLimit-Reset", r"\d+"),
    ):
        value = headers.get(name, "")
        refuse(f"{name} of {url} is {value!r}", unless=re.fullmatch(form, value) is not None)


class Mock:
    """A running mock, and what it tells of itself at its start."""

    def __init__(self, program: str, *options: str) -> None:
        # Every call of every client, in their order.
        self.calls: list[Call] = []
        self._process = subprocess.Popen(
            [program, "mock", *options], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, encoding="utf-8"
        )
        told = []
        for line in self._process.stdout:
            if line.startswith("# serving"):
                break
            told.append(line)
        else:
            sys.exit(f"the mock ended before it served, after {''.join(told)!r}")
        self.base_url = told[0].strip()
        exports = [shlex.split(line)[1].partition("=") for line in told if line.startswith("export ")]
        variables = {name: value for name, _, value in exports}
        # The variables of the vendor's command line, which this client reads too.
        self.environment = {name: value for name, value in variables.items() if name.startswith("LW_")}
        configuration = "".join(told[told.index("[[organization]]\n") :])
        # The key id and the secret of each organization.
        self.keys = {
            organization["name"]: (organization["key_id"], variables[organization["secret_env"]])
            for organization in tomllib.loads(configuration)["organization"]
        }

    def __enter__(self) -> "Mock":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()

    def client(self, **arguments: str) -> LaceworkClient:
        """A client as a script makes one, which asks this mock."""
        adapter = functools.partial(ToTheMock, self.base_url, self.calls)
        # It cuts its domain off the address of the next page, and the mock writes its own address there.
        domain = urlsplit(self.base_url).netloc
        with unittest.mock.patch.object(laceworksdk.http_session, "HTTPAdapter", adapter):
            return LaceworkClient(**arguments, base_domain=domain)

    def client_of(self, organization: str, **arguments: str) -> LaceworkClient:
        """A client with the key of an organization."""
        key_id, secret = self.keys[organization]
        return self.client(account=organization, api_key=key_id, api_secret=secret, **arguments)

    def client_by_environment(self) -> LaceworkClient:
        """A client that is told nothing but the variables that the mock prints."""
        with unittest.mock.patch.dict(os.environ, self.environment):
            return self.client()

    def exchanges(self) -> int:
        """How many tokens the clients asked for so far."""
        return sum(call.path == "/api/v2/access/tokens" for call in self.calls)
