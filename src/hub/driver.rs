//! The driver of a publish: carries out what the state machine asks for, and reports what came of it.

use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::attempt::{Action, Attempt, Ending, Event};
use super::client::Hub;
use super::deadline::Deadline;
use super::publish_response::PublishResponse;
use super::request;
use crate::function::load::Function;
use crate::release::decision::Target;

impl Hub {
    /// Publishes a function, live or as a draft, and confirms the result.
    pub(crate) async fn publish(&self, function: &Function, target: Target, deadline: Deadline) -> Ending {
        let url = self.publish_url();
        let body = Value::Object(request::publish_body(function, target)).to_string().into_bytes();
        let started = Instant::now();
        let mut attempt = Attempt::new(target, deadline.left(), fastrand::u64(..));
        let mut event = Event::Started;
        loop {
            let (next, action) = attempt.step(event, started.elapsed());
            attempt = next;
            event = match action {
                Action::Send(limit) => {
                    let response = self.http.post(&url, body.clone(), limit).await;
                    Event::Sent(response.map_or_else(Into::into, |response| PublishResponse::of(&response)))
                }
                Action::ReadBack => Event::ReadBack(self.read_back(function, target, deadline).await),
                Action::Wait(duration) => {
                    sleep(duration).await;
                    Event::Waited
                }
                Action::End(ending) => return ending,
            };
        }
    }
}
