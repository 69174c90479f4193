"""What an interrupted result says of itself: the images it is made in and the limits it runs under."""

import json
from dataclasses import dataclass

from containers.confinement import Confinement
from containers.errors import ContainerError
from containers.images import HOST
from containers.matrix import parts_of
from lablib.journal import read_manifest


@dataclass(frozen=True)
class Recorded:
    images: list
    confinement: Confinement
    digest: str | None = None  # of the image, where there is but one
    arguments: list | None = None  # of a plan over several images

    def require_same_image(self, session):
        """Raises ContainerError when the image was built anew since: one result must not mix two."""
        now = session.facts["image_digest"]
        if self.digest and self.digest != now:
            raise ContainerError(f"the result was begun in another build of image {session.name} ({self.digest}, now "
                                 f"{now}): its blocks would not be alike; run it anew")


def read(folder):
    """Returns what `folder` records. Raises ContainerError when nothing there can be gone on with."""
    note = parts_of(folder) / "command.json"
    if note.exists():
        command = json.loads(note.read_text())
        return Recorded(command["images"], Confinement(**command["confinement"]), arguments=command["arguments"])
    manifest = read_manifest(folder)
    environments = list(manifest["environments"].values())
    images = {each.get("image") for each in environments}
    if images == {None} or images == {HOST}:
        raise ContainerError(f"{folder} was not made in a container: alloclab run --resume {folder}")
    if len(images) > 1:
        raise ContainerError(f"{folder} joins several images ({', '.join(sorted(map(str, images)))}): it is whole already")
    return Recorded([images.pop()], Confinement.recorded(environments[0]), environments[0]["image_digest"])
