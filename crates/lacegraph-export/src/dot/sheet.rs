//! The DOT language, as far as it is needed: statements, indented, attributes always quoted.

use std::fmt;
use std::io::{self, Write};

use super::text::Text;

/// The id of a node: a letter for its kind and a number, never anything a tenant wrote.
///
/// The number is the place in the snapshot plus one, as the keys of the tables are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Id(pub(super) &'static str, pub(super) usize);

impl Id {
    /// Whether it is a sample of the legend, not something of the graph.
    fn is_of_legend(self) -> bool {
        self.0.starts_with('l')
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.0, self.1 + 1)
    }
}

/// Attributes in the order they were set.
#[derive(Clone, Debug, Default)]
pub(super) struct Attributes(Vec<(&'static str, Text)>);

impl Attributes {
    /// Sets one more attribute.
    pub(super) fn with(mut self, name: &'static str, value: impl Into<Text>) -> Self {
        self.0.push((name, value.into()));
        self
    }
}

impl<const N: usize> From<[(&'static str, &'static str); N]> for Attributes {
    fn from(pairs: [(&'static str, &'static str); N]) -> Self {
        Self(pairs.map(|(name, value)| (name, value.into())).into())
    }
}

impl fmt::Display for Attributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (name, value)) in self.0.iter().enumerate() {
            let before = if index == 0 { "" } else { ", " };
            write!(f, "{before}{name}=\"{}\"", value.as_escaped())?;
        }
        Ok(())
    }
}

/// What was drawn, samples of the legend left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drawn {
    /// Nodes.
    pub nodes: u64,
    /// Lines.
    pub edges: u64,
}

/// A DOT file being written.
#[derive(Debug)]
pub(super) struct Sheet<W> {
    out: W,
    depth: usize,
    drawn: Drawn,
}

impl<W: Write> Sheet<W> {
    /// Begins a directed graph, after a comment that counts what it is about.
    ///
    /// Comments hold fixed words and numbers only, so that no name can end one.
    pub(super) fn begin(out: W, name: &'static str, counts: &[(&'static str, usize)]) -> io::Result<Self> {
        let mut sheet = Self { out, depth: 0, drawn: Drawn::default() };
        writeln!(sheet.out, "// {name}.dot, written by lacegraph")?;
        for (what, number) in counts {
            writeln!(sheet.out, "// {what}: {number}")?;
        }
        writeln!(sheet.out, "digraph \"{name}\" {{")?;
        sheet.depth = 1;
        Ok(sheet)
    }

    /// Sets attributes of the graph (`graph`), or the default ones of `node` or `edge`.
    pub(super) fn defaults(&mut self, kind: &'static str, attributes: &Attributes) -> io::Result<()> {
        self.indent()?;
        writeln!(self.out, "{kind} [{attributes}];")
    }

    /// Opens a cluster: a frame around what follows, until [`close`](Self::close).
    pub(super) fn open_cluster(&mut self, id: impl fmt::Display, attributes: &Attributes) -> io::Result<()> {
        self.indent()?;
        writeln!(self.out, "subgraph \"cluster_{id}\" {{")?;
        self.depth += 1;
        self.defaults("graph", attributes)
    }

    /// Opens a set of nodes that stand in one column.
    pub(super) fn open_column(&mut self, name: &'static str) -> io::Result<()> {
        self.indent()?;
        writeln!(self.out, "subgraph \"{name}\" {{")?;
        self.depth += 1;
        self.defaults("graph", &[("rank", "same")].into())
    }

    /// Ends the innermost cluster or column.
    pub(super) fn close(&mut self) -> io::Result<()> {
        self.depth = self.depth.saturating_sub(1);
        self.indent()?;
        writeln!(self.out, "}}")
    }

    /// Draws a node.
    pub(super) fn node(&mut self, id: Id, attributes: &Attributes) -> io::Result<()> {
        self.drawn.nodes += u64::from(!id.is_of_legend());
        self.indent()?;
        writeln!(self.out, "\"{id}\" [{attributes}];")
    }

    /// Names a node that is drawn elsewhere, to put it into the column that is open.
    pub(super) fn mention(&mut self, id: Id) -> io::Result<()> {
        self.indent()?;
        writeln!(self.out, "\"{id}\";")
    }

    /// Draws an edge.
    pub(super) fn edge(&mut self, from: Id, to: Id, attributes: &Attributes) -> io::Result<()> {
        self.drawn.edges += u64::from(!from.is_of_legend());
        self.indent()?;
        writeln!(self.out, "\"{from}\" -> \"{to}\" [{attributes}];")
    }

    /// Ends the graph and flushes; tells what was drawn.
    pub(super) fn end(mut self) -> io::Result<Drawn> {
        writeln!(self.out, "}}")?;
        self.out.flush()?;
        Ok(self.drawn)
    }

    fn indent(&mut self) -> io::Result<()> {
        write!(self.out, "{:width$}", "", width = self.depth * 2)
    }
}
