//! The formats of well-known secrets, as their vendors document them: one table, data only.

use super::heuristics::Judge;

/// The format of one kind of secret.
pub(super) struct Rule {
    /// What it is, in words: `a GitHub token`.
    pub(super) kind: &'static str,
    /// What it starts with, or what stands in its midst where `lead` is set. Only texts that hold one are looked at.
    pub(super) keywords: &'static [&'static str],
    /// What may stand before the keyword in the secret itself.
    pub(super) lead: Option<Lead>,
    /// The whole, from its first character on; a group in it is the secret alone.
    pub(super) pattern: &'static str,
    /// What else must hold.
    pub(super) judge: Judge,
}

/// Longest start of a variable's name before the keyword, in characters.
const LONGEST_NAME: usize = 60;

/// Characters of a secret before its keyword.
#[derive(Clone, Copy)]
pub(super) struct Lead {
    pub(super) is_of: fn(u8) -> bool,
    pub(super) most: usize,
}

const fn random(kind: &'static str, keywords: &'static [&'static str], pattern: &'static str) -> Rule {
    Rule { kind, keywords, lead: None, pattern, judge: Judge::Random }
}

const fn led(
    kind: &'static str,
    lead: (fn(u8) -> bool, usize),
    keywords: &'static [&'static str],
    pattern: &'static str,
) -> Rule {
    let lead = Some(Lead { is_of: lead.0, most: lead.1 });
    Rule { kind, keywords, lead, pattern, judge: Judge::Random }
}

/// The value of a variable or property whose name holds a keyword, where the value alone has no form of its own.
macro_rules! value {
    ($value:literal) => {
        concat!(r#"[\w.-]+["'`\]]{0,2}\s{0,3}(?:=>|[:=,])\s{0,3}["'`]?"#, "(", $value, ")")
    };
}

const fn named(kind: &'static str, keywords: &'static [&'static str], pattern: &'static str) -> Rule {
    led(kind, (is_name, LONGEST_NAME), keywords, pattern)
}

const fn judged(
    kind: &'static str,
    keywords: &'static [&'static str],
    pattern: &'static str,
    judge: Judge,
) -> Rule {
    Rule { kind, keywords, lead: None, pattern, judge }
}

const fn is_digit(byte: u8) -> bool {
    byte.is_ascii_digit()
}

const fn is_alphanumeric(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

const fn is_hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

const fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

const fn is_azure(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'~' | b'.' | b'-')
}

/// Every rule. Of two that find secrets at one place, the upper one names it.
///
/// Left out on purpose: what is public by design (Stripe `pk_`, Supabase `anon`, `PostHog` `phc_`, Mapbox `pk.`) and keys
/// of sandboxes that move neither money nor data (Stripe `sk_test_`, which every tutorial shows).
pub(super) const RULES: &[Rule] = &[
    // Aerostack. Only the prefix is documented, so what follows must be long and random.
    random("an Aerostack key", &["ac_", "ak_"], "a[ck]_(?:[A-Za-z0-9]{1,10}[_-])?[A-Za-z0-9]{20,}"),
    // Private keys.
    judged(
        "a private key",
        &["-----BEGIN "],
        r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----",
        Judge::PrivateKey,
    ),
    random("an age secret key", &["AGE-SECRET-KEY-1"], "AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}"),
    // Clouds.
    random("an AWS access key", &["AKIA", "ASIA"], "A[KS]IA[A-Z2-7]{16}"),
    named(
        "an AWS secret access key",
        &[
            "SECRET_ACCESS_KEY",
            "secretAccessKey",
            "secret_access_key",
            "SecretAccessKey",
            "AWS_SECRET_KEY",
            "aws_secret_key",
        ],
        value!(r"[A-Za-z0-9/+]{40}"),
    ),
    random(
        "an AWS secret access key",
        &["AKIA", "ASIA"],
        r#"A[KS]IA[A-Z2-7]{16}["'`]\s{0,20},\s{0,20}["'`]([A-Za-z0-9/+]{40})["'`]"#,
    ),
    random("a Google API key", &["AIza"], r"AIza[\w-]{35}"),
    random("a Google OAuth client secret", &["GOCSPX-"], r"GOCSPX-[\w-]{28}"),
    random("a Google OAuth refresh token", &["1//0"], r"1//0[\w-]{60,}"),
    random("an Azure storage key", &["AccountKey="], "AccountKey=([A-Za-z0-9+/]{86}==)"),
    random(
        "an Azure shared access key",
        &["SharedAccessKey="],
        "SharedAccessKey=([A-Za-z0-9+/]{43}=|[A-Za-z0-9+/]{33}\\+ASb[A-Za-z0-9+/]{7}=)",
    ),
    led(
        "an Azure client secret",
        (is_azure, 3),
        &["7Q~", "8Q~"],
        r"[A-Za-z0-9_~.-]{3}[78]Q~[A-Za-z0-9_~.-]{31,34}",
    ),
    led("an Azure AI key", (is_alphanumeric, 52), &["JQQJ99"], "[A-Za-z0-9]{52}JQQJ99[A-Za-z0-9]{26}"),
    led("an Azure DevOps token", (is_alphanumeric, 76), &["AZDO"], "[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}"),
    random("a Cloudflare key", &["cfk_", "cfut_", "cfat_"], "cf(?:k|ut|at)_[A-Za-z0-9]{40,56}"),
    random("a Cloudflare origin CA key", &["v1.0-"], "v1\\.0-[a-f0-9]{24}-[a-f0-9]{146}"),
    named(
        "a Cloudflare API token",
        &["CLOUDFLARE_API_TOKEN", "CF_API_TOKEN", "CLOUDFLARE_API_KEY", "CF_API_KEY"],
        value!(r"[A-Za-z0-9_-]{40}|[a-f0-9]{37}"),
    ),
    random("a DigitalOcean token", &["dop_v1_", "doo_v1_", "dor_v1_"], "do[opr]_v1_[a-f0-9]{64}"),
    random("a Heroku key", &["HRKU-"], r"HRKU-[\w-]{36,}"),
    named("a Heroku key", &["HEROKU_API_KEY"], value!(r"[a-f0-9]{8}(?:-[a-f0-9]{4}){3}-[a-f0-9]{12}")),
    random("a Fly.io token", &["fm1r_", "fm2_"], r"fm(?:1r|2)_[A-Za-z0-9+/]{60,}={0,2}"),
    random("an Alibaba Cloud access key", &["LTAI5t"], "LTAI5t[A-Za-z0-9]{18}"),
    random("a HashiCorp Vault token", &["hvs.", "hvb."], r"hv[sb]\.[\w-]{24,}"),
    led(
        "a Terraform Cloud token",
        (is_alphanumeric, 14),
        &[".atlasv1."],
        r"[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{60,70}",
    ),
    random("a Pulumi token", &["pul-"], "pul-[a-f0-9]{40}"),
    random(
        "a Doppler token",
        &["dp.pt.", "dp.ct.", "dp.sa.", "dp.st.", "dp.scim.", "dp.audit."],
        r"dp\.(?:pt|ct|sa|scim|audit|st(?:\.[a-z0-9_-]{2,35})?)\.[A-Za-z0-9]{40,44}",
    ),
    random("a 1Password service account token", &["ops_eyJ"], "ops_eyJ[A-Za-z0-9+/_-]{200,}={0,2}"),
    random("a Vercel token", &["vcp_", "vci_", "vca_", "vcr_", "vck_"], r"vc[piark]_[\w-]{56}"),
    random("a Vercel Blob token", &["vercel_blob_rw_"], "vercel_blob_rw_[A-Za-z0-9]{16}_[A-Za-z0-9]{30,}"),
    random("a Netlify token", &["nfp_", "nfc_", "nfo_", "nfu_", "nfb_"], "nf[pcoub]_[A-Za-z0-9]{36}"),
    random("a Supabase access token", &["sbp_"], "sbp_(?:oauth_)?[a-f0-9]{40}"),
    random("a Supabase secret key", &["sb_secret_"], r"sb_secret_[\w-]{28,}"),
    random("a Render key", &["rnd_"], "rnd_[A-Za-z0-9]{28,40}"),
    // Databases.
    judged(
        "a database password",
        &[
            "postgres://",
            "postgresql://",
            "mysql://",
            "mariadb://",
            "mongodb://",
            "mongodb+srv://",
            "redis://",
            "rediss://",
            "amqp://",
            "amqps://",
            "mssql://",
            "sqlserver://",
            "cockroachdb://",
            "clickhouse://",
            "neo4j+s://",
            "nats://",
        ],
        r#"[a-z0-9+]+://[^\s:@/'"`<>\\]*:([^\s@/'"`<>\\]+)@[^\s/:?#'"`<>,\\)]+"#,
        Judge::Password,
    ),
    random("a PlanetScale credential", &["pscale_"], r"pscale_(?:tkn|pw|oauth)_[\w=.-]{32,64}"),
    random("a Neon key", &["napi_"], "napi_[a-z0-9]{64}"),
    random("a Databricks token", &["dapi"], "dapi[a-f0-9]{32}(?:-[0-9])?"),
    // Payment.
    random(
        "a live payment key (Stripe and others)",
        &["sk_live_", "rk_live_"],
        r"[rs]k_live_[A-Za-z0-9]{20,}",
    ),
    random("a webhook signing secret (Stripe, Svix)", &["whsec_"], "whsec_[A-Za-z0-9+/]{32,}={0,2}"),
    random(
        "a Square token",
        &["sq0atp-", "sq0csp-", "EAAA"],
        r"sq0atp-[\w-]{22}|sq0csp-[\w-]{43}|EAAA[\w-]{60}",
    ),
    random(
        "a Braintree token",
        &["access_token$production$"],
        r"access_token\$production\$[a-z0-9]{16}\$[a-f0-9]{32}",
    ),
    named("a PayPal client secret", &["PAYPAL_CLIENT_SECRET", "PAYPAL_SECRET"], value!(r"E[\w-]{79}")),
    random(
        "a Shopify token",
        &["shpat_", "shpca_", "shppa_", "shpss_"],
        "shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}",
    ),
    random("a Flutterwave key", &["FLWSECK-"], "FLWSECK-[A-Za-z0-9]{32}-X"),
    random(
        "a Plaid token",
        &["access-production-"],
        "access-production-[a-f0-9]{8}(?:-[a-f0-9]{4}){3}-[a-f0-9]{12}",
    ),
    // Git hosts and package registries.
    random("a GitHub token", &["ghp_", "gho_", "ghu_", "ghs_", "ghr_"], r"gh[pousr]_[A-Za-z0-9]{36,}"),
    random("a GitHub token", &["github_pat_"], "github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}"),
    random(
        "a GitLab token",
        &[
            "glpat-", "gldt-", "glrt-", "glrtr-", "glcbt-", "glptt-", "glft-", "glimt-", "glagent-",
            "gloas-", "glsoat-", "glffct-",
        ],
        r"gl(?:pat|dt|rtr?|cbt|ptt|ft|imt|agent|oas|soat|ffct)-[\w-]{20,}(?:\.[0-9a-z]{2}\.[0-9a-z]{9})?",
    ),
    random("a Bitbucket token", &["ATBB", "ATCTT3xFfG"], r"ATBB[A-Za-z0-9]{32}|ATCTT3xFfG[\w=-]{100,}"),
    random("an Atlassian token", &["ATATT3xFfG"], r"ATATT3xFfG[\w=-]{100,}"),
    random("an npm token", &["npm_"], "npm_[A-Za-z0-9]{36}"),
    random("a PyPI token", &["pypi-AgE"], r"pypi-AgE[\w-]{60,}"),
    random("a RubyGems key", &["rubygems_"], "rubygems_[a-f0-9]{48}"),
    random("a NuGet key", &["oy2"], "oy2[a-z0-9]{43}"),
    random("a Docker Hub token", &["dckr_pat_", "dckr_oat_"], r"dckr_(?:pat_[\w-]{27}|oat_[\w-]{32})"),
    random("a JFrog key", &["AKCp"], "AKCp[A-Za-z0-9]{69}"),
    // Chat.
    random(
        "a Slack token",
        &["xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xoxe-", "xoxe.xox", "xapp-"],
        r"xox[bpars]-[0-9]{8,14}-[A-Za-z0-9-]{20,}|xoxe-[0-9]-[A-Za-z0-9]{100,}|xoxe\.xox[bp]-[0-9]-[A-Za-z0-9]{100,}|xapp-[0-9]-[A-Z0-9]{8,12}-[0-9]{10,14}-[a-f0-9]{64}",
    ),
    random(
        "a Slack webhook",
        &["hooks.slack.com/services/", "hooks.slack.com/workflows/", "hooks.slack.com/triggers/"],
        r"hooks\.slack\.com/(?:services/T[A-Z0-9]{8,12}/B[A-Z0-9]{8,12}/[A-Za-z0-9]{24}|(?:workflows|triggers)/[A-Z0-9]{8,12}/[A-Z0-9]{8,14}/(?:[0-9]{17,19}/)?[A-Za-z0-9]{24,32})",
    ),
    random(
        "a Discord webhook",
        &["discord.com/api/webhooks/", "discordapp.com/api/webhooks/"],
        r"discord(?:app)?\.com/api/webhooks/[0-9]{17,20}/[\w-]{60,80}",
    ),
    // It starts with the digits of the bot's id, in base64.
    judged(
        "a Discord bot token",
        &["MT", "Mj", "Mz", "ND", "NT", "Nj", "Nz", "OD", "OT"],
        r"[MNO][A-Za-z0-9_-]{22,27}\.[\w-]{6}\.[\w-]{27,38}",
        Judge::DiscordToken,
    ),
    led("a Telegram bot token", (is_digit, 10), &[":AA"], r"[0-9]{8,10}:AA[\w-]{33}"),
    random("a Twilio auth token", &["AC"], r#"AC[0-9a-f]{32}["'`]\s{0,20},\s{0,20}["'`]([0-9a-f]{32})["'`]"#),
    named(
        "a Twilio auth token",
        &["TWILIO_AUTH_TOKEN", "TWILIO_TOKEN", "twilioAuthToken"],
        value!(r"[0-9a-f]{32}"),
    ),
    random("a Twilio API key", &["SK"], "SK[0-9a-f]{32}"),
    led(
        "a Microsoft Teams webhook",
        (is_alphanumeric, 40),
        &[".webhook.office.com/webhookb2/"],
        r"[A-Za-z0-9]+\.webhook\.office\.com/webhookb2/[a-f0-9-]{36}@[a-f0-9-]{36}/IncomingWebhook/[a-f0-9]{32}/[a-f0-9-]{36}",
    ),
    // E-mail.
    random("a SendGrid key", &["SG."], r"SG\.[\w-]{22}\.[\w-]{43}"),
    random("a Mailgun key", &["key-"], "key-[a-f0-9]{32}"),
    led("a Mailchimp key", (is_hex, 32), &["-us"], "[a-f0-9]{32}-us[0-9]{1,2}"),
    random("a Resend key", &["re_"], "re_[A-Za-z0-9]{8}_[A-Za-z0-9]{24}"),
    random("a Brevo key", &["xkeysib-", "xsmtpsib-"], "x(?:key|smtp)sib-[a-f0-9]{64}-[A-Za-z0-9]{16}"),
    random("a MailerSend key", &["mlsn."], r"mlsn\.[a-f0-9]{64}"),
    named(
        "a Postmark token",
        &["POSTMARK_SERVER_TOKEN", "POSTMARK_API_TOKEN", "POSTMARK_API_KEY", "X-Postmark-Server-Token"],
        value!(r"[a-f0-9]{8}(?:-[a-f0-9]{4}){3}-[a-f0-9]{12}"),
    ),
    // Artificial intelligence.
    random("an Anthropic key", &["sk-ant-"], r"sk-ant-[a-z0-9]{2,12}-[\w-]{40,}"),
    random("an OpenRouter key", &["sk-or-v1-"], "sk-or-v1-[a-f0-9]{64}"),
    random("a Langfuse key", &["sk-lf-"], "sk-lf-[a-f0-9]{8}(?:-[a-f0-9]{4}){3}-[a-f0-9]{12}"),
    random(
        "an OpenAI key",
        &["sk-"],
        r"sk-(?:(?:proj|svcacct|admin|None)-[\w-]{40,}|[A-Za-z0-9]{48}|[A-Za-z0-9]{32})",
    ),
    random("a Hugging Face token", &["hf_", "api_org_"], "(?:hf|api_org)_[A-Za-z0-9]{34}"),
    random("a Replicate token", &["r8_"], "r8_[A-Za-z0-9]{37}"),
    random("a Groq key", &["gsk_"], "gsk_[A-Za-z0-9]{52}"),
    random("an xAI key", &["xai-"], "xai-[A-Za-z0-9]{80}"),
    random("a Perplexity key", &["pplx-"], "pplx-[A-Za-z0-9]{48}"),
    random("an NVIDIA key", &["nvapi-"], r"nvapi-[\w-]{64}"),
    random("a Pinecone key", &["pcsk_"], "pcsk_[A-Za-z0-9]{5,6}_[A-Za-z0-9]{60,}"),
    random("a LangSmith key", &["lsv2_"], "lsv2_(?:pt|sk)_[a-f0-9]{32}_[a-f0-9]{10}"),
    random("an ElevenLabs key", &["sk_"], "sk_[a-f0-9]{48}"),
    random("a Tavily key", &["tvly-"], "tvly-(?:prod-)?[A-Za-z0-9]{32,}"),
    random("a Firecrawl key", &["fc-"], "fc-[a-f0-9]{32}"),
    random("an E2B key", &["e2b_"], "e2b_[a-f0-9]{40}"),
    // Work and monitoring.
    random("a Sentry token", &["sntrys_", "sntryu_"], r"sntrys_eyJ[\w=+/-]{80,}|sntryu_[a-f0-9]{64}"),
    random("a Linear key", &["lin_api_", "lin_oauth_"], "lin_(?:api_[A-Za-z0-9]{40}|oauth_[a-f0-9]{64})"),
    random("a Notion token", &["ntn_", "secret_"], "ntn_[A-Za-z0-9]{46}|secret_[A-Za-z0-9]{43}"),
    random("a Figma token", &["figd_"], r"figd_[\w-]{40}"),
    random("an Airtable token", &["pat"], r"pat[A-Za-z0-9]{14}\.[a-f0-9]{64}"),
    random("a HubSpot token", &["pat-"], "pat-(?:na|eu|ap)[0-9]-[a-f0-9]{8}(?:-[a-f0-9]{4}){3}-[a-f0-9]{12}"),
    random("a Contentful token", &["CFPAT-"], r"CFPAT-[\w-]{43}"),
    random("a Typeform token", &["tfp_"], r"tfp_[\w.=-]{59}"),
    random("a Mapbox secret token", &["sk.eyJ"], r"sk\.eyJ[\w-]{60,}\.[\w-]{22}"),
    random(
        "a Grafana token",
        &["glsa_", "glc_eyJ"],
        "glsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}|glc_eyJ[A-Za-z0-9+/]{60,}={0,2}",
    ),
    random("a New Relic key", &["NRAK-"], "NRAK-[A-Z0-9]{27}"),
    random("a PostHog key", &["phx_"], "phx_[A-Za-z0-9]{43,}"),
    random("a Postman key", &["PMAK-"], "PMAK-[a-f0-9]{24}-[a-f0-9]{34}"),
    random("a Dynatrace token", &["dt0c01."], r"dt0c01\.[A-Z0-9]{24}\.[A-Z0-9]{64}"),
    random("a Cloudinary URL", &["cloudinary://"], r"cloudinary://[0-9]{10,20}:([\w-]{20,})@[\w-]+"),
    // Tokens that a provider signed.
    judged("a token signed by a provider", &["eyJ"], r"eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}", Judge::Jwt),
];
