#[allow(
    clippy::missing_const_for_fn,
    clippy::needless_pass_by_value,
    clippy::too_many_arguments
)]
/// One book
async fn book(
    id: u64,
    edition: Option<u32>,
    db: State<Db>,
) -> Result<Json<Book>, ResourceError> {
    db.book(id, edition).await
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
struct book {}
#[allow(deprecated, unused, unused_qualifications, clippy::all, clippy::pedantic)]
const _: () = {
    use ::mcp_core::__private::{
        self as __mcp, Holding as _, Infallible as _, Unseen as _,
    };
    #[automatically_derived]
    impl __mcp::ResourceFn for book {
        fn resource() -> __mcp::Resource {
            let mut __declared = __mcp::Declaration::default();
            let __p0 = __mcp::param::<
                u64,
                _,
            >(&mut __declared, __mcp::Argument::new("id"));
            let __p1 = __mcp::param::<
                Option<u32>,
                _,
            >(&mut __declared, __mcp::Argument::new("edition"));
            let __p2 = __mcp::extracted::<
                State<Db>,
            >(&mut __declared, __mcp::Argument::new("db"));
            let __split = |__returned: Result<Json<Book>, ResourceError>| {
                let __returned = __mcp::Returned(__returned);
                let __known = (&__returned).known();
                __returned.value_or_failure(__known)
            };
            let (__mime, __answer) = __mcp::resource_output(
                __mcp::Some("application/json"),
                __split,
            );
            __mcp::Resource::builder("book://{id}{?edition}", "book")
                .description("One book")
                .cache(__mcp::Cache {
                    ttl: ::core::time::Duration::from_millis(60000u64),
                    scope: __mcp::CacheScope::Private,
                })
                .declared(__declared)
                .output(__mime)
                .invoke(move |mut __arguments, __uri| {
                    let (__a0, __a1, __a2) = (
                        __mcp::Slot::take(&__p0, &mut __arguments),
                        __mcp::Slot::take(&__p1, &mut __arguments),
                        __mcp::Slot::take(&__p2, &mut __arguments),
                    );
                    __arguments.finish()?;
                    let (__mcp::Some(__a0), __mcp::Some(__a1), __mcp::Some(__a2)) = (
                        __a0,
                        __a1,
                        __a2,
                    ) else {
                        return __mcp::Err(__mcp::Unfit::incomplete());
                    };
                    __mcp::Ok(
                        __mcp::Reply::pending(async move {
                            __answer(
                                __split(book(__a0, __a1, __a2).await),
                                &__uri,
                                __mime,
                            )
                        }),
                    )
                })
        }
    }
    #[automatically_derived]
    impl __mcp::Completed for book {
        const ARGUMENTS: __mcp::Names = __mcp::Some(&["id", "edition"]);
        fn reference() -> __mcp::Reference {
            __mcp::Reference::Template(
                ::core::convert::Into::into("book://{id}{?edition}"),
            )
        }
    }
};
