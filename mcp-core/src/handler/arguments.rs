//! The arguments of one call, taken one by one.
//!
//! Problems are collected rather than returned, so that a caller learns all of them at once.

use std::{borrow::Cow, cell::Cell, fmt};

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    argument::{Argument, Kind},
    param::Param,
    spelled::spelled,
    text::{FromText, Missing},
};
use crate::{
    context::Context,
    error::{Error, Seen},
    jsonrpc::{Raw, message::without_position},
    schema::validator::Fault,
};

/// How many problems of one call are spelled out.
const MAX_PROBLEMS: usize = 20;

/// What a call gave for one argument.
#[derive(Clone, Debug)]
enum Given<'a> {
    /// A tool's arguments are JSON.
    Json(Raw<'a>),
    /// A prompt's arguments and a template's variables are text.
    Text(Cow<'a, str>),
}

/// The arguments of one call, taken one by one.
#[derive(Debug)]
pub struct Arguments<'a> {
    context: Context<'a>,
    declared: &'a [Argument],
    given: Vec<Option<Given<'a>>>,
    problems: Problems,
    refusal: Option<Error>,
    coerce: bool,
}

/// What is wrong with the arguments of a call, all of it.
#[derive(Debug, Default)]
pub struct Problems {
    lines: Vec<String>,
    /// What was given and not asked for comes last: it may explain what is missing.
    unknown: Vec<String>,
    more: usize,
}

impl Problems {
    fn add(&mut self, name: &str, problem: impl fmt::Display) {
        if self.has_room() {
            self.lines.push(format!("`{}`: {problem}", Seen(name)));
        }
    }

    /// What is wrong with all arguments together.
    pub(crate) fn of_all(faults: Vec<Fault>) -> Self {
        let mut problems = Self::default();
        for fault in faults {
            problems.add_at("", fault);
        }
        problems
    }

    /// Notes what is wrong somewhere in an argument, or in all of them if it has no name.
    fn add_at(&mut self, name: &str, Fault { path, problem }: Fault) {
        let place = match (name, &*path) {
            ("", "") => "arguments".to_owned(),
            ("", path) => path.to_owned(),
            (name, path) if path.is_empty() || path.starts_with('[') => format!("{name}{path}"),
            (name, path) => format!("{name}.{path}"),
        };
        self.add(&place, shortened(problem));
    }

    /// Notes an argument that had to be there.
    pub(crate) fn missing(&mut self, name: &str) {
        self.add(name, "required argument is missing");
    }

    /// Notes an argument that nobody knows, and which was perhaps meant.
    pub(crate) fn unknown<'n>(&mut self, name: &str, known: impl Iterator<Item = &'n str>) {
        if self.has_room() {
            let meant = closest(name, known);
            let hint = meant
                .map(|meant| format!(" (did you mean `{meant}`?)"))
                .unwrap_or_default();
            self.unknown
                .push(format!("`{}`: unknown argument{hint}", Seen(name)));
        }
    }

    /// Whether one more is spelled out; otherwise it is counted.
    fn has_room(&mut self) -> bool {
        let has_room = self.lines.len() + self.unknown.len() < MAX_PROBLEMS;
        self.more += usize::from(!has_room);
        has_room
    }

    /// All problems, if there are any.
    pub(crate) fn into_result(self) -> Result<(), Unfit> {
        if self.lines.is_empty() && self.unknown.is_empty() {
            Ok(())
        } else {
            Err(Unfit::Arguments(self))
        }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<_> = self
            .lines
            .iter()
            .chain(&self.unknown)
            .map(String::as_str)
            .collect();
        f.write_str(&lines.join("\n"))?;
        if self.more > 0 {
            write!(f, "\n… and {} more", self.more)?;
        }
        Ok(())
    }
}

/// Why a call never reached its function.
#[derive(Debug)]
pub enum Unfit {
    /// Its arguments do not fit; a model can correct them.
    Arguments(Problems),
    /// Something other than its arguments stands against it.
    Refused(Error),
}

impl Unfit {
    /// A parameter was not there although nothing stood against it.
    pub fn incomplete() -> Self {
        Self::Refused(Error::internal("a parameter is missing without a problem"))
    }
}

impl<'a> Arguments<'a> {
    /// The arguments of a tool call.
    pub(crate) fn of_tool(context: Context<'a>, declared: &'a [Argument]) -> Self {
        let mut arguments = Self::none(context, declared);
        let Some(raw) = context.arguments() else {
            return arguments;
        };
        if declared.iter().any(|argument| argument.kind == Kind::Whole) {
            return arguments;
        }
        for (name, value) in raw.members() {
            arguments.put(&name.text(), Given::Json(value));
        }
        arguments
    }

    /// Values that are text: the arguments of a prompt, the variables of a template.
    pub(crate) fn of_text(
        context: Context<'a>,
        declared: &'a [Argument],
        values: impl IntoIterator<Item = (impl AsRef<str>, Cow<'a, str>)>,
    ) -> Self {
        let mut arguments = Self::none(context, declared);
        for (name, value) in values {
            arguments.put(name.as_ref(), Given::Text(value));
        }
        arguments
    }

    fn none(context: Context<'a>, declared: &'a [Argument]) -> Self {
        let mut given = Vec::with_capacity(declared.len());
        given.resize_with(declared.len(), || None);
        Self {
            context,
            declared,
            given,
            problems: Problems::default(),
            refusal: None,
            coerce: true,
        }
    }

    /// Leaves strings that hold numbers, booleans or JSON as the strings they are.
    #[must_use]
    pub fn strict(mut self) -> Self {
        self.coerce = false;
        self
    }

    /// Takes the parameter at `index`; a problem is noted, and found by [`finish`](Self::finish).
    pub fn take<P: Param<M>, M>(&mut self, index: usize) -> Option<P> {
        P::take(self, index, None)
    }

    /// The same, with what an absent argument stands for.
    pub fn take_or<P: Param<M>, M>(&mut self, index: usize, default: fn() -> P) -> Option<P> {
        P::take(self, index, Some(default))
    }

    /// What stood against the call, now that every parameter was taken.
    ///
    /// # Errors
    /// All problems of its arguments, or what else stands against it.
    pub fn finish(self) -> Result<(), Unfit> {
        if let Some(error) = self.refusal {
            return Err(Unfit::Refused(error));
        }
        self.problems.into_result()
    }

    fn put(&mut self, name: &str, value: Given<'a>) {
        let found = self
            .declared
            .iter()
            .position(|known| known.kind == Kind::Input && known.name == name);
        match found.and_then(|index| self.given.get_mut(index)) {
            Some(slot @ None) => *slot = Some(value),
            Some(Some(_)) => self.problems.add(name, "given twice"),
            None if self.declared.iter().any(|known| known.kind == Kind::Raw) => {}
            None => {
                let inputs = self
                    .declared
                    .iter()
                    .filter(|known| known.kind == Kind::Input);
                self.problems
                    .unknown(name, inputs.map(|known| &*known.name));
            }
        }
    }

    pub(super) fn context(&self) -> &Context<'a> {
        &self.context
    }

    /// All arguments as one value.
    pub(super) fn whole<T: DeserializeOwned>(&mut self, index: usize) -> Option<T> {
        let json = self.context.arguments().map_or("{}", Raw::get);
        let taken = self.parse_json(json, self.declared(index));
        self.or_noted("", taken)
    }

    /// The value, if nothing is wrong with it; otherwise that is noted.
    fn or_noted<T>(&mut self, name: &str, taken: Result<T, Vec<Fault>>) -> Option<T> {
        let faults = match taken {
            Ok(value) => return Some(value),
            Err(faults) => faults,
        };
        for fault in faults {
            self.problems.add_at(name, fault);
        }
        None
    }

    pub(super) fn refuse(&mut self, error: Error) {
        self.refusal.get_or_insert(error);
    }

    fn declared(&self, index: usize) -> &'a Argument {
        self.declared.get(index).unwrap_or(Argument::NONE)
    }

    pub(super) fn argument<T: DeserializeOwned>(
        &mut self,
        index: usize,
        default: Option<fn() -> T>,
    ) -> Option<T> {
        let argument = self.declared(index);
        let given = self.given.get_mut(index).and_then(Option::take);
        let given = given.filter(|given| default.is_none() || !given.is_null());
        let Some(given) = given else {
            let absent = default.map_or_else(|| T::deserialize(Missing), |default| Ok(default()));
            return absent
                .map_err(|_| self.problems.missing(&argument.name))
                .ok();
        };
        let taken = match &given {
            Given::Json(raw) => self.parse_json(raw.get(), argument),
            Given::Text(text) => parse_text(text, argument),
        };
        self.or_noted(&argument.name, taken)
    }

    fn parse_json<T: DeserializeOwned>(
        &self,
        json: &str,
        argument: &Argument,
    ) -> Result<T, Vec<Fault>> {
        let error = match serde_json::from_str(json) {
            Ok(value) => return unless(value, argument.faults(json)),
            Err(error) => error,
        };
        if !self.coerce {
            return Err(refused::<T>(argument, json, &error));
        }
        // Models send "5" for 5. What was meant as a string never comes here: it has parsed.
        match spelled(json, error) {
            Ok((value, json)) => unless(value, argument.faults(&json)),
            Err((json, error)) => Err(refused::<T>(argument, &json, &error)),
        }
    }
}

fn parse_text<T: DeserializeOwned>(text: &str, argument: &Argument) -> Result<T, Vec<Fault>> {
    let is_json = Cell::new(false);
    let value = T::deserialize(FromText::new(text, &is_json)).map_err(|error| {
        let problem = without_position(&error);
        vec![Fault {
            path: String::new(),
            problem,
        }]
    })?;
    // What is checked is what was read: `5` as a number, or as a text of one character.
    let faults = match is_json.get() {
        true => argument.faults(text.trim_ascii()),
        false => argument.faults(&Value::from(text).to_string()),
    };
    unless(value, faults)
}

fn unless<T>(value: T, faults: Vec<Fault>) -> Result<T, Vec<Fault>> {
    match faults.is_empty() {
        true => Ok(value),
        false => Err(faults),
    }
}

/// What is wrong with a value that its type refuses. A type stops at the first thing; a validator,
/// where there is one, tells all.
fn refused<T: DeserializeOwned>(
    argument: &Argument,
    json: &str,
    error: &serde_json::Error,
) -> Vec<Fault> {
    let validator = argument.validator.iter().filter(|it| it.explains());
    let faults: Vec<_> = validator.flat_map(|it| it.faults(json)).collect();
    match faults.is_empty() {
        true => vec![located::<T>(json, error)],
        false => faults,
    }
}

/// What serde says, and where. It tells where only if it is asked to keep track, which costs: so
/// what did not fit is read again.
fn located<T: DeserializeOwned>(json: &str, error: &serde_json::Error) -> Fault {
    let mut reader = serde_json::Deserializer::from_str(json);
    match serde_path_to_error::deserialize::<_, T>(&mut reader) {
        Err(error) if error.path().iter().next().is_some() => Fault {
            // The key of a map that refuses it has no name yet.
            path: error.path().to_string().trim_end_matches(".?").to_owned(),
            problem: without_position(error.inner()),
        },
        _ => Fault {
            path: String::new(),
            problem: without_position(error),
        },
    }
}

impl Given<'_> {
    fn is_null(&self) -> bool {
        matches!(self, Self::Json(raw) if raw.is_null())
    }
}

/// No longer than a line or two.
fn shortened(text: String) -> String {
    const LONGEST: usize = 300;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// The known name that is meant, if one is close enough to be a slip.
fn closest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    // A slip is short; anything longer is not worth measuring.
    if name.len() > 64 {
        return None;
    }
    known
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= candidate.chars().count() / 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// How many letters to add, drop, change or swap with the next to get from one to the other.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let first: Vec<usize> = (0..=b.len()).collect();
    let mut rows = (first.clone(), first);
    let mut before_x = None;
    for (i, x) in a.iter().enumerate() {
        let (above_all, above) = &rows;
        let mut row = vec![i + 1];
        let mut before_y = None;
        for (j, y) in b.iter().enumerate() {
            let at = |row: &[usize], column: usize| row.get(column).copied().unwrap_or(usize::MAX);
            let changed = at(above, j) + usize::from(x != y);
            let mut least = changed.min(at(above, j + 1) + 1).min(at(&row, j) + 1);
            if j > 0 && before_x == Some(y) && before_y == Some(x) {
                least = least.min(at(above_all, j - 1) + 1);
            }
            row.push(least);
            before_y = Some(y);
        }
        rows = (rows.1, row);
        before_x = Some(x);
    }
    rows.1.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_fingers_is_one() {
        for (this, other, slips) in [
            ("year", "year", 0),
            ("yaer", "year", 1),
            ("yer", "year", 1),
            ("yearr", "year", 1),
            ("hear", "year", 1),
            ("", "year", 4),
            ("querry", "query", 1),
            ("title", "author", 5),
        ] {
            assert_eq!(distance(this, other), slips, "{this} {other}");
            assert_eq!(distance(other, this), slips, "{other} {this}");
        }
        assert_eq!(
            closest("yaer", ["author", "year"].into_iter()),
            Some("year")
        );
    }
}
