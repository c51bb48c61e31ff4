//! Two processes over one database behind one address, as in a cluster: the one that writes an answer is killed, and the
//! page goes on at the other.

use super::{Desk, Kind, Window, answers, asking, reads, rests, send};
use crate::{
    postgres,
    provider::{Play, Provider, chunks, text},
    running::{Home, Running},
};
use std::sync::{Arc, Mutex};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};

/// An address that leads to one of several servers.
struct Door {
    base: String,
    to: Arc<Mutex<String>>,
}

impl Door {
    async fn to(server: &Running) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let door = Self { base, to: Arc::default() };
        door.lead_to(server);
        let to = door.to.clone();
        tokio::spawn(async move {
            while let Ok((mut outside, _)) = listener.accept().await {
                let to = to.lock().expect("no panic here").clone();
                tokio::spawn(async move {
                    // Whoever cannot be reached closes the connection, which is for the page to notice.
                    if let Ok(mut inside) = TcpStream::connect(to).await {
                        let _ = copy_bidirectional(&mut outside, &mut inside).await;
                    }
                });
            }
        });
        door
    }

    /// New connections go there; the others stay where they are.
    fn lead_to(&self, server: &Running) {
        let address = server.base.trim_start_matches("http://").to_owned();
        *self.to.lock().expect("no panic here") = address;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_goes_on_at_another_process() {
    let provider =
        Provider::start(vec![Play::Held(chunks(&["Half of ", "it"])), text(&["Now the whole of it."])]).await;
    let home = asking(Home::postgres(&postgres::fresh().await), &provider);
    let (mut first, second) = (home.start().await, home.start().await);
    let door = Door::to(&first).await;
    let window = Window::open(&door.base, Kind::Usual).await;
    let desk = Desk { window, server: second, home };
    let window = &desk.window;
    desk.sign_up_and_go("/chat").await;
    send(window, "Tell me something").await;
    provider.release(1);
    reads(window, "Half of").await;

    // Somebody's other window, at the other process, follows the same answer.
    door.lead_to(&desk.server);
    let here = window.second().await;
    window.go("/chat/1").await;
    window.alive().await;
    reads(window, "Half of").await;
    let there = window.look_back(here).await;

    first.kill();
    let here = window.look_back(there).await;
    reads(window, "The server stopped while it was answering").await;
    reads(window, "Half of").await;
    let there = window.look_back(here).await;
    reads(window, "The server stopped while it was answering").await;
    reads(window, "Half of").await;
    rests(window).await;
    assert_eq!(answers(window).await, Some(1));
    window.click("#chat-retry").await;
    reads(window, "Now the whole of it.").await;
    reads(window, "2/2").await;
    rests(window).await;
    assert_eq!(answers(window).await, Some(1));
    let offline = window.ask("document.querySelector('.offline') === null").await;
    assert_eq!(offline, true);
    window.look_at(there).await;
    reads(window, "Now the whole of it.").await;
    assert_eq!((answers(window).await, provider.asked().len()), (Some(1), 2));
}
