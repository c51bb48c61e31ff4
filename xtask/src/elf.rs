//! Whether a program stands on its own, read from the file itself.

use anyhow::{Result, bail};

const PROGRAM_INTERPRETER: u32 = 3;

/// True when a 64-bit little-endian ELF program names no dynamic loader, that is, needs nothing of the system it runs on.
pub fn is_static(file: &[u8]) -> Result<bool> {
    if !file.starts_with(b"\x7fELF\x02\x01") {
        bail!("not a 64-bit little-endian ELF program");
    }
    let Some((table, size, count)) = header(file) else { bail!("the ELF header is cut off") };
    for entry in 0..count {
        let Some(kind) = read(file, table + entry * size, 4) else { bail!("the ELF program headers are cut off") };
        if kind == u64::from(PROGRAM_INTERPRETER) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Offset, entry size and number of the program headers.
fn header(file: &[u8]) -> Option<(usize, usize, usize)> {
    let number = |at, len| usize::try_from(read(file, at, len)?).ok();
    Some((number(0x20, 8)?, number(0x36, 2)?, number(0x38, 2)?))
}

fn read(file: &[u8], at: usize, len: usize) -> Option<u64> {
    let bytes = file.get(at..at.checked_add(len)?)?;
    Some(bytes.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::is_static;

    #[test]
    fn a_test_of_the_host_is_dynamic_and_a_text_is_no_program() {
        let own = std::fs::read("/proc/self/exe").unwrap();
        assert!(!is_static(&own).unwrap());
        assert!(is_static(b"#!/bin/sh").is_err());
        assert!(is_static(&own[..0x30]).is_err());
    }
}
