"""What must hold across a whole result and no schema can say. Reads rows one at a time."""


class Checks:
    """Collects (line, JSON path, cause) through `report`; line 0 is the manifest."""

    def __init__(self, manifest, report):
        self._manifest, self._report = manifest, report
        self._cases = {case["id"]: case for case in manifest["plan"]["cases"]}
        self._experiments = {each["name"]: each for each in manifest["experiments"]}
        self._allocators = {each["name"] for each in manifest["allocators"]}
        self._lines, self._superseded, self._done = {}, {}, {}

    def manifest(self):
        for index, case in enumerate(self._manifest["plan"]["cases"]):
            self._known(0, f"$.plan.cases[{index}]", case)
        if len(self._cases) < len(self._manifest["plan"]["cases"]):
            self._report(0, "$.plan.cases", "two cases have the same id")

    def row(self, line, row):
        if row["status"] == "superseded":
            self._superseded[row["run"]] = line
            return
        if row["run"] in self._lines:
            self._report(line, "$.run", f"{row['run']} is already in line {self._lines[row['run']]}")
        self._lines[row["run"]] = line
        self._done[row["run"]] = (row["block"], row["case"])
        self._known(line, "$", row)
        self._matches_plan(line, row)
        self._phases(line, row)
        if row["environment"] not in {*self._manifest["environments"], None, ""}:
            self._report(line, "$.environment", f"{row['environment']} is not in the manifest")

    def _known(self, line, path, case):
        if case["experiment"] not in self._experiments:
            self._report(line, f"{path}.experiment", f"{case['experiment']} is not in the manifest")
        if case["allocator"] not in self._allocators:
            self._report(line, f"{path}.allocator", f"{case['allocator']} is not in the manifest")

    def _matches_plan(self, line, row):
        if row["search"] is not None:
            return
        case = self._cases.get(row["case"])
        if case is None:
            self._report(line, "$.case", f"{row['case']} is not in the plan")
            return
        for key in ("experiment", "allocator", "arm", "params", "knobs"):
            if row[key] != case[key]:
                self._report(line, f"$.{key}", f"{row[key]!r}, but the plan's case {case['id']} has "
                                               f"{case[key]!r}")

    def _phases(self, line, row):
        declared = self._experiments.get(row["experiment"], {}).get("phases", [])
        for index, phase in enumerate(row["phases"]):
            path = f"$.phases[{index}]"
            if declared and phase["name"] not in declared:
                self._report(line, f"{path}.name", f"{phase['name']} is not a phase of "
                                                   f"{row['experiment']}")
            self._metrics(line, f"{path}.metrics", phase["metrics"], row["nulls"])
            self._metrics(line, f"{path}.ideal", phase.get("ideal", {}), None)
        self._metrics(line, "$.at_start", row["at_start"], row["nulls"])

    def _metrics(self, line, path, metrics, nulls):
        for name, value in metrics.items():
            if name not in self._manifest["metrics"]:
                self._report(line, f"{path}.{name}", "not in the metric registry")
            elif value is None and nulls is not None and name not in nulls:
                self._report(line, f"{path}.{name}", "null without a reason in nulls")

    def end(self):
        for run, line in self._superseded.items():
            if run not in self._lines:
                self._report(line, "$.run", f"supersedes {run}, which is not in the journal")
        if self._manifest["outcome"] == "complete":
            self._every_case_ran()

    def _every_case_ran(self):
        done = {pair for run, pair in self._done.items() if run not in self._superseded}
        ran = {}
        for block, case in done:
            ran.setdefault(case, set()).add(block)
        blocks = set().union(*(ran.get(case, ()) for case in self._cases))
        for case in self._cases.values():
            missing = blocks - ran.get(case["id"], set())
            if missing or not blocks:
                where = f"block {min(missing)}" if missing else "any block"
                self._report(0, "$.outcome", f"complete, but case {case['id']} (arm {case['arm']}) "
                                             f"has no run in {where}")
