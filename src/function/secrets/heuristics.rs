//! Whether what has the form of a secret is one: a placeholder, a well-known example and an ordinary name are not.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// What must hold beyond the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Judge {
    /// It looks random.
    Random,
    /// It is the password of a database that others could reach.
    Password,
    /// A key's own text follows.
    PrivateKey,
    /// Its first part is a bot's id.
    DiscordToken,
    /// A real provider signed it.
    Jwt,
}

/// Least Shannon entropy, in bits per character, of texts of hexadecimal digits alone (32 random ones have 3.6).
const LEAST_HEX_ENTROPY: f64 = 3.0;

/// The same for texts of fewer than 20 characters (16 random ones of base32 have 3.6).
const LEAST_SHORT_ENTROPY: f64 = 2.75;

/// The same for all others (24 random ones of base62 have 4.2).
const LEAST_ENTROPY: f64 = 3.5;

/// Most equal or consecutive characters in a row: one more says that a person typed them.
const LONGEST_ROW: usize = 5;

/// Longest text that can be repeated to fill a placeholder.
const LONGEST_PERIOD: usize = 16;

/// Shortest password worth a finding, in characters.
const SHORTEST_PASSWORD: usize = 8;

/// Shortest line that shows a private key, in characters of base64: those of a whole Ed25519 key are 64.
const SHORTEST_KEY_LINE: usize = 40;

/// Pieces of secrets that documentation shows to everybody and that open nothing.
const WELL_KNOWN: [&str; 9] = [
    // The RSA key of the debugger at jwt.io.
    "C7VJTUt9Us8cKj",
    // Azure's storage and Cosmos emulators, the same on every machine.
    "Eby8vdM02xNOcqFl",
    "C2y6yDjf5/R+ob0N",
    // Svix, "Verifying webhooks".
    "MfKQ9r8GKYqrTwjU",
    "C2FVsBQIhrscChlQ",
    // GitHub, "OAuth app token exchange".
    "16C7e42F292c6912",
    // Slack, "Token types".
    "17653672481-1987",
    // Telegram, "Bots: an introduction".
    "AAHdqTcvCH1vGWJx",
    // Discord, "API reference: authentication".
    "ZnCjm1XVW7vRze4b",
];

fn is_well_known(text: &str) -> bool {
    WELL_KNOWN.iter().any(|known| text.contains(known))
}

/// Words by which documentation says that a value is not meant.
const PLACEHOLDERS: [&str; 28] = [
    "example",
    "sample",
    "dummy",
    "placeholder",
    "change",
    "your",
    "redacted",
    "fake",
    "test",
    "demo",
    "insert",
    "replace",
    "xxxx",
    "foobar",
    "secret",
    "notreal",
    "invalid",
    "todo",
    "mock",
    "token",
    "apikey",
    "goes",
    "here",
    "deadbeef",
    "cafebabe",
    "qwerty",
    "asdf",
    "lorem",
];

/// Whether the text looks as if a machine had drawn its characters.
pub(super) fn is_random(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    if PLACEHOLDERS.iter().any(|word| lower.contains(word)) || is_well_known(text) {
        return false;
    }
    let letters: Vec<u8> = text.bytes().filter(u8::is_ascii_alphanumeric).collect();
    let is_hex = is_hexadecimal(&letters);
    let least = match letters.len() {
        _ if is_hex => LEAST_HEX_ENTROPY,
        ..20 => LEAST_SHORT_ENTROPY,
        _ => LEAST_ENTROPY,
    };
    entropy(&letters) >= least
        && longest_row(&letters) <= LONGEST_ROW
        && !is_periodic(&letters)
        && (is_hex || letters.len() < 20 || !reads_like_words(&letters))
}

/// Hexadecimal digits of one case, both figures and letters among them.
fn is_hexadecimal(letters: &[u8]) -> bool {
    let all = |is_of: fn(&u8) -> bool| letters.iter().all(is_of);
    (all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        || all(|byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F')))
        && letters.iter().any(u8::is_ascii_digit)
        && letters.iter().any(u8::is_ascii_alphabetic)
}

/// Shannon's entropy, in bits per character.
#[expect(clippy::cast_precision_loss, reason = "texts are far shorter than 2^52")]
fn entropy(letters: &[u8]) -> f64 {
    let mut counts = [0_usize; 256];
    for letter in letters {
        if let Some(count) = counts.get_mut(usize::from(*letter)) {
            *count += 1;
        }
    }
    let all = letters.len() as f64;
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| *count as f64 / all)
        .map(|part| -part * part.log2())
        .sum()
}

/// Characters in the longest row of equal, ascending or descending ones.
fn longest_row(letters: &[u8]) -> usize {
    let mut longest = 0;
    for step in [0, 1, -1] {
        let mut row = 1;
        for pair in letters.windows(2) {
            let [first, second] = pair else { continue };
            let follows = i16::from(*second) - i16::from(*first) == step;
            row = if follows { row + 1 } else { 1 };
            longest = longest.max(row);
        }
    }
    longest
}

/// Whether a short text, repeated, makes up most of it.
fn is_periodic(letters: &[u8]) -> bool {
    (1..=LONGEST_PERIOD.min(letters.len() / 2)).any(|period| {
        let pairs = letters.len() - period;
        let equal = letters.iter().zip(letters.iter().skip(period)).filter(|(a, b)| a == b).count();
        equal * 5 >= pairs * 4
    })
}

/// Whether the kinds of characters (small, capital, figure) follow each other as in names: there they seldom change, and
/// capitals and figures are few. In random text they change every other time or so.
fn reads_like_words(letters: &[u8]) -> bool {
    let kind = |byte: &u8| (byte.is_ascii_lowercase(), byte.is_ascii_digit());
    let changes = letters.windows(2).filter(|pair| pair.first().map(kind) != pair.last().map(kind)).count();
    let count = |is_of: fn(&u8) -> bool| letters.iter().filter(|byte| is_of(byte)).count();
    let (small, capital, figures) =
        (count(u8::is_ascii_lowercase), count(u8::is_ascii_uppercase), count(u8::is_ascii_digit));
    let is_camel_case = capital > 0 && capital * 3 < small && figures * 7 < letters.len();
    changes * 5 < letters.len() || is_camel_case
}

/// Whether a password in a URL is a real one: no word that stands for one, and a host that others could reach.
pub(super) fn is_password(password: &str, url: &str) -> bool {
    let host = url.rsplit_once('@').map_or("", |(_, host)| host).to_ascii_lowercase();
    if !is_reachable(&host) || password.chars().count() < SHORTEST_PASSWORD {
        return false;
    }
    // Filled in when the program runs.
    if password.contains(['$', '{', '}', '<', '>', '[', ']', '(', ')', '*']) || password.starts_with('%') {
        return false;
    }
    let user = url.split_once("://").and_then(|(_, rest)| rest.split_once(':')).map_or("", |(user, _)| user);
    let plain: String = password
        .chars()
        .map(|c| match c.to_ascii_lowercase() {
            '0' => 'o',
            '1' | '!' => 'i',
            '3' => 'e',
            '4' | '@' => 'a',
            '5' => 's',
            other => other,
        })
        .collect();
    let stands_for_one =
        ["pass", "pwd", "pw_", "hunter2", "admin", "root", "postgres", "mysql", "mongo", "redis", "user"];
    let lower = password.to_ascii_lowercase();
    let has = |is_of: fn(&u8) -> bool| usize::from(password.bytes().any(|byte| is_of(&byte)));
    let kinds = has(u8::is_ascii_lowercase)
        + has(u8::is_ascii_uppercase)
        + has(u8::is_ascii_digit)
        + has(u8::is_ascii_punctuation);
    password != user
        && kinds >= 2
        && !stands_for_one
            .iter()
            .chain(&PLACEHOLDERS)
            .any(|word| plain.contains(word) || lower.contains(word))
        && longest_row(password.as_bytes()) <= LONGEST_ROW
        && entropy(password.as_bytes()) >= 2.5
}

/// Whether a host may be somebody's, and not this machine, a container's neighbour or a name of documentation
/// (RFC 2606, RFC 6761).
fn is_reachable(host: &str) -> bool {
    let reserved = ["example", "test", "invalid", "localhost", "local", "internal", "lan"];
    let last = host.rsplit('.').next().unwrap_or_default();
    let second = host.rsplit('.').nth(1).unwrap_or_default();
    host.contains('.')
        && !host.contains(['$', '{', '}', '<', '>', '[', ']', '%', '*'])
        && !["127.", "10.", "192.168.", "0.0.0.0", "1.2.3.4"].iter().any(|start| host.starts_with(start))
        && !reserved.contains(&last)
        && !["example", "domain", "host", "hostname", "mydomain", "myhost"].contains(&second)
        && !["your", "example", "placeholder", "xxx"].iter().any(|word| host.contains(word))
}

/// Whether the text between the first and the last line of a private key is one, and not code that puts it there, or the
/// shortened one of an explanation.
pub(super) fn is_key_text(text: &str) -> bool {
    let text = text.replace("\\n", "\n").replace("\\r", "\n");
    let is_of_base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
    let mut runs = text.split(|c| !is_of_base64(c)).filter(|run| run.len() >= SHORTEST_KEY_LINE);
    let letters: String = text.chars().filter(|c| is_of_base64(*c)).collect();
    !text.contains("...")
        && !text.contains('…')
        && !is_well_known(&text)
        && runs.any(is_random)
        && is_whole(&letters)
}

/// Whether a key is as long as it says, as far as it says so (X.690, §8.1.3: a sequence starts with its length).
fn is_whole(base64: &str) -> bool {
    let head = base64.get(..8).and_then(|head| URL_SAFE_NO_PAD.decode(head.replace(['+', '/'], "A")).ok());
    let length = match head.as_deref() {
        Some([0x30, 0x82, high, low, ..]) => 4 + 256 * usize::from(*high) + usize::from(*low),
        Some([0x30, 0x81, length, ..]) => 3 + usize::from(*length),
        _ => 0,
    };
    base64.len() * 3 / 4 >= length
}

/// Whether the start of a token is the id of a bot: figures, in base64.
pub(super) fn is_discord_token(token: &str) -> bool {
    let id = token.split('.').next().unwrap_or_default();
    let is_id = URL_SAFE_NO_PAD
        .decode(id)
        .is_ok_and(|id| (17..=20).contains(&id.len()) && id.iter().all(u8::is_ascii_digit));
    is_id && token.rsplit('.').next().is_some_and(is_random)
}

/// Whether a provider signed the token, for somebody. Examples of documentation are signed by nobody in particular, and
/// `anon` keys are public by design.
pub(super) fn is_signed_by_provider(token: &str) -> bool {
    let mut parts = token.split('.').map(|part| {
        let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
        serde_json::from_slice::<Value>(&bytes).ok()
    });
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

/// Hosts of those who sign tokens for other people's users and machines; an issuer is one of them, or below one.
const PROVIDERS: [&str; 18] = [
    "accounts.google.com",
    "securetoken.google.com",
    "gserviceaccount.com",
    "amazonaws.com",
    "login.microsoftonline.com",
    "sts.windows.net",
    "auth0.com",
    "okta.com",
    "oktapreview.com",
    "clerk.accounts.dev",
    "cloudflareaccess.com",
    "supabase.co",
    "token.actions.githubusercontent.com",
    "gitlab.com",
    "appleid.apple.com",
    "api.workos.com",
    "onelogin.com",
    "kubernetes",
];

fn is_provider(issuer: &str) -> bool {
    let host = issuer.split_once("://").map_or(issuer, |(_, rest)| rest);
    let host = host.split('/').next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default().to_ascii_lowercase();
    let names_nobody = ["example", "your", "sample", "placeholder", "my-", "test"];
    !names_nobody.iter().any(|word| issuer.to_ascii_lowercase().contains(word))
        && PROVIDERS.iter().any(|provider| {
            host.strip_suffix(provider).is_some_and(|before| before.is_empty() || before.ends_with('.'))
        })
}
