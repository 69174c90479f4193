"""All pictures of a result, in the order of its experiments: views first, then searches.

A picture is a list: a row of panels for each metric of its view.
"""

from lablib import boundary, frame
from lablib.errors import BadInput, warn


def of_result(result, only=()):
    """Yields (file stem, [Picture…]) for every experiment, or those named in `only`."""
    for name in only:
        result.experiment(name)
    for experiment in result.experiments.values():
        if not only or experiment["name"] in only:
            yield from of_experiment(result, experiment)


def of_experiment(result, experiment):
    for index, view in enumerate(experiment["plots"], 1):
        try:
            yield f"{experiment['name']}-{index}", frame.select_all(result, experiment, view)
        except BadInput as error:
            warn(f"not drawn: {error}")
    for search in boundary.searches(result, experiment):
        picture = boundary.select(result, experiment, search)
        if picture is not None:
            yield f"{experiment['name']}-{search['name']}", [picture]
