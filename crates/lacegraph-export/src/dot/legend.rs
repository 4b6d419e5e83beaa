//! The legend: what shapes and lines mean, as far as they occur.

use std::io::{self, Write};

use lacegraph_model::RoleScope;

use super::sheet::{Attributes, Id, Sheet};
use super::style::{Line, Who, Worth, role_shape};
use super::text::Text;

/// What occurs in the picture, and what is left to say about it.
#[derive(Debug, Default)]
pub(super) struct Legend {
    pub(super) people: Vec<Who>,
    pub(super) roles: Vec<Worth>,
    pub(super) lines: Vec<Line>,
    /// Whether roles of organizations occur, and of what worth.
    pub(super) organization_role: Option<Worth>,
    /// Further shapes, with their words.
    pub(super) others: Vec<(Attributes, &'static str)>,
    pub(super) notes: &'static [&'static str],
}

impl Legend {
    /// Draws the legend: each row a person, the line and the role, as in the picture.
    pub(super) fn write<W: Write>(&self, sheet: &mut Sheet<W>) -> io::Result<()> {
        let heading = self.notes.iter().fold(Text::from("Legend").left(), |text, &note| text.and(note).left());
        let frame: Attributes = [
            ("style", "solid"),
            ("color", "#A0A0A0"),
            ("bgcolor", "#FFFFFF"),
            ("fontsize", "9"),
            ("labeljust", "l"),
            ("tooltip", "Legend"),
        ]
        .into();
        sheet.open_cluster("legend", &frame.with("label", heading))?;
        for (index, who) in self.people.iter().enumerate() {
            sheet.node(left(index), &sample(who.shape(), who.words()))?;
        }
        for (index, worth) in self.roles.iter().enumerate() {
            sheet.node(right(index), &sample(role_shape(*worth, RoleScope::Account), worth.words()))?;
        }
        if let Some(worth) = self.organization_role {
            sheet.node(middle(0), &sample(role_shape(worth, RoleScope::Organization), "role of an organization"))?;
        }
        for (index, (shape, words)) in self.others.iter().enumerate() {
            sheet.node(middle(index + 1), &sample(shape.clone(), words))?;
        }
        self.write_lines(sheet)?;
        if self.lines.is_empty() {
            self.write_rows(sheet)?;
        }
        sheet.close()
    }

    /// Without lines to show, invisible ones hold the columns apart.
    fn write_rows<W: Write>(&self, sheet: &mut Sheet<W>) -> io::Result<()> {
        let [lefts, middles, rights] = self.columns();
        let hidden: Attributes = [("style", "invis"), ("class", "legend")].into();
        for (from, to) in lefts.iter().zip(&middles).chain(middles.iter().zip(&rights)) {
            sheet.edge(*from, *to, &hidden)?;
        }
        Ok(())
    }

    /// One sample a kind of line, each between shapes that it could join.
    fn write_lines<W: Write>(&self, sheet: &mut Sheet<W>) -> io::Result<()> {
        let off = self.people.iter().position(|&who| who == Who::Off);
        for &line in self.lines.iter().filter(|&&line| line == Line::Holds || !self.roles.is_empty()) {
            let (from, to, length) = match line {
                Line::Holds if self.organization_role.is_some() => {
                    let admin = self.people.iter().position(|&who| who == Who::OrganizationAdmin);
                    (left(admin.unwrap_or(0)), middle(0), "1")
                }
                Line::Implies if self.organization_role.is_some() => (middle(0), right(0), "1"),
                Line::Holds | Line::Implies => continue,
                Line::Off => match off {
                    Some(index) => (left(index), right(self.roles.len().saturating_sub(1)), "2"),
                    None => continue,
                },
                Line::Direct => (left(0), right(0), "2"),
                Line::Group => {
                    let service = self.people.iter().position(|&who| who == Who::Service);
                    (left(service.unwrap_or(0)), right(1.min(self.roles.len().saturating_sub(1))), "2")
                }
            };
            let worth = Worth::Nothing;
            let attributes = line.shape(worth).with("xlabel", line.words()).with("tooltip", line.words());
            sheet.edge(from, to, &attributes.with("minlen", length))?;
        }
        Ok(())
    }

    /// The ids of the nodes in each column.
    pub(super) fn columns(&self) -> [Vec<Id>; 3] {
        let others = (0..self.others.len()).map(|index| middle(index + 1));
        let organization = self.organization_role.map(|_| middle(0));
        [
            (0..self.people.len()).map(left).collect(),
            organization.into_iter().chain(others).collect(),
            (0..self.roles.len()).map(right).collect(),
        ]
    }
}

fn left(index: usize) -> Id {
    Id("lp", index)
}

fn middle(index: usize) -> Id {
    Id("lo", index)
}

fn right(index: usize) -> Id {
    Id("lr", index)
}

fn sample(shape: Attributes, words: &'static str) -> Attributes {
    shape.with("label", words).with("tooltip", words).with("fontsize", "8")
}
