use std::fs;
use std::path::Path;

/// The modules of the crate from the top down: each imports only modules below it.
const MODULES: &str = "main args lib builder handle tls server routes middleware inject body_fault gzip_bomb \
    shared_stream connection response page hub recorded log gate state_file atomic_file store submission error slug faults \
    fault rate_limit route shapes receipt review named account";

#[test]
fn modules_import_only_modules_below_them() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let modules: Vec<_> = MODULES.split(' ').collect();
    assert_eq!(fs::read_dir(&source).expect("a directory").count(), modules.len(), "a module is not listed");
    for (index, module) in modules.iter().enumerate() {
        let code = fs::read_to_string(source.join(format!("{module}.rs"))).expect("a module");
        // A macro names its own module.
        let code = code.replace("$crate::", "");
        for import in code.split("crate::").skip(1) {
            let imported =
                import.split(|c: char| c != '_' && !c.is_alphanumeric()).next().unwrap_or_default();
            assert!(!modules[..=index].contains(&imported), "`{module}` imports `{imported}`");
        }
    }
}
