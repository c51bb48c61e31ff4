//! The binary: installs what the whole process shares and hands over to the command line.

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    server::tls::install();
    std::process::exit(server::cli::run());
}
