//! Whether some URI would fit two templates.

use std::collections::HashSet;

use super::{Kind, Part, UriTemplate};

impl UriTemplate {
    /// Whether some URI could match both templates, so that it would be chance which one answers.
    ///
    /// It errs on the safe side in that it does not know which values are refused: `x:{a}` overlaps
    /// `x:..`. It is meant for start-up, and takes time in the product of the two lengths.
    ///
    /// # Examples
    /// ```
    /// use mcp_core::uri_template::UriTemplate;
    ///
    /// let lists = UriTemplate::parse("a://{any}/list")?;
    /// assert!(lists.overlaps(&UriTemplate::parse("a://x/{item}")?)); // a://x/list
    /// assert!(!lists.overlaps(&UriTemplate::parse("a://x/{item}/all")?));
    /// # Ok::<(), mcp_core::uri_template::ParseError>(())
    /// ```
    pub fn overlaps(&self, other: &Self) -> bool {
        let (ours, theirs) = (self.steps(), other.steps());
        let mut seen = HashSet::new();
        let mut open = vec![(0, 0)];
        while let Some((i, j)) = open.pop() {
            if !seen.insert((i, j)) {
                continue;
            }
            match (ours.get(i), theirs.get(j)) {
                (None, None) => return true,
                (Some(Step::Fork(there)), _) => open.extend([(i + 1, j), (*there, j)]),
                (_, Some(Step::Fork(there))) => open.extend([(i, j + 1), (i, *there)]),
                (Some(Step::Go(there)), _) => open.push((*there, j)),
                (_, Some(Step::Go(there))) => open.push((i, *there)),
                (Some(Step::Byte(a)), Some(Step::Byte(b))) if a == b => open.push((i + 1, j + 1)),
                (Some(Step::Not(stops)), Some(Step::Byte(byte)))
                | (Some(Step::Byte(byte)), Some(Step::Not(stops)))
                    if !stops.contains(byte) =>
                {
                    open.push((i + 1, j + 1));
                }
                (Some(Step::Not(_)), Some(Step::Not(_))) => open.push((i + 1, j + 1)),
                _ => {}
            }
        }
        false
    }

    /// The template as a program that accepts its URIs byte by byte.
    fn steps(&self) -> Vec<Step> {
        let text = |text: &str| text.bytes().map(Step::Byte).collect::<Vec<_>>();
        let mut steps = text(&self.prefix);
        for part in &self.parts {
            match part {
                Part::Text(literal) => steps.extend(text(literal)),
                Part::Value { kind, stops, .. } => {
                    if *kind == Kind::Path {
                        steps.extend([Step::Fork(steps.len() + 4), Step::Byte(b'/')]);
                    }
                    steps.extend([Step::Not(stops), Step::Fork(steps.len())]);
                }
            }
        }
        if let Some(mark) = self.mark {
            steps.extend([Step::Fork(END), Step::Byte(mark)]);
            let pair = steps.len();
            for name in &self.pairs {
                let value = steps.len() + name.len() + 2;
                steps.push(Step::Fork(value + 6));
                steps.extend(text(name));
                steps.push(Step::Byte(b'='));
                steps.extend([Step::Fork(value + 3), Step::Not(b"&#"), Step::Go(value)]);
                steps.extend([Step::Fork(END), Step::Byte(b'&'), Step::Go(pair)]);
            }
            // No name fits: a circle in which no byte is taken accepts nothing.
            steps.push(Step::Go(pair));
        }
        steps
    }
}

/// Outside any program, which is where a URI is accepted.
const END: usize = usize::MAX;

enum Step {
    Byte(u8),
    /// Any byte but these.
    Not(&'static [u8]),
    /// Both the next step and that one.
    Fork(usize),
    Go(usize),
}
