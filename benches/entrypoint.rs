//! The duration of a dry run with a small and with a large entrypoint: `cargo bench --bench entrypoint`.
#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a benchmark prints its results and panics on errors"
)]

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// Runs per entrypoint; the median is printed.
const RUNS: usize = 21;

const MANIFEST: &str = r#"{"name": "large", "version": "1.0.0", "description": "A large entrypoint", "category": "utility",
  "language": "typescript", "runtime": "cloudflare-worker", "license": "MIT", "entrypoint": "index.ts",
  "npmDependencies": ["zod"], "envVars": ["TOKEN"]}"#;

const PART: &str = "
/** Fetches part N, with up to three attempts. */
export async function fetchN(c: Context<{ Bindings: { TOKEN: string } }>, options: OptionsN = {}): Promise<Response> {
  const { width = 320, height, ...rest } = options;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const response = await fetch(`https://example.com/N?w=${width}&h=${height ?? width}`, {
      headers: { authorization: `Bearer ${c.env.TOKEN}`, accept: rest.type === 'json' ? 'application/json' : '*/*' },
    });
    if (response.ok || !/^(408|429|5\\d\\d)$/.test(String(response.status))) return response;
  }
  throw new Error('part N failed');
}
export interface OptionsN { width?: number; height?: number; type?: 'json' | 'text' }
export const schemaN = z.object({ id: z.string().min(1), tags: z.array(z.string()).optional() });
";

fn main() {
    let large: String = (0..)
        .map(|part: u32| PART.replace('N', &part.to_string()))
        .scan(0, |length, part| {
            *length += part.len();
            (*length < 1 << 20).then_some(part)
        })
        .collect();
    let [small, large] = [String::new(), large].map(|rest| {
        format!("import {{ z }} from 'zod';\nimport type {{ Context }} from 'hono';\nexport const one = z.string();\n{rest}")
    });
    println!("{} bytes: {:.1?}", small.len(), median(&small));
    println!("{} bytes: {:.1?}", large.len(), median(&large));
}

fn median(code: &str) -> Duration {
    let directory = tempfile::tempdir().expect("a temporary directory");
    std::fs::write(directory.path().join("aerostack.json"), MANIFEST).expect("a file");
    std::fs::write(directory.path().join("index.ts"), code).expect("a file");
    let mut times: Vec<_> = (0..RUNS).map(|_| run(directory.path())).collect();
    times.sort_unstable();
    times.get(RUNS / 2).copied().unwrap_or_default()
}

fn run(directory: &Path) -> Duration {
    let mut command = Command::new(env!("CARGO_BIN_EXE_aerostack-publish"));
    command.env_clear().env("AEROSTACK_DRY_RUN", "true").current_dir(directory);
    let start = Instant::now();
    let output = command.output().expect("the binary starts");
    let time = start.elapsed();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    time
}
