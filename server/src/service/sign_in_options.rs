//! How one can come in here, for the pages nobody is signed in on.

use super::{Result, Services};
use crate::config::SignUp;
use domain::account::{ProviderInfo, SignInOptions};

impl Services {
    /// What the sign-in page offers.
    pub async fn sign_in_options(&self) -> Result<SignInOptions> {
        let sign_up = match self.config.sign_up {
            SignUp::Open => true,
            SignUp::Closed => false,
            SignUp::First => !self.store.read().await?.any_user().await?,
        };
        let providers = self.config.providers.iter();
        Ok(SignInOptions {
            sign_up,
            mail: self.config.mail.is_some(),
            providers: providers.map(|p| ProviderInfo { id: p.id.clone(), name: p.name.clone() }).collect(),
        })
    }
}
