//! `/list-accounts`, `/unlink-account`.

use super::{
    Call,
    reply::{Failure, Reply},
};
use crate::store::account_rows::LinkedAccount;
use serde_json::{Value, json};

impl Call<'_> {
    pub(super) async fn list_accounts(&self) -> Result<Reply, Failure> {
        let owner = self.session().await?;
        let accounts = self.accounts.list_accounts(&owner.user.id).await?;
        let list: Vec<Value> = accounts
            .iter()
            .map(|account| {
                json!({
                    "accountId": account.account,
                    "providerId": account.provider,
                    "userId": owner.user.id,
                    "createdAt": account.created_at,
                    "updatedAt": account.updated_at,
                    "id": account.id,
                    "scopes": account.scopes,
                })
            })
            .collect();
        Ok(Reply::new(Value::Array(list)))
    }

    /// Since 1.7 a client names the row; before, the provider and perhaps its name for the person.
    pub(super) async fn unlink_account(&self) -> Result<Reply, Failure> {
        let mut fields = self.body.fields();
        let provider = fields.optional_text("providerId");
        let account =
            if provider.is_some() { fields.optional_text("accountId") } else { Some(fields.text("accountId")) };
        fields.done()?;
        let owner = self.fresh_session().await?;
        let is_it = |row: &LinkedAccount| match provider {
            Some(provider) => row.provider == provider && account.is_none_or(|account| row.account == account),
            None => account.is_some_and(|account| row.id == account),
        };
        self.accounts.unlink_account(&owner, is_it, &self.client).await?;
        Ok(Reply::new(json!({ "status": true })))
    }
}
