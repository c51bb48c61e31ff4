//! What a foreign tool answered, as text of bounded length. It is data like a task's text and nothing in it is followed.

use super::{text::clean_lines, tool::Tool};
use rmcp::model::{CallToolResult, ContentBlock, ResourceContents};
use serde_json::{Value, json};

/// Longest text that is kept, in bytes. A model is sent a little less in [`crate::agent::prompt`].
const TEXT_MAX: usize = 15_000;

/// A result as a card shows it and a model reads it; an error when the server says so.
pub fn read(tool: &Tool, result: &CallToolResult) -> Result<Value, String> {
    let mut parts: Vec<String> = result.content.iter().map(part).collect();
    if parts.iter().all(String::is_empty)
        && let Some(structured) = &result.structured_content
    {
        parts = vec![structured.to_string()];
    }
    let text = clean_lines(&parts.join("\n"), TEXT_MAX);
    if result.is_error == Some(true) {
        return Err(if text.is_empty() { "it says that it failed, and not why".to_owned() } else { text });
    }
    Ok(json!({"server": tool.server, "title": tool.title, "text": text}))
}

/// Pictures and the like are mentioned only.
fn part(content: &ContentBlock) -> String {
    let mention = |kind: &str, mime: &str, size: usize| format!("[{kind}, {mime}, {size} bytes: not shown]");
    match content {
        ContentBlock::Text(text) => text.text.clone(),
        ContentBlock::Image(image) => mention("a picture", &image.mime_type, image.data.len() / 4 * 3),
        ContentBlock::Audio(audio) => mention("a sound", &audio.mime_type, audio.data.len() / 4 * 3),
        ContentBlock::Resource(embedded) => match &embedded.resource {
            ResourceContents::TextResourceContents { text, .. } => text.clone(),
            ResourceContents::BlobResourceContents { mime_type, blob, .. } => {
                mention("a file", mime_type.as_deref().unwrap_or("of an unknown kind"), blob.len() / 4 * 3)
            }
            _ => "[something that is not shown]".to_owned(),
        },
        ContentBlock::ResourceLink(link) => format!("[a link: {} {}]", link.name, link.uri),
        _ => "[something that is not shown]".to_owned(),
    }
}
