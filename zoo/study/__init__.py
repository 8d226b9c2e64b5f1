"""A study: learning curves of transfer against training from scratch.

    protocols  methods, numbers of labels and splits: the paper's and ours
    design     the plan of a study and the list of its trials
    trial      one training run and its scores; the base models of the paper's protocol
    files      the folder of a study
    run        all trials, in parallel, resuming a former run
    worker     a process that runs trials
    curves     medians over the runs and their 95 % intervals
    headline   labels saved, share of the full baseline, convergence
    summary    all numbers of a study
    figures    all figures, with the curves of arXiv 2502.18558 (published.toml)
    report     report.md (filled in), results.json and the figures

`zoo-cli reproduce` is a thin layer over it.
"""
