#[allow(
    clippy::missing_const_for_fn,
    clippy::needless_pass_by_value,
    clippy::too_many_arguments
)]
pub async fn book_ids(typed: &str, edition: Option<u32>, db: State<Db>) -> Vec<String> {
    db.ids(typed, edition).await
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
pub struct book_ids {}
#[allow(deprecated, unused, unused_qualifications, clippy::all, clippy::pedantic)]
const _: () = {
    use ::mcp_core::__private::{
        self as __mcp, Holding as _, Infallible as _, Unseen as _,
    };
    #[automatically_derived]
    impl __mcp::CompletionFn for book_ids {
        fn completion() -> __mcp::Completion {
            const _: () = ::core::assert!(
                __mcp::is_argument(< book as __mcp::Completed > ::ARGUMENTS, "id"),
                "`book` has no argument `id` to complete"
            );
            let mut __declared = __mcp::Declaration::default();
            let __p0 = __mcp::param::<
                Option<u32>,
                _,
            >(&mut __declared, __mcp::Argument::new("edition"));
            let __p1 = __mcp::param::<
                State<Db>,
                _,
            >(&mut __declared, __mcp::Argument::new("db"));
            let __split = |__returned: Vec<String>| {
                let __returned = __mcp::Returned(__returned);
                let __known = (&__returned).known();
                __returned.value_or_failure(__known)
            };
            let __answer = __mcp::completion_output(__split);
            __mcp::Completion::declared(
                <book as __mcp::Completed>::reference(),
                "id",
                __declared,
                move |mut __arguments, __request| {
                    let (__a0, __a1) = (
                        __mcp::Slot::take(&__p0, &mut __arguments),
                        __mcp::Slot::take(&__p1, &mut __arguments),
                    );
                    __arguments.finish()?;
                    let (__mcp::Some(__a0), __mcp::Some(__a1)) = (__a0, __a1) else {
                        return __mcp::Err(__mcp::Unfit::incomplete());
                    };
                    __mcp::Ok(
                        __mcp::Reply::pending(async move {
                            __answer(
                                __split(
                                    book_ids(
                                            <&str as __mcp::Typed<'_>>::typed(&__request),
                                            __a0,
                                            __a1,
                                        )
                                        .await,
                                ),
                            )
                        }),
                    )
                },
            )
        }
    }
};
