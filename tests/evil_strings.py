"""Texts of strangers that try to act on what shows them: 50 of them."""

LONG = 100_000

EVIL = (
    # A terminal obeys these.
    "\x1b[2J",  # clears the screen
    "\x1b[1;1H",  # moves the cursor to the top
    "\x1b[31mSNIa\x1b[0m",
    "\x1b[8mhidden\x1b[0m",
    "\x1b]0;title\x07",
    "\x1b]2;title\x1b\\",
    "\x1b]8;;https://example.org\x1b\\SNIa\x1b]8;;\x1b\\",  # a link
    "\x1b]52;c;cm0gLXJm\x07",  # writes to the clipboard
    "\x1b]1337;File=inline=1:AA==\x07",
    "\x1bP+q544e\x1b\\",  # a question, whose answer is typed in
    "\x1b[6n",
    "\x1bc",  # resets the terminal
    "\x9b2J",  # control sequences of one character
    "\x9d0;title\x9c",
    "\x90q\x9c",
    "\x85",
    "SNIa\rSNII",
    "SNIa\b\b\b\bSNII",
    "\x07\x0b\x0c\x7f",
    "\x0e\x0f",
    "a\x00b",
    # Lines that were never written.
    "SNIa\nerror: all is well",
    "SNIa\r\n0 objects",
    "SNIa\u2028SNII",
    "SNIa\u2029SNII",
    # The direction of writing, and what cannot be seen.
    "\u202eaINS",
    "\u2066SNIa\u2069\u202d",
    "\u200f\u061cSNIa",
    "SN\u200bIa",
    "SN\u200d\u2060Ia",
    "\ufeffSNIa",
    "SN\u00adIa",
    "SNIa\ud800",
    "\udcff\udc9b2J",
    "\U000e0041\U000e0042",
    # Markup of rich.
    "[/]",
    "[red]SNIa[/red]",
    "[link=https://example.org]SNIa[/link]",
    "[bold][/italic] \\[",
    ":skull: [",
    # HTML and scripts.
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    "\"><svg/onload=alert('1')>",
    "<a href='javascript:alert(1)'>SNIa</a>",
    # Markdown and LaTeX.
    "[SNIa](https://example.org) ![x](https://example.org/x.png)",
    "a | b | c |\n|---|---|---|",
    "`SNIa` ``` ~~~ **b** _i_ # h",
    "https://example.org www.example.org a@example.org",
    "$\\frac{1}{$ $$x_{$$",
    "SNIa " * (LONG // 5),
)
