"""What each package offers is short, is there, and costs no more to import than it must."""

import importlib
import pkgutil
import subprocess
import sys

import pytest

import encoders
import streams

PACKAGES = [
    package.name
    for root in (encoders, streams)
    for package in [
        pkgutil.ModuleInfo(None, root.__name__, ispkg=True),
        *pkgutil.walk_packages(root.__path__, f"{root.__name__}."),
    ]
    if package.ispkg
]
NAMES_AT_MOST = 25


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_exists_once_and_there_are_few(package):
    module = importlib.import_module(package)
    names = getattr(module, "__all__", [])
    assert [name for name in names if not hasattr(module, name)] == []
    assert len(set(names)) == len(names) <= NAMES_AT_MOST


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_says_what_it_is_for(package):
    assert importlib.import_module(package).__doc__


@pytest.mark.slow
@pytest.mark.parametrize(
    ("package", "heavy"),
    [
        ("encoders", "torch"),
        ("encoders.photos", "torch"),
        ("streams.events", "torch"),
        ("streams.index", "torch"),
        ("streams.images", "torch"),
        ("streams.matching", "qdrant_client"),
        ("streams.stages", "faust"),
        ("streams.web.app", "torch"),
        ("streams.cli.main", "torch"),
        ("streams.cli.main", "faust"),
        ("streams.cli.main", "scipy.stats"),
    ],
)
def test_importing_a_package_leaves_alone_what_it_does_not_need(package, heavy):
    code = f"import sys, {package}; sys.exit({heavy!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
