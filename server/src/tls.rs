//! One TLS for every outgoing call: rustls with ring, and CA roots compiled in, so that an empty container has them.

use rustls::{ClientConfig, RootCertStore};

/// Makes ring the process's provider of cryptography. Called once, before any client is made.
pub fn install() {
    // An error means that it is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// A client's settings, with Mozilla's roots.
pub fn client() -> ClientConfig {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    ClientConfig::builder().with_root_certificates(roots).with_no_client_auth()
}
