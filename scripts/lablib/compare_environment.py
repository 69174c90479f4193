"""Whether two runs' environments allow a comparison: the blocking keys, by name.

Which keys block depends on the metric (counts or times) and on the factor, which is exempt.
"""

import functools
import re

COUNTS = re.compile(r"libc(_name|_version)?|page_bytes|cpus?_count|cpus_allowed_count|thp_.*|allocator_sha256")
TIMES = re.compile(COUNTS.pattern + r"|cpu_model|kernel(_release|_version)?|cgroup_.*limit.*|image.*")
DOUBTFUL = re.compile(r"(cpu_)?microcode|load.*|(cpu_)?governor|cpus_allowed_count")
LATER = {"cpus_allowed_count"}  # older records lack it: unknown there, which is a doubt and no difference
LOAD_SHARE = 0.25  # of the machine: less than this moves the load average of any two sessions

# The factor itself, and what comes with it. A commit brings its own build of the lab's allocators.
_EXEMPT = {
    "allocator": re.compile(r"allocator_sha256"),
    "arm": re.compile(r"allocator_sha256"),
    "image": re.compile(r"image.*|libc.*|allocator_sha256"),
    "commit": re.compile(r"own_allocator"), "result": re.compile(r"own_allocator"),
}
OWN_ALLOCATORS = ("reference", "bump")


class Environments:
    """The environments of several results, flattened, with each allocator's digest beside them."""

    def __init__(self, results, factor_kind, exempt=(), require=()):
        self._results = results
        self._factor = factor_kind
        self._exempt, self._require = set(exempt), set(require)

    @functools.lru_cache(maxsize=None)
    def differences(self, first, second):
        """Returns {key: (value, value)} of all blocking differences but the exempt ones.

        `first` and `second` are frozensets of (source, environment id, allocator, arm).
        """
        here, there = [self._facts(each) for each in first], [self._facts(each) for each in second]
        found = {}
        for one in here:
            for other in there:
                for key in sorted(one.keys() | other.keys()):
                    pair = one.get(key), other.get(key)
                    if pair[0] != pair[1] and self._blocks(key, first | second) and not (
                            key in LATER and None in pair):
                        found.setdefault(key, pair)
        return found

    def doubts(self, first, second):
        """Returns the keys that are unknown or differ without forbidding a comparison."""
        facts = [self._facts(each) for each in first | second]
        keys = {key for each in facts for key in each if DOUBTFUL.fullmatch(key)}
        return sorted(key for key in keys if _doubtful(key, facts))

    def _blocks(self, key, sides):
        if key in self._require:
            return True
        if key in self._exempt or not TIMES.fullmatch(key):
            return False
        exempt = _EXEMPT.get(self._factor)
        if exempt and exempt.fullmatch(key):
            return False
        own = all(allocator in OWN_ALLOCATORS for _, _, allocator, _ in sides)
        return not (key == "allocator_sha256" and exempt and exempt.pattern == "own_allocator" and own)

    def _facts(self, place):
        source, environment, allocator, arm = place
        manifest = self._results[source].manifest
        facts = dict(_flat(manifest["environments"].get(environment, {})))
        facts["allocator_sha256"] = next(
            (each.get("sha256") for each in manifest["allocators"]
             if each["name"] == allocator and each.get("arm", arm) == arm), None)
        return facts


def blocks_metric(key, blocking):
    """Whether a difference in `key` forbids comparing a metric that declares `blocking`."""
    return bool((TIMES if blocking == "times" else COUNTS).fullmatch(key))


def _doubtful(key, facts):
    """Whether `key` is unknown or differs; a load only by a share of the machine that matters."""
    values = [each.get(key) for each in facts]
    if None in values:
        return True
    if key.startswith("load") and key.endswith("_percent"):
        cpus = facts[0].get("cpus_count") or 1
        return max(values) - min(values) > 100 * cpus * LOAD_SHARE
    return len(set(values)) > 1


def _flat(facts, prefix=""):
    """Yields (name, value) with nested names joined by underscores."""
    for name, value in facts.items():
        name = prefix + name.replace(".", "_")
        if isinstance(value, dict):
            yield from _flat(value, name + "_")
        else:
            yield name, value
