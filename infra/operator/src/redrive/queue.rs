//! One dead-letter queue: looked at, moved, or emptied.

use std::collections::{HashMap, HashSet};
use std::io::IsTerminal as _;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{
    Message, MessageAttributeValue, MessageSystemAttributeName as System, QueueAttributeName as Attribute,
};
use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;

use super::RedriveError;
use super::message::{About, about};
use crate::stack::Stack;

/// What becomes of the messages of a dead-letter queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// They go back into their queue.
    Moves,
    /// Nothing has to be done with them; why.
    Rests(&'static str),
    /// The same, and nobody may read them.
    Sealed(&'static str),
}

/// A queue of the stack that has a dead-letter queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind {
    pub(super) name: &'static str,
    /// What its messages are.
    pub(super) what: &'static str,
    pub(super) fate: Fate,
}

const fn moves(name: &'static str, what: &'static str) -> Kind {
    Kind { name, what, fate: Fate::Moves }
}

/// Every one.
pub(super) const KINDS: [Kind; 9] = [
    moves("notifications", "news from Amazon"),
    moves("downloads", "documents to be fetched"),
    moves("bookings", "stored documents to be booked"),
    moves("vendor-submissions", "vendor invoices to be submitted"),
    moves("purchases", "accounts whose purchases are to be pulled"),
    moves("invoice-issues", "own invoices to be numbered and made"),
    moves("invoice-uploads", "own invoices to be uploaded"),
    Kind {
        name: "schedules",
        what: "scheduled runs that failed",
        fate: Fate::Rests(
            "the next run of the schedule does the work; --drop takes these away once you know why they failed",
        ),
    },
    Kind {
        name: "client-secrets",
        what: "new client secrets that could not be stored",
        fate: Fate::Sealed(
            "`countinghouse rotate` asks Amazon for another client secret; --drop takes these away afterwards",
        ),
    },
];

/// SQS hands out so many at once.
const BATCH: i32 = 10;
/// For so long nobody else sees a message that is being moved: a batch takes a second.
const HIDDEN_S: i32 = 30;
/// More are counted and not read.
const MOST_LOOKED_AT: u64 = 200;
/// SQS may hand out nothing although something is there; so often it is asked again.
const EMPTY_ANSWERS: u32 = 3;

/// What lay in a dead-letter queue, and what was done with it.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) kind: &'static Kind,
    /// How many messages it had at the start.
    pub(super) count: u64,
    /// Of these in nobody's sight at that moment: another run may be moving them.
    pub(super) hidden: u64,
    pub(super) messages: Vec<SeenMessage>,
    pub(super) moved: u64,
    pub(super) dropped: u64,
    /// Messages that failed again while the others were moved; they stay.
    pub(super) came_back: u64,
}

/// One message, without what it says.
#[derive(Debug)]
pub(super) struct SeenMessage {
    pub(super) id: String,
    pub(super) sent_at: Option<Timestamp>,
    /// How often it was received, in its queue and here.
    pub(super) receive_count: u64,
    pub(super) about: About,
}

impl Seen {
    /// Whether nothing lies there any more.
    pub(super) const fn is_clear(&self) -> bool {
        self.count == self.moved.saturating_add(self.dropped) && self.hidden == 0
    }

    /// Since when the oldest lies there, as far as they were looked at.
    pub(super) fn oldest(&self) -> Option<Timestamp> {
        self.messages.iter().filter_map(|message| message.sent_at).min()
    }
}

/// A dead-letter queue of a stack.
pub(super) struct Dlq {
    kind: &'static Kind,
    client: Client,
    name: String,
    url: String,
    /// Where its messages belong; none where they are not moved.
    queue_url: Option<String>,
}

impl Dlq {
    pub(super) async fn find(stack: &Stack, kind: &'static Kind) -> Result<Self, RedriveError> {
        let name = format!("{}-dlq", kind.name);
        let url = stack.queue_url(&name).await?;
        let queue_url = if kind.fate == Fate::Moves { Some(stack.queue_url(kind.name).await?) } else { None };
        Ok(Self { kind, client: Client::new(&stack.aws), name: format!("{}-{name}", stack.name), url, queue_url })
    }

    /// Looks at the messages and leaves them where they are.
    pub(super) async fn look(&self) -> Result<Seen, RedriveError> {
        let mut seen = self.counted().await?;
        if matches!(self.kind.fate, Fate::Sealed(_)) {
            return Ok(seen);
        }
        let wanted = seen.count.min(MOST_LOOKED_AT);
        let mut handles = Vec::new();
        let mut known = HashSet::new();
        let mut empty = 0;
        while u64::try_from(known.len()).unwrap_or(u64::MAX) < wanted && empty < EMPTY_ANSWERS {
            let messages = self.receive().await?;
            if messages.is_empty() {
                empty = u32::saturating_add(empty, 1);
            }
            for message in messages {
                handles.extend(message.receipt_handle.clone());
                if known.insert(message.message_id.clone()) {
                    seen.messages.push(self.seen(&message));
                }
            }
        }
        for handle in handles {
            self.let_go(&handle).await?;
        }
        Ok(seen)
    }

    /// Moves as many messages as there are at the start, so that it ends although some may come back.
    pub(super) async fn move_back(&self) -> Result<Seen, RedriveError> {
        let mut seen = self.counted().await?;
        let bar = self.bar(seen.count);
        let mut sent = HashSet::new();
        let mut empty = 0;
        while seen.moved < seen.count && empty < EMPTY_ANSWERS {
            let messages = self.receive().await?;
            if messages.is_empty() {
                empty = u32::saturating_add(empty, 1);
            }
            for message in messages {
                let Some(handle) = message.receipt_handle.clone() else { continue };
                let is_back = message.message_id.as_ref().is_some_and(|id| sent.contains(id));
                if is_back || seen.moved >= seen.count {
                    seen.came_back = seen.came_back.saturating_add(u64::from(is_back));
                    empty = u32::saturating_add(empty, u32::from(is_back));
                    self.let_go(&handle).await?;
                    continue;
                }
                seen.messages.push(self.seen(&message));
                sent.extend(self.send(message).await?);
                self.delete(&handle).await?;
                seen.moved = seen.moved.saturating_add(1);
                bar.set_position(seen.moved);
            }
        }
        bar.finish_and_clear();
        Ok(seen)
    }

    /// Takes as many messages away as there are at the start.
    pub(super) async fn drop_messages(&self) -> Result<Seen, RedriveError> {
        let mut seen = self.counted().await?;
        let mut empty = 0;
        while seen.dropped < seen.count && empty < EMPTY_ANSWERS {
            let messages = self.receive().await?;
            if messages.is_empty() {
                empty = u32::saturating_add(empty, 1);
            }
            for message in messages {
                let Some(handle) = message.receipt_handle else { continue };
                self.delete(&handle).await?;
                seen.dropped = seen.dropped.saturating_add(1);
            }
        }
        Ok(seen)
    }

    async fn counted(&self) -> Result<Seen, RedriveError> {
        let names = [Attribute::ApproximateNumberOfMessages, Attribute::ApproximateNumberOfMessagesNotVisible];
        let request = self.client.get_queue_attributes().queue_url(&self.url).set_attribute_names(Some(names.into()));
        let answer = request.send().await.map_err(|error| self.failed("counting its messages", error))?;
        let attributes = answer.attributes.unwrap_or_default();
        let count = |name| attributes.get(&name).and_then(|text: &String| text.parse().ok()).unwrap_or(0);
        Ok(Seen {
            kind: self.kind,
            count: count(Attribute::ApproximateNumberOfMessages),
            hidden: count(Attribute::ApproximateNumberOfMessagesNotVisible),
            messages: Vec::new(),
            moved: 0,
            dropped: 0,
            came_back: 0,
        })
    }

    async fn receive(&self) -> Result<Vec<Message>, RedriveError> {
        let request = self
            .client
            .receive_message()
            .queue_url(&self.url)
            .max_number_of_messages(BATCH)
            .visibility_timeout(HIDDEN_S)
            .wait_time_seconds(1)
            .message_attribute_names("All")
            .message_system_attribute_names(System::SentTimestamp)
            .message_system_attribute_names(System::ApproximateReceiveCount);
        let answer = request.send().await.map_err(|error| self.failed("receiving messages", error))?;
        Ok(answer.messages.unwrap_or_default())
    }

    /// Sends a message to its queue as it is; its new id.
    async fn send(&self, message: Message) -> Result<Option<String>, RedriveError> {
        let Some(url) = &self.queue_url else { return Ok(None) };
        let attributes: Option<HashMap<String, MessageAttributeValue>> = message.message_attributes;
        let request = self.client.send_message().queue_url(url).message_body(message.body.unwrap_or_default());
        let sent = request.set_message_attributes(attributes).send().await;
        Ok(sent.map_err(|error| self.failed("sending a message to its queue", error))?.message_id)
    }

    async fn delete(&self, handle: &str) -> Result<(), RedriveError> {
        let request = self.client.delete_message().queue_url(&self.url).receipt_handle(handle);
        request.send().await.map(drop).map_err(|error| self.failed("taking a message out", error))
    }

    /// Lets everybody see a message again at once.
    async fn let_go(&self, handle: &str) -> Result<(), RedriveError> {
        let request = self.client.change_message_visibility().queue_url(&self.url).receipt_handle(handle);
        request.visibility_timeout(0).send().await.map(drop).map_err(|error| self.failed("letting a message go", error))
    }

    fn failed(&self, doing: &'static str, error: impl std::error::Error + Send + Sync + 'static) -> RedriveError {
        RedriveError::Queue { queue: self.name.clone(), doing, source: Box::new(error) }
    }

    fn seen(&self, message: &Message) -> SeenMessage {
        let system = |name| message.attributes.as_ref().and_then(|all| all.get(&name)).map(String::as_str);
        let sent_ms = system(System::SentTimestamp).and_then(|text| text.parse().ok());
        let body = message.body.as_deref().unwrap_or_default();
        SeenMessage {
            id: message.message_id.clone().unwrap_or_default(),
            sent_at: sent_ms.and_then(|ms| Timestamp::from_millisecond(ms).ok()),
            receive_count: system(System::ApproximateReceiveCount).and_then(|text| text.parse().ok()).unwrap_or(0),
            about: about(self.kind.name, body, &attribute_texts(message)),
        }
    }

    fn bar(&self, count: u64) -> ProgressBar {
        if !std::io::stderr().is_terminal() || count == 0 {
            return ProgressBar::hidden();
        }
        let style = ProgressStyle::with_template("{msg}  {bar:40} {pos} of {len}, {elapsed}");
        ProgressBar::new(count)
            .with_style(style.unwrap_or_else(|_unknown| ProgressStyle::default_bar()))
            .with_message(self.name.clone())
    }
}

fn attribute_texts(message: &Message) -> HashMap<String, String> {
    let all = message.message_attributes.iter().flatten();
    all.filter_map(|(name, value)| Some((name.clone(), value.string_value.clone()?))).collect()
}
