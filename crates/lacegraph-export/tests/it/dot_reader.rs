//! A small reader of DOT, written from the grammar at <https://graphviz.org/doc/info/lang.html>, not from our writer.

use std::collections::BTreeMap;

/// Attributes by name, as written between the quotation marks.
pub(crate) type Attributes = BTreeMap<String, String>;

/// What a DOT file says.
#[derive(Debug, Default)]
pub(crate) struct Document {
    /// The lines of the comments, without the slashes.
    pub(crate) comments: Vec<String>,
    /// The attributes of the whole picture.
    pub(crate) graph: Attributes,
    /// The nodes with attributes of their own.
    pub(crate) nodes: BTreeMap<String, DrawnNode>,
    pub(crate) edges: Vec<DrawnEdge>,
    /// The clusters in the order of the file, each with its attributes and with the cluster around it.
    pub(crate) clusters: Vec<(String, Attributes, Option<String>)>,
    /// Nodes that stand somewhere without attributes.
    pub(crate) mentioned: Vec<String>,
}

#[derive(Debug)]
pub(crate) struct DrawnNode {
    pub(crate) attributes: Attributes,
    pub(crate) cluster: Option<String>,
}

#[derive(Debug)]
pub(crate) struct DrawnEdge {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) attributes: Attributes,
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Mark(char),
    Arrow,
    Word(String),
}

/// Reads a DOT file.
pub(crate) fn read(text: &str) -> Result<Document, String> {
    let mut document = Document::default();
    let tokens = tokens(text, &mut document.comments)?;
    let mut reader = Reader { tokens, at: 0, document };
    reader.expect_word("digraph")?;
    reader.word()?;
    reader.expect(Token::Mark('{'))?;
    reader.statements(&mut Vec::new())?;
    if reader.at != reader.tokens.len() {
        return Err(format!("something after the end: {:?}", reader.tokens.get(reader.at)));
    }
    Ok(reader.document)
}

fn tokens(text: &str, comments: &mut Vec<String>) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            c if c.is_whitespace() => {}
            '/' if rest.next_if_eq(&'/').is_some() => {
                let mut comment = String::new();
                while let Some(c) = rest.next_if(|&c| c != '\n') {
                    comment.push(c);
                }
                comments.push(comment.trim().to_owned());
            }
            '{' | '}' | '[' | ']' | ';' | ',' | '=' => tokens.push(Token::Mark(c)),
            '-' if rest.next_if_eq(&'>').is_some() => tokens.push(Token::Arrow),
            '"' => {
                let mut word = String::new();
                loop {
                    match rest.next().ok_or("a quotation without end")? {
                        '"' => break,
                        // The language knows one escape, that of the quotation mark. All others belong to the label.
                        '\\' => match rest.next().ok_or("a quotation without end")? {
                            '"' => word.push('"'),
                            other => word.extend(['\\', other]),
                        },
                        c => word.push(c),
                    }
                }
                tokens.push(Token::Word(word));
            }
            c if c.is_ascii_alphanumeric() || c == '_' => {
                let mut word = String::from(c);
                while let Some(c) = rest.next_if(|&c| c.is_ascii_alphanumeric() || c == '_') {
                    word.push(c);
                }
                tokens.push(Token::Word(word));
            }
            other => return Err(format!("{other:?} outside quotation marks")),
        }
    }
    Ok(tokens)
}

struct Reader {
    tokens: Vec<Token>,
    at: usize,
    document: Document,
}

impl Reader {
    fn next(&mut self) -> Result<Token, String> {
        let token = self.tokens.get(self.at).cloned().ok_or("the file ends early")?;
        self.at += 1;
        Ok(token)
    }

    fn take(&mut self, token: &Token) -> bool {
        let is_it = self.tokens.get(self.at) == Some(token);
        self.at += usize::from(is_it);
        is_it
    }

    fn expect(&mut self, token: Token) -> Result<(), String> {
        let found = self.next()?;
        if found == token { Ok(()) } else { Err(format!("expected {token:?}, found {found:?}")) }
    }

    fn word(&mut self) -> Result<String, String> {
        match self.next()? {
            Token::Word(word) => Ok(word),
            other => Err(format!("expected an id, found {other:?}")),
        }
    }

    fn expect_word(&mut self, word: &str) -> Result<(), String> {
        self.expect(Token::Word(word.to_owned()))
    }

    /// Everything up to and with the closing brace; `around` are the subgraphs that are open.
    fn statements(&mut self, around: &mut Vec<String>) -> Result<(), String> {
        while !self.take(&Token::Mark('}')) {
            if self.take(&Token::Mark(';')) {
                continue;
            }
            let word = self.word()?;
            match word.as_str() {
                "subgraph" => {
                    let name = self.word()?;
                    self.expect(Token::Mark('{'))?;
                    if name.starts_with("cluster") {
                        let parent = cluster_of(around);
                        self.document.clusters.push((name.clone(), Attributes::new(), parent));
                    }
                    around.push(name);
                    self.statements(around)?;
                    around.pop();
                }
                "graph" => {
                    let attributes = self.attributes()?;
                    match around.last() {
                        None => self.document.graph = attributes,
                        Some(name) => {
                            let clusters = &mut self.document.clusters;
                            if let Some((_, own, _)) = clusters.iter_mut().find(|(cluster, ..)| cluster == name) {
                                *own = attributes;
                            }
                        }
                    }
                }
                "node" | "edge" => {
                    self.attributes()?;
                }
                _ if self.take(&Token::Arrow) => {
                    let to = self.word()?;
                    let attributes = self.attributes()?;
                    self.document.edges.push(DrawnEdge { from: word, to, attributes });
                }
                _ if self.tokens.get(self.at) == Some(&Token::Mark('[')) => {
                    let attributes = self.attributes()?;
                    let drawn = DrawnNode { attributes, cluster: cluster_of(around) };
                    if self.document.nodes.insert(word.clone(), drawn).is_some() {
                        return Err(format!("{word} is drawn twice"));
                    }
                }
                _ => self.document.mentioned.push(word),
            }
        }
        Ok(())
    }

    fn attributes(&mut self) -> Result<Attributes, String> {
        let mut attributes = Attributes::new();
        self.expect(Token::Mark('['))?;
        while !self.take(&Token::Mark(']')) {
            let name = self.word()?;
            self.expect(Token::Mark('='))?;
            let value = self.word()?;
            self.take(&Token::Mark(','));
            if attributes.insert(name.clone(), value).is_some() {
                return Err(format!("the attribute {name} is set twice"));
            }
        }
        Ok(attributes)
    }
}

fn cluster_of(around: &[String]) -> Option<String> {
    around.iter().rfind(|name| name.starts_with("cluster")).cloned()
}

/// What Graphviz shows for a label or tooltip: escapes and entities resolved.
///
/// Fails where it would show something else than text: the name of a node for `\N`, or an entity other than `&amp;`.
pub(crate) fn shown(value: &str) -> Result<String, String> {
    let mut text = String::new();
    let mut rest = value;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '\\' => {
                let escaped = rest.chars().next().ok_or("a lone backslash at the end")?;
                rest = &rest[escaped.len_utf8()..];
                match escaped {
                    'n' | 'l' | 'r' => text.push('\n'),
                    '\\' => text.push('\\'),
                    other => return Err(format!("Graphviz would obey \\{other} in {value:?}")),
                }
            }
            '&' => {
                rest = rest.strip_prefix("amp;").ok_or_else(|| format!("an entity in {value:?}"))?;
                text.push('&');
            }
            c if c.is_control() => return Err(format!("{c:?} in {value:?}")),
            c => text.push(c),
        }
    }
    Ok(text)
}
