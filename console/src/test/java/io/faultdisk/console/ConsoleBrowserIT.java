package io.faultdisk.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.daemon.disk.Disk;
import io.faultdisk.daemon.disk.FaultSpec;
import io.faultdisk.rules.Dialect;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.openqa.selenium.Keys;

/** Rules, states, breakpoints, power, requests: as a user works with them, on a disk in memory. */
@Timeout(600)
class ConsoleBrowserIT {
  private static final String STATES =
      """
      [set-state]
      event = "pwritev"
      state = "1"
      new_state = "2"

      [inject-error]
      event = "flush_to_disk"
      state = "2"
      errno = "28"
      iotype = "flush"
      """;

  @RegisterExtension static final ConsoleVisit VISIT = new ConsoleVisit();

  private Browser page;
  private ConsolePage all;
  private TestConsole console;
  private Disk disk;

  @BeforeEach
  void look() {
    all = VISIT.page();
    page = all.browser;
    console = all.console;
    disk = all.disk;
  }

  private void assertReadFails(long offset) {
    assertThatThrownBy(() -> all.read(offset)).isInstanceOf(BlockIoException.class);
  }

  private static String row(int fault) {
    return "#rule-rows tr[data-fault='" + fault + "']";
  }

  // ---- rules

  @Test
  void aRuleAddedByTheFormIsHit() throws Exception {
    page.awaitText("#rules-empty", "No rules");
    page.click("#rule-add");
    page.choose("#key-iotype", "read");
    page.type("#key-sector", "10");
    page.choose("#key-once", "on");
    page.awaitText("#rule-verdict", "the first read that contains sector 10 fails with EIO");
    page.click("#rule-submit");
    page.awaitText(row(1), "EIO to read at sector 10, once");
    page.awaitText(row(1) + " .armed", "armed");
    page.awaitText("#said", "Rule 1 is in force");

    all.read(0);
    assertReadFails(5120);
    all.read(5120);

    page.awaitText(row(1) + " .hits b", "1");
    page.awaitText(row(1) + " .armed", "used up");
    page.await("its row stands out", () -> page.all("#timeline-rows tr.met").size() == 1);
    assertThat(page.text("#timeline-rows tr.met")).contains("read5K512", "EIO", "inject-error");
    page.awaitText("#meter-injected", "1");
    page.click("[data-go=requests]");
    page.awaitText("#receipt-rows tr", "read of 512 at 5K");
    page.awaitText("#type-cards [data-op=read]", "Requests3");
  }

  @Test
  void aMistakeIsShownInTheServersWords() throws Exception {
    UsageException mistake =
        catchThrowableOfType(
            UsageException.class,
            () ->
                new FaultSpec("inject-error", Map.of("event", "read_aoi", "errno", "EIO")).rule());
    page.click("#rule-add");
    page.type("#key-event", "read_aoi");
    page.awaitText("#rule-verdict", mistake.getMessage());
    page.click("#rule-submit");
    awaitFocus("key-event");
    assertThat(page.attribute("#key-event", "aria-invalid")).isEqualTo("true");
    assertThat(page.text("#rule-verdict")).contains(mistake.getMessage());
    assertThat(page.shown("#rule-dialog")).isTrue();
    assertThat(disk.faults()).isEmpty();
    page.type("#key-event", "read_aio");
    page.awaitText("#rule-verdict", "After read_aio");
    page.press(Keys.ESCAPE);
    page.awaitHidden("#rule-dialog");
  }

  @Test
  void rulesAreArmedEditedAndRemoved() throws Exception {
    disk.add(new FaultSpec("inject-error", Map.of("event", "write_aio", "iotype", "write")));
    page.awaitText(row(1) + " .armed", "not armed");
    page.click(row(1) + " [data-act=arm]");
    page.await("it is armed", () -> page.text(row(1) + " .armed").equals("armed"));

    page.click(row(1) + " [data-act=edit]");
    page.awaitText("#rule-title", "Edit rule 1");
    assertThat(page.find("#key-event").getDomProperty("value")).isEqualTo("write_aio");
    page.type("#key-errno", "ENOSPC");
    page.awaitText("#rule-verdict", "ENOSPC");
    page.click("#rule-submit");
    page.awaitText(row(2), "ENOSPC to write");
    page.await("the old one is gone", () -> page.all("#rule-rows tr").size() == 1);

    page.click(row(2) + " [data-act=remove]");
    page.awaitText("#rules-empty", "No rules");
    page.await("it is gone", () -> page.all("#rule-rows tr").isEmpty());
    assertThat(disk.faults()).isEmpty();
    // Who works by keyboard is not thrown back to the top.
    awaitFocus("rule-add");
  }

  @Test
  void whatCannotBeArmedSaysWhy() throws Exception {
    disk.add(new FaultSpec("inject-error", Map.of("event", "read_aio", "state", "7")));
    page.click(row(1) + " [data-act=arm]");
    page.awaitShown("#trouble");
    assertThat(page.text("#trouble")).contains("fault 1 is for another state than 1");
  }

  @Test
  void aRuleIsAddedByKeyboardAlone() {
    // The first stop leads past the header, the last is left again: there is no trap.
    page.press(Keys.TAB);
    awaitFocus("skip");
    page.press(Keys.ENTER);
    awaitFocus("main");
    page.press(Keys.TAB);
    page.await("something in the panels has it", () -> !page.focus().equals("main"));
    page.press("a");
    page.awaitShown("#rule-dialog");
    awaitFocus("rule-kind");
    // One letter is enough, and a slow browser takes several for a letter each.
    page.press("f");
    page.awaitText("#rule-kind-help", "a flush fails");
    goTo("key-mode");
    page.press("l");
    goTo("key-event");
    // What is there is selected: typing replaces it.
    page.press("flush_to_os");
    page.awaitText("#rule-verdict", "After flush_to_os, every flush is said to have succeeded");
    page.press(Keys.ENTER);
    page.awaitText(row(1), "success to flush, nothing durable");
    page.awaitHidden("#rule-dialog");
    page.press("?");
    page.awaitShown("#help");
    page.press(Keys.ESCAPE);
    page.awaitHidden("#help");
    page.press("3");
    page.await("the view", () -> page.url().contains("#requests/disk"));
    page.press("/");
    awaitFocus("filter-text");
    page.press("a");
    assertThat(page.shown("#rule-dialog")).as("a letter in a field is a letter").isFalse();
  }

  private void awaitFocus(String id) {
    page.await("the focus is on " + id, () -> page.focus().equals(id));
  }

  /** Presses Tab until an element has the focus. */
  private void goTo(String id) {
    for (int i = 0; i < 60; i++) {
      if (page.focus().equals(id)) {
        return;
      }
      page.press(Keys.TAB);
    }
    throw new AssertionError("Tab never leads to " + id + ", but to " + page.focus());
  }

  @Test
  void rulesGoOutAndComeInAsAFile() throws Exception {
    all.show("rules");
    page.click("#import-open");
    page.type("#import-text", "[inject-error]\nevent = \"nonsense\n");
    page.awaitText("#import-verdict", "rules:");
    assertThat(page.attribute("#import-verdict", "class")).contains("is-failed");
    page.run("document.getElementById('import-text').value = ''");
    page.type("#import-text", STATES);
    page.awaitText("#import-verdict", "The file is good: 2 rules");
    page.click("#import-submit");
    page.awaitHidden("#import-dialog");
    page.await("both are there", () -> page.all("#rule-rows tr").size() == 2);
    page.await(
        "the file", () -> page.text("#export-text").equals(disk.rulesFile(Dialect.FAULTDISK)));
    String ours = page.text("#export-text");
    page.choose("#dialect", "QEMU");
    page.await("QEMU's file", () -> page.text("#export-text").equals(disk.rulesFile(Dialect.QEMU)));

    // What is there is shown before it goes.
    page.click("#import-open");
    page.type("#import-text", ours);
    page.awaitText("#import-verdict", "The file is good");
    List<Integer> before = disk.faults().stream().map(fault -> fault.id()).toList();
    page.click("#import-submit");
    page.awaitShown("#confirm-dialog");
    assertThat(page.text("#confirm-title")).isEqualTo("Replace 2 rules of disk?");
    assertThat(page.text("#confirm-text")).contains("ENOSPC to flush", "state 1 becomes 2");
    page.click("#confirm-dialog button[value=no]");
    page.awaitHidden("#confirm-dialog");
    assertThat(disk.faults().stream().map(fault -> fault.id()).toList()).isEqualTo(before);
    page.click("#import-submit");
    page.click("#confirm-yes");
    page.awaitHidden("#import-dialog");
    assertThat(disk.faults().stream().map(fault -> fault.id()).toList())
        .hasSize(2)
        .doesNotContainAnyElementsOf(before);
    assertThat(disk.rulesFile(Dialect.FAULTDISK)).isEqualTo(ours);

    // What QEMU does not have is said instead of the file.
    disk.add(new FaultSpec("drop-write", Map.of("event", "none")));
    page.awaitShown("#export-error");
    page.choose("#dialect", "faultdisk");
    page.awaitText("#export-text", "[drop-write]");
  }

  // ---- states, breakpoints, power

  @Test
  void theStateMachineLightsTheNewState() throws Exception {
    disk.replaceAll("rules", STATES);
    page.awaitShown(".state[data-state='1'].lit");
    page.awaitShown(".edge[data-edge='1-2']"); // state 1 is lit before the rules are there
    assertThat(page.text(".state[data-state='2']")).contains("ENOSPC to flush");
    all.write(0);
    page.awaitShown(".state[data-state='2'].lit");
    assertThat(page.all(".state.lit")).hasSize(1);
    page.awaitText("#state-chip", "State 2");
    page.awaitText("#machine-box svg", "pwritev");
    assertThat(page.attribute("#machine-box svg", "aria-label"))
        .contains("state 2 (now): 1 rule", "pwritev leads from state 1 to state 2");

    page.type("#state-value", "x");
    page.press(Keys.ENTER);
    page.awaitShown("#state-error");
    page.type("#state-value", "1");
    page.press(Keys.ENTER);
    page.awaitShown(".state[data-state='1'].lit");
    page.awaitHidden("#state-error");
    assertThat(disk.snapshot().state()).isEqualTo(1);
  }

  @Test
  void aBreakpointHoldsARequestUntilResumeIsClicked() throws Exception {
    all.show("rules");
    page.type("#breakpoint-event", "write_aoi");
    page.click("#breakpoint-form button");
    page.awaitShown("#breakpoint-error");
    page.type("#breakpoint-event", "pwritev");
    page.type("#breakpoint-tag", "hold");
    page.click("#breakpoint-form button");
    page.awaitText("#breakpoint-list", "hold at pwritev");
    assertThat(page.shown("#suspended")).isFalse();

    CompletableFuture<Void> write = start(() -> all.write(4096));
    page.awaitShown("#suspended");
    page.awaitText("#suspended-list", "write of 512 at 4K");
    assertThat(page.text("#suspended-title")).isEqualTo("1 request waits");
    page.awaitText("#alarm", "A request waits: hold at pwritev");
    page.await("the title", () -> page.title().startsWith("(1) disk"));
    assertThat(page.text("#breakpoints-empty")).isNotEmpty();
    page.click("[data-go=power]");
    page.awaitShown("#power");
    assertThat(page.shown("#suspended")).as("in every view").isTrue();
    assertThat(write).isNotDone();

    page.click("#suspended-list [data-tag=hold]");
    write.get(30, TimeUnit.SECONDS);
    page.awaitHidden("#suspended");
    page.awaitText("#said", "hold goes on");
  }

  @Test
  void hostileTextsAreOnlyShown() throws Exception {
    String hostile = "<img src=x onerror=document.title='taken'>\"'&amp;";
    all.show("rules");
    disk.addBreakpoint("pwritev", hostile);
    page.awaitText("#breakpoint-list", hostile);
    disk.add(
        new FaultSpec(
            "inject-error", Map.of("event", "none", "iotype", "write", "suspend", hostile)));
    page.awaitText(row(1), hostile);
    CompletableFuture<Void> write = start(() -> all.write(0));
    page.awaitText("#suspended-list", hostile);
    assertThat(page.all("img, iframe, [onerror]")).isEmpty();
    assertThat(page.title()).doesNotContain("taken");
    disk.removeAll();
    page.click("#suspended-list button");
    page.awaitHidden("#suspended");
    write.get(30, TimeUnit.SECONDS);
  }

  @Test
  void whatWaitsOnAnotherDiskIsShownToo() throws Exception {
    Disk other =
        console.storage.create(
            new Storage.NewDisk(
                "other", "memory:1M", Optional.empty(), Optional.empty(), false, false));
    other.addBreakpoint("read_aio", "B");
    CompletableFuture<Void> read =
        start(() -> console.storage.user("other").read(0, ByteBuffer.allocate(512)));
    page.awaitText("#suspended-others", "1 on other");
    assertThat(page.shown("#resume-all")).isFalse();
    page.click("#suspended-others a");
    page.awaitText("#suspended-list", "read of 512 at 0");
    page.press("r");
    read.get(30, TimeUnit.SECONDS);
    page.awaitHidden("#suspended");
  }

  private interface Work {
    void run() throws Exception;
  }

  private static CompletableFuture<Void> start(Work work) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                work.run();
                done.complete(null);
              } catch (Throwable e) {
                done.completeExceptionally(e);
              }
            });
    return done;
  }

  @Test
  void thePowerIsCutAndRestored() throws Exception {
    all.show("power");
    page.awaitText("#power-chip", "Power on");
    page.click("#power-cut");
    page.choose("#cut-survivors", "these writes");
    page.type("#cut-list", "1-x");
    page.click("#cut-submit");
    page.awaitShown("#cut-error");
    page.choose("#cut-survivors", "none");
    page.click("#cut-submit");
    page.awaitText("#power-chip", "Power off");
    assertReadFails(0);
    page.click("#power-restore");
    page.await("the power", () -> disk.power().on());
    page.awaitText("#power-chip", "Power on");
    all.read(0);
    page.click("#power-checkpoint");
    page.awaitText("#said", "Everything is durable");
    all.write(0);
    page.click("#power-lose");
    page.awaitShown("#confirm-dialog");
    page.click("#confirm-yes");
    page.awaitText("#said", "What was unsynced is lost");

    disk.add(new FaultSpec("drop-write", Map.of("event", "none")));
    page.click("#reset");
    page.awaitText("#confirm-text", "disk: ");
    page.click("#confirm-yes");
    page.awaitText("#said", "All disks are as new");
    assertThat(disk.faults()).isEmpty();
  }

  // ---- requests

  @Test
  void requestsAreFilteredAndPaused() throws Exception {
    disk.add(new FaultSpec("inject-error", Map.of("event", "none", "sector", "100")));
    for (int i = 0; i < 8; i++) {
      all.write(i * 4096L);
      all.read(i * 4096L);
    }
    assertReadFails(51200);
    page.await("all rows", () -> shownRows() == 17);
    page.choose("#filter-type", "write");
    page.await("the writes", () -> shownRows() == 8);
    page.awaitText("#timeline-status", "8 found");
    page.type("#filter-range", "4K-12K");
    page.await("two of them", () -> shownRows() == 2);
    assertThat(page.url()).contains("type=write").contains("range=4K-12K");
    page.type("#filter-range", "12K-4K");
    page.awaitShown("#filter-error");
    page.click("#filter-reset");
    page.await("all rows again", () -> shownRows() == 17);
    page.choose("#filter-verdict", "met a rule");
    page.await("the one", () -> shownRows() == 1);
    assertThat(page.text("#timeline-rows tr")).contains("50K").contains("EIO");
    page.choose("#filter-verdict", "any verdict");
    page.type("#filter-text", "pwritev ok");
    page.await("by text", () -> shownRows() == 8);
    page.click("#filter-reset");

    page.click("#timeline-pause");
    page.awaitText("#timeline-pause", "Continue");
    all.write(0);
    page.awaitText("#timeline-status", "1 since the pause");
    assertThat(shownRows()).isEqualTo(17);
    // What is looked for is looked for among what was there.
    page.choose("#filter-type", "write");
    page.await("the writes before the pause", () -> shownRows() == 8);
    page.awaitText("#timeline-status", "8 found");
    page.click("#filter-reset");
    page.await("all before the pause", () -> shownRows() == 17);
    page.click("#timeline-pause");
    page.await("what came meanwhile", () -> shownRows() == 18);
    assertThat(page.text("#timeline-rows tr")).contains("write").contains("0512");

    // The address keeps the filter.
    all.show("requests/disk?type=read&verdict=failed");
    assertThat(page.find("#filter-type").getDomProperty("value")).isEqualTo("read");
    assertThat(page.find("#filter-verdict").getDomProperty("value")).isEqualTo("failed");
  }

  private int shownRows() {
    return page.all("#timeline-rows tr:not([hidden])").size();
  }
}
