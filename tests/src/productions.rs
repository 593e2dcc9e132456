//! The productions of a LALRPOP grammar as a reader wants them: without actions, names and places.

/// The productions after the first comment that opens with `// ---`, one a paragraph, in EBNF:
/// `X*`, `X+`, `X?`, quoted tokens; the headings between them as comments.
///
/// # Panics
/// If the text is not a grammar as LALRPOP reads it.
pub fn productions(grammar: &str) -> String {
    let start = grammar.find("// ---").expect("headings");
    let tokens = tokens(&grammar[start..]);
    let mut reader = Reader {
        tokens: &tokens,
        at: 0,
    };
    let mut out = String::new();
    while let Some(token) = reader.tokens.get(reader.at) {
        match token.strip_prefix("// --- ") {
            Some(heading) => {
                reader.at += 1;
                let heading = heading.trim_end_matches([' ', '-']);
                out.push_str(&format!("# {heading}\n\n"));
            }
            None => {
                if let Some(production) = reader.production() {
                    out.push_str(&production);
                    out.push_str("\n\n");
                }
            }
        }
    }
    out
}

struct Reader<'t> {
    tokens: &'t [String],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> &str {
        self.tokens.get(self.at).map_or("", String::as_str)
    }

    fn next(&mut self) -> String {
        let token = self.peek().to_string();
        self.at += 1;
        token
    }

    fn eat(&mut self, wanted: &str) -> bool {
        let found = self.peek() == wanted;
        self.at += usize::from(found);
        found
    }

    /// `[pub] Name[<Parameters>][: Type] = Alternatives;`, unless it only carries a token's text.
    fn production(&mut self) -> Option<String> {
        self.eat("pub");
        let mut head = self.next();
        if self.eat("<") {
            head.push_str(&self.arguments());
        }
        while !self.eat("=") {
            assert!(self.at < self.tokens.len(), "`{head}` ends");
            self.at += 1;
        }
        let mut alternatives = Vec::new();
        if self.eat("{") {
            while !self.eat("}") {
                alternatives.push(self.alternative(&[",", "}"]));
                self.eat(",");
            }
            assert!(self.eat(";"), "`{head}` ends with `;`");
        } else {
            alternatives.push(self.alternative(&[";"]));
            self.eat(";");
        }
        let indent = " ".repeat(head.chars().count());
        let alternatives: Vec<String> = alternatives
            .into_iter()
            .map(|a| {
                if a.is_empty() {
                    "(nothing)".to_string()
                } else {
                    a
                }
            })
            .collect();
        Some(format!(
            "{head} = {}",
            alternatives.join(&format!("\n{indent} | "))
        ))
    }

    /// Symbols up to one of the ends; an action after `=>` is skipped.
    fn alternative(&mut self, ends: &[&str]) -> String {
        let mut symbols = Vec::new();
        loop {
            let token = self.peek().to_string();
            if ends.contains(&token.as_str()) {
                break;
            }
            if token == "=>" {
                self.action(ends);
                break;
            }
            assert!(self.at < self.tokens.len(), "an alternative ends");
            if let Some(symbol) = self.symbol() {
                symbols.push(symbol);
            }
        }
        symbols.join(" ")
    }

    fn action(&mut self, ends: &[&str]) {
        let mut depth = 0usize;
        while self.at < self.tokens.len() {
            let token = self.peek();
            if depth == 0 && ends.contains(&token) {
                return;
            }
            match token {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => depth -= 1,
                _ => {}
            }
            self.at += 1;
        }
    }

    /// One symbol with its repetition; none for a place in the text.
    fn symbol(&mut self) -> Option<String> {
        let token = self.next();
        let symbol = match token.as_str() {
            "@" => {
                self.at += 1;
                return None;
            }
            "<" => self.named()?,
            "(" => {
                let inner = self.alternative(&[")"]);
                self.at += 1;
                format!("({inner})")
            }
            _ if self.peek() == "<" && token.starts_with(char::is_uppercase) => {
                self.at += 1;
                token + &self.arguments()
            }
            _ => token,
        };
        Some(match self.peek() {
            "*" | "+" | "?" => symbol + &self.next(),
            _ => symbol,
        })
    }

    /// What stands between `<` and `>`: a symbol, which may have a name.
    fn named(&mut self) -> Option<String> {
        self.eat("mut");
        if self.tokens.get(self.at + 1).is_some_and(|t| t == ":") {
            self.at += 2;
        }
        let inner = self.alternative(&[">"]);
        self.at += 1;
        (!inner.is_empty()).then_some(inner)
    }

    /// The arguments of a macro, after its `<`.
    fn arguments(&mut self) -> String {
        let mut arguments = vec![self.alternative(&[",", ">"])];
        while self.eat(",") {
            arguments.push(self.alternative(&[",", ">"]));
        }
        self.at += 1;
        format!("<{}>", arguments.join(", "))
    }
}

/// Words, quoted tokens, punctuation, and headings; other comments are dropped.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let len = if rest.starts_with("//") {
            let line = rest.lines().next().unwrap_or_default();
            if line.starts_with("// ---") {
                tokens.push(line.to_string());
            }
            rest = &rest[line.len()..];
            continue;
        } else if c == '"' {
            rest[1..].find('"').expect("a quote closes") + 2
        } else if rest.starts_with("=>") || rest.starts_with("->") {
            2
        } else if c.is_alphanumeric() || c == '_' {
            rest.find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(rest.len())
        } else {
            c.len_utf8()
        };
        if !c.is_whitespace() {
            tokens.push(rest[..len].to_string());
        }
        rest = &rest[len..];
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::productions;

    #[test]
    fn actions_and_names_vanish() {
        let grammar = r#"
            // --- types ---
            pub Type: T = {
                <l:@L> <a:Atom> "->" <mut b:Comma<Type>> <r:@R> => T { a, b: (l, r) },
                <list:(<Atom> ",")*> Atom?,
                => vec![],
            };
            Name: &'input str = "name";
        "#;
        let expected = "# types\n\nType = Atom \"->\" Comma<Type>\n     | (Atom \",\")* Atom?\n     | (nothing)\n\nName = \"name\"\n\n";
        assert_eq!(productions(grammar), expected);
    }
}
