use semver::Version;

use super::super::http::Response;
use super::*;

const TIME: Duration = Duration::from_mins(2);

/// How long a busy Hub asks to wait.
const BUSY_FOR: Duration = Duration::from_secs(3);

/// What can follow a `Send`: receipts, refusals and failures. What was lost is in doubt as after a bad gateway.
const SENT: [&str; 12] = [
    "receipt",
    "contrary",
    "in-review",
    "id-only",
    "empty",
    "conflict",
    "409",
    "refused",
    "busy",
    "busy-for-long",
    "bad-gateway",
    "not-sent",
];

/// What can follow a `ReadBack`.
const FOUND: [&str; 5] = ["ours", "other", "not-there", "hidden", "unknown"];

fn event(word: &str, target: Target) -> Event {
    let (asked_for, contrary) = match target {
        Target::Live => ("published", "draft"),
        Target::Draft => ("draft", "published"),
    };
    let answered = |status, body: &str, retry_after| {
        let response = Response { status, body: body.into(), retry_after, location: None };
        Event::Sent(PublishResponse::of(&response))
    };
    let failed = |reason: &str, in_doubt| {
        let failure = Failure { reason: reason.to_owned(), retry_after: None, in_doubt };
        Event::Sent(PublishResponse::Failed(failure))
    };
    let there = |comparison| {
        let history = History::Known(vec![Version::new(1, 0, 0)]);
        Event::ReadBack(Observation::There(comparison, Box::new(history.into())))
    };
    match word {
        "receipt" => answered(200, &format!(r#"{{"id": "1", "status": "{asked_for}"}}"#), None),
        "contrary" => answered(200, &format!(r#"{{"id": "1", "status": "{contrary}"}}"#), None),
        "in-review" => answered(200, r#"{"id": "1", "status": "in review"}"#, None),
        "id-only" => answered(200, r#"{"id": "1"}"#, None),
        "empty" => answered(200, "{}", None),
        "conflict" => answered(409, "VERSION_CONFLICT", None),
        "409" => answered(409, "", None),
        "refused" => answered(400, "DUPLICATE_SLUG", None),
        "busy" => answered(429, "", Some(BUSY_FOR)),
        "busy-for-long" => answered(429, "", Some(Duration::from_hours(1))),
        "bad-gateway" => answered(502, "", None),
        "lost" | "late" => failed("interrupted", true),
        "not-sent" => failed("not reached", false),
        "ours" => there(Comparison::Equal),
        "other" => there(Comparison::Different(vec!["`index.ts` changed".to_owned()])),
        "not-there" => Event::ReadBack(Observation::NotThere),
        "hidden" => Event::ReadBack(Observation::Hidden),
        "unknown" => Event::ReadBack(Observation::Unknown("no answer".to_owned())),
        unknown => panic!("no event is called `{unknown}`"),
    }
}

/// An ending in one line.
fn ending(ending: &Ending) -> String {
    match ending {
        Ending::Done(_) => "done".to_owned(),
        Ending::Exists(Comparison::Equal, _) => "unchanged".to_owned(),
        Ending::Exists(Comparison::Unknown(why), _) => format!("conflict: {why}"),
        Ending::Exists(..) => "conflict".to_owned(),
        Ending::Refused(_) => "refused".to_owned(),
        Ending::Unreachable(reason) => format!("unreachable: {reason}"),
        Ending::Unconfirmed(reason) => format!("unconfirmed: {reason}"),
    }
}

/// The actions that these events lead to, and the ending. Every wait takes as long as it should; `late` and `late-…` are
/// events after the deadline.
fn converse(target: Target, words: &str) -> String {
    let (mut attempt, mut now) = (Attempt::new(target, 7), Duration::ZERO);
    let (mut next, mut words) = (Event::Started, words.split_whitespace());
    let mut actions = String::new();
    loop {
        let (after, action) = attempt.step(next, TIME.saturating_sub(now));
        attempt = after;
        let name = match &action {
            Action::Send(_) => "send ",
            Action::ReadBack => "read ",
            Action::Wait(_) => "wait ",
            Action::End(end) => {
                assert_eq!(words.next(), None, "it ended too early: {actions}");
                return actions + &ending(end);
            }
        };
        actions += name;
        next = if let Action::Wait(duration) = action {
            now += duration;
            Event::Waited
        } else {
            let word = words.next().unwrap_or_else(|| panic!("it did not end: {actions}"));
            if word.starts_with("late") {
                now = TIME;
            }
            event(word.strip_prefix("late-").unwrap_or(word), target)
        };
    }
}

#[track_caller]
fn check(target: Target, table: &[(&str, &str)]) {
    for (events, actions) in table {
        assert_eq!(converse(target, events), *actions, "{target:?}: {events}");
    }
}

#[test]
fn a_receipt_with_the_expected_status_is_enough_and_any_other_is_read_back() {
    for target in [Target::Live, Target::Draft] {
        check(
            target,
            &[
                ("receipt", "send done"),
                ("late-receipt", "send done"),
                ("id-only ours", "send read done"),
                ("id-only unknown", "send read done"),
                ("id-only hidden", "send read done"),
                ("id-only other", "send read unconfirmed: the Hub accepted it, but does not show it"),
                ("id-only not-there ours", "send read wait read done"),
                ("id-only not-there not-there ours", "send read wait read wait read done"),
                (
                    "id-only not-there not-there not-there",
                    "send read wait read wait read unconfirmed: the Hub accepted it, but does not show it",
                ),
                ("late-id-only", "send done"),
                ("empty ours", "send read done"),
                (
                    "empty unknown",
                    "send read unconfirmed: the Hub accepted it, but reading it back failed: no answer",
                ),
                ("empty hidden", "send read unconfirmed: the Hub accepted it, but does not show it"),
                (
                    "empty late-not-there",
                    "send read unconfirmed: the Hub accepted it, but reading it back failed: timed out",
                ),
                ("in-review ours", "send read done"),
                (
                    "in-review unknown",
                    "send read unconfirmed: the Hub accepted it, but with status `in review`",
                ),
                ("late-in-review", "send unconfirmed: the Hub accepted it, but with status `in review`"),
            ],
        );
    }
    check(
        Target::Live,
        &[
            ("contrary ours", "send read done"),
            ("contrary hidden", "send read unconfirmed: the Hub accepted it, but with status `draft`"),
        ],
    );
    check(
        Target::Draft,
        &[("contrary other", "send read unconfirmed: the Hub accepted it, but with status `published`")],
    );
}

#[test]
fn a_refusal_is_final_unless_it_is_a_conflict_with_our_own_version() {
    check(
        Target::Live,
        &[
            ("refused", "send refused"),
            ("late-refused", "send refused"),
            ("conflict ours", "send read unchanged"),
            ("conflict other", "send read conflict"),
            ("conflict unknown", "send read conflict: no answer"),
            ("conflict not-there", "send read refused"),
            ("conflict hidden", "send read refused"),
            ("late-conflict", "send conflict: timed out"),
            ("409 ours", "send read unchanged"),
            ("409 other", "send read conflict"),
            ("409 unknown", "send read refused"),
            ("409 not-there", "send read refused"),
            ("409 hidden", "send read refused"),
            ("late-409", "send refused"),
        ],
    );
}

#[test]
fn a_conflict_after_a_request_in_doubt_is_a_success_where_it_is_our_own_version() {
    for doubt in ["bad-gateway", "lost"] {
        let after = |events: &str| converse(Target::Live, &format!("{doubt} not-there {events}"));
        let expected = |ending: &str| format!("send wait read wait send {ending}");
        assert_eq!(after("conflict ours"), expected("read done"));
        assert_eq!(after("409 ours"), expected("read done"));
        assert_eq!(after("conflict other"), expected("read conflict"));
        assert_eq!(
            after("conflict not-there"),
            expected("read unconfirmed: the Hub has this version, but does not show it")
        );
        assert_eq!(
            after("conflict hidden"),
            expected("read unconfirmed: the Hub has this version, but does not show it")
        );
        assert_eq!(
            after("conflict unknown"),
            expected("read unconfirmed: the Hub has this version, but reading it back failed: no answer")
        );
        assert_eq!(
            after("late-conflict"),
            expected("unconfirmed: the Hub has this version, but reading it back failed: timed out")
        );
        assert_eq!(after("409 unknown"), expected("read refused"));
        assert_eq!(after("refused"), expected("refused"));
        assert_eq!(after("receipt"), expected("done"));
    }
}

#[test]
fn a_request_that_was_not_processed_is_repeated() {
    check(
        Target::Live,
        &[
            ("busy receipt", "send wait send done"),
            ("not-sent receipt", "send wait send done"),
            ("busy not-sent busy busy receipt", "send wait send wait send wait send wait send done"),
            (
                "busy busy busy busy not-sent",
                "send wait send wait send wait send wait send unreachable: not reached",
            ),
            ("busy-for-long", "send unreachable: the Hub answered with status 429"),
            ("late-busy", "send unreachable: the Hub answered with status 429"),
            ("late-not-sent", "send unreachable: not reached"),
        ],
    );
}

#[test]
fn a_request_in_doubt_is_read_back_before_it_is_repeated() {
    check(
        Target::Live,
        &[
            ("lost ours", "send wait read done"),
            ("lost other", "send wait read conflict"),
            ("lost unknown", "send wait read unconfirmed: interrupted; reading back failed: no answer"),
            ("lost not-there receipt", "send wait read wait send done"),
            ("lost late-ours", "send wait read done"),
            ("lost late-not-there", "send wait read unreachable: interrupted"),
            ("late", "send unconfirmed: interrupted; reading back failed: timed out"),
            (
                "bad-gateway unknown",
                "send wait read unconfirmed: the Hub answered with status 502; reading back failed: no answer",
            ),
            // An earlier request stays in doubt when a later one is not processed.
            ("lost not-there not-sent ours", "send wait read wait send wait read done"),
            ("lost not-there busy not-there receipt", "send wait read wait send wait read wait send done"),
            (
                "lost not-there lost not-there lost not-there lost not-there lost not-there",
                "send wait read wait send wait read wait send wait read wait send wait read wait send wait read unreachable: interrupted",
            ),
        ],
    );
}

#[test]
fn a_draft_that_the_hub_may_hide_is_repeated_but_never_called_a_failure() {
    let hidden = "interrupted; the Hub shows only the published version";
    assert_eq!(converse(Target::Draft, "lost hidden receipt"), "send wait read wait send done");
    assert_eq!(converse(Target::Draft, "lost late-hidden"), format!("send wait read unconfirmed: {hidden}"));
    assert_eq!(
        converse(Target::Draft, "lost hidden lost hidden lost hidden lost hidden lost hidden"),
        format!("{}send wait read unconfirmed: {hidden}", "send wait read wait ".repeat(4))
    );
    // Once the Hub shows that there is no draft, none is hidden.
    assert_eq!(
        converse(Target::Draft, "lost hidden lost late-not-there"),
        "send wait read wait send wait read unreachable: interrupted"
    );
}

#[test]
fn waits_honour_what_the_hub_asks_for_and_depend_on_the_seed_alone() {
    let wait = |seed, word| {
        let (attempt, _) = Attempt::new(Target::Live, seed).step(Event::Started, TIME);
        let (_, action) = attempt.step(event(word, Target::Live), TIME);
        let Action::Wait(duration) = action else { panic!("{action:?}") };
        duration
    };
    assert_eq!(wait(1, "busy"), BUSY_FOR);
    assert_eq!(wait(1, "not-sent"), wait(1, "not-sent"));
    assert_ne!(wait(1, "not-sent"), wait(2, "not-sent"));
}

#[test]
fn time_is_left_for_reading_back() {
    let (attempt, action) = Attempt::new(Target::Live, 7).step(Event::Started, Duration::from_secs(100));
    assert!(matches!(action, Action::Send(limit) if limit == Duration::from_mins(1)), "{action:?}");
    let (_, action) = attempt.step(event("lost", Target::Live), Duration::from_millis(100));
    assert!(matches!(action, Action::Wait(duration) if duration == Duration::from_millis(25)), "{action:?}");
}

#[test]
fn an_event_that_does_not_answer_the_action_ends_the_conversation_unconfirmed() {
    let (attempt, _) = Attempt::new(Target::Live, 7).step(Event::Started, TIME);
    let (_, action) = attempt.step(Event::Waited, TIME);
    assert!(matches!(action, Action::End(Ending::Unconfirmed(_))), "{action:?}");
}

/// What happened on one path through the machine.
#[derive(Clone, Default)]
struct Path {
    events: Vec<&'static str>,
    sends: u32,
    /// Whether a request may have been carried out.
    in_doubt: bool,
    /// What the latest read after the latest request showed.
    found: Option<&'static str>,
    receipt: Option<&'static str>,
}

impl Path {
    fn with(&self, word: &'static str) -> Self {
        let mut path = self.clone();
        path.events.push(word);
        match word {
            "bad-gateway" | "lost" => path.in_doubt = true,
            "receipt" | "contrary" | "in-review" | "id-only" | "empty" => path.receipt = Some(word),
            _ if FOUND.contains(&word) => path.found = Some(word),
            _ => {}
        }
        path
    }

    fn check_ending(&self, ending: &Ending) {
        let events = &self.events;
        match ending {
            Ending::Done(_) => assert!(
                self.found == Some("ours") || matches!(self.receipt, Some("receipt" | "id-only")),
                "no proof of a success: {events:?}"
            ),
            Ending::Exists(Comparison::Equal, _) => {
                assert!(self.found == Some("ours") && !self.in_doubt, "{events:?}");
            }
            // Without content to compare, it is the author's conflict only where no request of ours can be its cause.
            Ending::Exists(Comparison::Unknown(_), _) => {
                assert!(self.events.contains(&"conflict") && !self.in_doubt, "{events:?}");
            }
            Ending::Exists(..) => assert_eq!(self.found, Some("other"), "{events:?}"),
            Ending::Refused(_) => assert!(self.receipt.is_none(), "{events:?}"),
            Ending::Unreachable(_) => assert!(
                self.receipt.is_none() && (!self.in_doubt || self.found == Some("not-there")),
                "it may have been published: {events:?}"
            ),
            Ending::Unconfirmed(_) => assert!(self.in_doubt || self.receipt.is_some(), "{events:?}"),
        }
    }
}

/// Follows every path through the machine.
struct Explorer {
    target: Target,
    time: Duration,
}

impl Explorer {
    /// Every event that can answer the action, both at once and after the deadline, and so on up to the ending. Returns how
    /// many endings there are.
    fn explore(&self, attempt: Attempt, event_now: Event, now: Duration, mut path: Path) -> usize {
        assert!(path.events.len() <= 20, "it does not end: {:?}", path.events);
        let (attempt, action) = attempt.step(event_now, self.time.saturating_sub(now));
        assert!(now < self.time || matches!(action, Action::End(_)), "after the deadline: {:?}", path.events);
        let answers = match action {
            Action::Send(limit) => {
                assert!(!limit.is_zero() && now + limit <= self.time, "{:?}", path.events);
                let is_absent = matches!(path.found, Some("not-there" | "hidden"));
                assert!(!path.in_doubt || is_absent, "repeated in doubt: {:?}", path.events);
                assert!(path.receipt.is_none(), "repeated after a receipt: {:?}", path.events);
                (path.sends, path.found) = (path.sends + 1, None);
                assert!(path.sends <= MAX_SENDS, "{:?}", path.events);
                SENT.as_slice()
            }
            Action::ReadBack => &FOUND,
            Action::Wait(duration) => {
                assert!(now + duration < self.time, "{:?}", path.events);
                return [now + duration, self.time]
                    .map(|later| self.explore(attempt.clone(), Event::Waited, later, path.clone()))
                    .iter()
                    .sum();
            }
            Action::End(ending) => {
                path.check_ending(&ending);
                return 1;
            }
        };
        let moments = answers.iter().flat_map(|word| [(word, now), (word, self.time)]);
        moments
            .map(|(word, then)| {
                self.explore(attempt.clone(), event(word, self.target), then, path.with(word))
            })
            .sum()
    }
}

#[test]
fn no_path_repeats_a_request_in_doubt_claims_what_is_not_proven_or_acts_after_the_deadline() {
    for target in [Target::Live, Target::Draft] {
        for time in [TIME, BUSY_FOR, Duration::from_nanos(1), Duration::ZERO] {
            let explorer = Explorer { target, time };
            let attempt = Attempt::new(target, 7);
            let endings = explorer.explore(attempt, Event::Started, Duration::ZERO, Path::default());
            assert!(time < TIME || endings > 150_000, "{endings}");
        }
    }
}
