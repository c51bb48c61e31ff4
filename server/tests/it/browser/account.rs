//! An account in a browser: settings, a forgotten password, tokens, devices, the end; with scripting, without, by keys.

use super::{Desk, Kind, Window};
use crate::running::Person;
use fantoccini::key::Key;
use reqwest::Method;
use serde_json::{Value, json};

/// What a form's own field says about it.
async fn field_says(window: &Window, field: &str, words: &str) {
    window
        .until(&format!(
            "document.querySelector('{field}')?.getAttribute('aria-invalid') === 'true'
                && document.querySelector('{field}-error').innerText.includes('{words}')
                && document.activeElement?.matches('{field}')"
        ))
        .await;
}

/// Waits for the word that it was done, which has the focus so that it is read out.
async fn done(window: &Window, words: &str) {
    window.until(&format!("document.querySelector('#form-done')?.innerText.includes({words:?})")).await;
}

/// The same person on another device.
async fn elsewhere(desk: &Desk, agent: &str) -> Person {
    let body = json!({ "email": "ann@example.org", "password": "correct horse" });
    let mut person = desk.server.anybody();
    let signed = person
        .ask_with(Method::POST, "/api/auth/sign-in/email", Some(&body), &[("user-agent", agent)])
        .await
        .expect("an answer")
        .expect(200);
    person.token = signed.json()["token"].as_str().expect("a token").to_owned();
    person
}

/// Opens the fold a form is in, when it is shut.
async fn unfold(window: &Window, form: &str) {
    window.see(&format!("form[action='{form}']")).await;
    if window.ask(&format!("document.querySelector(\"form[action='{form}']\").closest('details').open")).await == false
    {
        window.click(&format!("details:has(form[action='{form}']) > summary")).await;
    }
}

/// What works the same with and without scripting.
async fn journey(desk: &Desk) {
    let window = &desk.window;
    window.fill("#name", "Ann of Green Gables").await;
    window.click("form:has(#name) button").await;
    done(window, "Saved").await;
    window.see("#name[value='Ann of Green Gables']").await;

    // A wrong password is told at its field, and nothing changes.
    window.fill("#current-password", "correct hearse").await;
    window.fill("#new-password", "a longer password").await;
    window.click("form[action='/do/password'] button").await;
    window.see("#current-password[aria-invalid='true']").await;
    window.see("#current-password-error").await;

    let phone =
        elsewhere(desk, "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1").await;
    let tool = elsewhere(desk, "curl/8.5.0").await;
    window.go("/settings").await;
    let devices = window.see("#devices").await.text().await.expect("a text");
    assert!(devices.contains("Safari on iPhone") && devices.contains("This device"), "{devices}");
    window.click("#devices button[aria-label='Sign out: Safari on iPhone']").await;
    done(window, "That device is signed out").await;
    phone.get("/api/me/overview").await.expect(401);
    tool.get("/api/me/overview").await.expect(200);
    window.click("form[action='/do/sessions'] button").await;
    done(window, "Every other device is signed out").await;
    tool.get("/api/me/overview").await.expect(401);

    let mut program = desk.server.anybody();
    program.token = make_token(window).await;
    program.get("/api/me/tasks").await.expect(200);
    program.post("/api/me/quick-add", json!({ "text": "Not allowed" })).await.expect(403);
    window.go("/settings").await;
    let tokens = window.see("#tokens").await.text().await.expect("a text");
    assert!(tokens.contains("Backup script") && !tokens.contains(&program.token), "{tokens}");
    window.click("form[action='/do/token-revoke'] button").await;
    done(window, "The token is revoked").await;
    program.get("/api/me/tasks").await.expect(401);

    let activity = window.see("#activity").await.text().await.expect("a text");
    for sentence in ["Your account was made", "An API token was revoked: Backup script"] {
        assert!(activity.contains(sentence), "{activity}");
    }

    // A password that is changed signs the others out, and this one stays.
    let tool = elsewhere(desk, "curl/8.5.0").await;
    window.fill("#current-password", "correct horse").await;
    window.fill("#new-password", "a longer password").await;
    window.click("form[action='/do/password'] button").await;
    done(window, "Your password is changed").await;
    tool.get("/api/me/overview").await.expect(401);

    unfold(window, "/do/delete-account").await;
    window.fill("#confirm", "somebody@example.org").await;
    window.fill("#delete-password", "a longer password").await;
    window.click("form[action='/do/delete-account'] button").await;
    window.see("#confirm[aria-invalid='true']").await;
    unfold(window, "/do/delete-account").await;
    window.fill("#confirm", "ann@example.org").await;
    window.fill("#delete-password", "a longer password").await;
    window.click("form[action='/do/delete-account'] button").await;
    window.see("form[action='/sign-in']").await;
    done(window, "is deleted").await;
    let body = json!({ "email": "ann@example.org", "password": "a longer password" });
    desk.server.anybody().post("/api/auth/sign-in/email", body).await.expect(401);
    window.assert_quiet().await;
}

async fn make_token(window: &Window) -> String {
    unfold(window, "/do/token").await;
    window.fill("#token-name", "Backup script").await;
    window.click("form[action='/do/token'] button").await;
    let token = window.see("#new-token:not([hidden]) code, #token").await.text().await.expect("a text");
    assert!(token.starts_with("tdc_"), "{token}");
    token
}

#[tokio::test(flavor = "multi_thread")]
async fn every_setting_with_scripting() {
    let desk = Desk::new().await;
    desk.sign_up_and_go("/settings").await;
    desk.window.ask("window.notReloaded = true").await;
    let window = &desk.window;
    // In place: what was typed elsewhere stays, and the focus is where the news is.
    window.fill("#name", "Half a na").await;
    window.fill("#current-password", "correct hearse").await;
    window.fill("#new-password", "a longer password").await;
    window.click("form[action='/do/password'] button").await;
    field_says(window, "#current-password", "wrong").await;
    assert_eq!(window.ask("document.querySelector('#name').value").await, "Half a na");
    assert_eq!(window.ask("window.notReloaded").await, true);
    // Come to from another page without a load.
    window.click(".rail a[href='/inbox']").await;
    window.see(".view[data-place='/inbox']").await;
    window.click(".rail a[href='/settings']").await;
    window.see("#devices").await;
    window.fill("#name", "Ann").await;
    window.click("form:has(#name) button").await;
    done(window, "Saved").await;
    window.until("document.querySelector('.who-name').innerText === 'Ann'").await;
    assert_eq!(window.ask("window.notReloaded").await, true);
    journey(&desk).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_setting_without_scripting() {
    let desk = Desk::with(Kind::NoScript).await;
    desk.sign_up().await;
    desk.window.go("/settings").await;
    journey(&desk).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_password_by_the_operators_link() {
    for kind in [Kind::Usual, Kind::NoScript] {
        let desk = Desk::with(kind).await;
        let window = &desk.window;
        desk.server.person("ann").await;
        window.go("/sign-in").await;
        window.click("a[href='/forgot-password']").await;
        // No mail is set up here, and the page says what to do instead.
        let card = window.see(".card").await.text().await.expect("a text");
        assert!(card.contains("todo-chatbot user reset-link"), "{card}");

        let made = desk.home.run(&["user", "reset-link", "ann@example.org"]).await;
        let said = String::from_utf8_lossy(&made.stdout).into_owned();
        assert!(made.status.success(), "{said} {}", String::from_utf8_lossy(&made.stderr));
        let place = said.find("/reset-password?token=").expect("a link");
        let link: String = said[place..].chars().take_while(|c| !c.is_whitespace()).collect();
        window.go(&link).await;
        window.fill("#password", "another horse").await;
        window.click("form[action='/reset-password'] button").await;
        done(window, "Your new password is set").await;

        // The link is used up, and the page has a way on.
        window.go(&link).await;
        window.fill("#password", "a third horse").await;
        window.click("form[action='/reset-password'] button").await;
        window.see("#form-error").await;
        window.see(".card a[href='/forgot-password']").await;

        window.go("/sign-in").await;
        window.fill("#email", "ann@example.org").await;
        window.fill("#password", "another horse").await;
        window.click("form button.primary").await;
        window.see(".view[data-place='/today']").await;
        window.assert_quiet().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn signs_in_and_sets_up_by_keys_only() {
    let desk = Desk::new().await;
    let window = &desk.window;
    desk.server.person("ann").await;
    window.go("/sign-in").await;
    let (tab, enter) = (char::from(Key::Tab).to_string(), char::from(Key::Enter).to_string());
    window.press(&tab).await;
    window.until("document.activeElement.id === 'email'").await;
    window.press("ann@example.org").await;
    window.press(&tab).await;
    window.press("correct horse").await;
    window.press(&enter).await;
    window.see(".view[data-place='/today']").await;
    window.go("/settings").await;
    window.alive().await;
    // From the list of sections to a section, and on within it.
    let reached = async |wanted: &str| {
        for _ in 0..80 {
            window.press(&tab).await;
            if window.ask(wanted).await == true {
                return;
            }
        }
        panic!("eighty times the tab key does not lead to {wanted}");
    };
    reached("document.activeElement.matches(\".settings-nav a[href='#tokens']\")").await;
    window.press(&enter).await;
    window.until("location.hash === '#tokens'").await;
    reached("document.activeElement.matches('#tokens summary')").await;
    window.press(&enter).await;
    reached("document.activeElement.id === 'token-name'").await;
    window.press("By keys").await;
    window.press(&enter).await;
    window.until("document.activeElement.id === 'new-token'").await;
    window.until("document.querySelector('#tokens').innerText.includes('By keys')").await;
    window.assert_quiet().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn admins_keep_people_out_and_others_do_not() {
    let desk = Desk::new().await;
    let window = &desk.window;
    desk.sign_up_and_go("/today").await;
    let eve = desk.server.person("eve").await;
    window.click(".rail a[href='/admin']").await;
    window.fill("#find", "eve@").await;
    window.press(&char::from(Key::Enter).to_string()).await;
    window.until("document.querySelectorAll('#people .line').length === 1").await;
    window.click("#people button[aria-label='Disable: eve']").await;
    done(window, "Saved").await;
    eve.get("/api/me/overview").await.expect(401);
    window.see("#people button[aria-label='Enable: eve']").await;
    window.assert_quiet().await;

    let mallory = desk.server.person("mallory").await;
    let page = mallory.ask_with(Method::GET, "/admin", None, &[("cookie", &mallory.cookie)]).await.expect("an answer");
    assert_eq!(page.status.as_u16(), 403, "{}", page.text);
    assert!(page.text.contains("Only administrators") && !page.text.contains("eve@example.org"));
    let settings: Value = mallory.get("/api/me/overview").await.expect(200).json();
    assert_eq!(settings["admin"], false);
}
