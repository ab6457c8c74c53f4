//! The rules of `step`, each with its rows: what happens, and the actions and the ending that follow.

mod events;
mod model;

use super::*;
use crate::settings::values::OnExisting;
use events::{Answer, End, Happening, Look, end, event, sent};

const TIME: Duration = Duration::from_mins(2);

const LIVE: Plan = Plan::LIVE;
const SKIP: Plan = Plan { on_existing: OnExisting::Skip, ..LIVE };
const FAIL: Plan = Plan { on_existing: OnExisting::Fail, ..LIVE };
const DRAFT: Plan = Plan::DRAFT;

fn happening(word: &str) -> Happening {
    use Happening::{Answered, Read};
    match word {
        "fresh" => Happening::Fresh,
        "stale" => Happening::Stale,
        "confirmed" => Answered(Answer::Confirmed),
        "partial" => Answered(Answer::Partial),
        "for-review" => Answered(Answer::InReview),
        "odd-success" => Answered(Answer::OddSuccess),
        "conflict" => Answered(Answer::Conflict),
        "409" => Answered(Answer::PlainConflict),
        "refused" => Answered(Answer::Refused),
        "403" => Answered(Answer::Unclear),
        "explained" => Answered(Answer::Explained),
        "busy" => Answered(Answer::Busy),
        "not-sent" => Answered(Answer::NotSent),
        "failed" => Answered(Answer::Failed),
        "failed-for-long" => Answered(Answer::FailedForLong),
        "same" => Read(Look::Equal),
        "other" => Read(Look::Different),
        "in-review" => Read(Look::InReview),
        "nothing" => Read(Look::NotThere),
        "newer" => Read(Look::Overtaken),
        "hidden" => Read(Look::Hidden),
        "unread" => Read(Look::Unreadable),
        unknown => panic!("no event is called `{unknown}`"),
    }
}

fn name(end: End) -> &'static str {
    match end {
        End::Done => "done",
        End::InReview => "in review",
        End::Equal => "exists, same",
        End::Different => "exists, other",
        End::NotCompared => "exists, not compared",
        End::Overtaken => "overtaken",
        End::RefusedAsConflict => "refused, conflict",
        End::Refused => "refused",
        End::Unreachable => "unreachable",
        End::Unconfirmed => "unconfirmed",
        End::Lost => "internal error",
    }
}

/// The actions that the events lead to, and the ending. Waits happen by themselves. Before an event, `late:` means that the
/// time is over, and `busy:` that it seems so because of the rate limit. `…` repeats the event before it up to the ending.
fn converse(plan: Plan, script: &str) -> String {
    let sent = sent(plan.target);
    let (mut attempt, mut now) = (Attempt::new(plan, 7), Duration::ZERO);
    let mut words = script.split_whitespace().peekable();
    let (mut actions, mut last, mut is_repeating) = (String::new(), "", false);
    let mut waited = false;
    loop {
        let mut left = TIME.saturating_sub(now);
        let next = if std::mem::take(&mut waited) {
            Happening::Waited
        } else {
            if !is_repeating {
                last = words.next().unwrap_or_else(|| panic!("it does not end: {actions}"));
                is_repeating = words.next_if_eq(&"…").is_some();
            }
            let word = last;
            if word.starts_with("late:") {
                (now, left) = (TIME, Duration::ZERO);
            } else if word.starts_with("busy:") {
                left = Duration::ZERO;
            }
            happening(word.rsplit(':').next().unwrap_or_default())
        };
        let (after, action) = attempt.step(event(next, &sent), left);
        attempt = after;
        let shown = match action {
            Action::Send(_) => "send",
            Action::ReadBack => "read",
            Action::LastLook => "last look",
            Action::Wait(duration) => {
                now += duration;
                waited = true;
                "wait"
            }
            Action::End(ending) => {
                let rest: Vec<_> = words.collect();
                assert!(rest.is_empty(), "it ended before {rest:?}: {actions}");
                return format!("{actions}{}", name(end(&ending)));
            }
        };
        if !is_repeating {
            actions = format!("{actions}{shown}, ");
        } else if !actions.ends_with("…, ") {
            actions += "…, ";
        }
    }
}

#[track_caller]
fn check(plan: Plan, table: &[(&str, &str)]) {
    for (script, expected) in table {
        assert_eq!(converse(plan, script), *expected, "{:?}: {script}", plan.target);
    }
}

#[test]
fn a_receipt_counts_if_it_has_the_expected_status_and_anything_less_is_read_back() {
    for plan in [LIVE, SKIP, FAIL, DRAFT] {
        check(
            plan,
            &[
                ("fresh confirmed", "send, done"),
                ("fresh late:confirmed", "send, done"),
                ("fresh partial same", "send, read, done"),
                (
                    "fresh partial nothing unread hidden same",
                    "send, read, wait, read, wait, read, wait, read, done",
                ),
                ("fresh partial nothing …", "send, read, …, unconfirmed"),
                ("fresh partial newer …", "send, read, …, unconfirmed"),
                ("fresh late:partial same", "send, last look, done"),
                ("fresh late:partial nothing", "send, last look, unconfirmed"),
            ],
        );
    }
    check(
        LIVE,
        &[
            ("fresh for-review", "send, in review"),
            ("fresh partial in-review", "send, read, in review"),
            ("fresh partial other", "send, read, exists, other"),
        ],
    );
}

#[test]
fn a_documented_refusal_is_final_except_for_a_conflict_of_versions() {
    for plan in [LIVE, SKIP, FAIL, DRAFT] {
        check(plan, &[("fresh refused", "send, refused"), ("fresh late:refused", "send, refused")]);
    }
    check(
        LIVE,
        &[
            ("fresh conflict same", "send, read, exists, same"),
            ("fresh conflict other", "send, read, exists, other"),
            ("fresh conflict in-review", "send, read, in review"),
            ("fresh conflict nothing unread same", "send, read, wait, read, wait, read, exists, same"),
            ("fresh conflict nothing …", "send, read, …, unconfirmed"),
            ("fresh conflict unread …", "send, read, …, unconfirmed"),
            ("fresh late:conflict nothing", "send, last look, unconfirmed"),
        ],
    );
    check(SKIP, &[("fresh conflict nothing", "send, read, exists, not compared")]);
    check(FAIL, &[("fresh conflict", "send, refused, conflict")]);
    check(DRAFT, &[("fresh conflict hidden", "send, read, refused, conflict")]);
}

#[test]
fn after_any_other_response_it_is_read_back_before_it_failed() {
    check(
        LIVE,
        &[
            ("fresh 403 same", "send, read, done"),
            ("fresh 403 nothing same", "send, read, wait, read, done"),
            ("fresh 403 nothing …", "send, read, …, refused"),
            ("fresh 403 unread …", "send, read, …, refused"),
            ("fresh explained nothing", "send, read, refused"),
            ("fresh explained same", "send, read, done"),
            ("fresh late:403 same", "send, last look, done"),
            // It may say that this version exists: then ours is not what is found.
            ("fresh 409 same", "send, read, exists, same"),
            ("fresh 409 nothing …", "send, read, …, refused"),
            ("fresh odd-success same", "send, read, done"),
            ("fresh odd-success nothing …", "send, read, …, unconfirmed"),
            ("fresh failed same", "send, wait, read, done"),
            ("fresh failed other", "send, wait, read, exists, other"),
            ("fresh failed-for-long nothing …", "send, wait, read, …, unconfirmed"),
            ("fresh not-sent same", "send, wait, read, exists, same"),
        ],
    );
}

#[test]
fn a_request_is_read_back_and_decided_again_before_it_is_repeated() {
    for plan in [LIVE, SKIP, FAIL, DRAFT] {
        check(
            plan,
            &[
                ("fresh not-sent nothing confirmed", "send, wait, read, send, done"),
                ("fresh failed nothing confirmed", "send, wait, read, send, done"),
                ("fresh busy nothing confirmed", "send, read, send, done"),
                ("fresh failed unread nothing confirmed", "send, wait, read, wait, read, send, done"),
                ("stale nothing confirmed", "read, send, done"),
                ("stale unread confirmed", "read, send, done"),
                (
                    "fresh not-sent nothing not-sent nothing not-sent nothing not-sent nothing not-sent nothing …",
                    "send, wait, read, send, wait, read, send, wait, read, send, wait, read, send, wait, read, …, unreachable",
                ),
            ],
        );
    }
    check(
        LIVE,
        &[
            ("stale newer", "read, overtaken"),
            ("stale same", "read, exists, same"),
            ("fresh not-sent newer", "send, wait, read, overtaken"),
            ("fresh busy newer", "send, read, overtaken"),
            // It may be below the newer version.
            ("fresh failed newer …", "send, wait, read, …, unconfirmed"),
        ],
    );
}

#[test]
fn in_doubt_only_what_the_hub_shows_is_an_answer() {
    check(
        LIVE,
        &[
            ("fresh failed nothing conflict same", "send, wait, read, send, read, done"),
            ("fresh failed nothing conflict nothing …", "send, wait, read, send, read, …, unconfirmed"),
            ("fresh failed nothing refused nothing …", "send, wait, read, send, read, …, unconfirmed"),
            ("fresh failed nothing 409 same", "send, wait, read, send, read, done"),
            ("fresh failed nothing busy newer …", "send, wait, read, send, read, …, unconfirmed"),
            // A version that the Hub would not show is not sent twice, unless the first request was not carried out.
            ("fresh failed hidden …", "send, wait, read, …, unconfirmed"),
            ("fresh not-sent hidden confirmed", "send, wait, read, send, done"),
        ],
    );
    check(FAIL, &[("fresh failed nothing conflict same", "send, wait, read, send, read, done")]);
    check(DRAFT, &[("fresh failed hidden confirmed", "send, wait, read, send, done")]);
}

#[test]
fn the_rate_limit_is_waited_out_for_as_long_as_there_is_time() {
    let busy = "busy nothing ".repeat(40);
    let sends = "send, read, ".repeat(40);
    check(
        LIVE,
        &[
            (format!("fresh {busy} confirmed").as_str(), format!("{sends}send, done").as_str()),
            ("fresh late:busy nothing", "send, last look, unreachable"),
        ],
    );
}

#[test]
fn nothing_begins_after_the_deadline_but_a_last_look_for_each_request() {
    check(
        LIVE,
        &[
            ("late:fresh", "unreachable"),
            ("late:stale nothing", "last look, unreachable"),
            ("fresh late:failed same", "send, last look, done"),
            ("fresh late:failed nothing", "send, last look, unconfirmed"),
            ("busy:stale nothing confirmed", "last look, send, done"),
            ("busy:stale nothing late:403 same", "last look, send, last look, done"),
            ("busy:stale nothing late:partial same", "last look, send, last look, done"),
        ],
    );
}

/// The action that follows a response, with this time left.
fn after(answer: Answer, left: Duration, seed: u64) -> Action {
    let (attempt, _) = Attempt::new(LIVE, seed).step(Event::Started { is_fresh: true }, TIME);
    attempt.step(event(Happening::Answered(answer), &sent(Target::Live)), left).1
}

#[test]
fn waits_depend_on_the_seed_alone_and_leave_time_for_reading_back() {
    let wait = |seed| match after(Answer::NotSent, TIME, seed) {
        Action::Wait(duration) => duration,
        Action::Send(_) | Action::ReadBack | Action::LastLook | Action::End(_) => panic!("no wait"),
    };
    assert_eq!(wait(1), wait(1));
    assert_ne!(wait(1), wait(2));
    let left = Duration::from_millis(120);
    let action = after(Answer::Failed, left, 7);
    assert!(
        matches!(action, Action::Wait(duration) if duration == left.mul_f64(MAX_PAUSE_SHARE)),
        "{action:?}"
    );
    let (_, action) = Attempt::new(LIVE, 7).step(Event::Started { is_fresh: true }, TIME);
    assert!(matches!(action, Action::Send(limit) if limit == TIME.mul_f64(MAX_SEND_SHARE)), "{action:?}");
    let (_, action) = Attempt::new(LIVE, 7).step(Event::Started { is_fresh: true }, MIN_TIME / 2);
    assert!(matches!(action, Action::End(Ending::Unreachable(_))), "{action:?}");
}

#[test]
fn what_only_the_owner_of_the_pipeline_can_change_ends_it_unless_it_may_be_there() {
    let blocked = || Event::Sent(PublishResponse::Blocked(NoResponse::lasting(String::new(), "")));
    let (attempt, _) = Attempt::new(LIVE, 7).step(Event::Started { is_fresh: true }, TIME);
    let (_, action) = attempt.step(blocked(), TIME);
    assert!(matches!(action, Action::End(Ending::Blocked(_))), "{action:?}");
    let sent = sent(Target::Live);
    let (mut attempt, _) = Attempt::new(LIVE, 7).step(Event::Started { is_fresh: true }, TIME);
    for happening in [Happening::Answered(Answer::Failed), Happening::Waited, Happening::Read(Look::NotThere)]
    {
        attempt = attempt.step(event(happening, &sent), TIME).0;
    }
    let (attempt, action) = attempt.step(blocked(), TIME);
    assert!(matches!(action, Action::ReadBack), "{action:?}");
    let (attempt, action) = attempt.step(event(Happening::Read(Look::Unreadable), &sent), Duration::ZERO);
    assert!(matches!(action, Action::LastLook), "{action:?}");
    let (attempt, action) = attempt.step(event(Happening::Read(Look::Unreadable), &sent), Duration::ZERO);
    assert!(matches!(action, Action::End(Ending::Unconfirmed(_))), "{action:?} {attempt:?}");
}

#[test]
fn an_event_that_does_not_answer_the_action_ends_it_unconfirmed() {
    assert_eq!(converse(LIVE, "fresh same"), "send, internal error");
}
