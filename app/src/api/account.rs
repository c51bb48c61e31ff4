//! Who is signed in, and what frames every page. What the settings need is asked for in [`crate::served`].

use super::get;
use domain::{overview::Overview, problem::Problem};

/// What the frame around every page needs.
pub async fn overview() -> Result<Overview, Problem> {
    get("/api/me/overview".into()).await.map(|a| a.value)
}
