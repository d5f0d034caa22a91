//! Makes the schemas of one tool, so that they share their `$defs`.

use std::collections::BTreeSet;

use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value};

use super::{
    inline::{inline, inline_root},
    merge::merge_root,
    portable::{self, Direction},
    settings,
    walk::{below, reference},
};

/// Up to here, about a thousand tokens, a schema is told without `$ref` however often it repeats
/// itself: clients that cannot follow one are worse than clients that read more.
const SMALL: usize = 4 * 1024;

/// What becomes of references to definitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refs {
    /// What they refer to is put in their place, unless it refers to itself.
    Inlined,
    /// They stay, below the root.
    Kept,
}

/// The inlined form, or the one with `$defs` if that is less than half of it; and which it is.
pub(crate) fn smaller(form: impl Fn(Refs) -> Option<Value>) -> (Value, Refs) {
    let inlined = form(Refs::Inlined);
    let length = |schema: &Value| schema.to_string().len();
    match inlined.as_ref().map(length) {
        Some(long) if long <= SMALL => {}
        long => {
            if let Some(kept) = form(Refs::Kept)
                && long.is_none_or(|long| long > 2 * length(&kept))
            {
                return (kept, Refs::Kept);
            }
        }
    }
    (inlined.unwrap_or_default(), Refs::Inlined)
}

/// Makes the schemas of one tool, so that they share their `$defs`.
pub(crate) struct Generator {
    inner: SchemaGenerator,
    direction: Direction,
}

impl Generator {
    /// For what is received: the contract of `Deserialize`.
    pub(crate) fn inputs() -> Self {
        let mut settings = settings();
        settings.inline_subschemas = false;
        Self {
            inner: settings.into_generator(),
            direction: Direction::Input,
        }
    }

    /// For what is sent: the contract of `Serialize`.
    pub(crate) fn outputs() -> Self {
        let mut settings = settings();
        settings.inline_subschemas = false;
        Self {
            inner: settings.for_serialize().into_generator(),
            direction: Direction::Output,
        }
    }

    /// The schema of `T` as schemars writes it, to be used below the root: with references.
    pub(crate) fn written<T: JsonSchema>(&mut self) -> Value {
        // Not `root_schema_for`: a recursive root would refer to itself as `#`, which means
        // something else once it is nested.
        self.inner.subschema_for::<T>().to_value()
    }

    /// What written schemas refer to.
    pub(crate) fn definitions(&self) -> &Map<String, Value> {
        self.inner.definitions()
    }

    /// A written schema in the form that clients are told. None if inlining it never ends.
    pub(crate) fn portable(&self, written: &Value, refs: Refs) -> Option<Value> {
        let mut schema = written.clone();
        match refs {
            Refs::Inlined if !inline(&mut schema, self.definitions(), None) => return None,
            Refs::Inlined => {}
            // The root shows its type. An optional one does once its null is gone.
            Refs::Kept => {
                inline_root(&mut schema, self.definitions());
                portable::rewrite(&mut schema, self.direction);
                inline_root(&mut schema, self.definitions());
            }
        }
        portable::rewrite(&mut schema, self.direction);
        Some(schema)
    }

    /// Puts what a schema refers to into its `$defs`.
    pub(crate) fn add_definitions(&self, root: &mut Value, refs: Refs) {
        let mut open: Vec<String> = Vec::new();
        references(root, &mut open);
        let mut found: BTreeSet<String> = BTreeSet::new();
        let mut definitions = Map::new();
        while let Some(name) = open.pop() {
            let Some(written) = self.definitions().get(&name) else {
                continue;
            };
            if !found.insert(name.clone()) {
                continue;
            }
            let mut definition = written.clone();
            if refs == Refs::Inlined {
                inline(&mut definition, self.definitions(), Some(&name));
            }
            portable::rewrite(&mut definition, self.direction);
            references(&definition, &mut open);
            definitions.insert(name, definition);
        }
        if let (Some(root), false) = (root.as_object_mut(), definitions.is_empty()) {
            definitions.sort_keys();
            root.insert("$defs".to_owned(), definitions.into());
        }
    }

    /// The schema of `T` as a root.
    pub(crate) fn root<T: JsonSchema>(&mut self) -> Value {
        let written = self.written::<T>();
        smaller(|refs| self.root_of(&written, refs)).0
    }

    /// A written schema as a root.
    pub(crate) fn root_of(&self, written: &Value, refs: Refs) -> Option<Value> {
        let mut root = self.portable(written, refs)?;
        if self.direction == Direction::Input {
            merge_root(&mut root);
        }
        self.add_definitions(&mut root, refs);
        Some(root)
    }
}

/// The definitions that a schema refers to, the schemas below it included.
fn references(schema: &Value, found: &mut Vec<String>) {
    found.extend(reference(schema).map(str::to_owned));
    for (_, inner) in below(schema) {
        references(inner, found);
    }
}
