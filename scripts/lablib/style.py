"""How pictures look: one colour and one marker for each allocator, the same everywhere.

Colours are Okabe and Ito's, told apart by colour-blind readers; the marker says the same again.
"""

_KNOWN = {
    "glibc": ("#0072B2", "o"), "jemalloc": ("#D55E00", "^"), "tcmalloc": ("#E69F00", "s"),
    "mimalloc": ("#009E73", "D"), "scudo": ("#CC79A7", "v"), "tbbmalloc": ("#56B4E9", "P"),
    "reference": ("#8A6D00", "*"), "bump": ("#7F7F7F", "X"),
    "base": ("#0072B2", "o"), "candidate": ("#D55E00", "^"),
}
_OTHERS = (("#0072B2", "o"), ("#D55E00", "^"), ("#009E73", "D"), ("#E69F00", "s"),
           ("#CC79A7", "v"), ("#56B4E9", "P"), ("#8A6D00", "*"), ("#7F7F7F", "X"))

SIZES = {"*": 1.6}  # a star is drawn small: what makes a marker as large to the eye as a disc

INK, QUIET, GRID, IDEAL = "#222222", "#5A5A5A", "#E3E3E3", "#333333"

RC = {
    "svg.fonttype": "none", "svg.hashsalt": "alloclab", "text.parse_math": False,
    "font.family": "sans-serif", "font.sans-serif": ["DejaVu Sans"], "font.size": 9,
    "axes.spines.top": False, "axes.spines.right": False, "axes.edgecolor": QUIET,
    "axes.linewidth": 0.8, "axes.labelcolor": INK, "axes.labelsize": 9,
    "axes.grid": True, "axes.grid.axis": "y", "grid.color": GRID, "grid.linewidth": 0.8,
    "axes.axisbelow": True, "xtick.color": QUIET, "ytick.color": QUIET, "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5, "legend.frameon": False, "legend.fontsize": 9, "text.color": INK,
    "figure.facecolor": "white", "savefig.facecolor": "white",
}


def looks(names):
    """Returns {name: (colour, marker)}; no two names look the same while there are enough."""
    taken = {_KNOWN[name] for name in names if name in _KNOWN}
    spare = iter([look for look in _OTHERS if look not in taken] + list(_OTHERS) * len(names))
    return {name: _KNOWN.get(name) or next(spare) for name in names}
