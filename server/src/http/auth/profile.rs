//! `/update-user`.

use super::{
    Call,
    reply::{Failure, Reply},
};
use crate::store::accounts::UserPatch;
use axum::http::StatusCode;
use serde_json::{Value, json};

impl Call<'_> {
    pub(super) async fn update_user(&self) -> Result<Reply, Failure> {
        let mut fields = self.body.fields();
        let patch = UserPatch {
            name: fields.optional_text("name").map(str::to_owned),
            image: match self.body.object().and_then(|map| map.get("image")) {
                Some(Value::Null) => Some(None),
                _ => fields.optional_text("image").map(|image| Some(image.to_owned())),
            },
        };
        fields.done()?;
        let owner = self.session().await?;
        // What JavaScript takes for nothing is as good as absent.
        let nothing = |value: &Value| value.is_null() || value == "" || value == false || value == 0;
        if self.body.object().and_then(|map| map.get("email")).is_some_and(|value| !nothing(value)) {
            return Err(Failure::new(StatusCode::BAD_REQUEST, "EMAIL_CAN_NOT_BE_UPDATED", "Email can not be updated"));
        }
        self.accounts.update_user(&owner.user.id, patch).await?;
        Ok(self.hand_out(Reply::new(json!({ "status": true })), &owner.session.token))
    }
}
