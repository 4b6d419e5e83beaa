"""What the vendor's client reads from the mock, and how it is held against what it should be."""

import itertools
import json
import math
import pathlib
import sys
from collections.abc import Callable

from laceworksdk import ApiError, LaceworkClient

from common import expect, refuse
from mock_server import Mock

Row = dict[str, object]


def served(file: pathlib.Path) -> object:
    """A file of a fixture as the mock serves it: keys that begin with `_` are for readers of the file."""

    def without_comments(pairs: list[tuple[str, object]]) -> Row:
        return {key: value for key, value in pairs if not key.startswith("_")}

    return json.loads(file.read_text(encoding="utf-8"), object_pairs_hook=without_comments)


def rows_of(file: pathlib.Path) -> list[Row]:
    """The rows of a list in a fixture."""
    return served(file)["data"]


def read_list(mock: Mock, client: LaceworkClient, what: str, resource: str, size: int | None) -> list[Row]:
    """The rows of all pages of a list, after a look at the pages and at how they were asked for.

    Without a size the list is served whole, and tells of no pages.
    """
    session = client.team_members.session
    address = f"/api/v2/{resource}"
    before = len(mock.calls)
    pages = [page.json() for page in session.get_pages(address)]
    calls = mock.calls[before:]
    rows = list(itertools.chain.from_iterable(page["data"] for page in pages))

    count = max(1, math.ceil(len(rows) / size)) if size else 1
    expect(f"the pages of {what}", (len(pages), len(calls)), (count, count))
    if size and rows:
        for at, page in enumerate(pages):
            rows_here = min(size, len(rows) - at * size)
            expect(f"the rows on page {at + 1} of {what}", len(page["data"]), rows_here)
            told = (page["paging"]["rows"], page["paging"]["totalRows"])
            expect(f"rows and totalRows told on page {at + 1} of {what}", told, (rows_here, len(rows)))
            is_last = page["paging"]["urls"]["nextPage"] is None
            expect(f"whether page {at + 1} of {what} is the last", is_last, at + 1 == count)
    else:
        refuse(f"{what} tells of pages", unless="paging" not in pages[0])
    asked_first, *asked_next = [call.path for call in calls]
    expect(f"the first call for {what}", asked_first, address)
    expect(f"further pages of {what} at their own addresses", len({*asked_next} - {address}), count - 1)
    scopes = {(call.account_name, call.org_access) for call in calls}
    expect(f"whose list the calls for {what} ask for", len(scopes), 1)
    expect(f"the answers for {what}", {call.status for call in calls}, {200 if rows else 204})

    expect_same_rows(f"{what}, row by row", list(session.get_data_items(address)), rows)
    # The client's plain call gives the first page, and no further one.
    plain = {"TeamMembers": client.team_members, "TeamUsers": client.team_users}[resource].get()
    expect_same_rows(f"{what}, by the plain call", plain["data"], pages[0]["data"])
    return rows


def expect_same_rows(what: str, found: list[Row], wanted: list[Row]) -> None:
    """Ends the program at the first row that differs."""
    expect(f"the number of rows: {what}", len(found), len(wanted))
    for at, (found_row, wanted_row) in enumerate(zip(found, wanted, strict=True)):
        expect_same(f"row {at} of {what}", found_row, wanted_row)


def expect_same(what: str, found: object, wanted: object) -> None:
    """Ends the program unless both are the same JSON."""
    # As text, because True equals 1 in Python and must not here.
    expect(what, json.dumps(found, sort_keys=True), json.dumps(wanted, sort_keys=True))


def expect_refusal(
    what: str, attempt: Callable[[], object], status: int, error_class: type[ApiError] = ApiError
) -> ApiError:
    """The client's own error, which must be of this very class."""
    try:
        attempt()
    except ApiError as error:
        expect(f"the status of {what}", error.status_code, status)
        expect(f"the class of the error for {what}", type(error), error_class)
        refuse(f"there is no message for {what}", unless=bool(error.message))
        return error
    sys.exit(f"{what}: it was not refused")


def directory(client: LaceworkClient, caller_of: str) -> dict[str, str]:
    """The accounts that the caller's profile lists, by name, with the guid that rows have for them."""
    profile = client.user_profile.get()
    # The documentation also shows a bare array.
    [caller] = profile["data"] if isinstance(profile, dict) else profile
    refuse(f"the caller of {caller_of} is no organization admin", unless=caller["orgAdmin"] is True)
    names = {account["accountName"]: account["custGuid"] for account in caller["accounts"]}
    expect(f"accounts of {caller_of} that are listed twice", len(caller["accounts"]) - len(names), 0)
    return names


def accounts_of(row: Row, names: dict[str, str]) -> list[str]:
    """The names of the accounts that a row of the legacy model is about, whatever its shape."""
    if "accounts" in row:
        return [account["accountName"] for account in row["accounts"]]
    if "custGuid" in row:
        return [name for name, guid in names.items() if guid == row["custGuid"]]
    return row["adminRoleAccounts"] + row["userRoleAccounts"]
