//! Which e-mail addresses are accepted, which is what Better Auth's validator accepts: plain ASCII, no quoting, no
//! address literals. Whether an address exists only a letter can tell.

/// Most characters in an address, by SMTP.
pub const MAX: usize = 254;

/// Whether this is the syntax of an address.
pub fn valid(text: &str) -> bool {
    text.len() <= MAX && text.split_once('@').is_some_and(|(local, domain)| local_part(local) && domain_name(domain))
}

fn local_part(text: &str) -> bool {
    let allowed = |c: u8| c.is_ascii_alphanumeric() || b"_'+-.".contains(&c);
    let last = |c: u8| c.is_ascii_alphanumeric() || b"_+-".contains(&c);
    text.bytes().all(allowed)
        && text.bytes().next_back().is_some_and(last)
        && !text.starts_with('.')
        && !text.contains("..")
}

fn domain_name(text: &str) -> bool {
    let Some((labels, top)) = text.rsplit_once('.') else {
        return false;
    };
    let label = |label: &str| {
        label.starts_with(|c: char| c.is_ascii_alphanumeric())
            && label.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-')
    };
    labels.split('.').all(label) && top.len() >= 2 && top.bytes().all(|c| c.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_what_better_auth_accepts() {
        for good in ["o'b@b.co", "a+b@b.co", "A@B.CO", "a.b@c-d.e.org", "_@b.co", "1@1.1.co", "a-@b.co"] {
            assert!(valid(good), "{good}");
        }
        for bad in [
            "",
            "@",
            "a@b",
            ".a@b.co",
            "a.@b.co",
            "a..b@b.co",
            "ü@b.co",
            "a!b@b.co",
            "a@1.1.1.1",
            "a@-b.co",
            "a@b.c",
            "a@.co",
            "a@b..co",
            "a@b.co.",
            "a b@b.co",
            "a@b.co ",
            " a@b.co",
            "a@@b.co",
            "a@b@c.co",
            "a\0@b.co",
            "a@b.co\r\nBcc: x",
            "o'@b.co",
            "\"a\"@b.co",
            "a@bü.co",
            "a@b_c.co",
            "а@b.co",
        ] {
            assert!(!valid(bad), "{bad:?}");
        }
        assert!(!valid(&format!("{}@b.co", "a".repeat(250))));
    }
}
