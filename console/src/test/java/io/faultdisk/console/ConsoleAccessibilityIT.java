package io.faultdisk.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.block.BlockIoException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openqa.selenium.Keys;

/** Whether everybody can use the page: axe finds nothing, the keyboard leads everywhere. */
@Timeout(600)
class ConsoleAccessibilityIT {
  @RegisterExtension static final ConsoleVisit VISIT = new ConsoleVisit();

  private Browser browser;
  private ConsolePage page;

  @BeforeEach
  void look() {
    page = VISIT.page();
    browser = page.browser;
  }

  private static String axe() throws Exception {
    try (InputStream in = ConsoleAccessibilityIT.class.getResourceAsStream("/axe.min.js")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private void assertAccessible(String where) throws Exception {
    if (browser.run("return typeof axe").equals("undefined")) {
      browser.run(axe());
    }
    Object violations =
        browser.runAsync(
            """
            const done = arguments[arguments.length - 1];
            axe.run(document).then((found) => done(found.violations.map((one) =>
              one.id + ': ' + one.nodes.map((node) => node.target + ' ' + node.failureSummary).join(' | ')).join('\\n')));
            """);
    assertThat(violations).as(where).isEqualTo("");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void everybodyCanUseEachView(boolean dark) throws Exception {
    // Colours in the middle of an animation are nobody's choice.
    browser.schemeWithoutMotion(dark);
    page.disk.replaceAll("rules", ConsolePage.RULES);
    page.disk.addBreakpoint("pwritev", "A");
    page.disk.addBreakpoint("pwritev_zero", "B");
    Thread held = Thread.ofVirtual().start(this::writeQuietly);
    browser.awaitShown("#suspended");
    page.read(0);
    page.flush();
    for (String view : List.of("live", "rules", "requests", "power", "nodes", "explore")) {
      page.show(view);
      browser.awaitShown("#suspended");
      switch (view) {
        case "rules" -> browser.awaitText("#breakpoint-list", "B at pwritev_zero");
        case "requests" -> browser.awaitShown("#type-cards article");
        case "nodes" -> browser.awaitShown("#nodes-box .is-disk");
        case "power" -> browser.awaitShown("#power-facts dd");
        case "explore" -> {
          page.console.explorations.start(
              new Explorations.Plan("one", "write 0 4k", Optional.empty(), Optional.empty()));
          browser.awaitText("#explore-list", "running");
        }
        default -> browser.awaitShown("#rule-rows tr");
      }
      assertAccessible(view + ", dark " + dark);
    }
    page.show("live");
    browser.click("#rule-add");
    browser.type("#key-errno", "EWHAT");
    browser.awaitShown("#rule-verdict.is-failed");
    assertAccessible("the form of a rule with a mistake, dark " + dark);
    browser.press(Keys.ESCAPE);
    browser.click("#help-open");
    browser.awaitShown("#help");
    assertAccessible("help, dark " + dark);
    browser.press(Keys.ESCAPE);
    page.show("rules");
    browser.click("#import-open");
    assertAccessible("import, dark " + dark);
    browser.press(Keys.ESCAPE);
    page.show("power");
    browser.click("#power-cut");
    assertAccessible("the power cut, dark " + dark);
    browser.press(Keys.ESCAPE);
    page.disk.resumeAll();
    held.join();
  }

  private void writeQuietly() {
    try {
      page.write(4096);
    } catch (BlockIoException e) {
      // What becomes of it is of no interest.
    }
  }

  @Test
  void tabLeadsThroughEverythingAndOutAgain() throws Exception {
    page.disk.replaceAll("rules", ConsolePage.RULES);
    browser.awaitShown("#rule-rows tr");
    List<String> stops = new ArrayList<>();
    do {
      browser.press(Keys.TAB);
      stops.add(browser.focus());
      assertThat(browser.run("return document.activeElement.matches('body, :focus-visible')"))
          .as("focus is seen at " + stops.getLast())
          .isEqualTo(true);
    } while (!stops.getLast().startsWith("BODY") && stops.size() < 200);
    assertThat(stops.size()).as("no trap").isLessThan(200);
    assertThat(stops)
        .containsSubsequence(
            "skip", "disk", "theme", "help-open", "live", "explore", "rule-add", "Arm rule 1")
        .contains("filter-text", "timeline-scroll", "map-canvas", "state-value");
  }
}
