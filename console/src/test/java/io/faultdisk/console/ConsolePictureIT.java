package io.faultdisk.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.RequestFlags;
import io.faultdisk.daemon.disk.Disk;
import java.awt.image.BufferedImage;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openqa.selenium.Keys;

/** What the page looks like, whether everybody can use it, and whether it keeps up. */
@Timeout(300)
class ConsolePictureIT {
  /** {@code -Dfaultdisk.screenshots=true}: makes the picture for the README. */
  private static final boolean SCREENSHOTS = Boolean.getBoolean("faultdisk.screenshots");

  private static final String RULES =
      """
      [inject-error]
      event = "read_aio"
      iotype = "read"
      start = "36864"
      nr_sectors = "256"
      errno = "EIO"

      [set-state]
      event = "flush_to_disk"
      state = "1"
      new_state = "2"

      [set-state]
      event = "write_aio"
      state = "2"
      new_state = "3"

      [inject-error]
      event = "write_aio"
      state = "3"
      iotype = "write"
      errno = "ENOSPC"
      chance = "0.1"
      seed = "1"

      [set-state]
      event = "flush_to_disk"
      state = "3"
      new_state = "1"
      """;

  @TempDir static Path scratch;

  private static @Nullable Browser shared;

  private Browser browser;
  private ConsolePage page;

  @BeforeAll
  static void start() {
    shared = Browser.start(scratch).orElse(null);
  }

  @AfterAll
  static void stop() {
    if (shared != null) {
      shared.close();
    }
  }

  @BeforeEach
  void open() throws Exception {
    Assumptions.assumeTrue(
        shared != null,
        "chromium and chromedriver are not installed (Debian: apt install chromium-driver)");
    browser = shared;
    page = new ConsolePage(shared);
  }

  @AfterEach
  void close() {
    if (page != null) {
      page.close();
    }
  }

  // ---- accessibility

  private static String axe() throws Exception {
    try (InputStream in = ConsolePictureIT.class.getResourceAsStream("/axe.min.js")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private void assertAccessible(String where) throws Exception {
    if (browser.run("return typeof axe").equals("undefined")) {
      browser.run(axe());
    }
    // Colours in the middle of an animation are nobody's choice.
    Object violations =
        browser.runAsync(
            """
            const done = arguments[arguments.length - 1];
            document.getAnimations().forEach((one) => one.finish());
            axe.run(document).then((found) => done(found.violations.map((one) =>
              one.id + ': ' + one.nodes.map((node) => node.target + ' ' + node.failureSummary).join(' | ')).join('\\n')));
            """);
    assertThat(violations).as(where).isEqualTo("");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void everybodyCanUseEachView(boolean dark) throws Exception {
    browser.scheme(dark);
    page.disk.replaceAll("rules", RULES);
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
    page.disk.replaceAll("rules", RULES);
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

  // ---- looks

  @Test
  void theThemeCanBeSwitchedAndIsKept() {
    String background = "return getComputedStyle(document.body).backgroundColor";
    assertThat(browser.run(background)).isEqualTo("rgb(246, 247, 249)");
    browser.scheme(true);
    assertThat(browser.run(background)).isEqualTo("rgb(13, 17, 23)");
    browser.click("#theme");
    browser.awaitText("#theme", "light");
    assertThat(browser.run(background)).isEqualTo("rgb(246, 247, 249)");
    page.show("live");
    browser.awaitText("#theme", "light");
    assertThat(browser.run(background)).isEqualTo("rgb(246, 247, 249)");
    browser.click("#theme");
    browser.click("#theme");
    browser.awaitText("#theme", "system");
    assertThat(browser.run(background)).isEqualTo("rgb(13, 17, 23)");
  }

  /** Requests as of a small database: it reads here, writes there, and flushes now and then. */
  private static void work(BlockBackend user, Random random, int requests) {
    for (int i = 0; i < requests; i++) {
      try {
        if (i % 40 == 39) {
          user.flush();
        } else if (i % 3 == 0) {
          long page = Math.clamp((long) (11_000 + 1_500 * random.nextGaussian()), 0L, 16_000L);
          user.write(page * 4096, ByteBuffer.allocate(4096), RequestFlags.NONE);
        } else {
          long page = Math.clamp((long) (4_500 + 1_200 * random.nextGaussian()), 0L, 16_000L);
          user.read(page * 4096, ByteBuffer.allocate(4096));
        }
      } catch (BlockIoException e) {
        // That is what it is for.
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void thePictureShowsWhatIsThere(boolean dark) throws Exception {
    Disk disk =
        page.console.storage.create(
            new Storage.NewDisk(
                "vda", "memory:64M", Optional.empty(), Optional.of(RULES), false, true));
    BlockBackend user = page.console.storage.user("vda");
    browser.scheme(dark);
    page.show("live/vda");
    browser.awaitShown("#rule-rows tr");
    // A picture for people has a history; without it three seconds do.
    int seconds = SCREENSHOTS && !dark ? 100 : 3;
    Random random = new Random(7);
    browser.await(
        "a history of " + seconds + " seconds",
        java.time.Duration.ofSeconds(seconds * 3L + 30),
        () -> {
          work(user, random, 50 + random.nextInt(300));
          Object path =
              browser.run(
                  "return document.querySelector('#meter-line-requests .line')?.getAttribute('d')"
                      + " ?? ''");
          return path.toString().chars().filter(c -> c == 'L').count() >= seconds;
        });
    disk.addBreakpoint("write_aio", "A");
    Thread held =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    user.write(45_056_000, ByteBuffer.allocate(4096), RequestFlags.NONE);
                  } catch (BlockIoException e) {
                    // It may meet with a rule.
                  }
                });
    browser.awaitShown("#suspended");
    assertThatThrownBy(() -> user.read(18_874_368, ByteBuffer.allocate(4096)))
        .isInstanceOf(BlockIoException.class);
    disk.setState(3);
    browser.awaitShown(".state[data-state='3'].lit");
    browser.awaitShown("#timeline-rows tr.met");
    browser.run("document.getAnimations().forEach((one) => one.finish())");

    byte[] png = browser.png();
    BufferedImage picture = browser.picture();
    assertThat(picture.getWidth()).isEqualTo(1280);
    assertThat(picture.getHeight()).isEqualTo(800);
    // As the style sheet has them.
    int page = dark ? 0x0d1117 : 0xf6f7f9;
    int lit = dark ? 0x79b8ff : 0x0757b8;
    int failed = dark ? 0xff7b72 : 0xc21d2b;
    assertThat(picture.getRGB(3, 790) & 0xffffff).isEqualTo(page);
    assertThat(at(picture, ".state[data-state='3'] circle", 0.2, 0.5)).isEqualTo(lit);
    assertThat(at(picture, ".state[data-state='1'] circle", 0.2, 0.5)).isNotEqualTo(lit);
    // Cell 288 of 1024, the 33rd of the fifth row: the bad sectors begin there.
    assertThat(at(picture, "#map-canvas", 32.5 / 64, 4.5 / 16)).isEqualTo(failed);
    assertThat(at(picture, "tr.met td", 0.0, 0.5)).isEqualTo(failed);
    Set<Integer> colours = colours(picture, "#map-canvas");
    assertThat(colours).as("heat in many shades").hasSizeGreaterThan(20).contains(failed);
    assertThat(colours(picture, "#meter-line-requests")).hasSizeGreaterThan(2);
    assertThat(browser.text("#rule-rows")).contains("EIO to read", "ENOSPC to write");
    assertThat(browser.text("#suspended-list")).contains("write of 4K at 42M+992K");

    disk.resumeAll();
    held.join();
    if (SCREENSHOTS && !dark) {
      Path target =
          Path.of(System.getProperty("faultdisk.root", ".."), "docs", "images", "console.png");
      Files.createDirectories(target.getParent());
      Files.write(target, png);
    }
  }

  /** The colour at a place in an element, by its width and height. */
  private int at(BufferedImage picture, String css, double x, double y) {
    int[] box = box(css);
    return picture.getRGB(
            Math.min(box[0] + (int) (box[2] * x) + 1, picture.getWidth() - 1),
            box[1] + (int) (box[3] * y))
        & 0xffffff;
  }

  private Set<Integer> colours(BufferedImage picture, String css) {
    int[] box = box(css);
    Set<Integer> colours = new HashSet<>();
    for (int y = box[1]; y < Math.min(picture.getHeight(), box[1] + box[3]); y++) {
      for (int x = box[0]; x < Math.min(picture.getWidth(), box[0] + box[2]); x++) {
        colours.add(picture.getRGB(x, y) & 0xffffff);
      }
    }
    return colours;
  }

  private int[] box(String css) {
    List<?> box =
        (List<?>)
            browser.run(
                "const b = document.querySelector(arguments[0]).getBoundingClientRect();"
                    + " return [b.x, b.y, b.width, b.height]",
                css);
    return box.stream().mapToInt(value -> ((Number) value).intValue()).toArray();
  }

  @Test
  void theMapTellsOfACellByKeyboardAndMouse() throws Exception {
    page.disk.replaceAll("rules", "[inject-error]\nevent = \"none\"\nsector = \"4\"\n");
    page.write(0);
    page.read(0);
    assertThatThrownBy(() -> page.read(2048)).isInstanceOf(BlockIoException.class);
    browser.awaitText("#map-scale", "1,024 cells of 1K");
    browser.run("document.getElementById('timeline-scroll').focus()");
    browser.press(Keys.TAB);
    assertThat(browser.focus()).isEqualTo("map-canvas");
    browser.awaitText("#map-readout", "Cell 0: 0 to 1K: 1 read, 1 write");
    browser.press(Keys.ARROW_RIGHT);
    browser.press(Keys.ARROW_RIGHT);
    browser.awaitText("#map-readout", "Cell 2: 2K to 3K: 1 read, 0 writes, 1 met a rule");
    browser.press(Keys.ARROW_DOWN);
    browser.awaitText("#map-readout", "Cell 66: 66K to 67K: 0 reads");
    browser.press(Keys.END);
    browser.awaitText("#map-readout", "Cell 1023");
    int[] box = box("#map-canvas");
    browser.point("#map-canvas", box[2] * 5 / 128, 3);
    browser.awaitText("#map-readout", "Cell 2: 2K to 3K: 1 read");
    browser.click("#map-words summary");
    browser.awaitText("#map-list li", "2K to 3K: 1 read, 0 writes, 1 met a rule");
  }

  @Test
  void theMapOfADiskOfAnySizeFillsItsPlace() throws Exception {
    page.console.storage.create(
        new Storage.NewDisk(
            "odd", "memory:1100K", Optional.empty(), Optional.empty(), false, false));
    page.show("live/odd");
    browser.awaitText("#map-scale", "550 cells of 2K");
    page.console
        .storage
        .user("odd")
        .write(1099 * 1024L, ByteBuffer.allocate(1024), RequestFlags.NONE);
    browser.click("#map-words summary");
    browser.awaitText("#map-list", "1M+74K to 1M+76K: 0 reads, 1 write");
    // Cell 549 is the 38th of the ninth row, which is the last; what comes behind is no disk.
    int cell = at(browser.picture(), "#map-canvas", 37.5 / 64, 8.5 / 9);
    assertThat(cell >> 16).as("orange").isGreaterThan((cell & 0xff) + 20);
    assertThat(at(browser.picture(), "#map-canvas", 38.5 / 64, 8.5 / 9)).isEqualTo(0xffffff);
  }

  // ---- keeping up

  @Test
  void itKeepsUpWithFiftyThousandRequestsASecond() {
    browser.run(
        "window.frames_ = 0; const f = () => { window.frames_++; requestAnimationFrame(f); }; f()");
    AtomicBoolean going = new AtomicBoolean(true);
    Thread load = Thread.ofPlatform().start(() -> load(going));
    try {
      browser.await(
          "a second's worth of requests, a sample of them listed",
          () -> numbers(browser.text("#timeline-status")) > 200_000);
      assertThat(browser.text("#timeline-rows")).contains("and ").contains(" more");
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
    // In order, without a gap that nobody counted.
    browser.await(
        "all were listed or counted",
        () ->
            numbers(browser.text("#timeline-status"))
                == page.disk.activity().counters().requests());
    List<?> times =
        (List<?>)
            browser.run(
                "return [...document.querySelectorAll('#timeline-rows tr:not(.more):not([hidden])"
                    + " .time')].map((t) => t.textContent)");
    assertThat(times).hasSizeGreaterThan(5);
    assertThat(times.stream().map(String::valueOf).toList())
        .isSortedAccordingTo(java.util.Comparator.reverseOrder());
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
        assertThat(box("#timeline-scroll")[3]).as(view + " at " + width).isBetween(150, 500);
        assertThat(browser.all("#timeline-rows tr:not([hidden])").size()).isBetween(15, 60);
        assertThat(browser.run("return document.documentElement.scrollWidth <= innerWidth"))
            .as(view + " at " + width + " is not wider than the window")
            .isEqualTo(true);
      }
    }
  }

  @Test
  void aLostConnectionIsSaidAndComesBack() throws Exception {
    page.disk.replaceAll("rules", RULES);
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
