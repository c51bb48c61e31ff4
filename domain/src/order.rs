//! Ordering keys: text that sorts between two others, so that moving a task changes one row.
//!
//! Keys are base-62 fractions (`0-9A-Za-z`, in byte order) without trailing zeros, so between any two different keys there
//! is always another. Compare them as bytes (`COLLATE "C"` on PostgreSQL).

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BASE: usize = DIGITS.len();

fn value(byte: u8) -> usize {
    DIGITS.iter().position(|d| *d == byte).unwrap_or(0)
}

/// A key after `low` and before `high`; `None` is the open end. Keys that are not in order are read as if `high` were open.
pub fn between(low: Option<&str>, high: Option<&str>) -> String {
    let low = low.unwrap_or("").as_bytes();
    let high = high.filter(|h| h.as_bytes() > low && !h.is_empty()).map(str::as_bytes);
    match high {
        None => after(low),
        Some(high) => middle(low, high),
    }
}

/// Appending is the common case, so it counts the last digit up instead of halving the rest of the space: the keys of a
/// list that only grows at its end stay short (one more digit every few thousand tasks).
fn after(low: &[u8]) -> String {
    // Four leading digits are counted as a number, so that thousands of appends do not lengthen the key.
    const WIDTH: usize = 4;
    let mut head: Vec<usize> = (0..WIDTH).map(|i| low.get(i).map_or(0, |b| value(*b))).collect();
    if low.is_empty() {
        head[0] = BASE / 2;
        return finish(&head);
    }
    for i in (0..WIDTH).rev() {
        if head[i] + 1 < BASE {
            head[i] += 1;
            return finish(&head);
        }
        head[i] = 0;
    }
    // The head is all nines, so to speak: go on behind the whole key.
    let mut key = String::from_utf8_lossy(low).into_owned();
    key.push(char::from(DIGITS[BASE / 2]));
    key
}

fn finish(digits: &[usize]) -> String {
    let text: String = digits.iter().map(|d| char::from(DIGITS[*d])).collect();
    text.trim_end_matches('0').to_owned()
}

fn middle(low: &[u8], high: &[u8]) -> String {
    let mut digits = Vec::new();
    let mut bounded = true;
    for i in 0.. {
        let l = low.get(i).map_or(0, |b| value(*b));
        let h = if bounded { high.get(i).map_or(0, |b| value(*b)) } else { BASE };
        if l == h {
            digits.push(l);
            continue;
        }
        // Here l < h while bounded; once a digit below high's has been taken, every continuation is below high.
        let mid = l.midpoint(h);
        if mid > l {
            digits.push(mid);
            break;
        }
        digits.push(l);
        bounded = false;
    }
    finish(&digits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn appending_keeps_keys_short() {
        let mut last = between(None, None);
        for _ in 0..100_000 {
            let next = between(Some(&last), None);
            assert!(next > last, "{next} after {last}");
            last = next;
        }
        assert!(last.len() <= 4, "{last}");
    }

    #[test]
    fn always_room_in_front() {
        let mut first = between(None, None);
        for _ in 0..1_000 {
            let next = between(None, Some(&first));
            assert!(next < first && !next.is_empty(), "{next} before {first}");
            first = next;
        }
    }

    proptest! {
        #[test]
        fn strictly_between(steps in proptest::collection::vec(0usize..1000, 1..200)) {
            let mut keys = vec![between(None, None)];
            for step in steps {
                let at = step % (keys.len() + 1);
                let low = at.checked_sub(1).map(|i| keys[i].clone());
                let high = keys.get(at).cloned();
                let key = between(low.as_deref(), high.as_deref());
                if let Some(low) = &low { prop_assert!(&key > low, "{key} > {low}"); }
                if let Some(high) = &high { prop_assert!(&key < high, "{key} < {high}"); }
                prop_assert!(!key.ends_with('0'));
                keys.insert(at, key);
            }
        }
    }
}
