//! What the frame around every page needs, in one answer.

use crate::{account::User, chat::Quota, id::Seq, label::Label, project::Project, settings::Settings};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The answer of `GET /api/{user_id}/overview`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Overview {
    /// Who is signed in.
    pub user: User,
    /// Whether they may look after other people's accounts.
    pub admin: bool,
    /// What they have chosen.
    pub settings: Settings,
    /// The calendar day where they are.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub today: jiff::civil::Date,
    /// The wall-clock time where they are, to the second: the clock of the quick-add preview.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub now: jiff::civil::DateTime,
    /// How far that clock is ahead of UTC now, in seconds: for showing past instants where no zone database is at hand.
    pub utc_offset: i32,
    /// Projects in their order, archived ones included.
    pub projects: Vec<Project>,
    /// Labels by name.
    pub labels: Vec<Label>,
    /// How many open tasks each place holds.
    pub counts: Counts,
    /// The newest operation, from which `changes?since=` continues.
    pub seq: Seq,
    /// What answers in the chat.
    pub assistant: AssistantInfo,
}

/// Open tasks by place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Counts {
    /// Without a project.
    pub inbox: i64,
    /// Due today or earlier.
    pub today: i64,
    /// Due before today.
    pub overdue: i64,
    /// By project number.
    pub projects: BTreeMap<i64, i64>,
    /// By label number.
    pub labels: BTreeMap<i64, i64>,
}

/// What answers in the chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AssistantInfo {
    /// `built-in` or `model`.
    pub kind: String,
    /// The model's name when there is one.
    pub model: Option<String>,
    /// The day's tokens, when there is a model and a limit.
    #[serde(default)]
    pub quota: Option<Quota>,
}
