"""A study: learning curves of transfer against training from scratch.

    design  what is compared: methods, numbers of labels, runs; two protocols
    cells   one training run and its scores, kept in a file of its own
    files   the folder of a study
    run     all cells, in parallel, going on where a former run stopped
    worker  a process that computes them
    bases   the base models of the paper's protocol
    curves  medians over the runs and their 95 % intervals
    headline  labels saved, share of the full baseline, convergence
    summary  all figures of a study
    report  report.md, results.json and the figures
    published  the curves of arXiv 2502.18558

`zoo-cli reproduce` is a thin layer over it.
"""
