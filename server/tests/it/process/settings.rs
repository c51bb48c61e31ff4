//! A setting that cannot be used stops the start: exit code 1 and one line that says which, why and what is allowed.

use crate::running::Home;

/// Starts with these settings and answers the one line.
async fn refused(home: Home) -> String {
    let output = home.run(&[]).await;
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(1), "{out}{err}");
    assert_eq!(out, "");
    assert_eq!(err.trim_end().lines().count(), 1, "one line is enough:\n{err}");
    err.into_owned()
}

#[tokio::test]
async fn each_names_itself_and_what_is_allowed() {
    for (name, value, parts) in [
        ("PORT", "eighty", &["eighty", "from 0 to 65535"] as &[&str]),
        ("PORT", "70000", &["70000", "from 0 to 65535"]),
        ("HOST", "everywhere", &["everywhere", "IP address"]),
        ("DATABASE_URL", "mysql://root:hunter2@db/todo", &["mysql", "postgres://", "sqlite://"]),
        ("DATABASE_URL", "postgres://root:hunter2@db:port/todo", &["postgres://"]),
        ("DATABASE_POOL", "0", &["from 1 to 200"]),
        ("LOG_LEVEL", "loud", &["loud", "debug"]),
        ("LOG_LEVEL", "info,server=loud", &["loud", "debug"]),
        ("LOG_FORMAT", "xml", &["xml", "json or pretty"]),
        ("SIGN_UP", "maybe", &["maybe", "open or closed or first"]),
        ("RATE_LIMIT", "some", &["some", "on or off"]),
        ("SHUTDOWN_DELAY", "-1", &["from 0 to 600"]),
        ("BETTER_AUTH_URL", "todo.local", &["todo.local", "https://"]),
        ("BETTER_AUTH_SECRET", "hunter2", &["at least 16"]),
        ("BETTER_AUTH_SECRET_FILE", "/nonexistent/hunter", &["/nonexistent/hunter"]),
        ("CORS_ORIGINS", "https://one.example,nonsense", &["nonsense", "https://"]),
        ("OPENAI_API_KEY", "hunter2 with blanks", &["blanks"]),
        ("METRICS_ADDR", "everywhere", &["everywhere", "127.0.0.1:9090"]),
        ("SSL_CERT_FILE", "/nonexistent/ca.pem", &["/nonexistent/ca.pem", "PEM"]),
        ("SSL_CERT_FILE", "/dev/null", &["holds no certificate", "PEM"]),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317", &["collector:4317", "http://collector:4318"]),
        ("SLOW_QUERY_MS", "soon", &["from 0 to 3600000"]),
        ("LOCAL_LLM_URL", "nowhere", &["nowhere", "http://"]),
    ] {
        let line = refused(Home::new().set(name, value)).await;
        for part in parts.iter().chain([&name]) {
            assert!(line.contains(part), "{name}={value} should say {part:?}: {line}");
        }
        assert!(!line.contains("hunter2"), "a secret was printed: {line}");
    }
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_named() {
    // Even root cannot make a folder below a file.
    let line = refused(Home::new().set("DATA_DIR", "/dev/null/data")).await;
    assert!(line.contains("DATA_DIR") && line.contains("/dev/null/data"), "{line}");
}

#[tokio::test]
async fn a_database_file_that_is_none_is_named() {
    let home = Home::new();
    std::fs::create_dir_all(home.data()).expect("a folder");
    std::fs::write(
        home.data().join("todo-chatbot.db"),
        "Not a database, but long enough to look like one.\n".repeat(90),
    )
    .expect("a file");
    let line = refused(home).await;
    assert!(line.contains("todo-chatbot.db") && line.contains("not a database"), "{line}");
}

#[tokio::test]
async fn a_port_in_use_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let line = refused(Home::new().set("PORT", &port)).await;
    assert!(line.contains("PORT") && line.contains(&port) && line.contains("in use"), "{line}");
}

#[tokio::test]
async fn a_setting_can_come_from_a_file() {
    let home = Home::new();
    let file = home.data().with_extension("port");
    std::fs::write(&file, "eighty\n").expect("a file");
    let line = refused(Home::new().set("PORT", "").set("PORT_FILE", &file.display().to_string())).await;
    assert!(line.contains("PORT=\"eighty\""), "{line}");
}
