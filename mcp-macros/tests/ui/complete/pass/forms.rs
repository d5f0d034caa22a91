//! Completions of any form.
use mcp_core::{CompleteRequest, Identity, prelude::*};

mod library {
    use mcp_core::prelude::*;

    /// A book
    #[mcp_resource("book://{shelf}/{id}{?edition,r.type}")]
    pub fn book(
        shelf: String,
        id: u64,
        edition: Option<u32>,
        #[arg(name = "r.type")] r#type: Option<String>,
    ) -> String {
        format!("{shelf} {id} {edition:?} {:?}", r#type)
    }

    /// Ask for a review
    #[mcp_prompt(name = "library.review", ident = review_prompt)]
    pub fn review(title: String, #[arg(name = "in")] language: Option<String>) -> String {
        title + &language.unwrap_or_default()
    }
}

use library::{book, review_prompt};

#[mcp_complete(book, id)]
fn of_an_import(typed: &str) -> Vec<String> {
    vec![typed.to_owned()]
}

#[mcp_complete(library::book, shelf,)]
async fn of_a_path(typed: String, known: State<Vec<String>>) -> Result<Vec<String>, String> {
    known.contains(&typed).then(Vec::new).ok_or(typed)
}

#[mcp_complete(crate::library::book, "edition", blocking)]
fn of_a_long_path(typed: &str, id: Option<u64>, shelf: Option<String>) -> Result<Vec<String>, ToolError> {
    Ok(vec![format!("{typed} {id:?} {shelf:?}")])
}

#[mcp_complete(self::library::book, "r.type", ident = completed_types)]
fn r#type(request: CompleteRequest) -> [String; 1] {
    [request.other("id").unwrap_or_default().to_owned()]
}

type Typed<'t> = &'t CompleteRequest;

#[mcp_complete(review_prompt, title)]
async fn titles(request: Typed<'_>, _: Option<Identity>, _: Ctx) -> Vec<&'static str> {
    match request.value() {
        "" => vec!["Emma"],
        _ => Vec::new(),
    }
}

#[mcp_complete(review_prompt, in)]
fn languages(_: &str) -> mcp_core::types::completion::Completion {
    vec!["de".to_owned()].into()
}

fn main() {
    let completions = completions![
        of_an_import,
        of_a_path,
        of_a_long_path,
        completed_types,
        titles,
        languages,
    ];
    let server = Server::new("library", "1")
        .state(vec!["fiction".to_owned()])
        .resources(resources![book])
        .prompts(prompts![review_prompt])
        .completions(completions)
        .build();
    assert!(server.is_ok(), "{server:?}");
    assert_eq!(of_an_import("7"), ["7"]);
    assert_eq!(languages("").values, ["de"]);
}
