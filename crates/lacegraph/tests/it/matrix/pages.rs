//! Pages that do not fit together: of TINY-TWO, in pages of one row. What was read of it is kept.

use lacegraph_mock::PagingForm;
use serde_json::{Value, json};

use super::row::{Access, Row, account_fault, fault, row, without_org_list};
use super::table::check;
use super::traps::Trap;
use crate::fixture::invalid;

const ONE: Access = Access::Whole(&["tiny-one"]);

/// A fault of the pages of TINY-TWO, each of one row: three, as TINY-ONE has.
fn paged(name: &'static str, entry: Value) -> Row {
    account_fault(name, entry).with_pages(1).access(ONE)
}

/// The calls where so many pages of TINY-TWO are asked for.
fn pages(two: u32) -> String {
    format!("token 1, profile 1, org 2, one 3, two {two}")
}

#[test]
fn lists_in_pages() {
    let in_part = "1 read whole, 1 read in part";
    let hint = "hint: run again; if it stays so, report it to the vendor: the list cannot be read to its end";
    let trap = Trap::set();
    let foreign = json!({"page": 2, "next_page": trap.url("/api/v2/TeamMembers/x")});
    let of_organization = Trap::set();
    let foreign_of_organization = json!({"org": true, "next_page": of_organization.url("/api/v2/TeamMembers/x")});
    let broken = json!({"page": 2, "status": 500, "message": "out of order"});
    check(
        7,
        vec![
            row("nothing, in pages", without_org_list()).with_pages(1).ends(0, &["COMPLETE"]).calls(&pages(3)),
            row("nothing, in pages named by tokens", without_org_list())
                .with_pages(1)
                .with_paging(PagingForm::Token)
                .ends(0, &["COMPLETE"])
                .calls(&pages(3)),
            paged("a page loop", json!({"page": 2, "next_page": "self"}))
                .check_ends(0)
                .ends(3, &[in_part, "tiny/tiny-two: TeamMembers page 2: the next page was read before", hint])
                .calls(&pages(2)),
            paged("a page loop of the first page", json!({"page": 1, "next_page": "self"}))
                .ends(3, &[in_part, "the next page was read before", hint])
                .calls(&pages(1)),
            paged("a page loop of tokens", json!({"page": 2, "next_page": "self"}))
                .with_paging(PagingForm::Token)
                .check_ends(0)
                .ends(3, &[in_part, "the next page was read before", hint])
                .calls(&pages(2)),
            paged("the next page is on a foreign host", foreign)
                .never_asks(trap)
                // The organization's list covers the account, which check does not ask then.
                .check_ends(0)
                .ends(
                    3,
                    &[
                        in_part,
                        "tiny/tiny-two: TeamMembers page 2: the next page is at http://127.0.0.1:",
                        "another origin than the API's",
                        hint,
                    ],
                )
                .calls(&pages(2)),
            fault("the organization's next page is on a foreign host", foreign_of_organization)
                .never_asks(of_organization)
                .ends(3, &["tiny: TeamMembers (organization) page 1: the next page is at http://127.0.0.1:", hint])
                .calls("token 1, profile 1, org 1, one 1, two 1"),
            paged("a page in the middle is answered 500 for good", broken)
                .check_ends(0)
                .ends(
                    3,
                    &[
                        in_part,
                        "tiny/tiny-two: TeamMembers page 2: status 500: out of order (4 tries)",
                        "hint: the API has a fault of its own",
                    ],
                )
                .calls(&pages(5)),
            paged("a page in the middle is answered 503 for a moment", json!({"page": 2, "status": 503, "times": 2}))
                .ends(0, &["COMPLETE"])
                .access(Access::All)
                .calls(&pages(5)),
            paged("a page in the middle is gone", json!({"page": 2, "status": 404, "message": "Not found"}))
                .check_ends(0)
                .ends(
                    3,
                    &[
                        in_part,
                        "tiny/tiny-two: TeamMembers page 2: status 404: Not found",
                        "hint: run again: the pages before were granted, and the address of this one is no longer good",
                    ],
                )
                .calls(&pages(2)),
            paged("more rows are announced than come", json!({"total_rows": 5}))
                // The organization's list covers the account, which check does not ask then.
                .check_ends(0)
                .ends(
                    3,
                    &[
                        in_part,
                        "tiny/tiny-two: 3 rows arrived, the API announced 5",
                        "hint: run again; if it stays so, members may be hidden",
                    ],
                )
                .calls(&pages(3)),
            paged("fewer rows are announced than come", json!({"total_rows": 1}))
                .ends(0, &["COMPLETE"])
                .access(Access::All)
                .calls(&pages(3)),
            account_fault("one bad row in a page", json!({"status": 200, "body": invalid("one_bad_row.json")}))
                .ends(
                    3,
                    &[
                        in_part,
                        "tiny/tiny-two, page 1, row 2: a row of the list is not understood",
                        "`data[1].accounts`: expected a list",
                        "hint: look at this row in the console",
                    ],
                )
                .access(ONE)
                .calls("token 1, profile 1, org 2, one 1, two 1"),
        ],
    );
}
