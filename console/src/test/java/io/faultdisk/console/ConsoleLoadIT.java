package io.faultdisk.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.RequestFlags;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Whether the page keeps up, and comes back. */
@Timeout(600)
class ConsoleLoadIT {
  private static final int MANY = 200_000;

  @RegisterExtension static final ConsoleVisit VISIT = new ConsoleVisit();

  private Browser browser;
  private ConsolePage page;

  @BeforeEach
  void look() {
    page = VISIT.page();
    browser = page.browser;
  }

  @Test
  void itKeepsUpWithFiftyThousandRequestsASecond() {
    browser.run(
        "window.frames_ = 0; const f = () => { window.frames_++; requestAnimationFrame(f); }; f()");
    AtomicBoolean going = new AtomicBoolean(true);
    Thread load = Thread.ofPlatform().start(() -> load(going));
    try {
      browser.await(
          "seconds' worth of requests",
          Duration.ofSeconds(120),
          () -> numbers(browser.text("#timeline-status")) > MANY);
      browser.await(
          "a sample of them listed",
          () -> browser.text("#timeline-rows").matches("(?s).*and [0-9,]+ more.*"));
      // What is not seen is not there.
      assertThat(browser.all("#timeline-rows tr").size()).isLessThan(60);
      assertThat(((Number) browser.run("return document.querySelectorAll('*').length")).intValue())
          .isLessThan(2000);
      // Pausing, filtering and views work meanwhile.
      browser.click("#timeline-pause");
      browser.awaitText("#timeline-status", "since the pause");
      browser.choose("#filter-type", "write");
      browser.awaitText("#timeline-status", "found");
      browser.click("#filter-reset");
      browser.click("#timeline-pause");
      browser.click("[data-go=requests]");
      browser.awaitText("#type-cards [data-op=read]", "Requests/s");
    } finally {
      going.set(false);
    }
    browser.await(
        "quiet", Duration.ofSeconds(60), () -> browser.text("#meter-requests").equals("0"));
    // Listed or counted; ticks that a slow machine has no room for are dropped.
    long all = page.disk.activity().counters().requests();
    assertThat(numbers(browser.text("#timeline-status"))).isBetween((long) MANY, all);
    // In order.
    List<?> times =
        (List<?>)
            browser.run(
                "return [...document.querySelectorAll('#timeline-rows tr:not(.more):not([hidden])"
                    + " .time')].map((t) => t.textContent)");
    assertThat(times).hasSizeGreaterThan(5);
    assertThat(times.stream().map(String::valueOf).toList())
        .isSortedAccordingTo(Comparator.reverseOrder());
    assertThat(((Number) browser.run("return window.frames_")).intValue()).isGreaterThan(5);
  }

  /** Sends fifty thousand requests a second, by the clock. */
  private void load(AtomicBoolean going) {
    BlockBackend user = page.console.storage.user("disk");
    ByteBuffer buffer = ByteBuffer.allocate(512);
    long begin = System.nanoTime();
    for (long sent = 0; going.get(); ) {
      long due = (System.nanoTime() - begin) / 20_000;
      if (sent >= due) {
        LockSupport.parkNanos(1_000_000);
        continue;
      }
      try {
        for (; sent < due && going.get(); sent++) {
          buffer.clear();
          if (sent % 4 == 0) {
            user.write(sent % 1024 * 1024, buffer, RequestFlags.NONE);
          } else {
            user.read(sent % 1024 * 1024, buffer);
          }
        }
      } catch (BlockIoException e) {
        throw new AssertionError(e);
      }
    }
  }

  /** The sum of the numbers of a text such as "500 listed and 1,000 more". */
  private static long numbers(String text) {
    long sum = 0;
    Matcher number = Pattern.compile("[0-9][0-9,]*").matcher(text);
    while (number.find()) {
      sum += Long.parseLong(number.group().replace(",", ""));
    }
    return sum;
  }

  @Test
  void whatIsKeptOfTheRequestsIsBounded() {
    Object kept =
        browser.runAsync(
            """
            const done = arguments[arguments.length - 1];
            import('/model.js').then(({ bus }) => {
              for (let tick = 0; tick < 200; tick++) {
                const rows = [];
                for (let i = 0; i < 500; i++) rows.push([tick * 500 + i, 1e12 + tick, 'read_aio', 'read', i * 512, 512, 1000, 'ok', '']);
                bus.dispatchEvent(new CustomEvent('tick', { detail: { disk: 'disk', seconds: 0.25, counters: {}, rows, skipped: 10 } }));
              }
              requestAnimationFrame(() => requestAnimationFrame(() =>
                done(parseInt(document.getElementById('timeline-height').style.height) / 22)));
            });
            """);
    assertThat(((Number) kept).intValue()).isBetween(20_000, 40_000);
    browser.awaitText("#timeline-status", "100,000 listed and 2,000 more");
    for (int width : new int[] {1280, 900, 400}) {
      browser.viewport(width, 800);
      for (String view : List.of("live", "requests")) {
        browser.click("[data-go=" + view + "]");
        assertThat(browser.box("#timeline-scroll").get(3))
            .as(view + " at " + width)
            .isBetween(150, 500);
        browser.await(
            "as many rows as there is room for",
            () -> {
              int rows = browser.all("#timeline-rows tr:not([hidden])").size();
              return rows >= 15 && rows <= 60;
            });
        assertThat(browser.run("return document.documentElement.scrollWidth <= innerWidth"))
            .as(view + " at " + width + " is not wider than the window")
            .isEqualTo(true);
      }
    }
  }

  @Test
  void aLostConnectionIsSaidAndComesBack() throws Exception {
    page.disk.replaceAll("rules", ConsolePage.RULES);
    browser.awaitShown("#rule-rows tr");
    URI base = URI.create(page.console.server.base());
    String token = page.console.server.token();
    page.console.server.close();
    browser.await("it is said", () -> !browser.text("#connection").equals("live"));
    browser.awaitText("#connection", "lost");
    page.disk.removeAll();
    ConsoleServer next =
        ConsoleServer.start(
            ConsoleSettings.of(new InetSocketAddress(base.getHost(), base.getPort()), "1.2.4")
                .withToken(token),
            page.console.storage,
            page.console.explorations,
            complaint -> {});
    try {
      browser.awaitText("#connection", "live");
      browser.await("what has changed meanwhile", () -> browser.all("#rule-rows tr").isEmpty());
      browser.leave();
      // Of course the browser has noted what it could not reach.
      assertThat(browser.console()).isNotEmpty().allMatch(line -> line.contains("Failed to load"));
    } finally {
      next.close();
    }
  }
}
