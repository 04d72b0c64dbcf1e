package io.faultdisk.console;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A browser for a class of tests, and in it a console of its own for each test. */
final class ConsoleVisit
    implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {
  private @Nullable Browser browser;
  private @Nullable ConsolePage page;

  /** The page of the test that runs. */
  ConsolePage page() {
    return Objects.requireNonNull(page);
  }

  @Override
  public void beforeAll(ExtensionContext context) throws Exception {
    browser = Browser.start().orElse(null);
    Assumptions.assumeTrue(
        browser != null,
        "chromium and chromedriver are not installed (Debian: apt install chromium-driver)");
  }

  @Override
  public void beforeEach(ExtensionContext context) throws Exception {
    page = new ConsolePage(Objects.requireNonNull(browser));
  }

  @Override
  public void afterEach(ExtensionContext context) {
    if (page != null) {
      page.close();
      page = null;
    }
  }

  @Override
  public void afterAll(ExtensionContext context) {
    if (browser != null) {
      browser.close();
    }
  }
}
