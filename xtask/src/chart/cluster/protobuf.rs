//! Helm's record of a release: a Secret, sent in Kubernetes' binary form.

use serde_json::{Map, Value, json};

/// Reads one, as the JSON the API would answer. Fields nobody here asks for are left out.
pub fn secret(body: &[u8]) -> Option<Value> {
    let unknown = body.strip_prefix(b"k8s\0")?;
    let secret = field(unknown, 2)?;
    let metadata = field(secret, 1)?;
    let text = |field: &[u8]| Value::from(String::from_utf8_lossy(field));
    Some(json!({
        "apiVersion": "v1", "kind": "Secret",
        "metadata": {
            "name": text(field(metadata, 1)?), "namespace": text(field(metadata, 3).unwrap_or_default()),
            "labels": map(metadata, 11, text), "annotations": map(metadata, 12, text),
        },
        "data": map(secret, 2, |bytes| base64(bytes).into()), "type": text(field(secret, 3).unwrap_or_default()),
    }))
}

/// A map is a list of messages with the key as field 1 and the value as field 2.
fn map(message: &[u8], number: u64, value: impl Fn(&[u8]) -> Value) -> Value {
    let entries = fields(message).filter(|(found, _)| *found == number);
    let pair = |(_, entry)| {
        Some((String::from_utf8_lossy(field(entry, 1)?).into_owned(), value(field(entry, 2).unwrap_or_default())))
    };
    entries.filter_map(pair).collect::<Map<_, _>>().into()
}

fn field(message: &[u8], number: u64) -> Option<&[u8]> {
    fields(message).find(|(found, _)| *found == number).map(|(_, bytes)| bytes)
}

/// Numbers and contents of the fields that have a length; ends where it cannot read on.
fn fields(mut rest: &[u8]) -> impl Iterator<Item = (u64, &[u8])> {
    std::iter::from_fn(move || {
        loop {
            let key = varint(&mut rest)?;
            let length = match key & 7 {
                0 => {
                    varint(&mut rest)?;
                    continue;
                }
                1 => 8,
                2 => usize::try_from(varint(&mut rest)?).ok()?,
                5 => 4,
                _ => return None,
            };
            let (content, after) = rest.split_at_checked(length)?;
            rest = after;
            if key & 7 == 2 {
                return Some((key >> 3, content));
            }
        }
    })
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        value |= u64::from(byte & 127) << shift;
        if byte & 128 == 0 {
            return Some(value);
        }
    }
    None
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let bits = three.iter().fold(0, |bits, byte| bits << 8 | usize::from(*byte)) << (8 * (3 - three.len()));
        for place in 0..4 {
            let digit = DIGITS[bits >> (18 - 6 * place) & 63];
            text.push(if place > three.len() { '=' } else { char::from(digit) });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{base64, secret};

    #[test]
    fn a_record_is_read() {
        // Unknown { raw = Secret { metadata = { name: "a", labels: {"b": "c"} }, data: {"d": "e"} } }
        let metadata = [b"\x0a\x01a\x5a\x06\x0a\x01b\x12\x01c".as_slice()].concat();
        let secret_bytes = [b"\x0a\x0b", metadata.as_slice(), b"\x12\x06\x0a\x01d\x12\x01e"].concat();
        let body = [b"k8s\0\x12\x15", secret_bytes.as_slice()].concat();
        let read = secret(&body).unwrap();
        assert_eq!(read["metadata"]["name"], "a");
        assert_eq!(read["metadata"]["labels"]["b"], "c");
        assert_eq!(read["data"]["d"], "ZQ==");
        assert!(secret(b"{}").is_none() && secret(b"k8s\0\x12\xff").is_none());
    }

    #[test]
    fn base64_pads() {
        assert_eq!(
            ["", "f", "fo", "foo", "foob"].map(|text| base64(text.as_bytes())),
            ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg=="]
        );
    }
}
