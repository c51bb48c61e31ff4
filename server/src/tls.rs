//! One TLS for every outgoing call: rustls with ring, and CA roots compiled in, so that an empty container has them. A
//! company's own come from `SSL_CERT_FILE`.

use crate::config::BadSetting;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject as _},
};
use std::{path::Path, sync::OnceLock};

/// Besides those compiled in.
static OWN: OnceLock<Vec<CertificateDer<'static>>> = OnceLock::new();

/// Makes ring the process's provider of cryptography. Called once, before any client is made.
pub fn install() {
    // An error means that it is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Trusts the certificates of a file, too. Called once, before any client is made.
pub fn trust(file: &Path) -> Result<(), BadSetting> {
    let wrong = |why: &dyn std::fmt::Display| {
        BadSetting(format!("SSL_CERT_FILE={file:?} cannot be used: {why}; allowed is a file of certificates in PEM"))
    };
    let read = CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let certificates = read.map_err(|e| wrong(&e))?;
    if certificates.is_empty() {
        return Err(wrong(&"it holds no certificate"));
    }
    let (_, refused) = RootCertStore::empty().add_parsable_certificates(certificates.iter().cloned());
    if refused > 0 {
        return Err(wrong(&format_args!("{refused} of its {} certificates cannot be read", certificates.len())));
    }
    // An error means that it was called before.
    let _ = OWN.set(certificates);
    Ok(())
}

/// A client's settings, with Mozilla's roots and those of [`trust`].
pub fn client() -> ClientConfig {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    roots.add_parsable_certificates(OWN.get().into_iter().flatten().cloned());
    ClientConfig::builder().with_root_certificates(roots).with_no_client_auth()
}
