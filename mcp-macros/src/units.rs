//! Durations and rates as people write them: `10s`, `30/min`.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};

const EXPECTED_DURATION: &str =
    "expected a number and a unit, as in `500ms`, `10s`, `5min`, `1h`, `7d`";
const EXPECTED_RATE: &str = "expected calls per time, as in `5/s`, `30/min`, `1000/h`, `10000/d`";

/// So many milliseconds, one at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Duration(u64);

/// So many calls in so much time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    calls: u32,
    per: Duration,
}

/// `10s`
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits).unwrap_or_default();
    let millis = number
        .parse()
        .ok()
        .zip(self::unit(unit))
        .and_then(|(number, unit): (u64, u64)| number.checked_mul(unit));
    match millis {
        None => Err(EXPECTED_DURATION.to_owned()),
        Some(0) => Err(format!("`{text}` is no time at all")),
        Some(millis) => Ok(Duration(millis)),
    }
}

/// `30/min`
pub(crate) fn rate(text: &str) -> Result<Rate, String> {
    let parts = text.split_once('/').and_then(|(calls, per)| {
        // A millisecond is no time to count calls in.
        let per = self::unit(per).filter(|_| per != "ms")?;
        let calls = Some(calls).filter(|calls| !calls.starts_with('+'))?;
        Some((calls.parse().ok()?, Duration(per)))
    });
    match parts {
        None => Err(EXPECTED_RATE.to_owned()),
        Some((0, _)) => Err(format!(
            "`{text}` allows no call: leave the tool out instead"
        )),
        Some((calls, per)) => Ok(Rate { calls, per }),
    }
}

/// How many milliseconds a unit has.
fn unit(name: &str) -> Option<u64> {
    match name {
        "ms" => Some(1),
        "s" => Some(1000),
        "min" => Some(60_000),
        "h" => Some(3_600_000),
        "d" => Some(86_400_000),
        _ => None,
    }
}

impl ToTokens for Duration {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self(millis) = self;
        tokens.extend(quote_spanned! {Span::mixed_site()=>
            ::core::time::Duration::from_millis(#millis)
        });
    }
}

impl ToTokens for Rate {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self { calls, per } = self;
        tokens.extend(quote_spanned!(Span::mixed_site()=> __mcp::Rate::new(#calls, #per)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_a_number_and_a_unit() {
        assert_eq!(duration("500ms"), Ok(Duration(500)));
        assert_eq!(duration("10s"), Ok(Duration(10_000)));
        assert_eq!(duration("7d"), Ok(Duration(604_800_000)));
        for wrong in [
            "",
            "s",
            "10",
            "10 s",
            "1.5s",
            "10m",
            "-1s",
            "99999999999999999999s",
        ] {
            assert_eq!(
                duration(wrong),
                Err(EXPECTED_DURATION.to_owned()),
                "{wrong}"
            );
        }
        assert_eq!(duration("0s"), Err("`0s` is no time at all".to_owned()));
    }

    #[test]
    fn rates_are_calls_per_unit() {
        let per = Duration(60_000);
        assert_eq!(rate("30/min"), Ok(Rate { calls: 30, per }));
        for wrong in [
            "",
            "30",
            "30/",
            "/min",
            "30/minute",
            "3.5/s",
            "30/2min",
            "+30/min",
            "1/ms",
        ] {
            assert_eq!(rate(wrong), Err(EXPECTED_RATE.to_owned()), "{wrong}");
        }
        assert!(rate("0/min").is_err_and(|problem| problem.contains("allows no call")));
    }
}
