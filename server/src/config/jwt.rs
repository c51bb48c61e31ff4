//! `JWT_*`: what our tokens say and how long their keys live; `BETTER_AUTH_JWKS_URL` and its like: another Better Auth
//! whose tokens are taken too.

use super::{BadSetting, Values, bad, origin_of};

/// Better Auth's own: an expired key is published that many days longer.
const GRACE: u64 = 30;

/// How our tokens are made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jwt {
    /// `JWT_ISSUER`; the public address when absent, as in Better Auth.
    pub issuer: String,
    /// `JWT_AUDIENCE`; the public address when absent.
    pub audience: String,
    /// `JWT_ROTATION_DAYS`: a key signs that long; for ever when absent, which is Better Auth's default.
    pub rotation_days: Option<i64>,
    /// `JWT_GRACE_DAYS`: how much longer an expired key is published and accepted.
    pub grace_days: i64,
    /// Whose tokens are taken besides ours.
    pub outside: Option<Outside>,
}

/// A Better Auth that runs elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outside {
    /// `BETTER_AUTH_JWKS_URL`: where its public keys are.
    pub jwks_url: String,
    /// `BETTER_AUTH_ISSUER`; the origin of that address when absent.
    pub issuer: String,
    /// `BETTER_AUTH_AUDIENCE`; not compared when absent.
    pub audience: Option<String>,
}

pub(super) fn read(values: &Values, public_url: &str) -> Result<Jwt, BadSetting> {
    let days = |name: &str, default: u64, range| {
        values.number(name, default, range).map(|days| i64::try_from(days).unwrap_or_default())
    };
    let rotation_days = match values.get("JWT_ROTATION_DAYS")?.as_deref() {
        None | Some("off") => None,
        Some(_) => Some(days("JWT_ROTATION_DAYS", 0, 1..=3650)?),
    };
    Ok(Jwt {
        issuer: values.get("JWT_ISSUER")?.unwrap_or_else(|| public_url.to_owned()),
        audience: values.get("JWT_AUDIENCE")?.unwrap_or_else(|| public_url.to_owned()),
        rotation_days,
        grace_days: days("JWT_GRACE_DAYS", GRACE, 0..=3650)?,
        outside: outside(values)?,
    })
}

fn outside(values: &Values) -> Result<Option<Outside>, BadSetting> {
    let (issuer, audience) = (values.get("BETTER_AUTH_ISSUER")?, values.get("BETTER_AUTH_AUDIENCE")?);
    let Some(jwks_url) = values.get("BETTER_AUTH_JWKS_URL")? else {
        let lonely = issuer.map(|_| "BETTER_AUTH_ISSUER").or(audience.map(|_| "BETTER_AUTH_AUDIENCE"));
        return lonely.map_or(Ok(None), |name| {
            let instead = name.replace("BETTER_AUTH", "JWT");
            Err(BadSetting(format!(
                "{name} is set, but not BETTER_AUTH_JWKS_URL: it says what the tokens of another Better Auth carry (for our own there is {instead})"
            )))
        });
    };
    let origin = origin_of(&jwks_url).ok_or_else(|| {
        bad("BETTER_AUTH_JWKS_URL", &jwks_url, "an address such as https://auth.example.org/api/auth/jwks")
    })?;
    Ok(Some(Outside { jwks_url, issuer: issuer.unwrap_or(origin), audience }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> Result<Jwt, BadSetting> {
        let values = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        read(&Values(values), "https://todo.example.org")
    }

    #[test]
    fn defaults_are_better_auths() {
        let jwt = of(&[]).expect("fine");
        assert_eq!(
            (jwt.issuer.as_str(), jwt.audience.as_str()),
            ("https://todo.example.org", "https://todo.example.org")
        );
        assert_eq!((jwt.rotation_days, jwt.grace_days, jwt.outside), (None, 30, None));
        assert_eq!(of(&[("JWT_ROTATION_DAYS", "off")]).expect("fine").rotation_days, None);
        assert_eq!(of(&[("JWT_ROTATION_DAYS", "90")]).expect("fine").rotation_days, Some(90));
    }

    #[test]
    fn an_outside_issuer_is_its_origin_unless_said() {
        let url = ("BETTER_AUTH_JWKS_URL", "https://auth.example.org:8443/api/auth/jwks");
        assert_eq!(of(&[url]).expect("fine").outside.expect("there").issuer, "https://auth.example.org:8443");
        let said = of(&[url, ("BETTER_AUTH_ISSUER", "urn:us"), ("BETTER_AUTH_AUDIENCE", "todo")]).expect("fine");
        let outside = said.outside.expect("there");
        assert_eq!((outside.issuer.as_str(), outside.audience.as_deref()), ("urn:us", Some("todo")));
    }

    #[test]
    fn half_a_setting_is_refused() {
        for (pairs, part) in [
            ([("BETTER_AUTH_ISSUER", "x")], "there is JWT_ISSUER"),
            ([("BETTER_AUTH_JWKS_URL", "auth.example.org")], "an address such as"),
            ([("JWT_ROTATION_DAYS", "0")], "from 1 to 3650"),
        ] {
            let error = of(&pairs).expect_err("refused").to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
