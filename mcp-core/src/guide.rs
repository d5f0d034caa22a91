//! The chapters of the guide, whose programs are compiled and run with the documentation.

/// An empty module for each chapter, to hang its programs on.
macro_rules! chapters {
    ($($chapter:ident)+) => {$(
        #[doc = include_str!(concat!("../../docs/src/", stringify!($chapter), ".md"))]
        mod $chapter {}
    )+};
}

chapters! {
    tools
    resources
    prompts
    completion
    errors
    questions
    schemas
}

#[cfg(feature = "testing")]
chapters! {
    testing
}
