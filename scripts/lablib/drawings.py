"""Drawings made for one experiment, beside the views it declares: what numbers alone do not tell.

A module in `_OF` has `pictures(result)`, which yields (file stem, figure), nothing when it has no runs.
"""

from lablib import address_map, walkthrough

_OF = {"abcd_walkthrough": walkthrough, "address_space": address_map}


def of_result(result, only=()):
    """Yields (file stem, figure) for the experiments of `result`, or those named in `only`."""
    for name, module in _OF.items():
        if name in result.experiments and (not only or name in only):
            yield from module.pictures(result)
