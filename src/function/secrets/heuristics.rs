//! Whether what matches a rule's pattern is a secret: placeholders, published examples and ordinary names are not.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::words;

/// Minimum Shannon entropy of texts of hexadecimal digits alone, in bits per character (32 random ones have 3.6).
const MIN_HEX_ENTROPY: f64 = 3.0;

/// The same for texts shorter than [`MIN_LONG_CHARS`] (16 random characters of base32 have 3.6).
const MIN_SHORT_ENTROPY: f64 = 2.75;

/// The same for all others (24 random characters of base62 have 4.2).
const MIN_ENTROPY: f64 = 3.5;

/// The same for passwords, which people choose.
const MIN_PASSWORD_ENTROPY: f64 = 2.5;

/// Minimum length of a text that can be told from words by its characters, in characters: shorter ones vary too much.
const MIN_LONG_CHARS: usize = 20;

/// Maximum number of equal or consecutive characters in a row: more show that a person typed them.
const MAX_SEQUENCE_CHARS: usize = 5;

/// Maximum length of a text that is repeated to fill a placeholder, in characters: `1234567890abcdef` has 16.
const MAX_PERIOD_CHARS: usize = 16;

/// Minimum length of a password, in characters: shorter ones are placeholders (8 is the minimum of NIST SP 800-63B-3).
const MIN_PASSWORD_CHARS: usize = 8;

/// Minimum length of a line that shows a private key, in characters of base64: a whole Ed25519 key has 64.
const MIN_KEY_LINE_CHARS: usize = 40;

/// Whether the text looks generated.
pub(super) fn is_random(text: &str) -> bool {
    if contains_any(&text.to_ascii_lowercase(), &words::PLACEHOLDERS) || contains_any(text, &words::EXAMPLES)
    {
        return false;
    }
    let letters: Vec<u8> = text.bytes().filter(u8::is_ascii_alphanumeric).collect();
    let is_hex = is_hexadecimal(&letters);
    let min = match letters.len() {
        _ if is_hex => MIN_HEX_ENTROPY,
        ..MIN_LONG_CHARS => MIN_SHORT_ENTROPY,
        _ => MIN_ENTROPY,
    };
    entropy(&letters) >= min
        && longest_sequence(&letters) <= MAX_SEQUENCE_CHARS
        && !is_periodic(&letters)
        && (is_hex || letters.len() < MIN_LONG_CHARS || !reads_like_words(&letters))
}

fn contains_any(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.contains(word))
}

/// Hexadecimal digits in one case, both digits and letters among them.
fn is_hexadecimal(letters: &[u8]) -> bool {
    let any = |is_of: fn(&u8) -> bool| letters.iter().any(is_of);
    letters.iter().all(u8::is_ascii_hexdigit)
        && any(u8::is_ascii_digit)
        && any(u8::is_ascii_lowercase) != any(u8::is_ascii_uppercase)
}

/// Shannon's entropy, in bits per character.
fn entropy(letters: &[u8]) -> f64 {
    let mut counts = [0.0; 256];
    for letter in letters {
        if let Some(count) = counts.get_mut(usize::from(*letter)) {
            *count += 1.0;
        }
    }
    let all: f64 = counts.iter().sum();
    let parts = counts.iter().filter(|count| **count > 0.0).map(|count| count / all);
    parts.map(|part| -part * part.log2()).sum()
}

/// Length of the longest sequence of equal, ascending or descending characters.
fn longest_sequence(letters: &[u8]) -> usize {
    let longest = |step| {
        let sequences = letters.chunk_by(|first, second| i16::from(*second) - i16::from(*first) == step);
        sequences.map(<[u8]>::len).max().unwrap_or_default()
    };
    longest(0).max(longest(1)).max(longest(-1))
}

/// Whether a short text, repeated, makes up most of it.
fn is_periodic(letters: &[u8]) -> bool {
    (1..=MAX_PERIOD_CHARS.min(letters.len() / 2)).any(|period| {
        let pairs = letters.len() - period;
        let equal = letters.iter().zip(letters.iter().skip(period)).filter(|(a, b)| a == b).count();
        equal * 5 >= pairs * 4
    })
}

/// Whether lower-case letters, upper-case letters and digits follow each other as in names, where they seldom change and
/// upper case and digits are rare. In random text they change about every other character.
fn reads_like_words(letters: &[u8]) -> bool {
    let class = |byte: &u8| (byte.is_ascii_lowercase(), byte.is_ascii_digit());
    let changes = letters.chunk_by(|first, second| class(first) == class(second)).skip(1).count();
    let count = |is_of: fn(&u8) -> bool| letters.iter().filter(|byte| is_of(byte)).count();
    let (lower, upper, digits) =
        (count(u8::is_ascii_lowercase), count(u8::is_ascii_uppercase), count(u8::is_ascii_digit));
    let is_camel_case = upper > 0 && upper * 3 < lower && digits * 7 < letters.len();
    changes * 5 < letters.len() || is_camel_case
}

/// Whether a password in a URL is a real one: not a placeholder, and for a host that others can reach.
pub(super) fn is_password(password: &str, url: &str) -> bool {
    let host = url.rsplit_once('@').map_or("", |(_, host)| host).to_ascii_lowercase();
    let user = url.split_once("://").and_then(|(_, rest)| rest.split_once(':')).map_or("", |(user, _)| user);
    is_reachable(&host) && password != user && is_chosen_password(password)
}

/// Whether the text can be a password, and is neither a placeholder nor filled in when the program runs.
fn is_chosen_password(password: &str) -> bool {
    if password.contains(['$', '{', '}', '<', '>', '[', ']', '(', ')', '*']) || password.starts_with('%') {
        return false;
    }
    let lower = password.to_ascii_lowercase();
    let without_leet: String = lower.chars().map(without_leet).collect();
    let is_word = |words: &[&str]| contains_any(&lower, words) || contains_any(&without_leet, words);
    let has = |is_of: fn(&u8) -> bool| usize::from(password.bytes().any(|byte| is_of(&byte)));
    let classes = has(u8::is_ascii_lowercase)
        + has(u8::is_ascii_uppercase)
        + has(u8::is_ascii_digit)
        + has(u8::is_ascii_punctuation);
    password.chars().count() >= MIN_PASSWORD_CHARS
        && classes >= 2
        && !is_word(&words::PASSWORDS)
        && !is_word(&words::PLACEHOLDERS)
        && longest_sequence(password.as_bytes()) <= MAX_SEQUENCE_CHARS
        && entropy(password.as_bytes()) >= MIN_PASSWORD_ENTROPY
}

/// The letter that a digit or sign replaces in passwords such as `p4ssw0rd`.
const fn without_leet(c: char) -> char {
    match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' => 's',
        other => other,
    }
}

/// Whether a host may belong to somebody: not this machine, a container's neighbour or a name of documentation.
fn is_reachable(host: &str) -> bool {
    let mut labels = host.rsplit('.');
    let last = labels.next().unwrap_or_default();
    let second = labels.next().unwrap_or_default();
    host.contains('.')
        && !host.contains(['$', '{', '}', '<', '>', '[', ']', '%', '*'])
        && !words::LOCAL_STARTS.iter().any(|start| host.starts_with(start))
        && !words::LOCAL_DOMAINS.contains(&last)
        && !words::LOCAL_NAMES.contains(&second)
        && !contains_any(host, &words::LOCAL_WORDS)
}

/// Whether the text between the first and the last line of a private key is a key, and neither code that inserts one nor a
/// shortened example.
pub(super) fn is_key_text(text: &str) -> bool {
    let text = text.replace("\\n", "\n").replace("\\r", "\n");
    let is_of_base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
    let mut runs = text.split(|c| !is_of_base64(c)).filter(|run| run.len() >= MIN_KEY_LINE_CHARS);
    let letters: String = text.chars().filter(|c| is_of_base64(*c)).collect();
    !text.contains("...")
        && !text.contains('…')
        && !contains_any(&text, &words::EXAMPLES)
        && runs.any(is_random)
        && is_whole(&letters)
}

/// Whether a key is as long as its header says, if it says so (X.690, §8.1.3: a sequence starts with its length).
fn is_whole(base64: &str) -> bool {
    let head = base64.get(..8).and_then(|head| URL_SAFE_NO_PAD.decode(head.replace(['+', '/'], "A")).ok());
    let length = match head.as_deref() {
        Some([0x30, 0x82, high, low, ..]) => 4 + 256 * usize::from(*high) + usize::from(*low),
        Some([0x30, 0x81, length, ..]) => 3 + usize::from(*length),
        _ => 0,
    };
    base64.len() * 3 / 4 >= length
}

/// Whether a token starts with the id of a bot: digits, in base64.
pub(super) fn is_discord_token(token: &str) -> bool {
    let id = token.split('.').next().unwrap_or_default();
    let is_id = URL_SAFE_NO_PAD
        .decode(id)
        .is_ok_and(|id| (17..=20).contains(&id.len()) && id.iter().all(u8::is_ascii_digit));
    is_id && token.rsplit('.').next().is_some_and(is_random)
}

/// Whether a provider signed the token. Examples in documentation have no real issuer, and `anon` keys are public by design.
pub(super) fn is_signed_by_provider(token: &str) -> bool {
    let decode = |part| serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(part).ok()?).ok();
    let mut parts = token.split('.').map(decode);
    let (Some(Some(header)), Some(Some(payload))) = (parts.next(), parts.next()) else { return false };
    let signature = token.rsplit('.').next().unwrap_or_default();
    if header.get("alg").and_then(Value::as_str).is_none_or(|alg| alg == "none") || !is_random(signature) {
        return false;
    }
    let claim = |name: &str| payload.get(name).and_then(Value::as_str).unwrap_or_default();
    let issuer = claim("iss");
    match claim("role") {
        // The keys of Supabase's local stack are the same on every machine.
        "anon" => false,
        "service_role" | "supabase_admin" => issuer != "supabase-demo",
        _ => is_provider(issuer),
    }
}

fn is_provider(issuer: &str) -> bool {
    let host = issuer.split_once("://").map_or(issuer, |(_, rest)| rest);
    let host = host.split('/').next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default().to_ascii_lowercase();
    let is_at = |provider: &&str| {
        host.strip_suffix(provider).is_some_and(|before| before.is_empty() || before.ends_with('.'))
    };
    !contains_any(&issuer.to_ascii_lowercase(), &words::FAKE_ISSUERS) && words::ISSUERS.iter().any(is_at)
}
