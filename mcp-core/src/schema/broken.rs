//! Values that break one keyword of a schema and, as far as can be, nothing else.

use serde_json::{Map, Value, json};

use super::sample::{LONGEST, Samples, both, kind, required, texts_beside};

/// A value that fits a schema, about to be broken.
pub(super) struct Good<'g> {
    pub(super) samples: Samples<'g>,
    /// The schema.
    pub(super) members: &'g Map<String, Value>,
    pub(super) value: &'g Value,
}

impl Good<'_> {
    /// The value with this keyword broken, in every way that comes to mind.
    pub(super) fn without(&self, keyword: &str) -> Vec<Value> {
        let Some(limit) = self.members.get(keyword) else {
            return Vec::new();
        };
        match keyword {
            "minimum" => beside(limit, -1).into_iter().collect(),
            "maximum" => beside(limit, 1).into_iter().collect(),
            "exclusiveMinimum" | "exclusiveMaximum" => vec![limit.clone()],
            "multipleOf" => not_multiples(limit, kind(self.members) == Some("integer")),
            "minLength" | "maxLength" | "pattern" => self.text(keyword, limit),
            "minItems" | "maxItems" => self.array(keyword, limit).into_iter().collect(),
            "contains" => vec![json!([])],
            "minProperties" | "maxProperties" => self.sized(keyword, limit).into_iter().collect(),
            "propertyNames" => self.named(limit),
            "required" => required(self.members)
                .map(|name| self.lacking([name]))
                .collect(),
            "dependentRequired" => self.dependent(limit),
            "additionalProperties" => vec![self.having("nobody knows this", Value::Null)],
            "if" => self.condition(limit),
            "not" => vec![both(self.value.clone(), self.samples.of(limit))],
            "enum" | "const" => vec![self.unlisted(limit)],
            "type" => of_other_types(limit),
            _ => Vec::new(),
        }
    }

    fn text(&self, keyword: &str, limit: &Value) -> Vec<Value> {
        let good = self.value.as_str().unwrap_or_default();
        // Made of what fits, so that a type with more to say has no other reason to refuse it.
        let of_length = |length: u64| {
            let length = usize::try_from(length).unwrap_or_default();
            let last = good.chars().last().unwrap_or('a');
            let padded = good.chars().chain(std::iter::repeat(last));
            [padded.take(length).collect(), "a".repeat(length)]
        };
        let length = match (keyword, limit.as_u64()) {
            ("minLength", Some(least)) => least.checked_sub(1),
            ("maxLength", Some(most)) => most.checked_add(1),
            _ => None,
        };
        let texts = match (limit.as_str(), length) {
            (Some(pattern), _) => texts_beside(pattern, good, self.members),
            (None, Some(length)) if length <= LONGEST => of_length(length).into(),
            (None, _) => Vec::new(),
        };
        texts.into_iter().map(Value::from).collect()
    }

    fn array(&self, keyword: &str, limit: &Value) -> Option<Value> {
        let (limit, mut items) = (limit.as_u64()?, self.value.as_array()?.clone());
        if keyword == "minItems" {
            items.truncate(usize::try_from(limit.checked_sub(1)?).ok()?);
            return Some(items.into());
        }
        while items.len() as u64 <= limit && limit < LONGEST {
            items.push(self.samples.item(self.members, items.len(), 0));
        }
        (items.len() as u64 > limit).then(|| items.into())
    }

    fn sized(&self, keyword: &str, limit: &Value) -> Option<Value> {
        const MOST: u64 = 1_000;

        let (limit, mut object) = (limit.as_u64()?, self.value.as_object()?.clone());
        if keyword == "minProperties" {
            let optional = |name: &String| required(self.members).all(|it| it != name);
            let optional: Vec<String> = object.keys().filter(|it| optional(it)).cloned().collect();
            for name in optional {
                if object.len() as u64 >= limit {
                    object.shift_remove(&name);
                }
            }
            return ((object.len() as u64) < limit).then(|| object.into());
        }
        for index in 0..=limit.min(MOST) {
            if object.len() as u64 <= limit {
                let (key, value) = self.samples.entry(self.members, index, 0);
                object.insert(key, value);
            }
        }
        (object.len() as u64 > limit).then(|| object.into())
    }

    /// With a key that its schema does not take.
    fn named(&self, names: &Value) -> Vec<Value> {
        let Some(members) = names.as_object() else {
            return Vec::new();
        };
        let (key, value) = self.samples.entry(self.members, 0, 0);
        let key = Good {
            samples: self.samples,
            members,
            value: &key.into(),
        };
        let assertions = members.keys().filter(|it| *it != "type");
        let keys = assertions.flat_map(|keyword| key.without(keyword));
        let keys = keys.filter_map(|key| Some(self.having(key.as_str()?, value.clone())));
        keys.collect()
    }

    fn dependent(&self, limit: &Value) -> Vec<Value> {
        let dependent = limit.as_object().into_iter().flatten();
        let broken = dependent.map(|(name, needed)| {
            let properties = self.members.get("properties");
            let schema = properties.and_then(|all| all.get(name));
            let value = schema.map_or(Value::Null, |schema| self.samples.of(schema));
            let with = self.having(name, value);
            let needed = needed.as_array().into_iter().flatten();
            remove(with, needed.filter_map(Value::as_str))
        });
        broken.collect()
    }

    /// With what the condition wants, and without what follows from it.
    fn condition(&self, condition: &Value) -> Vec<Value> {
        let then = self.members.get("then").and_then(Value::as_object);
        let met = both(self.value.clone(), self.samples.of(condition));
        let needed = then.into_iter().flat_map(required);
        needed.map(|name| remove(met.clone(), [name])).collect()
    }

    /// Of the same type, and none of these.
    fn unlisted(&self, limit: &Value) -> Value {
        let one = std::slice::from_ref(limit);
        let listed = limit.as_array().map_or(one, Vec::as_slice);
        match self.value {
            Value::Bool(value) => json!(!value),
            Value::Number(_) => (0..)
                .map(|number: u32| json!(number))
                .find(|number| !listed.contains(number))
                .unwrap_or_default(),
            _ => json!("none of these"),
        }
    }

    fn having(&self, name: &str, value: Value) -> Value {
        let mut object = self.value.as_object().cloned().unwrap_or_default();
        object.insert(name.to_owned(), value);
        object.into()
    }

    fn lacking<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> Value {
        remove(self.value.clone(), names)
    }
}

fn remove<'n>(mut value: Value, names: impl IntoIterator<Item = &'n str>) -> Value {
    if let Some(members) = value.as_object_mut() {
        for name in names {
            members.shift_remove(name);
        }
    }
    value
}

/// The number one step further; where there is none of 64 bits, far beyond.
fn beside(number: &Value, step: i64) -> Option<Value> {
    let signed = number.as_i64().and_then(|it| it.checked_add(step));
    let unsigned = number.as_u64().and_then(|it| it.checked_add_signed(step));
    if let Some(further) = signed.map(Value::from).or(unsigned.map(Value::from)) {
        return Some(further);
    }
    let number = number.as_f64()?;
    #[expect(clippy::cast_precision_loss, reason = "one, and minus one")]
    let further = number + step as f64;
    Some(json!(if further == number {
        2.0 * number
    } else {
        further
    }))
}

fn not_multiples(step: &Value, whole: bool) -> Vec<Value> {
    let Some(step) = step.as_f64() else {
        return Vec::new();
    };
    let near = [step + 1.0, step - 1.0, 1.5 * step, 0.5 * step].into_iter();
    let near = near.filter(|it| *it > 0.0 && (it / step).fract() != 0.0);
    let near = near.filter(|it| !whole || it.fract() == 0.0);
    near.map(super::sample::exact).collect()
}

/// Values of types that are not these. Not null: it stands for what is absent.
fn of_other_types(kinds: &Value) -> Vec<Value> {
    let is = |kind: &str| match kinds {
        Value::Array(kinds) => kinds.iter().any(|it| it == kind),
        one => one == kind,
    };
    let values = [
        ("string", json!("text")),
        ("boolean", json!(true)),
        ("array", json!([])),
        ("object", json!({})),
        ("number", json!(0.5)),
    ];
    let others = values.into_iter().filter(|(kind, _)| !is(kind));
    others.map(|(_, value)| value).collect()
}
