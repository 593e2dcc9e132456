//! Diagnostics as text for people.

use ariadne::{Cache, CharSet, Color, Config, Fmt, IndexType, Label, Report, ReportKind, Source};
use lentil_diag::{Diagnostic, Severity, SourceId, Sources, Span};

/// Whether text is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// It is not: the same text everywhere.
    Plain,
    /// It is, for a terminal.
    Colour,
}

/// Of more diagnostics than this, the first are shown.
const MOST: usize = 100;

/// A line of more bytes than this is not shown.
const LONG_LINE: usize = 1000;

/// The diagnostics, one after another, separated by empty lines; the last line is ended. Of more than a
/// hundred, the first hundred and how many there are.
pub fn all(diagnostics: &[Diagnostic], sources: &Sources, style: Style) -> String {
    let mut texts = Texts::new(sources);
    let shown = diagnostics.iter().take(MOST);
    let mut rendered: Vec<String> = shown.map(|d| shown_in(d, &mut texts, style)).collect();
    let rest = diagnostics.len().saturating_sub(MOST);
    if rest > 0 {
        rendered.push(format!("and {rest} more\n"));
    }
    rendered.join("\n")
}

/// One diagnostic; the last line is ended.
pub fn one(diagnostic: &Diagnostic, sources: &Sources, style: Style) -> String {
    shown_in(diagnostic, &mut Texts::new(sources), style)
}

fn shown_in(diagnostic: &Diagnostic, texts: &mut Texts<'_>, style: Style) -> String {
    let sources = texts.sources;
    let mut labels: Vec<(usize, Place, &str)> = diagnostic
        .labels
        .iter()
        .enumerate()
        .filter_map(|(k, label)| Some((k, Place::of(label.span, sources)?, label.text.as_str())))
        .collect();
    let Some(&(_, main, _)) = labels.first() else {
        return without_place(diagnostic, style);
    };
    if labels
        .iter()
        .any(|(_, place, _)| place.in_long_line(sources))
    {
        return with_positions(diagnostic, &labels, sources, style);
    }
    let config = Config::default()
        .with_index_type(IndexType::Byte)
        .with_char_set(CharSet::Unicode)
        .with_color(style == Style::Colour);
    let kind = match diagnostic.severity {
        Severity::Error => ReportKind::Error,
        Severity::Warning => ReportKind::Warning,
    };
    let mut report = Report::build(kind, main)
        .with_config(config)
        .with_code(diagnostic.code)
        .with_message(&diagnostic.title);
    // In the order of the text, so that each source is shown once; the main one first.
    labels.sort_by_key(|(_, place, _)| (place.source != main.source, place.source, place.start));
    for (order, (k, place, text)) in (0..).zip(labels) {
        // The main place stands out; the others explain it.
        let colour = if k == 0 {
            kind_colour(diagnostic.severity)
        } else {
            Color::Blue
        };
        let label = Label::new(place).with_message(text);
        report.add_label(label.with_color(colour).with_order(order));
    }
    if let Some(hint) = &diagnostic.hint {
        report.set_help(hint);
    }
    let mut bytes = Vec::new();
    match report.finish().write(texts, &mut bytes) {
        Ok(()) => trimmed(&String::from_utf8_lossy(&bytes)),
        Err(_) => without_place(diagnostic, style),
    }
}

/// Where the lines are too long to be shown: places by line and column.
fn with_positions(
    diagnostic: &Diagnostic,
    labels: &[(usize, Place, &str)],
    sources: &Sources,
    style: Style,
) -> String {
    let mut text = without_place(diagnostic, style);
    for (_, place, label) in labels {
        let (line, column) = sources.line_column(place.source, place.start as u32);
        let name = &sources.get(place.source).name;
        text.push_str(&format!("  {name}:{line}:{column}: {label}\n"));
    }
    text
}

fn without_place(diagnostic: &Diagnostic, style: Style) -> String {
    let head = match diagnostic.severity {
        Severity::Error => format!("[{}] Error:", diagnostic.code),
        Severity::Warning => format!("[{}] Warning:", diagnostic.code),
    };
    let paint = |text: &str, colour: Color| match style {
        Style::Plain => text.to_string(),
        Style::Colour => text.fg(colour).to_string(),
    };
    let head = paint(&head, kind_colour(diagnostic.severity));
    let mut text = format!("{head} {}\n", diagnostic.title);
    if let Some(hint) = &diagnostic.hint {
        text.push_str(&format!("  {}: {hint}\n", paint("Help", Color::Fixed(115))));
    }
    text
}

fn kind_colour(severity: Severity) -> Color {
    match severity {
        Severity::Error => Color::Red,
        Severity::Warning => Color::Yellow,
    }
}

/// The text without spaces at the ends of lines, which make it hard to compare.
fn trimmed(text: &str) -> String {
    text.lines()
        .map(|line| format!("{}\n", line.trim_end()))
        .collect()
}

/// A place that the renderer can show: bytes at the borders of characters, no line end at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    source: SourceId,
    start: usize,
    end: usize,
}

impl Place {
    /// `None` in an empty text, of which there is nothing to show.
    fn of(span: Span, sources: &Sources) -> Option<Place> {
        let text = &sources.get(span.source).text;
        if text.is_empty() {
            return None;
        }
        let start = text.floor_char_boundary(span.start as usize);
        let end = text.ceil_char_boundary((span.end as usize).max(start));
        let end = start + text[start..end].trim_end().len();
        Some(Place {
            source: span.source,
            start,
            end,
        })
    }

    /// Whether it begins or ends in a line that is too long to be shown.
    fn in_long_line(self, sources: &Sources) -> bool {
        let text = &sources.get(self.source).text;
        let line = |at: usize| {
            let before = text[..at].rfind('\n').map_or(at, |k| at - k);
            let after = text[at..].find('\n').unwrap_or(text.len() - at);
            before + after
        };
        line(self.start) > LONG_LINE || line(self.end) > LONG_LINE
    }
}

impl ariadne::Span for Place {
    type SourceId = SourceId;

    fn source(&self) -> &SourceId {
        &self.source
    }

    fn start(&self) -> usize {
        self.start
    }

    fn end(&self) -> usize {
        self.end
    }
}

/// The sources as the renderer wants them; each is split into lines once.
struct Texts<'a> {
    sources: &'a Sources,
    open: Vec<(SourceId, Source<&'a str>)>,
}

impl<'a> Texts<'a> {
    fn new(sources: &'a Sources) -> Texts<'a> {
        Texts {
            sources,
            open: Vec::new(),
        }
    }
}

impl<'a> Cache<SourceId> for Texts<'a> {
    type Storage = &'a str;

    fn fetch(&mut self, id: &SourceId) -> Result<&Source<&'a str>, impl std::fmt::Debug> {
        let known = self.open.iter().position(|(open, _)| open == id);
        let at = known.unwrap_or_else(|| {
            self.open
                .push((*id, Source::from(self.sources.get(*id).text.as_str())));
            self.open.len() - 1
        });
        Ok::<_, String>(&self.open[at].1)
    }

    fn display<'b>(&self, id: &'b SourceId) -> Option<impl std::fmt::Display + 'b> {
        Some(self.sources.get(*id).name.clone())
    }
}
