//! How long a large entrypoint takes to be read and judged: the whole binary on a dry run, beside one on a small
//! entrypoint. `cargo bench --bench entrypoint`
#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a benchmark prints, and has nobody to tell of a fault"
)]

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

const RUNS: usize = 21;

const MANIFEST: &str = r#"{"name": "large", "version": "1.0.0", "description": "A large entrypoint", "category": "utility",
  "language": "typescript", "runtime": "cloudflare-worker", "license": "MIT", "entrypoint": "index.ts",
  "npmDependencies": ["zod"], "envVars": ["TOKEN"]}"#;

const PART: &str = "
/** Fetches what part N asks for, at most three times. */
export async function fetchN(c: Context<{ Bindings: { TOKEN: string } }>, options: OptionsN = {}): Promise<Response> {
  const { width = 320, height, ...rest } = options;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const answer = await fetch(`https://example.com/N?w=${width}&h=${height ?? width}`, {
      headers: { authorization: `Bearer ${c.env.TOKEN}`, accept: rest.type === 'json' ? 'application/json' : '*/*' },
    });
    if (answer.ok || !/^(408|429|5\\d\\d)$/.test(String(answer.status))) return answer;
  }
  throw new Error('part N does not answer');
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
    let directory = tempfile::tempdir().expect("a temporary folder");
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
