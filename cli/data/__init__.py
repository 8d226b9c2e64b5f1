"""Commands about light curves: `zoo-cli data`."""
