//! The programs of docs/webhooks.md verify what the server sends, by Standard Webhooks' own libraries and by hand, and take nothing
//! else.

use super::scene::{Scene, path_of};
use crate::support::receiver::{Received, Receiver};
use crate::support::{Backend, within};
use serde_json::json;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The program of the page in this language.
fn program(language: &str) -> String {
    let page = std::fs::read_to_string(root().join("docs/webhooks.md")).expect("the page");
    let fence = format!("```{language}\n");
    let (_, from) = page.split_once(&fence).unwrap_or_else(|| panic!("no program in {language}"));
    from.split_once("```").expect("its end").0.to_owned()
}

/// How a program is run. The libraries are where `make test` installs what the contract is tested with.
fn command(language: &str) -> Command {
    let contract = root().join("api/contract");
    let (name, flag) = match language {
        "python" => (contract.join(".venv/bin/python"), "-c"),
        "javascript" => ("node".into(), "-e"),
        "sh" => ("sh".into(), "-c"),
        other => panic!("{other} is not run"),
    };
    let mut command = Command::new(name);
    command.arg(flag).arg(program(language)).current_dir(contract);
    command
}

/// What the program prints of a request; `None` where it refuses it.
async fn verified(language: &str, request: &Received, secret: &str) -> Option<String> {
    let mut command = command(language);
    command.env("WEBHOOK_SECRET", secret);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        command.env(format!("HTTP_{}", name.to_uppercase().replace('-', "_")), request.header(name));
    }
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{language}: {error}: run make test-setup"));
    let mut input = child.stdin.take().expect("its input");
    input.write_all(&request.body).expect("it reads");
    drop(input);
    let ended = within(actix_web::rt::task::spawn_blocking(move || child.wait_with_output())).await;
    let output = ended.expect("no panic").expect("an end");
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[actix_web::test]
async fn each_program_takes_what_the_server_sends_and_nothing_else() {
    let (scene, receiver) = (Scene::set(Backend::Sqlite).await, Receiver::start().await);
    let hook = scene.webhook(&receiver.url("/"), "standard").await;
    let first = hook["secret"].as_str().expect("a secret").to_owned();
    let rotated = scene.account.client.post(&format!("{}/rotate-secret", path_of(&hook)), &json!(null)).await;
    let second = rotated.expect(200)["secret"].as_str().expect("a secret").to_owned();
    scene.trigger(&[&hook], json!({ "note": "größer & \"so\"" }));
    let request = receiver.until(1).await.remove(0);
    let (mut changed, mut old) = (request.clone(), request.clone());
    changed.body = String::from_utf8(changed.body).expect("text").replace("200.31", "300.31").into_bytes();
    let timestamp: i64 = request.header("webhook-timestamp").parse().expect("a time");
    for (name, value) in &mut old.headers {
        if name == "webhook-timestamp" {
            *value = (timestamp - 3_600).to_string();
        }
    }
    let other = watchtape::notify::webhook::signature::new_secret();
    for language in ["python", "javascript", "sh"] {
        for secret in [&first, &second] {
            assert_eq!(verified(language, &request, secret).await.as_deref(), Some("AAPL"), "{language}");
        }
        assert_eq!(verified(language, &request, &other).await, None, "{language}: another's secret");
        assert_eq!(verified(language, &changed, &first).await, None, "{language}: a changed body");
        assert_eq!(verified(language, &old, &first).await, None, "{language}: another time");
    }
}
