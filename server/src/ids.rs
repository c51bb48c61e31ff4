//! The only place that draws random numbers.

use rand::RngExt;

const ALPHANUMERIC: &[u8; 62] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/// A uniform text of letters and digits. 32 of them (190 bits) are what Better Auth uses for row ids and session tokens.
#[expect(clippy::disallowed_methods, reason = "this is where randomness comes from")]
pub fn alphanumeric(length: usize) -> String {
    let mut rng = rand::rng();
    (0..length).map(|_| char::from(ALPHANUMERIC[rng.random_range(0..ALPHANUMERIC.len())])).collect()
}

/// Uniform bytes, for salts and secrets.
#[expect(clippy::disallowed_methods, reason = "this is where randomness comes from")]
pub fn bytes<const N: usize>() -> [u8; N] {
    rand::rng().random()
}

#[cfg(test)]
mod tests {
    #[test]
    fn ids_differ_and_have_their_length() {
        let (a, b) = (super::alphanumeric(32), super::alphanumeric(32));
        assert_eq!(a.len(), 32);
        assert_ne!(a, b);
        assert!(a.bytes().all(|c| c.is_ascii_alphanumeric()));
    }
}
