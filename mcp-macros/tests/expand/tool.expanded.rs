#[allow(
    clippy::missing_const_for_fn,
    clippy::needless_pass_by_value,
    clippy::too_many_arguments
)]
/// Search the catalogue.
///
/// Returns at most `limit` hits.
#[tracing::instrument]
pub(crate) async fn search(
    query: String,
    limit: u32,
    tone: String,
    State(db): State<Db>,
) -> Result<Hits, AppError> {
    db.search(query, limit, tone).await
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
pub(crate) struct search {}
#[allow(deprecated, unused, unused_qualifications, clippy::all, clippy::pedantic)]
const _: () = {
    use ::mcp_core::__private::{
        self as __mcp, Holding as _, Infallible as _, Unseen as _,
    };
    #[automatically_derived]
    impl __mcp::ToolFn for search {
        const NAME: &'static ::core::primitive::str = "catalogue.search";
        fn tool() -> __mcp::Tool {
            let mut __declared = __mcp::Declaration::default();
            let __p0 = __mcp::param::<
                String,
                _,
            >(
                &mut __declared,
                __mcp::Argument::new("query")
                    .description("Text to look for")
                    .min_len(1)
                    .max_len(200)
                    .pattern("^[a-z ]+$")
                    .example("rust"),
            );
            let __p1 = __mcp::param_or::<
                u32,
                _,
            >(
                &mut __declared,
                __mcp::Argument::new("limit")
                    .description("Maximum number of hits")
                    .min(__mcp::Bound::Integer(1))
                    .max(__mcp::Bound::from(LIMIT)),
                || 10,
            );
            let __p2 = __mcp::param_or::<
                String,
                _,
            >(
                &mut __declared,
                __mcp::Argument::new("tone-of-voice"),
                || __mcp::from_text("friendly"),
            );
            let __p3 = __mcp::param::<
                State<Db>,
                _,
            >(&mut __declared, __mcp::Argument::new(""));
            let __split = |__returned: Result<Hits, AppError>| {
                let __returned = __mcp::Returned(__returned);
                let __known = (&__returned).known();
                __returned.value_or_failure(__known)
            };
            let (__output, __shape, __answer) = __mcp::tool_output(__split);
            __mcp::Tool::builder("catalogue.search")
                .title("Search catalogue")
                .description("Search the catalogue.\n\nReturns at most `limit` hits.")
                .icon(__mcp::Icon::new("https://example.com/s.png"))
                .scopes(["books:read", "books:list"])
                .timeout(::core::time::Duration::from_millis(10000u64))
                .tags(["catalogue"])
                .read_only(true)
                .open_world(false)
                .strict()
                .rate_limit(
                    __mcp::Rate::new(
                        30u32,
                        ::core::time::Duration::from_millis(60000u64),
                    ),
                )
                .concurrency(__mcp::at_least_one(4))
                .declared(__declared)
                .output(__shape, __output)
                .invoke(move |mut __arguments| {
                    let (__a0, __a1, __a2, __a3) = (
                        __mcp::Slot::take(&__p0, &mut __arguments),
                        __mcp::Slot::take(&__p1, &mut __arguments),
                        __mcp::Slot::take(&__p2, &mut __arguments),
                        __mcp::Slot::take(&__p3, &mut __arguments),
                    );
                    __arguments.finish()?;
                    let (
                        __mcp::Some(__a0),
                        __mcp::Some(__a1),
                        __mcp::Some(__a2),
                        __mcp::Some(__a3),
                    ) = (__a0, __a1, __a2, __a3) else {
                        return __mcp::Err(__mcp::Unfit::incomplete());
                    };
                    __mcp::Ok(
                        __mcp::Reply::pending(async move {
                            __answer(
                                __split(search(__a0, __a1, __a2, __a3).await),
                                __shape,
                            )
                        }),
                    )
                })
        }
    }
};
