//! Every rule, with texts that it finds and similar ones that it does not. This file contains no secret: all are generated
//! when the tests run.

use super::rules::{Check, RULES};
use super::scan::{ALLOW_COMMENT, MAX_SECRETS, find};

/// A sample of each rule at its minimum length: `{a36}` means 36 generated characters, of the alphabets of [`generate`].
const SAMPLES: &[(&str, &str)] = &[
    ("an Aerostack key", "ac_{a20}"),
    ("an Aerostack key", "ak_live_{a20}"),
    ("a private key", "-----BEGIN RSA PRIVATE KEY-----\n{a40}\n-----END RSA PRIVATE KEY-----"),
    ("a private key", "-----BEGIN OPENSSH PRIVATE KEY-----\\n{a40}\\n-----END OPENSSH PRIVATE KEY-----"),
    ("a private key", "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n{a40}\n-----END PGP PRIVATE KEY BLOCK-----"),
    ("an age secret key", "AGE-SECRET-KEY-1{b58}"),
    ("an AWS access key", "AKIA{b16}"),
    ("an AWS access key", "ASIA{b16}"),
    ("an AWS secret access key", "AWS_SECRET_ACCESS_KEY={a40}"),
    ("an AWS secret access key", "secretAccessKey: '{a40}"),
    ("a Google API key", "AIza{a35}"),
    ("a Google OAuth client secret", "GOCSPX-{a28}"),
    ("a Google OAuth refresh token", "1//0{a60}"),
    ("an Azure storage key", "AccountKey={a86}=="),
    ("an Azure shared access key", "SharedAccessKey={a43}="),
    ("an Azure client secret", "{a3}8Q~{a31}"),
    ("an Azure AI key", "{a52}JQQJ99{a26}"),
    ("an Azure DevOps token", "{a76}AZDO{a4}"),
    ("a Cloudflare key", "cfut_{a40}"),
    ("a Cloudflare origin CA key", "v1.0-{h24}-{h146}"),
    ("a Cloudflare API token", "CLOUDFLARE_API_TOKEN = \"{a40}"),
    ("a DigitalOcean token", "dop_v1_{h64}"),
    ("a Heroku key", "HRKU-{a36}"),
    ("a Heroku key", "HEROKU_API_KEY: {h8}-{h4}-{h4}-{h4}-{h12}"),
    ("a Fly.io token", "fm2_{a60}"),
    ("an Alibaba Cloud access key", "LTAI5t{a18}"),
    ("a HashiCorp Vault token", "hvs.{a24}"),
    ("a Terraform Cloud token", "{a14}.atlasv1.{a60}"),
    ("a Pulumi token", "pul-{h40}"),
    ("a Doppler token", "dp.pt.{a40}"),
    ("a Doppler token", "dp.st.prd.{a40}"),
    ("a 1Password service account token", "ops_eyJ{a200}"),
    ("a Vercel token", "vcp_{a56}"),
    ("a Vercel Blob token", "vercel_blob_rw_{a16}_{a30}"),
    ("a Netlify token", "nfp_{a36}"),
    ("a Supabase access token", "sbp_{h40}"),
    ("a Supabase secret key", "sb_secret_{a28}"),
    ("a Render key", "rnd_{a28}"),
    ("a database password", "postgres://app:{a8}@db.acme.io/main"),
    ("a database password", "mongodb+srv://app:{a8}@c0.mongodb.net"),
    ("a PlanetScale credential", "pscale_tkn_{a32}"),
    ("a Neon key", "napi_{l64}"),
    ("a Databricks token", "dapi{h32}"),
    ("a live payment key (Stripe and others)", "sk_live_{a20}"),
    ("a live payment key (Stripe and others)", "rk_live_{a20}"),
    ("a webhook signing secret (Stripe, Svix)", "whsec_{a32}"),
    ("a Square token", "sq0atp-{a22}"),
    ("a Square token", "sq0csp-{a43}"),
    ("a Square token", "EAAA{a60}"),
    ("a Braintree token", "access_token$production${l16}${h32}"),
    ("a PayPal client secret", "PAYPAL_CLIENT_SECRET=E{a79}"),
    ("a Shopify token", "shpat_{h32}"),
    ("a Flutterwave key", "FLWSECK-{a32}-X"),
    ("a Plaid token", "access-production-{h8}-{h4}-{h4}-{h4}-{h12}"),
    ("a GitHub token", "ghp_{a36}"),
    ("a GitHub token", "ghs_{a36}"),
    ("a GitHub token", "github_pat_{a22}_{a59}"),
    ("a GitLab token", "glpat-{a20}"),
    ("a Bitbucket token", "ATBB{a32}"),
    ("a Bitbucket token", "ATCTT3xFfG{a100}"),
    ("an Atlassian token", "ATATT3xFfG{a100}"),
    ("an npm token", "npm_{a36}"),
    ("a PyPI token", "pypi-AgE{a60}"),
    ("a RubyGems key", "rubygems_{h48}"),
    ("a NuGet key", "oy2{l43}"),
    ("a Docker Hub token", "dckr_pat_{a27}"),
    ("a JFrog key", "AKCp{a69}"),
    ("a Slack token", "xoxb-{d12}-{a20}"),
    ("a Slack token", "xapp-1-A{u9}-{d12}-{h64}"),
    ("a Slack webhook", "hooks.slack.com/services/T{u8}/B{u8}/{a24}"),
    ("a Slack webhook", "hooks.slack.com/workflows/T{u8}/A{u8}/{d18}/{a24}"),
    ("a Discord webhook", "discord.com/api/webhooks/{d18}/{a60}"),
    // The first part is the base64 of an id, `123456789012345678`.
    ("a Discord bot token", "MTIzNDU2Nzg5MDEyMzQ1Njc4.{a6}.{a27}"),
    ("a Telegram bot token", "{d10}:AA{a33}"),
    ("a Twilio auth token", "AC{h32}', '{h32}'"),
    ("a Twilio auth token", "TWILIO_AUTH_TOKEN={h32}"),
    ("a Twilio API key", "SK{h32}"),
    (
        "a Microsoft Teams webhook",
        "acme.webhook.office.com/webhookb2/{h8}-{h4}-{h4}-{h4}-{h12}@{h8}-{h4}-{h4}-{h4}-{h12}/IncomingWebhook/{h32}/{h8}-{h4}-{h4}-{h4}-{h12}",
    ),
    ("a SendGrid key", "SG.{a22}.{a43}"),
    ("a Mailgun key", "key-{h32}"),
    ("a Mailchimp key", "{h32}-us{d1}"),
    ("a Resend key", "re_{a8}_{a24}"),
    ("a Brevo key", "xkeysib-{h64}-{a16}"),
    ("a MailerSend key", "mlsn.{h64}"),
    ("a Postmark token", "POSTMARK_SERVER_TOKEN='{h8}-{h4}-{h4}-{h4}-{h12}"),
    ("an Anthropic key", "sk-ant-api03-{a40}"),
    ("an OpenRouter key", "sk-or-v1-{h64}"),
    ("a Langfuse key", "sk-lf-{h8}-{h4}-{h4}-{h4}-{h12}"),
    ("an OpenAI key", "sk-proj-{a40}"),
    ("an OpenAI key", "sk-{a48}"),
    ("an OpenAI key", "sk-{h32}"),
    ("a Hugging Face token", "hf_{m34}"),
    ("a Replicate token", "r8_{a37}"),
    ("a Groq key", "gsk_{a52}"),
    ("an xAI key", "xai-{a80}"),
    ("a Perplexity key", "pplx-{a48}"),
    ("an NVIDIA key", "nvapi-{a64}"),
    ("a Pinecone key", "pcsk_{a6}_{a60}"),
    ("a LangSmith key", "lsv2_pt_{h32}_{h10}"),
    ("an ElevenLabs key", "sk_{h48}"),
    ("a Tavily key", "tvly-{a32}"),
    ("a Firecrawl key", "fc-{h32}"),
    ("an E2B key", "e2b_{h40}"),
    ("a Sentry token", "sntryu_{h64}"),
    ("a Sentry token", "sntrys_eyJ{a80}"),
    ("a Linear key", "lin_api_{a40}"),
    ("a Linear key", "lin_oauth_{h64}"),
    ("a Notion token", "ntn_{a46}"),
    ("a Notion token", "secret_{a43}"),
    ("a Figma token", "figd_{a40}"),
    ("an Airtable token", "pat{a14}.{h64}"),
    ("a HubSpot token", "pat-na1-{h8}-{h4}-{h4}-{h4}-{h12}"),
    ("a Contentful token", "CFPAT-{a43}"),
    ("a Typeform token", "tfp_{a59}"),
    ("a Mapbox secret token", "sk.eyJ{a60}.{a22}"),
    ("a Grafana token", "glsa_{a32}_{h8}"),
    ("a Grafana token", "glc_eyJ{a60}"),
    ("a New Relic key", "NRAK-{u27}"),
    ("a PostHog key", "phx_{a43}"),
    ("a Postman key", "PMAK-{h24}-{h34}"),
    ("a Dynatrace token", "dt0c01.{u24}.{u64}"),
    ("a Cloudinary URL", "cloudinary://{d15}:{a20}@acme"),
];

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
    find(text, []).into_iter().map(|secret| secret.kind).collect()
}

#[test]
fn every_rule_finds_its_sample_in_code() {
    for (kind, sample) in SAMPLES {
        let secret = sample_of(sample);
        for text in [
            secret.clone(),
            format!("const key = \"{secret}\";\n"),
            format!("line\\n{secret}\\n"),
            format!("(`{secret}`)"),
        ] {
            assert_eq!(kinds(&text), [*kind], "{sample} in {text}");
        }
    }
    for rule in RULES.iter().filter(|rule| rule.check != Check::Jwt) {
        assert!(SAMPLES.iter().any(|(kind, _)| *kind == rule.kind), "no sample of {}", rule.kind);
    }
}

#[test]
fn every_keyword_leads_to_its_rule() {
    for rule in RULES.iter().filter(|rule| rule.check != Check::Jwt) {
        let samples =
            || SAMPLES.iter().filter(|(kind, _)| *kind == rule.kind).map(|(_, sample)| sample_of(sample));
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
    for (kind, sample) in SAMPLES {
        let mut seed = 0x9e37_79b9_7f4a_7c15;
        let shorter = fill(sample, |alphabet, many, is_last| {
            generate(alphabet, many - usize::from(is_last), &mut seed)
        });
        assert!(!kinds(&shorter).contains(kind), "{shorter}");
    }
}

#[test]
fn placeholders_pass() {
    for (_, sample) in SAMPLES {
        for filler in
            ["x", "X", "0", "abcdefghij0123456789", "1234567890abcdef", "a1b2", "your-key-", "EXAMPLE7"]
        {
            let placeholder = fill(sample, |_, many, _| filler.chars().cycle().take(many).collect());
            assert_eq!(kinds(&placeholder), [""; 0], "{placeholder}");
        }
        for words in ["<token>", "${TOKEN}", "...", "…", "***", "%s", "your-api-key"] {
            let placeholder = fill(sample, |_, _, _| words.to_owned());
            assert_eq!(kinds(&placeholder), [""; 0], "{placeholder}");
        }
    }
}

#[test]
fn a_secret_does_not_start_within_a_word() {
    for (kind, sample) in SAMPLES {
        let text = format!("z{}", sample_of(sample));
        let has_name = RULES.iter().any(|rule| rule.kind == *kind && rule.before.is_some());
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
    for (kind, sample) in SAMPLES {
        let text = sample_of(sample);
        let found = find(&text, []);
        let [secret] = found.as_slice() else { panic!("{text}") };
        let whole = &text[secret.range.clone()];
        let keyword = RULES
            .iter()
            .filter(|rule| rule.kind == *kind)
            .flat_map(|rule| &rule.keywords)
            .filter(|keyword| secret.start.starts_with(**keyword))
            .map(|keyword| keyword.len())
            .max();
        let shown = secret.start.len() - keyword.unwrap_or_default();
        assert!(whole.starts_with(&secret.start), "{text}");
        assert!(shown <= 4 && shown * 4 <= whole.len(), "{}", secret.start);
    }
    assert_eq!(find(&sample_of("postgres://app:{a12}@db.acme.io"), [])[0].start, "");
}

#[test]
fn the_key_of_this_run_is_found_in_any_form() {
    let text = "a = 'not-random-key' // aerostack-publish: allow SECRET_FOUND\nnot-random-keys";
    let found: Vec<_> =
        find(text, ["not-random-key", "a"]).into_iter().map(|secret| (secret.range, secret.is_own)).collect();
    assert_eq!(found, [(5..19, true), (62..76, true)]);
}

#[test]
fn a_comment_allows_its_own_line_or_the_next_one_if_it_is_alone() {
    let key = sample_of("ghp_{a36}");
    let found = |text: String| find(&text, []).len();
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
    assert_eq!(find(&format!("{key}\n").repeat(MAX_SECRETS + 9), []).len(), MAX_SECRETS + 1);
    assert_eq!(find(&format!("{ALLOW_COMMENT} {key} ").repeat(1000), []).len(), 0);
}

#[test]
fn a_dash_may_follow_a_secret_that_contains_none() {
    assert_eq!(kinds(&sample_of("ghp_{a36}-prod")), ["a GitHub token"]);
    assert_eq!(kinds(&sample_of("ghp_{a36}_prod")), ["a GitHub token"]);
    assert_eq!(kinds(&sample_of("HEROKU_API_KEY: {h8}-{h4}-{h4}-{h4}-{h12}-prod")), [""; 0]);
}
