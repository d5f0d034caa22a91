//! What was asked and answered, and done, over all runs of one call: a function that asks runs again
//! from the top with the answer.

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use serde_json::{Map, Value, value::RawValue};
use sha2::{Digest as _, Sha256};

use crate::digest::{Digest, digest};

/// How often a question is asked again because its answer does not fit, in all requests of a call.
const MOST_AGAIN: usize = 3;

/// What was asked and answered, over all runs of one call.
#[derive(Default)]
pub(super) struct Script {
    /// How often the function has asked and been put away.
    run: usize,
    /// It had begun in an earlier request.
    restored: bool,
    /// In the order of asking; a place may be taken before it is asked at.
    questions: Vec<Option<Asked>>,
    /// How many questions this run has asked.
    asked: usize,
    /// What was answered before this process saw the call, by the key of the question.
    answers: HashMap<String, Earlier>,
    /// How often questions were asked again before that, by their keys.
    again: HashMap<String, usize>,
    /// What steps returned, by name and how often the name had come before.
    steps: HashMap<(String, usize), Box<RawValue>>,
    /// How often each name has come in this run.
    stepped: HashMap<String, usize>,
}

struct Asked {
    question: Question,
    answer: Option<Answered>,
    /// Why it is asked again, and how often it was.
    complaint: Option<String>,
    again: usize,
}

/// An answer from an earlier round of the same call.
#[derive(Clone, Debug)]
pub(crate) struct Earlier {
    /// Of the question, where it is known.
    pub(crate) digest: Option<Digest>,
    pub(crate) result: Arc<str>,
}

/// Something to ask the client: a request of ours.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    /// Names it among the questions of one call.
    pub(crate) key: String,
    pub(crate) method: &'static str,
    pub(crate) params: Arc<str>,
}

/// Where a question stands in the order of asking, in which run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    run: usize,
    pub(crate) at: usize,
}

/// What came of a question.
#[derive(Clone, Debug)]
pub(crate) enum Answered {
    Result(Arc<str>),
    Error(String),
    /// It was not asked, since this client has no way to show it: why.
    Unasked(String),
    TimedOut,
    /// Nobody is there to answer.
    Gone,
}

/// Where a question stands.
pub(crate) enum Standing {
    Answered(Answered),
    Open,
    /// It was not asked before, and nobody is there to ask.
    Gone,
    /// This run asks something else than the last one did at the same place.
    Changed {
        before: Question,
    },
}

/// What a call has learnt and done.
#[derive(Debug)]
pub(crate) struct Record {
    /// Key, question and answer.
    pub(crate) answers: Vec<(String, Digest, Arc<str>)>,
    /// Key, and how often it was asked again.
    pub(crate) again: Vec<(String, usize)>,
    /// Name, how often the name had come before, and result.
    pub(crate) steps: Vec<(String, usize, Box<RawValue>)>,
}

impl Script {
    /// Which run of the function this is.
    pub(super) fn run(&self) -> usize {
        self.run
    }

    /// Whether the function ran before, and runs with answers to what it asked.
    pub(super) fn goes_on(&self) -> bool {
        self.restored || self.run > 0
    }

    /// Takes a place in the order of questions.
    pub(super) fn next_place(&mut self, run: usize) -> Place {
        let at = self.asked;
        if run == self.run {
            self.asked += 1;
        }
        Place { run, at }
    }

    /// Asks at that place, or finds out what was answered there; if nobody is there to ask, that is
    /// all it does.
    pub(super) fn ask(&mut self, place: Place, question: &Question, gone: bool) -> Standing {
        if place.run != self.run {
            return Standing::Gone;
        }
        let Self {
            questions,
            answers,
            again,
            ..
        } = self;
        if questions.len() <= place.at {
            questions.resize_with(place.at + 1, || None);
        }
        // Clients tell questions apart by their keys: one that is taken is told apart by its place.
        let mut question = Cow::Borrowed(question);
        let others = |(at, asked): (usize, &Option<Asked>), key: &str| {
            at != place.at && asked.as_ref().is_some_and(|it| it.question.key == key)
        };
        while (questions.iter().enumerate()).any(|it| others(it, &question.key)) {
            question.to_mut().key.push_str(&format!("-{}", place.at));
        }
        let question = &*question;
        let Some(slot) = questions.get_mut(place.at) else {
            return Standing::Gone;
        };
        let asked = match slot {
            None => {
                let earlier = answers.remove(&question.key);
                let fits = |it: &Earlier| it.digest.is_none_or(|known| known == question.digest());
                let answer = match earlier {
                    Some(earlier) if fits(&earlier) => Some(Answered::Result(earlier.result)),
                    Some(_) => {
                        let before = Question {
                            params: "(another)".into(),
                            ..question.clone()
                        };
                        return Standing::Changed { before };
                    }
                    None if gone => return Standing::Gone,
                    None => None,
                };
                slot.insert(Asked {
                    question: question.clone(),
                    answer,
                    complaint: None,
                    again: again.remove(&question.key).unwrap_or_default(),
                })
            }
            Some(asked) => asked,
        };
        if asked.question.method != question.method || asked.question.params != question.params {
            return Standing::Changed {
                before: asked.question.clone(),
            };
        }
        match &asked.answer {
            Some(answer) => Standing::Answered(answer.clone()),
            None if gone => Standing::Gone,
            None => Standing::Open,
        }
    }

    /// The answer at that place does not fit: it is asked for again, unless it was too often.
    pub(super) fn ask_again(&mut self, place: Place, complaint: String) -> bool {
        match self.questions.get_mut(place.at) {
            Some(Some(asked)) if asked.again < MOST_AGAIN => {
                asked.again += 1;
                asked.answer = None;
                asked.complaint = Some(complaint);
                true
            }
            _ => false,
        }
    }

    /// An answer has come; the first one counts.
    pub(super) fn answer(&mut self, place: usize, answer: Answered) {
        if let Some(Some(asked)) = self.questions.get_mut(place) {
            asked.answer.get_or_insert(answer);
        }
    }

    /// Nobody answers what is open.
    pub(super) fn no_answers(&mut self) {
        for asked in self.questions.iter_mut().flatten() {
            asked.answer.get_or_insert(Answered::Gone);
        }
    }

    /// Whether a question waits for its answer.
    pub(super) fn awaits_answer(&self) -> bool {
        self.open().next().is_some()
    }

    /// Takes what the function asks, by place; if that is anything, this run of it is over.
    pub(super) fn take_open(&mut self) -> Vec<(usize, Question)> {
        let open = self.open().map(|(at, asked)| (at, asked.in_words()));
        let questions: Vec<_> = open.collect();
        self.run += usize::from(!questions.is_empty());
        questions
    }

    /// The questions without an answer, by place.
    fn open(&self) -> impl Iterator<Item = (usize, &Asked)> {
        let all = self.questions.iter().enumerate();
        all.filter_map(|(at, asked)| Some((at, asked.as_ref()?)))
            .filter(|(_, asked)| asked.answer.is_none())
    }

    /// What the step of this name, here, returned in an earlier run; and its place.
    pub(super) fn step(&mut self, name: &str) -> (usize, Option<Box<RawValue>>) {
        let count = self.stepped.entry(name.to_owned()).or_default();
        let place = *count;
        *count += 1;
        (place, self.steps.get(&(name.to_owned(), place)).cloned())
    }

    /// Remembers what a step returned.
    pub(super) fn stepped(&mut self, name: &str, place: usize, result: Box<RawValue>) {
        self.steps.insert((name.to_owned(), place), result);
    }

    /// The function starts again from the top.
    pub(super) fn rewind(&mut self) {
        self.asked = 0;
        self.stepped.clear();
    }

    /// What the call has learnt and done.
    pub(super) fn record(&self) -> Record {
        let asked = self.questions.iter().flatten();
        let asked = asked.filter_map(|asked| match &asked.answer {
            Some(Answered::Result(result)) => Some((
                asked.question.key.clone(),
                asked.question.digest(),
                Arc::clone(result),
            )),
            _ => None,
        });
        // An answer that no question has come for yet may still be wanted.
        let unclaimed = self.answers.iter().filter_map(|(key, earlier)| {
            Some((key.clone(), earlier.digest?, Arc::clone(&earlier.result)))
        });
        let again = self.questions.iter().flatten();
        let again = again.map(|asked| (&asked.question.key, asked.again));
        let again = again.chain(self.again.iter().map(|(key, again)| (key, *again)));
        let steps = self.steps.iter();
        Record {
            answers: asked.chain(unclaimed).collect(),
            again: again
                .filter(|(_, again)| *again > 0)
                .map(|(key, again)| (key.clone(), again))
                .collect(),
            steps: steps
                .map(|((name, place), result)| (name.clone(), *place, result.clone()))
                .collect(),
        }
    }

    /// Goes on from what the call had learnt and done.
    pub(super) fn restore(&mut self, record: Record) {
        let Record {
            answers,
            again,
            steps,
        } = record;
        self.restored = true;
        self.preload(answers.into_iter().map(|(key, digest, result)| {
            let digest = Some(digest);
            (key, Earlier { digest, result })
        }));
        self.again.extend(again);
        let steps = steps.into_iter();
        self.steps
            .extend(steps.map(|(name, place, result)| ((name, place), result)));
    }

    /// Takes answers that came along with the call. One that is there stays: what was done because of
    /// it cannot be undone.
    pub(super) fn preload(&mut self, answers: impl IntoIterator<Item = (String, Earlier)>) {
        for (key, answer) in answers {
            self.answers.entry(key).or_insert(answer);
        }
    }
}

impl Question {
    pub(crate) fn digest(&self) -> Digest {
        let mut hash = Sha256::new();
        hash.update(self.method);
        hash.update([0]);
        hash.update(&*self.params);
        digest(hash)
    }
}

impl Asked {
    /// The question, with why it is asked again.
    fn in_words(&self) -> Question {
        let mut question = self.question.clone();
        if let Some(complaint) = &self.complaint
            && let Ok(mut params) = serde_json::from_str::<Map<String, Value>>(&question.params)
            && let Some(Value::String(message)) = params.get_mut("message")
        {
            message.push_str("\n\n");
            message.push_str(complaint);
            question.params = Value::Object(params).to_string().into();
        }
        question
    }
}
