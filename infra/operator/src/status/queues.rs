//! The stack's queues: what waits, what is at work, and the letters that nobody could deliver.

use std::collections::BTreeMap;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName::{
    All, ApproximateNumberOfMessages, ApproximateNumberOfMessagesDelayed, ApproximateNumberOfMessagesNotVisible,
};
use tokio::task::JoinSet;

use super::StatusError;
use crate::stack::Stack;

/// What a dead-letter queue is called after.
const DEAD_LETTERS: &str = "-dlq";

/// A queue and its dead letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Depth {
    /// Messages that wait to be taken.
    pub(super) waiting: u64,
    /// Messages that a function has.
    pub(super) at_work: u64,
    /// Messages that wait for a time.
    pub(super) later: u64,
    /// Messages that failed too often.
    pub(super) dead: u64,
}

/// Every queue of the stack, by its name without the stack's.
pub(super) async fn depths(stack: &Stack) -> Result<BTreeMap<String, Depth>, StatusError> {
    let sqs = Client::new(&stack.aws);
    let prefix = format!("{}-", stack.name);
    let mut urls = Vec::new();
    let mut pages = sqs.list_queues().queue_name_prefix(&prefix).into_paginator().send();
    while let Some(page) = pages.next().await {
        urls.extend(page.map_err(|error| StatusError::Queues(Box::new(error)))?.queue_urls.unwrap_or_default());
    }
    let names: Vec<(String, String)> = urls.into_iter().filter_map(|url| Some((name(&url, &prefix)?, url))).collect();
    let mut looks = JoinSet::new();
    for (name, url) in names {
        looks.spawn(look(sqs.clone(), name, url));
    }
    let mut found = Vec::new();
    while let Some(look) = looks.join_next().await {
        found.push(look.map_err(|error| StatusError::Queues(Box::new(error)))??);
    }
    Ok(together(found))
}

/// The name of a queue without its stack's; none where it is another stack's whose name begins alike, which shows by a
/// queue of its own with the name of a stack in front.
fn name(url: &str, prefix: &str) -> Option<String> {
    let name = url.rsplit('/').next()?.strip_prefix(prefix)?;
    let base = name.strip_suffix(DEAD_LETTERS).unwrap_or(name);
    KNOWN.contains(&base).then(|| name.to_owned())
}

/// The queues of the template; `schedules` has dead letters only.
const KNOWN: [&str; 9] = [
    "notifications",
    "downloads",
    "bookings",
    "vendor-submissions",
    "purchases",
    "invoice-issues",
    "invoice-uploads",
    "client-secrets",
    "schedules",
];

async fn look(sqs: Client, name: String, url: String) -> Result<(String, Depth), StatusError> {
    let answer = sqs.get_queue_attributes().queue_url(url).attribute_names(All).send().await;
    let attributes = answer.map_err(|error| StatusError::Queues(Box::new(error)))?.attributes.unwrap_or_default();
    let count = |name| attributes.get(&name).and_then(|text| text.parse().ok()).unwrap_or_default();
    let depth = Depth {
        waiting: count(ApproximateNumberOfMessages),
        at_work: count(ApproximateNumberOfMessagesNotVisible),
        later: count(ApproximateNumberOfMessagesDelayed),
        dead: 0,
    };
    Ok((name, depth))
}

/// Puts dead letters beside the queue that they come from.
fn together(found: Vec<(String, Depth)>) -> BTreeMap<String, Depth> {
    let mut queues: BTreeMap<String, Depth> = BTreeMap::new();
    for (name, depth) in found {
        if let Some(base) = name.strip_suffix(DEAD_LETTERS) {
            // A letter that somebody looks at just now is dead too.
            queues.entry(base.to_owned()).or_default().dead = depth.waiting.saturating_add(depth.at_work);
        } else {
            let queue = queues.entry(name).or_default();
            *queue = Depth { dead: queue.dead, ..depth };
        }
    }
    queues
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_stacks_own_queues_are_counted() {
        let of = |name: &str| super::name(&format!("http://127.0.0.1:4566/000000000000/{name}"), "books-");
        assert_eq!(of("books-downloads").as_deref(), Some("downloads"));
        assert_eq!(of("books-downloads-dlq").as_deref(), Some("downloads-dlq"));
        assert_eq!(of("books-test-downloads"), None, "the queue of the stack books-test");
        assert_eq!(of("cooks-downloads"), None);
    }

    #[test]
    fn dead_letters_stand_beside_the_queue_that_they_come_from() {
        let depth = |waiting, at_work| Depth { waiting, at_work, later: 0, dead: 0 };
        let found = vec![
            ("downloads-dlq".to_owned(), depth(2, 1)),
            ("downloads".to_owned(), depth(5, 4)),
            ("schedules-dlq".to_owned(), depth(1, 0)),
        ];
        let queues = together(found);
        assert_eq!(queues.get("downloads"), Some(&Depth { waiting: 5, at_work: 4, later: 0, dead: 3 }));
        assert_eq!(queues.get("schedules"), Some(&Depth { dead: 1, ..Depth::default() }));
    }
}
