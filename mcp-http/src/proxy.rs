//! Which address a request came from, behind proxies that are trusted to tell.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderName};

/// The clients and proxies that a request came through, each added by the one after it.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Proxies whose word is taken for where a request came from.
#[derive(Debug, Default)]
pub(crate) struct TrustedProxies(Vec<Network>);

impl TrustedProxies {
    /// Reads addresses and networks, such as `10.0.0.0/8`; tells what is wrong with the first that is
    /// neither.
    pub(crate) fn parse(texts: &[String]) -> Result<Self, String> {
        texts
            .iter()
            .map(|text| Network::parse(text))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Where a request came from that this peer has sent: the last address that is no trusted proxy.
    ///
    /// The list is read from its end, since anybody can write anything at its beginning. What is no
    /// address ends it: whoever stands before that is not known, and is taken for the proxy after it.
    pub(crate) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        if !self.trust(client) {
            return client;
        }
        // Several lines are one list.
        let lines = headers.get_all(FORWARDED_FOR).iter().rev();
        for hop in lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b',')) {
            let Some(address) = address(hop) else { break };
            client = address;
            if !self.trust(client) {
                break;
            }
        }
        client
    }

    fn trust(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }
}

/// One address of the list; some proxies add the port.
fn address(hop: &[u8]) -> Option<IpAddr> {
    let text = str::from_utf8(hop).ok()?.trim_matches([' ', '\t']);
    let bare = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    let address = bare.unwrap_or(text).parse().ok();
    let address = address.or_else(|| Some(text.parse::<SocketAddr>().ok()?.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

/// All addresses that begin with the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is neither an address nor a network such as `10.0.0.0/8`");
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            Some(digits) if !digits.starts_with('+') => digits.parse().map_err(|_| wrong())?,
            Some(_) => return Err(wrong()),
            None => longest,
        };
        if prefix > longest {
            return Err(wrong());
        }
        if masked(address, prefix) != address {
            let network = masked(address, prefix);
            return Err(format!(
                "{text:?} has bits behind its prefix: `{network}/{prefix}` is the network, `{address}` the address"
            ));
        }
        let canonical = address.to_canonical();
        // Written as IPv6, the first 96 bits of an IPv4 address are always the same.
        let prefix = if canonical == address {
            Some(prefix)
        } else {
            prefix.checked_sub(96)
        };
        let prefix = prefix.ok_or_else(wrong)?;
        if prefix == 0 {
            return Err(format!(
                "{text:?} is everybody, and everybody could choose an address then"
            ));
        }
        Ok(Self {
            address: canonical,
            prefix,
        })
    }

    fn contains(self, address: IpAddr) -> bool {
        self.address.is_ipv4() == address.is_ipv4() && masked(address, self.prefix) == self.address
    }
}

/// The first bits of an address, and zeros.
pub(crate) fn masked(address: IpAddr, prefix: u8) -> IpAddr {
    let prefix = u32::from(prefix);
    match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX
                .checked_shl(32_u32.saturating_sub(prefix))
                .unwrap_or(0);
            IpAddr::V4((address.to_bits() & mask).into())
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX
                .checked_shl(128_u32.saturating_sub(prefix))
                .unwrap_or(0);
            IpAddr::V6((address.to_bits() & mask).into())
        }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn trusted(texts: &[&str]) -> TrustedProxies {
        let texts: Vec<String> = texts.iter().map(|&text| text.to_owned()).collect();
        TrustedProxies::parse(&texts).unwrap()
    }

    /// The client of a request from `peer` with these lines of `X-Forwarded-For`.
    fn client(proxies: &TrustedProxies, peer: &str, lines: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            let line = HeaderValue::from_bytes(line.as_bytes()).unwrap();
            headers.append(FORWARDED_FOR, line);
        }
        proxies.client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn the_client_is_the_last_address_that_is_no_trusted_proxy() {
        let proxies = trusted(&["10.0.0.0/8", "::1"]);
        for (peer, lines, expected) in [
            ("10.0.0.1", &["203.0.113.7"][..], "203.0.113.7"),
            // Whatever the client wrote itself stands before its address.
            ("10.0.0.1", &["1.1.1.1, 203.0.113.7"], "203.0.113.7"),
            (
                "10.0.0.1",
                &["1.1.1.1,10.9.9.9 ,203.0.113.7,\t10.2.2.2"],
                "203.0.113.7",
            ),
            // Several lines are one list.
            (
                "10.0.0.1",
                &["1.1.1.1", "203.0.113.7", "10.2.2.2"],
                "203.0.113.7",
            ),
            ("::1", &["203.0.113.7"], "203.0.113.7"),
            ("::ffff:10.0.0.1", &["203.0.113.7"], "203.0.113.7"),
            // Proxies all the way.
            ("10.0.0.1", &["10.3.3.3, 10.2.2.2"], "10.3.3.3"),
            ("10.0.0.1", &[], "10.0.0.1"),
            // Forms that proxies write addresses in.
            ("10.0.0.1", &["203.0.113.7:4711"], "203.0.113.7"),
            ("10.0.0.1", &["2001:db8::7"], "2001:db8::7"),
            ("10.0.0.1", &["[2001:db8::7]"], "2001:db8::7"),
            ("10.0.0.1", &["[2001:db8::7]:4711"], "2001:db8::7"),
            ("10.0.0.1", &["::ffff:203.0.113.7"], "203.0.113.7"),
        ] {
            assert_eq!(client(&proxies, peer, lines), expected, "{peer} {lines:?}");
        }
    }

    #[test]
    fn nobody_else_is_believed() {
        for proxies in [trusted(&[]), trusted(&["10.0.0.0/8", "::1"])] {
            for peer in ["203.0.113.7", "11.0.0.1", "::2", "2001:db8::7"] {
                assert_eq!(client(&proxies, peer, &["1.1.1.1"]), peer);
            }
        }
    }

    #[test]
    fn what_is_no_address_ends_the_list() {
        let proxies = trusted(&["10.0.0.0/8"]);
        for wrong in [
            "",
            " ",
            "unknown",
            "_hidden",
            "1.1.1",
            "1.1.1.1.1",
            "01.1.1.1",
            "1.1.1.1:x",
            "[1.1.1.1",
            "::1%eth0",
            "1.1.1.1;2.2.2.2",
            "\u{fc}",
            "localhost",
        ] {
            let line = format!("2.2.2.2, {wrong}, 10.1.1.1");
            assert_eq!(
                client(&proxies, "10.0.0.1", &[&line]),
                "10.1.1.1",
                "{wrong}"
            );
            assert_eq!(
                client(&proxies, "10.0.0.1", &[wrong]),
                "10.0.0.1",
                "{wrong}"
            );
            let line = format!("{wrong}, 203.0.113.7");
            assert_eq!(
                client(&proxies, "10.0.0.1", &[&line]),
                "203.0.113.7",
                "{wrong}"
            );
        }
    }

    #[test]
    fn a_network_is_all_addresses_that_begin_with_its_bits() {
        let within = |network: &str, address: &str| {
            Network::parse(network)
                .unwrap()
                .contains(address.parse().unwrap())
        };
        for (network, yes, no) in [
            ("10.0.0.0/8", "10.255.255.255", "11.0.0.0"),
            ("192.168.4.0/22", "192.168.7.255", "192.168.8.0"),
            ("192.0.2.1", "192.0.2.1", "192.0.2.2"),
            ("128.0.0.0/1", "255.255.255.255", "127.255.255.255"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"),
            ("::1", "::1", "::2"),
            ("::ffff:10.0.0.0/104", "10.1.2.3", "11.0.0.0"),
            // The bits alone are the same.
            ("10.0.0.0/8", "10.0.0.0", "a00::"),
        ] {
            assert!(within(network, yes), "{yes} in {network}");
            assert!(!within(network, no), "{no} in {network}");
        }
    }

    #[test]
    fn what_is_no_network_is_told() {
        for (wrong, why) in [
            ("", "neither"),
            ("localhost", "neither"),
            ("10.0.0.0/33", "neither"),
            ("10.0.0.0/", "neither"),
            ("10.0.0.0/+8", "neither"),
            ("10.0.0.0/255.0.0.0", "neither"),
            ("10.0.0.1:80", "neither"),
            ("::1/129", "neither"),
            ("0.0.0.0/0", "everybody"),
            ("::/0", "everybody"),
            ("::ffff:0:0/96", "everybody"),
            ("10.0.0.1/8", "`10.0.0.0/8`"),
        ] {
            let problem = TrustedProxies::parse(&[wrong.to_owned()]).unwrap_err();
            assert!(
                problem.contains(why) && problem.contains(&format!("{wrong:?}")),
                "{problem}"
            );
        }
    }
}
