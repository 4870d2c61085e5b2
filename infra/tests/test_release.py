"""The scripts of a release: which part of the changelog they print, and what an SBOM lists."""

import copy
import importlib.machinery
import importlib.util
import shutil
import subprocess

import pytest

from stack import INFRA


def loaded(name):
    """A script of infra without an extension, as a module."""
    loader = importlib.machinery.SourceFileLoader(name, str(INFRA / name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    loader.exec_module(module)
    return module


def component(name, reference, url=""):
    purl = f"pkg:cargo/{name}@1.0.0{url}"
    return {"name": name, "version": "1.0.0", "bom-ref": reference, "purl": purl}


OWN = "path+file:///somewhere/engine#1.0.0"
ROOT = "path+file:///somewhere/function#1.0.0"
BOM = {
    "metadata": {
        "component": component("bootstrap", ROOT, "?download_url=file://.#src/bin/bootstrap.rs")
        | {"purl": "pkg:cargo/resizer@1.0.0?download_url=file://.#src/bin/bootstrap.rs"}
    },
    "components": [
        component("engine", OWN, "?download_url=file://../engine"),
        component("bytes", "registry#bytes@1.0.0"),
        component("syn", "registry#syn@1.0.0"),
    ],
    "dependencies": [
        {"ref": ROOT, "dependsOn": [OWN, "registry#syn@1.0.0"]},
        {"ref": OWN, "dependsOn": ["registry#bytes@1.0.0"]},
        {"ref": "registry#bytes@1.0.0"},
        {"ref": "registry#syn@1.0.0", "dependsOn": ["registry#bytes@1.0.0"]},
    ],
}
LINKED = {("resizer", "1.0.0"), ("engine", "1.0.0"), ("bytes", "1.0.0")}


def test_an_sbom_lists_what_is_linked_and_no_paths():
    bom = loaded("sbom").limited(copy.deepcopy(BOM), LINKED)
    assert [one["bom-ref"] for one in bom["components"]] == [
        "pkg:cargo/engine@1.0.0",
        "registry#bytes@1.0.0",
    ]
    assert bom["metadata"]["component"]["purl"] == "pkg:cargo/resizer@1.0.0"
    assert bom["dependencies"] == [
        {"ref": "pkg:cargo/resizer@1.0.0", "dependsOn": ["pkg:cargo/engine@1.0.0"]},
        {"ref": "pkg:cargo/engine@1.0.0", "dependsOn": ["registry#bytes@1.0.0"]},
        {"ref": "registry#bytes@1.0.0", "dependsOn": []},
    ]
    assert "somewhere" not in str(bom) and "file:" not in str(bom)


def test_a_linked_crate_that_is_not_listed_is_an_error():
    with pytest.raises(SystemExit, match="tokio"):
        loaded("sbom").limited(copy.deepcopy(BOM), LINKED | {("tokio", "1.0.0")})


def notes(folder, version):
    command = [folder / "infra/release", "notes", version]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.fixture
def repository(tmp_path):
    (tmp_path / "infra").mkdir()
    shutil.copy(INFRA / "release", tmp_path / "infra/release")
    (tmp_path / "Cargo.toml").write_text('[workspace.package]\nversion = "1.2.3"\n')
    changelog = "# Changelog\n\n## Unreleased\n\n- New.\n\n## 1.2.3 - 2026-12-01\n\n- Mended.\n"
    (tmp_path / "CHANGELOG.md").write_text(changelog + "\n## 1.2.2\n\n- Old.\n")
    return tmp_path


def test_notes_are_the_part_of_the_version(repository):
    assert notes(repository, "1.2.3").stdout.strip() == "- Mended."


@pytest.mark.parametrize(
    ("version", "changelog", "message"),
    [
        ("1.2.4", None, "Cargo.toml has another version than 1.2.4"),
        ("1.2.3", "## Unreleased\n\n- New.\n", 'CHANGELOG.md has no part "## 1.2.3"'),
        ("1.2.3", "## 1.2.30\n\n- Other.\n", 'CHANGELOG.md has no part "## 1.2.3"'),
        ("1.2.3", "## 1.2.3\n\n## 1.2.2\n\n- Old.\n", 'CHANGELOG.md has no part "## 1.2.3"'),
    ],
)
def test_a_tag_without_notes_is_refused(repository, version, changelog, message):
    if changelog:
        (repository / "CHANGELOG.md").write_text(changelog)
    done = notes(repository, version)
    assert done.returncode == 1 and done.stdout == "" and message in done.stderr
