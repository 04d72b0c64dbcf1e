package io.faultdisk.console;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.openqa.selenium.Keys;

/** Disks, nodes, explorations and the token, as a user comes to them. */
@Timeout(600)
class ConsoleViewsIT {
  @RegisterExtension static final ConsoleVisit VISIT = new ConsoleVisit();

  private Browser page;
  private ConsolePage all;
  private TestConsole console;

  @BeforeEach
  void look() {
    all = VISIT.page();
    page = all.browser;
    console = all.console;
  }

  @Test
  void aDiskIsAddedLookedAtAndFoundInTheGraph() throws Exception {
    all.show("nodes");
    page.awaitShown("#nodes-box .is-disk");
    page.awaitShown("#nodes-box .is-export");
    page.click("#nodes [data-does=add-disk]");
    page.type("#disk-name", "disk");
    page.click("#disk-form button[type=submit]");
    page.awaitShown("#disk-error");
    page.type("#disk-name", "second");
    page.type("#disk-image", "memory:2M");
    page.click("#disk-form button[type=submit]");
    page.await("its view", () -> page.url().contains("#live/second"));
    page.awaitText("#about-disk", "2 MiB");
    assertThat(page.all("#disk option")).hasSize(2);
    page.click("[data-go=nodes]");
    page.await("both", () -> page.all("#nodes-box .is-disk").size() == 2);
    page.run("document.querySelector(\"#nodes-box a[href='#live/disk']\").focus()");
    page.press(Keys.ENTER);
    page.await("the first again", () -> page.url().contains("#live/disk"));
    page.awaitText("#about-disk", "1 MiB");

    page.choose("#disk", "second");
    page.await("the second", () -> page.url().contains("#live/second"));
    console.storage.delete(console.storage.disks().require("second"));
    page.await("what is left", () -> page.url().contains("#live/disk"));
    page.await("one choice", () -> page.all("#disk option").size() == 1);
  }

  @Test
  void explorationsAreStartedWatchedAndStopped() {
    all.show("explore");
    page.awaitText("#explore-empty", "None was started");
    page.click("#explore-open");
    page.type("#explore-script", " ");
    page.click("#explore-submit");
    page.awaitShown("#explore-error");
    page.type("#explore-script", "write 0 4k");
    page.click("#explore-submit");
    page.awaitText("#explore-list", "running");
    page.click("#explore-open");
    page.click("#explore-submit");
    page.await("two", () -> page.all("#explore-list li").size() == 2);
    console.explorations.done(1);
    page.awaitText("[data-exploration='1']", "100 of 100 cases, 2 failed");
    page.awaitShown("[data-exploration='1'] a");
    assertThat(page.attribute("[data-exploration='1'] a", "href"))
        .startsWith("explorations/1/report?token=");
    page.click("[data-exploration='2'] button");
    page.click("#confirm-yes");
    page.awaitText("[data-exploration='2']", "stopped");
  }

  @Test
  void withoutTheTokenThereIsNothingToSee() {
    assertThat(page.url()).as("it is not left in the address").doesNotContain("token");
    page.run("sessionStorage.clear()");
    page.open(console.server.base() + "/");
    page.awaitShown("#token-dialog");
    page.type("#token", "nonsense");
    page.press(Keys.ENTER);
    page.awaitShown("#token-error");
    page.awaitShown("#token-dialog");
    page.type("#token", console.server.token());
    page.press(Keys.ENTER);
    page.awaitText("#connection", "live");
    page.awaitHidden("#token-dialog");
    page.awaitText("#disk", "disk");
  }
}
