//! `tidy`: the invariants of ARCHITECTURE.md that plain text can show.
use anyhow::Result;
pub fn chore() -> Result<()> {
    Ok(())
}
