"""The vendor's own client for Python on the mock: does it get all that it asks for, and the errors that it knows?

    python3 tools/compat/with_laceworksdk.py LACEGRAPH FIXTURES

The client is as its package has it; mock_server.py sends its requests to the mock. What it is given is held against the
files of the fixtures, and against the numbers that an organization was generated with.
"""

import collections
import functools
import importlib.metadata
import json
import operator
import pathlib
import shutil
import sys
import tempfile
import time
import unittest.mock
from collections.abc import Callable

import laceworksdk.http_session
from laceworksdk.exceptions import RateLimitError

from client_lists import (
    accounts_of,
    directory,
    expect_refusal,
    expect_same,
    expect_same_rows,
    read_list,
    rows_of,
    served,
)
from common import expect, refuse
from mock_server import Mock

Start = Callable[..., Mock]


def main(program: str, fixtures: pathlib.Path) -> None:
    start = functools.partial(Mock, program)
    demo(start, fixtures / "demo")
    refusals(start)
    tokens(start)
    for shape in ("nested", "flat", "role-lists"):
        generated_members(start, shape)
    generated_users(start)
    pages_of_the_usual_size(start)
    no_rows(start)
    limits_and_retries(start, fixtures / "small")


def demo(start: Start, folder: pathlib.Path) -> None:
    """Every answer of both organizations is what the files say, for each account and for the organization."""
    world = served(folder / "world.json")
    size = world["page_size"]
    lists = []
    with start() as mock:
        expect("the organizations of the demo", list(mock.keys), world["organizations"])
        for organization in world["organizations"]:
            mock.calls.clear()
            home = folder / organization
            about = served(home / "organization.json")
            failing = {fault["account"]: fault for fault in about["faults"]}
            # The mock prints the variables of the first.
            is_first = organization == world["organizations"][0]
            client = mock.client_by_environment() if is_first else mock.client_of(organization)

            for name, api in (("UserProfile", client.user_profile), ("OrganizationInfo", client.organization_info)):
                expect_same(f"{name} of {organization}", api.get(), served(home / f"{name}.json"))
            names = directory(client, organization)
            own = {path.name for path in (home / "accounts").iterdir()}
            expect("accounts with files that the directory does not name", own - names.keys(), set())

            # No header says which account: it is the primary one.
            primary = read_list(mock, client, f"the primary account of {organization}", "TeamMembers", size)
            expect("the header Account-Name", mock.calls[-1].account_name, None)
            file = home / "accounts" / about["primary"] / "TeamMembers.json"
            expect_same_rows("the primary account", primary, rows_of(file))

            for name in names:
                # The directory has names in upper case, people write them in lower case.
                client.set_subaccount(name.lower())
                for resource in ("TeamMembers", "TeamUsers"):
                    what = f"{resource} of {organization}/{name}"
                    file = home / "accounts" / name / f"{resource}.json"
                    read = functools.partial(read_list, mock, client, what, resource, size)
                    if file.is_file():
                        lists.append(read())
                        expect_same_rows(what, lists[-1], rows_of(file))
                    elif name not in failing:
                        # The account speaks the other access model.
                        expect_refusal(what, read, 403)
                    elif resource == "TeamMembers":
                        error = expect_refusal(what, read, failing[name]["status"])
                        expect(f"the message for {what}", error.message, failing[name]["message"])
                        expect(f"how often {what} was asked for", mock.calls[-1].tries, 4)

            # The client goes on to name an account, which must not matter now.
            client.set_org_level_access(True)
            what = f"TeamMembers of the organization {organization}"
            file = home / "org" / "TeamMembers.json"
            read = functools.partial(read_list, mock, client, what, "TeamMembers", size)
            if file.is_file():
                lists.append(read())
                refuse("no account is named", unless=mock.calls[-1].account_name is not None)
                expect_same_rows(what, lists[-1], rows_of(file))
            else:
                expect_refusal(what, read, 403)
            expect(f"tokens for {len(mock.calls)} calls", mock.exchanges(), 1)
    print(f"the demo: {sum(map(len, lists))} rows in {len(lists)} lists are those of the files; one token for each key")


def refusals(start: Start) -> None:
    """Wrong credentials and names are errors of the client's own class, with status and message, and tell no secret."""
    with start() as mock:
        key_id, secret = mock.keys["acme"]
        organization = mock.client_of("globex")
        organization.set_org_level_access(True)
        attempts = {
            "a wrong secret": (401, lambda: mock.client(account="acme", api_key=key_id, api_secret="_wrong")),
            "a wrong key id": (401, lambda: mock.client(account="acme", api_key="ACME_WRONG", api_secret=secret)),
            "a made-up token": (401, mock.client(account="acme", api_token="_wrong").team_members.get),
            "an unknown account": (403, mock.client_of("acme", subaccount="nowhere").team_members.get),
            # There is no such list.
            "TeamUsers of an organization": (400, organization.team_users.get),
        }
        for what, (status, attempt) in attempts.items():
            error = expect_refusal(what, attempt, status)
            refuse(f"the error for {what} tells a secret", unless=secret not in f"{error} {error.response.text}")
    print(f"refusals: {len(attempts)} are ApiError, with status and message")


def tokens(start: Start) -> None:
    """A token serves every call until it expires; the client can read when, and asks for another one then."""
    with start() as mock:
        client = mock.client_of("acme")
        session = client.team_members.session
        members = [client.team_members.get() for _ in range(20)]
        expect("tokens and all calls", (mock.exchanges(), len(mock.calls)), (1, 21))
        # A script may hand its token on.
        other = mock.client(account="acme", api_token=session._access_token)
        expect("the list by a token of another client", other.team_members.get(), members[0])
        expect("tokens for two clients", mock.exchanges(), 1)

        mock.calls.clear()
        with unittest.mock.patch.object(laceworksdk.http_session, "DEFAULT_ACCESS_TOKEN_EXPIRATION", 1):
            client = mock.client_of("acme")
        session = client.team_members.session
        first = session._access_token
        time.sleep(1.1)
        expect("the list by a second token", client.team_members.get(), members[0])
        expect("tokens for a client that waited", mock.exchanges(), 2)
        refuse("the second token is the first", unless=session._access_token != first)
        expect_refusal("an expired token", mock.client(account="acme", api_token=first).team_members.get, 401)
    print("tokens: one for 20 calls, good for another client too, and a new one after it expired")


def generated_members(start: Start, shape: str) -> None:
    """The legacy model: the list of the organization and those of its accounts say the same of the same people."""
    users, accounts, memberships, size = 1003, 7, 3, 100
    options = f"--users {users} --accounts {accounts} --memberships {memberships} --page-size {size} --shape {shape}"
    with start(*options.split()) as mock:
        client = mock.client_by_environment()
        names = directory(client, options)
        expect("accounts of the directory", len(names), accounts)
        own = {}
        for name in names:
            client.set_subaccount(name)
            own[name] = read_list(mock, client, f"{name}, {shape}", "TeamMembers", size)
            refuse(f"{name} has no second page", unless=len(own[name]) > size)
            expect_refusal(f"TeamUsers of {name}", client.team_users.get, 403)
        expect("rows of all accounts", sum(map(len, own.values())), users * memberships)

        client.set_org_level_access(True)
        everybody = read_list(mock, client, f"the organization, {shape}", "TeamMembers", size)
        expect("rows of the organization", len(everybody), users * memberships if shape == "flat" else users)
        expect("people of the organization", len({row["userName"] for row in everybody}), users)
        by_organization = [(row["userName"], name) for row in everybody for name in accounts_of(row, names)]
        by_account = [(row["userName"], name) for name, rows in own.items() for row in rows]
        expect("members that one account lists twice", len(by_account) - len(set(by_account)), 0)
        expect("who is where, by both kinds of list", sorted(by_organization), sorted(by_account))
        if shape == "flat":
            guid = operator.itemgetter("userGuid")
            rows = [row for rows in own.values() for row in rows]
            expect_same_rows("flat rows", sorted(everybody, key=guid), sorted(rows, key=guid))
        expect("tokens", mock.exchanges(), 1)
    print(f"TeamMembers, {shape}: {len(everybody)} rows of the organization, {len(by_account)} of {accounts} accounts")


def generated_users(start: Start) -> None:
    """The newer model: each account has its list, and the legacy list is switched off."""
    # Both accounts have every user, so that a list ends where a page does.
    users, accounts, memberships, size = 1000, 2, 2, 250
    people = f"--users {users} --accounts {accounts} --memberships {memberships}"
    options = f"{people} --page-size {size} --model team-users"
    with start(*options.split()) as mock:
        client = mock.client_by_environment()
        seen = collections.Counter()
        for name in directory(client, options):
            client.set_subaccount(name)
            rows = read_list(mock, client, name, "TeamUsers", size)
            seen.update(row["email"] for row in rows)
            expect(f"guids in {name}", len({row["userGuid"] for row in rows}), users)
            expect(f"users without a group in {name}", [row for row in rows if not row["userGroups"]], [])
            expect_refusal(f"TeamMembers of {name}", client.team_members.get, 403)
        expect("users, and in how many accounts they are", (len(seen), {*seen.values()}), (users, {memberships}))
        client.set_org_level_access(True)
        expect_refusal("TeamMembers of the organization", client.team_members.get, 403)
        expect("tokens", mock.exchanges(), 1)
    print(f"TeamUsers: {seen.total()} rows of {accounts} accounts, {users // size} whole pages each")


def pages_of_the_usual_size(start: Start) -> None:
    """Without a word about pages they have 5,000 rows, as the documentation says."""
    users = 12_345
    with start("--users", str(users)) as mock:
        client = mock.client_by_environment()
        client.set_org_level_access(True)
        rows = read_list(mock, client, "the organization", "TeamMembers", 5000)
    expect("rows of the organization", len(rows), users)
    print(f"usual pages: {users} rows in three")


def no_rows(start: Start) -> None:
    """An account without members is answered 204, and is an empty list for the client."""
    accounts = 3
    with start("--users", "1", "--accounts", str(accounts), "--memberships", "1") as mock:
        client = mock.client_by_environment()
        found = []
        for name in directory(client, "an organization of one"):
            client.set_subaccount(name)
            found.append(len(read_list(mock, client, name, "TeamMembers", 5000)))
            expect(f"the answer for {name}", mock.calls[-1].status, 200 if found[-1] else 204)
    expect("rows of the accounts", sorted(found), [0, 0, 1])
    print("no rows: 204 is an empty list")


def limits_and_retries(start: Start, fixture: pathlib.Path) -> None:
    """The client knows a rate limit, waits where it is told how long, and asks again after a failure."""
    [organization] = served(fixture / "world.json")["organizations"]
    limit = {"endpoint": "TeamMembers", "status": 429, "message": "the rate limit is exceeded", "times": 1}
    with tempfile.TemporaryDirectory() as folder:
        copy = shutil.copytree(fixture, pathlib.Path(folder) / "world")
        file = copy / organization / "organization.json"
        about = served(file)
        first, second = sorted(path.name for path in (copy / organization / "accounts").iterdir())

        def start_with(*faults: dict[str, object]) -> Mock:
            file.write_text(json.dumps(about | {"faults": faults}), encoding="utf-8")
            return start("--fixture", str(copy))

        with start_with(limit | {"account": first}, limit | {"account": second, "retry_after": "1"}) as mock:
            client = mock.client_of(organization, subaccount=first)
            error = expect_refusal("a call too many", client.team_members.get, 429, RateLimitError)
            expect("its message", error.message, limit["message"])
            expect("how often it was sent", mock.calls[-1].tries, 1)
            # A list that is served whole, with no word of pages.
            whole = read_list(mock, client, first, "TeamMembers", None)
            expect_same_rows(first, whole, rows_of(copy / organization / "accounts" / first / "TeamMembers.json"))
            client.set_subaccount(second)
            began = time.monotonic()
            answer = client.team_members.get()
            refuse("the client did not wait as it was told", unless=time.monotonic() - began >= 1)
            expect("tries where the client is told how long to wait", mock.calls[-1].tries, 2)
            expect_same(second, answer, served(copy / organization / "accounts" / second / "TeamMembers.json"))

        with start_with({"endpoint": "UserProfile", "status": 503, "times": 2}) as mock:
            profile = mock.client_of(organization).user_profile.get()
            expect_same("UserProfile after two failures", profile, served(copy / organization / "UserProfile.json"))
            expect("tries until it came", mock.calls[-1].tries, 3)

        with start_with({"endpoint": "access/tokens", "status": 429, "times": 1}) as mock:
            new_client = functools.partial(mock.client_of, organization)
            expect_refusal("a token too many", new_client, 429, RateLimitError)
            expect("UserProfile after that", new_client().user_profile.get(), profile)
    print("limits: 429 is RateLimitError, or a wait where Retry-After says how long; 503 is asked again")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], pathlib.Path(sys.argv[2]))
    print(f"laceworksdk {importlib.metadata.version('laceworksdk')} gets from the mock all that it asks for")
