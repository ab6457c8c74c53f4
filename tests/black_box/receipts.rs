//! What the response to a publish proves, and what is read back.

use stand_in_hub::{Receipt, Rejection, Review, Shapes, StandInHub, VersionsShape};

use crate::fixtures::{OTHER_CODE, body, ending, greeter, manifest, severity, side_by_side, words};
use crate::support::{CODE, Step, text};

/// The receipts that name this function, or none, and its status.
const CONFIRMING: [Receipt; 15] = [
    Receipt::Full,
    Receipt::InFunction,
    Receipt::InData,
    Receipt::InDataFunction,
    Receipt::WithSuccess,
    Receipt::WithVersion,
    Receipt::WithDecision,
    Receipt::NumericId,
    Receipt::PathUrl,
    Receipt::PrefixedSlug,
    Receipt::WithoutSlug,
    Receipt::WithoutAuthor,
    Receipt::WithoutUrl,
    Receipt::StatusOnly,
    Receipt::ForeignUrl,
];

fn hub_with(receipt: Receipt, hidden: bool) -> StandInHub {
    let shapes = Shapes { receipt, ..Shapes::default() };
    let hub = StandInHub::builder().shapes(shapes.clone()).start();
    hub.seed("alice", body("other", "1.0.0", CODE));
    if hidden {
        let slugs = vec!["greeter".to_owned()];
        hub.set_shapes(Shapes { unlisted: slugs.clone(), not_public: slugs, ..shapes });
    }
    hub
}

#[test]
fn whatever_the_receipt_is_the_publish_is_found_on_the_hub() {
    side_by_side(Receipt::ALL.iter().copied(), |receipt| {
        for (publish, status) in [("true", "published"), ("false", "draft")] {
            let hub = hub_with(receipt, false);
            let run = greeter("1.0.0").hub(&hub).input("publish", publish).run();
            assert_eq!(ending(&run, &hub), (status, 0, 1), "{receipt:?}: {}", run.stdout);
            assert!(run.codes().is_empty(), "{receipt:?}: {:?}", run.codes());
            let page = "https://hub.aerostack.dev/functions/alice/greeter";
            assert_eq!(run.function()["url"], page, "{receipt:?}");
        }
    });
}

#[test]
fn only_a_receipt_for_this_function_with_its_status_is_a_confirmation() {
    side_by_side(Receipt::ALL.iter().copied(), |receipt| {
        for (publish, status) in [("true", "published"), ("false", "draft")] {
            let hub = hub_with(receipt, true);
            let run = greeter("1.0.0").hub(&hub).input("publish", publish).input("timeout", "2").run();
            let is_confirmed =
                CONFIRMING.contains(&receipt) || (receipt == Receipt::Draft && status == "draft");
            let (found, exit_code, _) = ending(&run, &hub);
            let expected = if is_confirmed { (status, 0) } else { ("unconfirmed", 4) };
            assert_eq!((found, exit_code), expected, "{receipt:?} {publish}: {}", run.stdout);
            assert_eq!(hub.times_live("alice", "greeter", "1.0.0"), usize::from(publish == "true"));
            assert_eq!(run.function()["published"], is_confirmed && publish == "true", "{receipt:?}");
            assert_eq!(run.function()["live"], is_confirmed && publish == "true", "{receipt:?}");
            assert!(!run.report.to_string().contains("hub.example.net"), "{receipt:?}");
        }
    });
}

#[test]
fn a_version_in_review_is_an_outcome_of_its_own_and_is_not_sent_again() {
    side_by_side(Review::ALL.iter().copied().filter(|review| *review != Review::Off), |review| {
        for shows_reviews in [true, false] {
            let hub =
                StandInHub::builder().shapes(Shapes { review, shows_reviews, ..Shapes::default() }).start();
            hub.seed("alice", body("greeter", "0.9.0", CODE));
            let step = greeter("1.0.0").hub(&hub).input("timeout", "4").github();
            let run = step.run();
            let case = format!("{review:?} {shows_reviews}: {}", run.stdout);
            assert_eq!(ending(&run, &hub), ("in-review", 0, 1), "{case}");
            assert_eq!(run.codes(), ["IN_REVIEW"], "{case}");
            assert_eq!(severity(&run, "IN_REVIEW"), "warning");
            let words = words(&run, "IN_REVIEW");
            assert!(words.contains("a person at the Hub decides"), "{words}");
            assert!(!run.stdout.contains("re-run the job"), "{case}");
            assert_eq!(run.output("status").as_deref(), Some("in-review"));
            assert_eq!(run.output("published").as_deref(), Some("false"));
            assert_eq!(run.output("live").as_deref(), Some("false"));
            assert!(run.summary.contains("in review"), "{}", run.summary);
            if shows_reviews {
                let again = step.run();
                assert_eq!(ending(&again, &hub), ("in-review", 0, 1), "{case}: {}", again.stdout);
            }
            hub.approve("alice", "greeter");
            let after = step.run();
            assert_eq!(ending(&after, &hub), ("unchanged", 0, 1), "{case}: {}", after.stdout);
            assert_eq!(after.output("live").as_deref(), Some("true"));
        }
    });
}

#[test]
fn other_content_under_a_version_in_review_is_a_conflict() {
    let shapes = Shapes {
        review: Review::Pending,
        shows_reviews: true,
        list_with_code: true,
        versions: VersionsShape::Strings,
        ..Shapes::default()
    };
    let hub = StandInHub::builder().shapes(shapes).start();
    hub.seed("alice", body("greeter", "0.9.0", CODE));
    assert_eq!(greeter("1.0.0").hub(&hub).run().exit_code, 0);
    let other = Step::empty().function(".", &manifest("greeter", "1.0.0"), OTHER_CODE).hub(&hub);
    let run = other.run();
    assert_eq!(ending(&run, &hub), ("failed", 1, 1), "{}", run.stdout);
    assert_eq!(run.codes(), ["VERSION_CONFLICT"]);
    let words = words(&run, "VERSION_CONFLICT");
    assert!(words.contains("waiting for a review") && words.contains("`index.ts` changed"), "{words}");
}

#[test]
fn everything_that_a_rejection_says_is_shown_and_the_author_acts() {
    for rejection in Rejection::ALL.iter().copied().filter(|rejection| *rejection != Rejection::Off) {
        let hub = StandInHub::builder().shapes(Shapes { rejection, ..Shapes::default() }).start();
        let run = greeter("1.0.0").hub(&hub).run();
        assert_eq!(ending(&run, &hub), ("failed", 1, 1), "{rejection:?}: {}", run.stdout);
        assert_eq!(run.codes(), ["HUB_REFUSED"]);
        let message = text(&run.finding("HUB_REFUSED")["message"]);
        for reason in ["the description is too short", "the code has no tests"] {
            assert!(message.contains(reason), "{rejection:?}: {message}");
        }
        assert!(hub.published("alice", "greeter").is_empty());
    }
}
