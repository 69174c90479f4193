#!/usr/bin/python3
"""Joins results that belong together into a new one; the parts stay as they are.

  merge.py --out DIR SHARD…               shards of one plan (alloclab run --shard I/N): whole blocks, all of them
  merge.py --out DIR --by image RESULT…   the same plan run in different images: the image becomes a factor,
                                          and each image's allocators arms of their own ("mimalloc trixie")

Nothing is overwritten: DIR must not exist, and appears only when it is whole. Standard library only.
"""

import argparse
import json
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from lablib.compare_environment import blocks_metric
from lablib.errors import BadInput, run, warn
from lablib.journal import read_manifest, read_rows


@dataclass
class Part:
    """One result to join: what its runs and environments will be called is `prefix` + their old name."""

    folder: Path
    manifest: dict
    prefix: str = ""
    blocks: set = field(default_factory=set)

    @property
    def shard(self):
        return self.manifest["plan"]["shard"]

    @property
    def image(self):
        """The image of all its environments. Raises BadInput when there is none, or more than one."""
        images = {each.get("image") for each in self.manifest["environments"].values()}
        if len(images) != 1 or None in images:
            raise BadInput(self.folder, "was not made in one container image",
                           "run it with make experiment IMAGE=…")
        return images.pop()


def read_parts(folders):
    parts = [Part(Path(folder), read_manifest(Path(folder))) for folder in folders]
    for part in parts:
        if part.manifest["outcome"] != "complete":
            raise BadInput(part.folder, f"is not complete (outcome {part.manifest['outcome']})",
                           f"alloclab run --resume {part.folder}")
    return parts


def require_one_plan(parts):
    """All parts must be runs of the same plan, made in the same way."""
    first = parts[0]
    for name, value in (("plan", lambda m: m["plan"]["id"]), ("number of blocks", lambda m: m["plan"]["blocks"]),
                        ("seed", lambda m: m["seed"]), ("measure", lambda m: m["measure"]),
                        ("lab_version", lambda m: m["lab_version"])):
        for part in parts[1:]:
            if value(part.manifest) != value(first.manifest):
                raise BadInput(part.folder, f"has another {name} ({value(part.manifest)}) than {first.folder} "
                               f"({value(first.manifest)})", "join only parts of one plan")


def require_all_shards(parts):
    """Each shard once, none missing."""
    count = parts[0].shard["count"]
    seen = {}
    for part in parts:
        index = part.shard["index"]
        if part.shard["count"] != count:
            raise BadInput(part.folder, f"is shard {index}/{part.shard['count']}, the others are of {count}")
        if index in seen:
            raise BadInput(part.folder, f"is shard {index}/{count} a second time (the first is {seen[index]})")
        seen[index] = part.folder
        part.prefix = f"s{index}-"
    missing = sorted(set(range(1, count + 1)) - seen.keys())
    if missing:
        names = ", ".join(f"{index}/{count}" for index in missing)
        raise BadInput(parts[0].folder.parent, f"shard {names} is missing", "give all shards, or run what is missing")


def require_all_images(parts):
    """Each image once, and every part the whole plan."""
    seen = {}
    for part in parts:
        if part.shard["count"] != 1:
            raise BadInput(part.folder, "is a shard", "join its shards first")
        if part.image in seen:
            raise BadInput(part.folder, f"is of image {part.image} a second time (the first is {seen[part.image]})")
        seen[part.image] = part.folder
        part.prefix = f"{part.image}-"


def require_equal_machines(parts):
    """Refuses, by name, differences in how and where runs were made that forbid pooling them."""
    for part in parts[1:]:
        for key, value in part.manifest.get("execution", {}).items():
            expected = parts[0].manifest.get("execution", {}).get(key)
            if value != expected:
                raise BadInput(part.folder, f"ran with {key} {value}, {parts[0].folder} with {expected}",
                               "give all shards the same options")
    kind = "times" if parts[0].manifest["measure"] == "time" else "counts"
    first, reference = parts[0], facts_of(parts[0])
    for part in parts[1:]:
        for key, values in facts_of(part).items():
            if blocks_metric(key, kind) and values != reference.get(key):
                raise BadInput(part.folder, f"{key} is {shown(values)}, in {first.folder} it is "
                               f"{shown(reference.get(key))}", "join shards of equal machines only")


def facts_of(part):
    """{key: set of values} over a part's environments, with each allocator's digest."""
    facts = {}
    for environment in part.manifest["environments"].values():
        for key, value in environment.items():
            if not isinstance(value, dict):
                facts.setdefault(key, set()).add(value)
    digests = {f"{each['name']}={each['sha256']}" for each in part.manifest["allocators"]}
    return {**facts, "allocator_sha256": digests}


def shown(values):
    return " or ".join(sorted(map(str, values or {"absent"})))


def joined_manifest(parts, by_image):
    first = parts[0].manifest
    manifest = {**first, "created": min(part.manifest["created"] for part in parts),
                "ended": max(part.manifest["ended"] for part in parts),
                "plan": {**first["plan"], "shard": {"index": 1, "count": 1}}, "environments": {}, "claims": []}
    for part in parts:
        for name, environment in part.manifest["environments"].items():
            manifest["environments"][part.prefix + name] = environment
    if by_image:
        manifest["plan"]["cases"] = [in_image(part, case) for part in parts for case in part.manifest["plan"]["cases"]]
        manifest["allocators"] = [{**each, "arm": f"{each.get('arm') or each['name']} {part.image}"}
                                  for part in parts for each in part.manifest["allocators"]]
    return manifest


def in_image(part, case):
    """A case of a result whose arms differ in their image."""
    return {**case, "id": part.prefix + case["id"], "arm": f"{case['arm']} {part.image}"}


def copy_runs(part, sink, by_image):
    """Appends a part's runs under their new names. Returns the blocks they are of."""
    blocks = set()
    for _, row in read_rows(part.folder / "runs.jsonl", warn):
        row["run"] = part.prefix + row["run"]
        if row.get("environment") is not None:
            row["environment"] = part.prefix + row["environment"]
        if by_image and "case" in row:
            row["case"], row["arm"] = part.prefix + row["case"], f"{row['arm']} {part.image}"
        blocks.add(row.get("block", 0))
        sink.write(json.dumps(row, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n")
    return blocks - {0}  # block 0: probes of a search


def copy_series(part, folder):
    for file in sorted((part.folder / "series").glob("*")):
        (folder / "series").mkdir(exist_ok=True)
        shutil.copy2(file, folder / "series" / (part.prefix + file.name))


def require_whole_blocks(parts, by_image):
    """Every block of the plan is there, and in one shard only."""
    wanted = set(range(1, parts[0].manifest["plan"]["blocks"] + 1))
    if not by_image:
        owner = {}
        for part in parts:
            for block in part.blocks:
                if owner.setdefault(block, part) is not part:
                    raise BadInput(part.folder, f"has block {block}, which {owner[block].folder} has too")
    for found, what in ([(part.blocks, part.folder) for part in parts] if by_image else
                        [(set().union(*(part.blocks for part in parts)), parts[0].folder.parent)]):
        if parts[0].manifest["plan"]["cases"] and wanted - found:
            raise BadInput(what, f"lacks block {min(wanted - found)} of {len(wanted)}", "resume the part it belongs to")


def merge(folders, out, by_image=False):
    """Joins the results in `folders` into the new folder `out`."""
    out = Path(out)
    if out.exists():
        raise BadInput(out, "exists already", "name a new folder with --out")
    parts = read_parts(folders)
    require_one_plan(parts)
    if by_image:
        require_all_images(parts)
    else:
        require_all_shards(parts)
        require_equal_machines(parts)
    parts.sort(key=lambda part: part.shard["index"])

    temporary = out.with_name(f".{out.name}.{os.getpid()}")
    temporary.mkdir(parents=True)
    try:
        with open(temporary / "runs.jsonl", "w", encoding="utf-8") as sink:
            for part in parts:
                part.blocks = copy_runs(part, sink, by_image)
                copy_series(part, temporary)
        require_whole_blocks(parts, by_image)
        text = json.dumps(joined_manifest(parts, by_image), indent=1, ensure_ascii=False, allow_nan=False)
        (temporary / "manifest.json").write_text(text + "\n", encoding="utf-8")
        os.rename(temporary, out)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="+", metavar="RESULT")
    parser.add_argument("--out", required=True, metavar="DIR")
    parser.add_argument("--by", choices=["shard", "image"], default="shard")
    options = parser.parse_args(arguments)
    merge(options.parts, options.out, options.by == "image")
    print(options.out)
    return 0


if __name__ == "__main__":
    run(main)
