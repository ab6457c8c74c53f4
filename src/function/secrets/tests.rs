//! Every rule, with texts that it finds and similar ones that it does not. This file contains no secret: all are generated
//! when the tests run.

use super::rules::{Check, RULES};
use super::scan::{self, MAX_SECRETS, Secret};
use crate::decoded::{BYTES_AFTER, SECTION_BYTES};
use crate::function::allowed::Allows;
use crate::function::tsv;
use crate::secret::Secrets;

fn find(text: &str, keys: &Secrets) -> Vec<Secret> {
    scan::find(text, keys, &Allows::of_text(text))
}

/// The kind of each sample in `samples.tsv`, and the sample.
fn samples() -> impl Iterator<Item = (&'static str, String)> {
    tsv::rows(include_str!("samples.tsv")).map(|row| (row[0], row[1].replace('⏎', "\n")))
}

/// Characters of an alphabet: the same in every run, others in every piece.
fn generate(alphabet: char, many: usize, seed: &mut u64) -> String {
    let letters: &[u8] = match alphabet {
        'a' => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
        'm' => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
        'u' => b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
        'l' => b"abcdefghijklmnopqrstuvwxyz0123456789",
        'b' => b"ACDEFGHJKLMNPQRSTUVWXYZ234567",
        'h' => b"0123456789abcdef",
        'd' => b"123456789",
        other => panic!("no alphabet `{other}`"),
    };
    let mut next = || {
        *seed ^= *seed << 13;
        *seed ^= *seed >> 7;
        *seed ^= *seed << 17;
        usize::try_from(*seed >> 33).unwrap()
    };
    (0..many).map(|_| char::from(letters[next() % letters.len()])).collect()
}

/// A sample with every piece in braces replaced by the result of `fill`, which gets the alphabet, the number, and whether it
/// is the last piece.
fn fill(sample: &str, mut fill: impl FnMut(char, usize, bool) -> String) -> String {
    let mut pieces = sample.split('{');
    let mut filled = pieces.next().unwrap().to_owned();
    let rest: Vec<_> = pieces.collect();
    for (at, piece) in rest.iter().enumerate() {
        let (what, literal) = piece.split_once('}').unwrap();
        let (alphabet, many) = what.split_at(1);
        let is_last = at + 1 == rest.len();
        filled += &fill(alphabet.chars().next().unwrap(), many.parse().unwrap(), is_last);
        filled += literal;
    }
    filled
}

fn sample_of(sample: &str) -> String {
    let mut seed = 0x9e37_79b9_7f4a_7c15;
    fill(sample, |alphabet, many, _| generate(alphabet, many, &mut seed))
}

fn kinds(text: &str) -> Vec<&'static str> {
    find(text, &Secrets::default()).into_iter().map(|secret| secret.kind).collect()
}

#[test]
fn every_rule_finds_its_sample_in_code() {
    for (kind, sample) in samples() {
        let secret = sample_of(&sample);
        for text in [
            secret.clone(),
            format!("const key = \"{secret}\";\n"),
            format!("line\\n{secret}\\n"),
            format!("(`{secret}`)"),
        ] {
            assert_eq!(kinds(&text), [kind], "{sample} in {text}");
        }
    }
    for rule in RULES.iter().filter(|rule| rule.check != Check::Jwt) {
        assert!(samples().any(|(kind, _)| kind == rule.kind), "no sample of {}", rule.kind);
    }
}

#[test]
fn every_keyword_leads_to_its_rule() {
    for rule in RULES.iter().filter(|rule| rule.check != Check::Jwt) {
        let samples =
            || samples().filter(|(kind, _)| *kind == rule.kind).map(|(_, sample)| sample_of(&sample));
        for keyword in &rule.keywords {
            let is_found = samples().any(|sample| {
                rule.keywords.iter().any(|other| kinds(&sample.replacen(other, keyword, 1)) == [rule.kind])
            });
            assert!(is_found, "{keyword} of {}", rule.kind);
        }
    }
}

#[test]
fn one_character_less_is_no_secret() {
    for (kind, sample) in samples() {
        let mut seed = 0x9e37_79b9_7f4a_7c15;
        let shorter = fill(&sample, |alphabet, many, is_last| {
            generate(alphabet, many - usize::from(is_last), &mut seed)
        });
        assert!(!kinds(&shorter).contains(&kind), "{shorter}");
    }
}

#[test]
fn placeholders_pass() {
    for (_, sample) in samples() {
        for filler in
            ["x", "X", "0", "abcdefghij0123456789", "1234567890abcdef", "a1b2", "your-key-", "EXAMPLE7"]
        {
            let placeholder = fill(&sample, |_, many, _| filler.chars().cycle().take(many).collect());
            assert_eq!(kinds(&placeholder), [""; 0], "{placeholder}");
        }
        for words in ["<token>", "${TOKEN}", "...", "…", "***", "%s", "your-api-key"] {
            let placeholder = fill(&sample, |_, _, _| words.to_owned());
            assert_eq!(kinds(&placeholder), [""; 0], "{placeholder}");
        }
    }
}

#[test]
fn a_secret_does_not_start_within_a_word() {
    for (kind, sample) in samples() {
        let text = format!("z{}", sample_of(&sample));
        let has_name = RULES.iter().any(|rule| rule.kind == kind && rule.max_before > 0);
        assert!(has_name || kinds(&text).is_empty(), "{text}");
    }
}

#[test]
fn names_and_other_code_are_no_secrets() {
    for text in [
        concat!("AKIAIOSFODNN7", "EXAMPLE"),
        "const ac_normalizeConfigurationOfEveryProviderV2 = ak_getUserProfileImageUrl2();",
        "task-0123456789012345678901234567890123456789",
        "sk_live_ is the prefix, pk_live_ the public one",
        "import { re_exported_moduleSpecifierResolver } from 'x'",
        "secret_informationAboutEverythingThatIsSaidHereNow1",
        "-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----",
        "`-----BEGIN PRIVATE KEY-----${formatKeyIntoLinesOfSixtyFourCharacters(key)}-----END PRIVATE KEY-----`",
        "key.includes('-----BEGIN PRIVATE KEY-----')",
        "-----BEGIN PUBLIC KEY-----",
        // Its header says that it is longer.
        "-----BEGIN RSA PRIVATE KEY----- MIIEpQIBAAKCAQEAuyf/lNrH9ck8DmNyo3fGgvCI1l9s+cmBY3WIz+cUDqmxiieR -----END RSA PRIVATE KEY-----",
        concat!("whsec", "_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk",
        "postgres://postgres:postgres@localhost:5432/db",
        "postgres://user:passw0rd99@db.acme.io/db",
        "postgres://user:${process.env.PASSWORD}@db.acme.io/db",
        "postgres://user:[YOUR-PASSWORD]@aws-0-eu.pooler.supabase.com/db",
        "https://user:kJ8sD72ksQ@acme.io",
        "secretAccessKey: config.credentials.secretAccessKey",
    ] {
        assert_eq!(kinds(text), [""; 0], "{text}");
    }
    let password = sample_of("{a12}");
    for host in
        ["localhost", "db", "127.0.0.1", "db.example.com", "host.docker.internal", "${HOST}", "your-host.io"]
    {
        let text = format!("postgres://app:{password}@{host}/main");
        assert_eq!(kinds(&text), [""; 0], "{text}");
    }
    let test_key = sample_of("sk_test_{a24}");
    let public_key = sample_of("pk_live_{a24}");
    assert_eq!(kinds(&format!("{test_key} {public_key}")), [""; 0]);
}

/// A token with a generated signature.
fn jwt(header: &str, payload: &str) -> String {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
    format!("{}.{}.{}", BASE64.encode(header), BASE64.encode(payload), sample_of("{a43}"))
}

#[test]
fn a_token_is_a_secret_if_a_provider_signed_it() {
    let header = r#"{"alg":"HS256","typ":"JWT"}"#;
    for payload in [
        r#"{"iss":"supabase","ref":"abcdefgh","role":"service_role","iat":1700000000}"#,
        r#"{"iss":"https://securetoken.google.com/acme","sub":"u1"}"#,
        r#"{"iss":"https://acme.eu.auth0.com/","sub":"u1"}"#,
        r#"{"iss":"robot@acme.iam.gserviceaccount.com","sub":"u1"}"#,
    ] {
        assert_eq!(kinds(&jwt(header, payload)), ["a token signed by a provider"], "{payload}");
    }
    for payload in [
        r#"{"iss":"supabase","ref":"abcdefgh","role":"anon","iat":1700000000}"#,
        r#"{"iss":"supabase-demo","role":"service_role","exp":1983812996}"#,
        r#"{"sub":"1234567890","name":"John Doe","iat":1516239022}"#,
        r#"{"iss":"https://example.auth0.com/","sub":"u1"}"#,
        r#"{"iss":"https://notauth0.com/","sub":"u1"}"#,
    ] {
        assert_eq!(kinds(&jwt(header, payload)), [""; 0], "{payload}");
    }
    assert_eq!(kinds(&jwt(r#"{"alg":"none"}"#, r#"{"iss":"https://acme.auth0.com/"}"#)), [""; 0]);
}

#[test]
fn at_most_a_quarter_of_a_secret_is_shown_and_of_a_password_nothing() {
    for (kind, sample) in samples() {
        let text = sample_of(&sample);
        let found = find(&text, &Secrets::default());
        let [secret] = found.as_slice() else { panic!("{text}") };
        let whole = &text[secret.range.clone()];
        let keyword = RULES
            .iter()
            .filter(|rule| rule.kind == kind)
            .flat_map(|rule| &rule.keywords)
            .filter(|keyword| secret.start.starts_with(**keyword))
            .map(|keyword| keyword.len())
            .max();
        let shown = secret.start.len() - keyword.unwrap_or_default();
        assert!(whole.starts_with(&secret.start), "{text}");
        assert!(shown <= 4 && shown * 4 <= whole.len(), "{}", secret.start);
    }
    assert_eq!(find(&sample_of("postgres://app:{a12}@db.acme.io"), &Secrets::default())[0].start, "");
}

#[test]
fn the_key_of_this_run_is_found_in_any_form() {
    let text = "a = 'not-random-key' // aerostack-publish: allow SECRET_FOUND\nnot-random-keys";
    let found: Vec<_> = find(text, &Secrets::of(["not-random-key", "a"]))
        .into_iter()
        .map(|secret| (secret.range, secret.is_own))
        .collect();
    assert_eq!(found, [(5..19, true), (62..76, true)]);
}

const ALLOW_COMMENT: &str = "aerostack-publish: allow SECRET_FOUND";

#[test]
fn a_secret_is_found_as_a_whole_and_once_wherever_it_is_in_a_long_text() {
    // Its rule also finds a part of it.
    let token = sample_of("sk_live_{a60}");
    let escaped = token.bytes().fold(String::new(), |text, byte| format!("{text}\\x{byte:02x}"));
    for (written, form) in [(&token, ""), (&escaped, "written with escapes")] {
        let ends = [SECTION_BYTES, SECTION_BYTES + BYTES_AFTER];
        let starts = ends.into_iter().flat_map(|end| {
            [0, 1, written.len() / 4, written.len() - 1, written.len() + 99].map(|before| end - before)
        });
        for start in starts {
            let padding = |length| ",".repeat(length);
            let found = |text: &str| find(text, &Secrets::default());
            let text = format!("{}{written}{}", padding(start), padding(2000));
            let [secret] = &found(&text)[..] else { panic!("{form}, from {start} on") };
            assert_eq!((&text[secret.range.clone()], secret.form), (written.as_str(), form), "{start}");
            let within_a_word = format!("{}\\x61{written}{}", padding(start - 4), padding(2000));
            assert_eq!(found(&within_a_word), [], "{form}, from {start} on");
        }
    }
}

#[test]
fn a_secret_far_from_the_start_of_its_match_and_a_word_far_before_it_are_seen_in_a_long_text() {
    let password = sample_of("{a12}");
    let url = format!(r"postgres:\/\/{}:{password}@db.acme.io", "u".repeat(1100));
    let found = |start: usize, end: &str| find(&format!("{}{end}", ",".repeat(start)), &Secrets::default());
    for before in [1, 20, 1100, 1120, url.len() + 1] {
        let secrets = found(SECTION_BYTES - before, &url);
        assert!(secrets.len() == 1 && secrets[0].plain == password, "{before}: {secrets:?}");
    }
    let word = format!(r#""abc" +{}"\x67{}""#, " ".repeat(1200), &sample_of("ghp_{a36}")[1..]);
    assert_eq!(found(SECTION_BYTES - 8, &word), []);
}

#[test]
fn a_comment_allows_its_own_line_or_the_next_one_if_it_is_alone() {
    let key = sample_of("ghp_{a36}");
    let found = |text: String| find(&text, &Secrets::default()).len();
    assert_eq!(found(format!("a = '{key}'; // {ALLOW_COMMENT}, it is revoked")), 0);
    assert_eq!(found(format!("<!-- {ALLOW_COMMENT} -->\r\n{key}")), 0);
    assert_eq!(found(format!("  # {ALLOW_COMMENT}\n{key}\n{key}")), 1);
    assert_eq!(found(format!("a = 1; // {ALLOW_COMMENT}\nb = '{key}'")), 1);
    assert_eq!(found(format!("// {ALLOW_COMMENT}\n\n{key}")), 1);
    assert_eq!(found(format!("{key}\n// {ALLOW_COMMENT}\n")), 1);
}

#[test]
fn at_most_one_more_than_the_maximum_is_found() {
    let key = sample_of("ghp_{a36}");
    assert_eq!(find(&format!("{key}\n").repeat(MAX_SECRETS + 9), &Secrets::default()).len(), MAX_SECRETS + 1);
    assert_eq!(find(&format!("{ALLOW_COMMENT} {key} ").repeat(1000), &Secrets::default()).len(), 0);
}

#[test]
fn a_dash_may_follow_a_secret_that_contains_none() {
    assert_eq!(kinds(&sample_of("ghp_{a36}-prod")), ["a GitHub token"]);
    assert_eq!(kinds(&sample_of("ghp_{a36}_prod")), ["a GitHub token"]);
    assert_eq!(kinds(&sample_of("HEROKU_API_KEY: {h8}-{h4}-{h4}-{h4}-{h12}-prod")), [""; 0]);
}
