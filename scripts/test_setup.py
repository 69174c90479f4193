"""setup.sh against stand-ins for dpkg and apt: silent when nothing is missing, else it installs or says what to do."""

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

SETUP = Path(__file__).with_name("setup.sh")
TOOLS = ("bash", "env", "grep", "cut", "cat", "dirname")


class Host:
    """A PATH of stand-ins. `installed` is what dpkg knows, `archive` what apt could install."""

    def __init__(self, folder, user="0"):
        self.folder = folder
        self.bin = folder / "bin"
        self.bin.mkdir()
        for tool in TOOLS:
            (self.bin / tool).symlink_to(shutil.which(tool))
        self.add("id", f"echo {user}")
        self.installed, self.archive, self.log = (folder / name for name in ("installed", "archive", "log"))
        for file in (self.installed, self.archive, self.log):
            file.write_text("")

    def add(self, name, body):
        script = self.bin / name
        script.write_text(f"#!/bin/bash\n{body}\n")
        script.chmod(script.stat().st_mode | stat.S_IXUSR)

    def make_debian(self):
        self.add("dpkg-query", f"while read -r name; do echo \"$name ii \"; done < {self.installed}")
        self.add("apt-cache", f'for name in "${{@:3}}"; do grep -x "$name" {self.archive}; done')
        self.add("apt-get", f'echo "$*" >> {self.log}\n[ "$1" = update ] && exit\n'
                 f'for name; do case $name in -*|install|Dpkg*) ;; *) grep -qx "$name" {self.archive} || exit 100\n'
                 f'echo "$name" >> {self.installed};; esac; done')

    def run(self, *arguments):
        return subprocess.run([self.bin / "bash", SETUP, *arguments], env={"PATH": str(self.bin)}, capture_output=True,
                              text=True, check=False)


def names(*groups):
    listed = subprocess.run([SETUP, "--list", *groups], capture_output=True, text=True, check=True).stdout.split()
    return [entry.split("|")[-1] for entry in listed]


@pytest.fixture
def debian(tmp_path):
    host = Host(tmp_path)
    host.make_debian()
    host.archive.write_text("\n".join(names("build", "analysis", "allocators", "optional")) + "\n")
    return host


def test_it_is_silent_when_nothing_is_missing(debian):
    debian.installed.write_text(debian.archive.read_text())
    done = debian.run()
    assert (done.returncode, done.stdout, done.stderr, debian.log.read_text()) == (0, "", "", "")


def test_what_is_missing_is_installed_under_the_name_of_this_release(debian):
    done = debian.run()
    assert done.returncode == 0, done.stderr
    assert set(debian.installed.read_text().split()) == set(names("build", "analysis", "allocators", "optional"))


def test_an_allocator_that_is_not_to_be_had_is_no_failure(debian):
    debian.archive.write_text("\n".join(names("build", "analysis")) + "\n")
    done = debian.run()
    assert done.returncode == 0
    assert "libjemalloc2 is not to be had here; what needs it will say skipped" in done.stderr


def test_a_required_package_that_is_not_to_be_had_is_named(debian):
    debian.archive.write_text("g++\n")
    done = debian.run()
    assert done.returncode == 2
    assert "apt-get failed" in done.stderr and "  cmake" in done.stderr


def test_another_distribution_gets_the_list(tmp_path):
    done = Host(tmp_path).run()
    assert done.returncode == 2
    assert "not Debian" in done.stderr and "  nlohmann-json3-dev" in done.stderr


def test_without_root_and_sudo_it_says_so(tmp_path):
    host = Host(tmp_path, user="1000")
    host.make_debian()
    done = host.run()
    assert done.returncode == 2
    assert "not root, and there is no sudo" in done.stderr
    assert "install" not in host.log.read_text()


def test_sudo_is_used_when_not_root(tmp_path):
    host = Host(tmp_path, user="1000")
    host.make_debian()
    host.archive.write_text("\n".join(names("build", "analysis", "allocators", "optional")) + "\n")
    host.add("sudo", f'echo sudo >> {host.log}; exec "$@"')
    assert host.run().returncode == 0
    assert "sudo" in host.log.read_text()


def test_an_unknown_option_is_named(debian):
    done = debian.run("--everything")
    assert done.returncode == 2 and "unknown option --everything" in done.stderr


def test_the_python_it_names_has_the_packages():
    done = subprocess.run([SETUP, "--python"], capture_output=True, text=True, check=True)
    subprocess.run([done.stdout.strip(), "-c", "import numpy, scipy, pandas"], check=True, env={**os.environ})
