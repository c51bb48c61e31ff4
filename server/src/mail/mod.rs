//! Letters: handed in over SMTP, behind the back of whoever's request caused them, so that neither an answer nor its time
//! tells whether a letter was written.
//!
//! A letter that cannot be handed in is tried again a few times and then given up: whoever waits for it asks for another
//! one. Absent on purpose: a queue that survives a restart, and any record of what was written to whom.

pub mod letter;

pub use letter::Letter;

use crate::{
    config::mail::{Mail, Security},
    ids,
};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Body, Mailbox, MultiPart, header::ContentTransferEncoding},
    transport::smtp::{
        authentication::Credentials,
        client::{CertificateStore, Tls, TlsParameters},
        extension::ClientId,
    },
};
use std::{fmt, sync::Arc, time::Duration};
use tokio::sync::Semaphore;

/// How long to wait before each further try.
const RETRIES: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(10), Duration::from_secs(60)];
/// How long the mail server may take to answer.
const PATIENCE: Duration = Duration::from_secs(20);
/// Most letters under way; more than that is a flood, or a mail server that is down.
const UNDER_WAY: u32 = 200;

/// Hands letters in.
#[derive(Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    places: Arc<Semaphore>,
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the login.
        write!(f, "Mailer({})", self.from)
    }
}

/// Why a letter cannot be written at all.
type Failure = Box<dyn std::error::Error + Send + Sync>;

impl Mailer {
    /// A mailer for that server. Nothing is connected yet.
    pub fn new(mail: &Mail) -> Result<Self, Failure> {
        let parameters = || {
            TlsParameters::builder(mail.host.clone()).certificate_store(CertificateStore::WebpkiRoots).build_rustls()
        };
        let tls = match mail.security {
            Security::Tls => Tls::Wrapper(parameters()?),
            Security::StartTls => Tls::Required(parameters()?),
            Security::Off => Tls::None,
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&mail.host)
            .port(mail.port)
            .tls(tls)
            .timeout(Some(PATIENCE))
            .hello_name(ClientId::Domain(mail.from.email.domain().to_owned()));
        if let Some((name, password)) = &mail.login {
            builder = builder.credentials(Credentials::new(name.clone(), password.expose().to_owned()));
        }
        let places = Arc::new(Semaphore::new(UNDER_WAY as usize));
        Ok(Self { transport: builder.build(), from: mail.from.clone(), places })
    }

    /// Sends a letter some time soon. Answers at once.
    pub fn send(&self, letter: Letter) {
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            tracing::warn!(about = letter.about, "a letter was dropped: too many are under way");
            return;
        };
        let mailer = self.clone();
        tokio::spawn(async move {
            mailer.deliver(&letter).await;
            drop(place);
        });
    }

    /// Waits for the letters under way, but not longer than that.
    pub async fn finish(&self, within: Duration) {
        if tokio::time::timeout(within, self.places.acquire_many(UNDER_WAY)).await.is_err() {
            tracing::warn!("some letters were not handed in before the end");
        }
    }

    async fn deliver(&self, letter: &Letter) {
        let about = letter.about;
        let message = match self.message(letter) {
            Ok(message) => message,
            Err(error) => return tracing::warn!(about, error = %error, "a letter could not be written"),
        };
        for wait in RETRIES.map(Some).into_iter().chain([None]) {
            let Err(error) = self.transport.send(message.clone()).await else {
                return tracing::info!(about, "a letter was handed in");
            };
            match wait.filter(|_| !error.is_permanent()) {
                Some(wait) => {
                    tracing::warn!(about, error = %error, "the mail server did not take a letter; trying again");
                    tokio::time::sleep(wait).await;
                }
                None => return tracing::error!(about, error = %error, "the mail server did not take a letter"),
            }
        }
    }

    fn message(&self, letter: &Letter) -> Result<Message, Failure> {
        Ok(Message::builder()
            .message_id(Some(format!("<{}@{}>", ids::alphanumeric(32), self.from.email.domain())))
            .from(self.from.clone())
            .to(letter.to.parse()?)
            .subject(letter.subject)
            .multipart(MultiPart::alternative_plain_html(body(&letter.text), body(&letter.html)))?)
    }
}

/// A part of a letter. Left as it is when it can be, so that a link stays one piece for whoever reads the raw letter;
/// SMTP allows lines of a thousand bytes.
fn body(text: &str) -> Body {
    if text.is_ascii() && text.lines().all(|line| line.len() < 990) {
        Body::dangerous_pre_encoded(text.replace('\n', "\r\n").into_bytes(), ContentTransferEncoding::SevenBit)
    } else {
        Body::new(text.to_owned())
    }
}
