"""The plain script that people write today to answer who can reach which account: the peer of the benchmark.

Usage: peer.py OUTDIR, with LW_ACCOUNT, LW_API_KEY, LW_API_SECRET and perhaps LW_API_SERVER_URL in the environment.
"""

import csv
import json
import os
import sqlite3
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import networkx as nx
import requests

# The strongest first.
ROLES = ["ADMIN", "USER"]
SOURCES = ["org_admin", "org_user", "direct"]
# What a role of the organization is in each of its accounts.
IMPLIED = {"org_admin": "ADMIN", "org_user": "USER"}
# More nodes than this make no picture that anybody reads; lacegraph draws as many.
DRAWN_GROUPS = 150

SCHEMA = """
CREATE TABLE users (user_id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, first_name TEXT, last_name TEXT,
    company TEXT, is_org_admin INTEGER NOT NULL, is_org_user INTEGER NOT NULL);
CREATE TABLE accounts (account_id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, guid TEXT);
CREATE TABLE memberships (user_id INTEGER NOT NULL REFERENCES users, account_id INTEGER NOT NULL REFERENCES accounts,
    role TEXT NOT NULL, is_enabled INTEGER NOT NULL, user_guid TEXT, jit_created INTEGER, created TEXT, updated TEXT,
    updated_by TEXT, last_login TEXT, last_session TEXT, PRIMARY KEY (user_id, account_id));
CREATE TABLE grants (user_id INTEGER NOT NULL REFERENCES users, account_id INTEGER NOT NULL REFERENCES accounts,
    role TEXT NOT NULL, source TEXT NOT NULL, is_enabled INTEGER NOT NULL, is_effective INTEGER NOT NULL);
"""


@dataclass
class Person:
    email: str
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    is_org_admin: bool = False
    is_org_user: bool = False
    is_enabled: bool = False  # In any account.


@dataclass
class Membership:
    email: str
    account: str
    role: str
    is_enabled: bool
    user_guid: str
    jit_created: bool | None = None
    created: str | None = None
    updated: str | None = None
    updated_by: str | None = None
    last_login: str | None = None
    last_session: str | None = None


@dataclass
class Grant:
    email: str
    account: str
    role: str
    source: str
    is_enabled: bool
    is_effective: bool = False


class Api:
    def __init__(self, url, key_id, secret):
        self.url = url
        self.session = requests.Session()
        self.session.headers["Content-Type"] = "application/json"
        response = self.session.post(
            f"{url}/api/v2/access/tokens",
            headers={"X-LW-UAKS": secret},
            json={"keyId": key_id, "expiryTime": 3600},
            timeout=60,
        )
        response.raise_for_status()
        self.session.headers["Authorization"] = f"Bearer {response.json()['token']}"

    def rows(self, resource, headers=None):
        url = f"{self.url}/api/v2/{resource}"
        while url:
            response = self.session.get(url, headers=headers, timeout=60)
            response.raise_for_status()
            if response.status_code == 204:
                return
            body = response.json()
            yield from body["data"]
            url = body.get("paging", {}).get("urls", {}).get("nextPage")


class Organization:
    """What the API says: the directory of accounts, the people, and who is a member where."""

    def __init__(self):
        self.accounts = {}  # Name to guid.
        self.names = {}  # Guid to name.
        self.people = {}
        self.memberships = {}

    def fetch(self, api):
        for profile in api.rows("UserProfile"):
            for account in profile["accounts"]:
                self.accounts[account["accountName"]] = account["custGuid"]
                self.names[account["custGuid"]] = account["accountName"]
        try:
            for row in api.rows("TeamMembers", {"Org-Access": "true"}):
                self.add(row)
        except requests.HTTPError as error:
            if error.response.status_code != 403:
                raise
            for account in self.accounts:
                for row in api.rows("TeamMembers", {"Account-Name": account}):
                    self.add(row)

    def add(self, row):
        """One row of a list: nested, with all accounts of a person, or flat, a person in one account."""
        email = row["userName"].lower()
        person = self.people.setdefault(email, Person(email))
        if "accounts" in row:
            person.is_org_admin |= row["orgAdmin"]
            person.is_org_user |= row["orgUser"]
            for place in row["accounts"]:
                is_admin = "ADMIN" in place["userRoles"] if "userRoles" in place else place["admin"]
                role = "ADMIN" if is_admin else "USER"
                self.join(person, Membership(
                    email, place["accountName"], role, bool(place["userEnabled"]), place["userGuid"]
                ))
        else:
            props = row["props"]
            person.first_name, person.last_name = props["firstName"], props["lastName"]
            person.company = props["company"]
            person.is_org_admin |= props["orgAdmin"]
            person.is_org_user |= props["orgUser"]
            self.join(person, Membership(
                email,
                self.names[row["custGuid"]],
                "ADMIN" if props["accountAdmin"] else "USER",
                bool(row["userEnabled"]),
                row["userGuid"],
                props["jitCreated"],
                props["createdTime"],
                props["updatedTime"],
                props["updatedBy"],
                time_text(props["lastLoginTime"]),
                time_text(props["lastSessionCreatedTime"]),
            ))

    def join(self, person, membership):
        person.is_enabled |= membership.is_enabled
        self.memberships[person.email, membership.account] = membership


def time_text(milliseconds):
    """ISO 8601; nothing for a login that never was or is not known."""
    if not milliseconds:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def build_graph(organization):
    """User -> ACCOUNT:ROLE, or user -> role of the organization -> ACCOUNT:ROLE in every account."""
    graph = nx.DiGraph()
    for account in organization.accounts:
        for source, role in IMPLIED.items():
            graph.add_node(f"{account}:{role}", account=account, role=role)
            graph.add_edge(source, f"{account}:{role}")
    for person in organization.people.values():
        if person.is_org_admin:
            graph.add_edge(person.email, "org_admin", is_enabled=person.is_enabled)
        if person.is_org_user:
            graph.add_edge(person.email, "org_user", is_enabled=person.is_enabled)
    for member in organization.memberships.values():
        graph.add_edge(member.email, f"{member.account}:{member.role}", is_enabled=member.is_enabled)
    return graph


def grants_of(graph, email):
    grants = []
    for _, target, is_enabled in graph.out_edges(email, data="is_enabled"):
        if target in IMPLIED:
            nodes, source = graph.successors(target), target
        else:
            nodes, source = [target], "direct"
        for node in nodes:
            place = graph.nodes[node]
            grants.append(Grant(email, place["account"], place["role"], source, is_enabled))
    best = {}
    for grant in grants:
        if grant.is_enabled and (grant.account not in best or strength(grant) < strength(best[grant.account])):
            best[grant.account] = grant
    for grant in best.values():
        grant.is_effective = True
    return grants


def strength(grant):
    """The smaller, the stronger."""
    return ROLES.index(grant.role), SOURCES.index(grant.source)


def write_database(path, organization, grants):
    user_ids = {email: number for number, email in enumerate(organization.people, 1)}
    account_ids = {name: number for number, name in enumerate(organization.accounts, 1)}
    connection = sqlite3.connect(path)
    connection.executescript(SCHEMA)
    with connection:
        connection.executemany(
            "INSERT INTO users VALUES (?, ?, ?, ?, ?, ?, ?)",
            ((user_ids[p.email], p.email, p.first_name, p.last_name, p.company, p.is_org_admin, p.is_org_user)
             for p in organization.people.values()),
        )
        connection.executemany(
            "INSERT INTO accounts VALUES (?, ?, ?)",
            ((account_ids[name], name, guid) for name, guid in organization.accounts.items()),
        )
        connection.executemany(
            "INSERT INTO memberships VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            ((user_ids[m.email], account_ids[m.account], m.role, m.is_enabled, m.user_guid, m.jit_created, m.created,
              m.updated, m.updated_by, m.last_login, m.last_session) for m in organization.memberships.values()),
        )
        connection.executemany(
            "INSERT INTO grants VALUES (?, ?, ?, ?, ?, ?)",
            ((user_ids[g.email], account_ids[g.account], g.role, g.source, g.is_enabled, g.is_effective)
             for g in grants),
        )
        connection.execute("CREATE INDEX grants_by_account ON grants (account_id, user_id)")
    connection.close()


def write_csv(path, header, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def write_tables(directory, organization, grants):
    directory.mkdir()
    write_csv(
        directory / "memberships.csv",
        ["email", "account", "role", "is_enabled", "user_guid", "jit_created", "created", "updated", "updated_by",
         "last_login", "last_session"],
        ((m.email, m.account, m.role, m.is_enabled, m.user_guid, m.jit_created, m.created, m.updated, m.updated_by,
          m.last_login, m.last_session) for m in organization.memberships.values()),
    )
    write_csv(
        directory / "grants.csv",
        ["email", "account", "role", "source", "is_enabled", "is_effective"],
        ((g.email, g.account, g.role, g.source, g.is_enabled, g.is_effective) for g in grants),
    )

    def effective():
        for grant in grants:
            if grant.is_effective:
                person = organization.people[grant.email]
                member = organization.memberships.get((grant.email, grant.account))
                yield (grant.account, grant.email, person.first_name, person.last_name, person.company, grant.role,
                       grant.source, member.last_login if member else None)

    write_csv(
        directory / "effective_access.csv",
        ["account", "email", "first_name", "last_name", "company", "role", "source", "last_login"],
        effective(),
    )


def write_picture(path, organization, grants):
    """Accounts as nodes, and people of the same access as one node, the largest groups only."""
    access = {}
    for grant in grants:
        if grant.is_effective:
            access.setdefault(grant.email, []).append((grant.account, grant.role))
    groups = Counter(tuple(sorted(places)) for places in access.values())
    with open(path, "w", encoding="utf-8") as file:
        file.write('digraph access {\n  rankdir="LR";\n')
        for account in organization.accounts:
            file.write(f'  "{account}" [shape="box"];\n')
        for number, (places, count) in enumerate(groups.most_common(DRAWN_GROUPS)):
            file.write(f'  "g{number}" [label="{count} people"];\n')
            for account, role in places:
                file.write(f'  "g{number}" -> "{account}" [label="{role}"];\n')
        file.write("}\n")


def main():
    out = Path(sys.argv[1])
    out.mkdir(parents=True)
    url = os.environ.get("LW_API_SERVER_URL") or f"https://{os.environ['LW_ACCOUNT']}.lacework.net"
    organization = Organization()
    organization.fetch(Api(url, os.environ["LW_API_KEY"], os.environ["LW_API_SECRET"]))
    graph = build_graph(organization)
    grants = [grant for email in organization.people for grant in grants_of(graph, email)]
    write_database(out / "peer.db", organization, grants)
    write_tables(out / "csv", organization, grants)
    write_picture(out / "access.dot", organization, grants)
    print(json.dumps({"memberships": len(organization.memberships), "grants": len(grants)}))


if __name__ == "__main__":
    main()
