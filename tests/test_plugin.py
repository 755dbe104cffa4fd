"""The plugin stands on its own: another Wagtail site installs and uses it."""

import ast
import os
import subprocess
import sys
from pathlib import Path

from django.test import SimpleTestCase

import plans

ROOT = Path(__file__).resolve().parent.parent
PLUGIN = Path(plans.__file__).parent


class PluginTest(SimpleTestCase):
    def test_another_site_installs_and_uses_it(self):
        result = subprocess.run(
            [sys.executable, "-m", "tests.foreign_site.browse"],
            cwd=ROOT,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.foreign_site.settings"},
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual(result.returncode, 0, result.stderr[-3000:])
        self.assertIn("read", result.stdout)

    def test_it_imports_nothing_of_this_project(self):
        for path in PLUGIN.rglob("*.py"):
            for name in imported(path):
                self.assertNotIn(
                    name.split(".")[0], {"home", "intranet", "tests"}, f"{path}: {name}"
                )

    def test_models_do_not_know_the_rooms_above_them(self):
        above = {"permissions", "actions", "views", "importing", "wagtail_hooks"}
        for path in (PLUGIN / "models").rglob("*.py"):
            for name in imported(path):
                parts = name.split(".")
                if parts[0] == "plans" and len(parts) > 1:
                    self.assertNotIn(parts[1], above, f"{path}: {name}")

    def test_nobody_asks_guardian_directly(self):
        for path in PLUGIN.rglob("*.py"):
            for name in imported(path):
                self.assertNotIn(name, {"guardian.shortcuts", "guardian.core"}, path)


def imported(path):
    """The names of the modules a file imports."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
