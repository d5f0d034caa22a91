#[allow(
    clippy::missing_const_for_fn,
    clippy::needless_pass_by_value,
    clippy::too_many_arguments
)]
/// Ask for a review
pub fn review(title: String, tone: Tone) -> String {
    format!("Review {title}, {tone}.")
}
#[doc(hidden)]
#[allow(
    dead_code,
    missing_debug_implementations,
    non_camel_case_types,
    unnameable_types,
    unreachable_pub,
    clippy::exhaustive_structs
)]
pub struct review_prompt {}
#[allow(deprecated, unused, unused_qualifications, clippy::all, clippy::pedantic)]
const _: () = {
    use sdk::mcp_core::__private::{
        self as __mcp, Holding as _, Infallible as _, Unseen as _,
    };
    #[automatically_derived]
    impl __mcp::PromptFn for review_prompt {
        fn prompt() -> __mcp::Prompt {
            let mut __declared = __mcp::Declaration::default();
            let __p0 = __mcp::param::<
                String,
                _,
            >(&mut __declared, __mcp::Argument::new("title").description("Book title"));
            let __p1 = __mcp::param_or::<
                Tone,
                _,
            >(&mut __declared, __mcp::Argument::new("tone"), || Tone::Kind);
            let __split = |__returned: String| {
                let __returned = __mcp::Returned(__returned);
                let __known = (&__returned).known();
                __returned.value_or_failure(__known)
            };
            let __answer = __mcp::prompt_output(__split);
            __mcp::Prompt::builder("review")
                .title("Review")
                .description("Ask for a review")
                .declared(__declared)
                .invoke(move |mut __arguments| {
                    let (__a0, __a1) = (
                        __mcp::Slot::take(&__p0, &mut __arguments),
                        __mcp::Slot::take(&__p1, &mut __arguments),
                    );
                    __arguments.finish()?;
                    let (__mcp::Some(__a0), __mcp::Some(__a1)) = (__a0, __a1) else {
                        return __mcp::Err(__mcp::Unfit::incomplete());
                    };
                    __mcp::Ok(__mcp::Reply::ready(__answer(__split(review(__a0, __a1)))))
                })
        }
    }
    #[automatically_derived]
    impl __mcp::Completed for review_prompt {
        const ARGUMENTS: __mcp::Names = __mcp::Some(&["title", "tone"]);
        fn reference() -> __mcp::Reference {
            __mcp::Reference::Prompt(::core::convert::Into::into("review"))
        }
    }
};
