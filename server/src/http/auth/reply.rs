//! What the endpoints answer, in Better Auth's form.

use crate::{
    auth::{
        cookie::{Cookies, encode_target},
        origin::Refusal,
        password::BadPassword,
    },
    http::headers::set_cookies,
    service::accounts::{Error as Refused, MailOff},
    store::{self, better_auth::iso, sessions::Session},
};
use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

const JSON: (HeaderName, HeaderValue) = (header::CONTENT_TYPE, HeaderValue::from_static("application/json"));

/// An answer that went well: a JSON value or somewhere to go, and cookies.
#[derive(Debug)]
pub struct Reply {
    /// `None`: a redirect.
    value: Option<Value>,
    headers: HeaderMap,
}

impl Reply {
    /// 200 with that body.
    pub fn new(value: Value) -> Self {
        Self { value: Some(value), headers: HeaderMap::new() }
    }

    /// Sends the browser to a checked target: 302.
    pub fn redirect(target: &str) -> Self {
        Self { value: None, headers: HeaderMap::new() }.header(header::LOCATION, &encode_target(target))
    }

    /// Whether a session is handed out or taken back.
    pub fn sets_session(&self, cookies: &Cookies) -> bool {
        let lines = self.headers.get_all(header::SET_COOKIE);
        lines.iter().any(|line| line.to_str().is_ok_and(|line| cookies.is_session(line)))
    }

    /// Adds a header; a value that cannot stand in one is left out.
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.append(name, value);
        }
        self
    }

    /// Adds `Set-Cookie` lines.
    pub fn cookies(mut self, lines: impl IntoIterator<Item = String>) -> Self {
        set_cookies(&mut self.headers, lines);
        self
    }

    /// Hands out a session: its cookies, and the signed token for clients that send it as a bearer token.
    pub fn session(self, cookies: &Cookies, token: &str, lines: impl IntoIterator<Item = String>) -> Self {
        let name = HeaderName::from_static("set-auth-token");
        self.cookies(lines).header(name.clone(), &cookies.sign(token)).expose(&name)
    }

    /// Lets pages of other origins see a header of ours. One line for all of them: some readers look at the first only.
    pub fn expose(mut self, name: &HeaderName) -> Self {
        let before = self.headers.get(header::ACCESS_CONTROL_EXPOSE_HEADERS).and_then(|value| value.to_str().ok());
        let all = before.map_or_else(|| name.to_string(), |before| format!("{before}, {name}"));
        if let Ok(value) = HeaderValue::from_str(&all) {
            self.headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, value);
        }
        self
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let mut response = match &self.value {
            Some(value) => json_response(StatusCode::OK, value),
            None => (StatusCode::FOUND, [JSON], Body::empty()).into_response(),
        };
        response.headers_mut().extend(self.headers);
        response
    }
}

fn json_response(status: StatusCode, value: &Value) -> Response {
    (status, [JSON], value.to_string()).into_response()
}

/// A session on the wire.
pub fn session_json(session: &Session) -> Value {
    json!({
        "expiresAt": iso(session.expires_at),
        "token": session.token,
        "createdAt": iso(session.created_at),
        "updatedAt": iso(session.updated_at),
        "ipAddress": session.address,
        "userAgent": session.agent,
        "userId": session.user,
        "id": session.id,
    })
}

/// An answer that did not.
#[derive(Debug)]
pub struct Failure {
    status: StatusCode,
    code: Option<&'static str>,
    /// Empty: the body is empty too.
    message: String,
    retry_after: Option<i64>,
    cookies: Vec<String>,
}

impl Failure {
    /// With a code for programs.
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { code: Some(code), ..Self::uncoded(status, message) }
    }

    /// With a message only; a few of Better Auth's errors have no code.
    pub fn uncoded(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, code: None, message: message.into(), retry_after: None, cookies: Vec::new() }
    }

    /// Nothing there.
    pub fn not_found() -> Self {
        Self::uncoded(StatusCode::NOT_FOUND, "")
    }

    /// Nobody signed in.
    pub fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", "Unauthorized")
    }

    /// Fields that cannot be used.
    pub fn validation(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "VALIDATION_ERROR", message)
    }

    /// A parameter that must be there.
    pub fn missing_query(name: &str) -> Self {
        Self::validation(format!("[query.{name}] Invalid input: expected string, received undefined"))
    }

    /// The same refusal with another status.
    pub fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// What programs know it by.
    pub fn code(&self) -> Option<&'static str> {
        self.code
    }

    /// Sends cookies, or takes them back, along with the refusal.
    pub fn cookies(mut self, lines: impl IntoIterator<Item = String>) -> Self {
        self.cookies.extend(lines);
        self
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::new(StatusCode::FORBIDDEN, refusal.code(), refusal.message())
    }
}

impl From<Refused> for Failure {
    fn from(error: Refused) -> Self {
        let bad = StatusCode::BAD_REQUEST;
        match error {
            Refused::SignUpClosed => {
                Self::new(bad, "EMAIL_PASSWORD_SIGN_UP_DISABLED", "Email and password sign up is not enabled")
            }
            Refused::Field(field, why) => Self::validation(format!("[body.{field}] {field} {why}")),
            Refused::Email => Self::new(bad, "INVALID_EMAIL", "Invalid email"),
            Refused::Password(BadPassword::TooShort) => Self::new(bad, "PASSWORD_TOO_SHORT", "Password too short"),
            Refused::Password(BadPassword::TooLong) => Self::new(bad, "PASSWORD_TOO_LONG", "Password too long"),
            Refused::Taken => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL",
                "User already exists. Use another email.",
            ),
            Refused::WrongCredentials => {
                Self::new(StatusCode::UNAUTHORIZED, "INVALID_EMAIL_OR_PASSWORD", "Invalid email or password")
            }
            Refused::Disabled => Self::new(StatusCode::FORBIDDEN, "BANNED_USER", "This account is disabled"),
            Refused::Unverified => Self::new(StatusCode::FORBIDDEN, "EMAIL_NOT_VERIFIED", "Email not verified"),
            Refused::NotFresh => Self::new(StatusCode::FORBIDDEN, "SESSION_NOT_FRESH", "Session is not fresh"),
            Refused::Expired => {
                Self::new(bad, "SESSION_EXPIRED", "Session expired. Re-authenticate to perform this action.")
            }
            Refused::NoPassword => Self::new(bad, "CREDENTIAL_ACCOUNT_NOT_FOUND", "Credential account not found"),
            Refused::WrongPassword => Self::new(bad, "INVALID_PASSWORD", "Invalid password"),
            Refused::LastAccount => {
                Self::new(bad, "FAILED_TO_UNLINK_LAST_ACCOUNT", "You can't unlink your last account")
            }
            Refused::NoAccount => Self::new(bad, "ACCOUNT_NOT_FOUND", "Account not found"),
            Refused::MailOff(MailOff::Reset) => {
                Self::new(bad, "RESET_PASSWORD_DISABLED", "Reset password isn't enabled")
            }
            Refused::MailOff(MailOff::Verify) => {
                Self::new(bad, "VERIFICATION_EMAIL_NOT_ENABLED", "Verification email isn't enabled")
            }
            Refused::MailOff(MailOff::Change) => Self::uncoded(bad, "Verification email isn't enabled"),
            Refused::BadToken => Self::new(bad, "INVALID_TOKEN", "Invalid token"),
            Refused::TokenExpired => Self::new(bad, "TOKEN_EXPIRED", "Token expired"),
            Refused::NoUser => Self::new(bad, "USER_NOT_FOUND", "User not found"),
            Refused::OtherUser => Self::new(bad, "INVALID_USER", "Invalid user"),
            Refused::SameEmail => Self::uncoded(bad, "Email is the same"),
            Refused::OtherEmail => Self::new(bad, "EMAIL_MISMATCH", "Email mismatch"),
            Refused::AlreadyVerified => Self::new(bad, "EMAIL_ALREADY_VERIFIED", "Email is already verified"),
            Refused::NoFields => Self::uncoded(bad, "No fields to update"),
            Refused::TooMany(seconds) => Self {
                retry_after: Some(seconds),
                ..Self::uncoded(StatusCode::TOO_MANY_REQUESTS, "Too many requests. Please try again later.")
            },
            busy @ Refused::Busy => Self {
                retry_after: Some(2),
                ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "SERVICE_UNAVAILABLE", busy.to_string())
            },
            error @ Refused::Token => {
                tracing::error!(error = %error, "a token request failed");
                Self::uncoded(StatusCode::INTERNAL_SERVER_ERROR, "")
            }
            Refused::Hashing(error) => {
                tracing::error!(error = %error, "a password could not be hashed");
                Self::uncoded(StatusCode::INTERNAL_SERVER_ERROR, "")
            }
            Refused::Social(stop) => Self::new(StatusCode::FORBIDDEN, "OAUTH_LINK_ERROR", stop.sentence()),
            Refused::NoProvider => Self::new(StatusCode::NOT_FOUND, "PROVIDER_NOT_FOUND", "Provider not found"),
            down @ Refused::ProviderUnavailable => Self {
                retry_after: Some(5),
                ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "PROVIDER_UNAVAILABLE", down.to_string())
            },
            Refused::Tokens(why) => Self::new(bad, why.code(), why.to_string()),
            Refused::Store(error @ store::Error::Unavailable(_)) => {
                tracing::warn!(error = %error, "sign-in request failed: the database is unavailable");
                let message = "The database does not answer at the moment. Try again in a few seconds.";
                Self {
                    retry_after: Some(2),
                    ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "SERVICE_UNAVAILABLE", message)
                }
            }
            Refused::Store(error) => {
                tracing::error!(error = %error, "sign-in request failed in the store");
                Self::uncoded(StatusCode::INTERNAL_SERVER_ERROR, "")
            }
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = if self.message.is_empty() {
            (self.status, Body::empty()).into_response()
        } else {
            let mut value = json!({ "message": self.message });
            if let Some(code) = self.code {
                value["code"] = code.into();
            }
            json_response(self.status, &value)
        };
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after {
            // Better Auth's name for it, and everybody else's.
            headers.insert("x-retry-after", seconds.into());
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        set_cookies(headers, self.cookies);
        response
    }
}
