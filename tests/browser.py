"""Headless Chromium, for tests of pages."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def chromium(width: int, height: int, *, phone: bool = False) -> Iterator:
    """A driver of headless Chromium; the test is skipped, and says so, without one."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    server = shutil.which("chromedriver")
    if browser is None or server is None:
        pytest.skip(
            "no chromium and chromedriver on PATH, so the page is not tried in a "
            "browser: apt-get install chromium chromium-driver"
        )
    webdriver = pytest.importorskip(
        "selenium.webdriver", reason="no selenium, so the page is not tried: pip "
    )
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for argument in (
        *("--headless=new", "--disable-dev-shm-usage", "--hide-scrollbars"),
        f"--window-size={width},{height}",
    ):
        options.add_argument(argument)
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.add_argument("--no-sandbox")  # Chromium has none for root
    if phone:
        metrics = {"width": width, "height": height, "pixelRatio": 2, "touch": True}
        options.add_experimental_option("mobileEmulation", {"deviceMetrics": metrics})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(server))
    try:
        yield driver
    finally:
        driver.quit()
