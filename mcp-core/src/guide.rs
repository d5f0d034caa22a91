//! The guide: how to write, serve and test a server, a chapter a page.
//!
//! It is there in the documentation only. Each program in it is compiled and run with the tests.
//!
//! * What it offers: [Tools](tools), [Resources](resources), [Prompts](prompts), [Completion](completion),
//!   [Errors](errors), [Schemas](schemas) and their [reference](schema_reference)
//! * While a call runs: [State and callers](state), [Elicitation and sampling](elicitation),
//!   [Progress, logging and cancellation](progress)
//! * Serving it: [Over stdio](stdio), [Connecting clients](clients), [Authentication](auth),
//!   [Rate limits and timeouts](limits), [Settings](settings), [Deployment](deploy),
//!   [Observability](observability)
//! * Besides: [Testing](testing), [Coming from rmcp](rmcp), [What is not there](limitations)

/// An empty module for each chapter, to be its page.
macro_rules! chapters {
    ($($chapter:ident)+) => {$(
        // What links between chapters lead to here, where they are pages; before what they are as files.
        #[doc = include_str!("docs/guide_links.md")]
        #[doc = include_str!(concat!("../guide/", stringify!($chapter), ".md"))]
        pub mod $chapter {}
    )+};
}

chapters! {
    tools
    resources
    prompts
    completion
    errors
    schemas
    schema_reference
    elicitation
    clients
    rmcp
    limitations
}

#[cfg(any(feature = "stdio", not(doctest)))]
chapters! { stdio }

#[cfg(any(feature = "forward", not(doctest)))]
chapters! { observability }

#[cfg(any(feature = "testing", not(doctest)))]
chapters! { testing }

// Their programs need HTTP, and are run by `mcp-http`.
#[cfg(not(doctest))]
chapters! {
    state
    progress
    auth
    limits
    settings
    deploy
}
