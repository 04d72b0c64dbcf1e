package io.faultdisk.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.RequestFlags;
import io.faultdisk.daemon.disk.Disk;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.ThrowingConsumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openqa.selenium.Keys;

/** What the page looks like. */
@Timeout(600)
class ConsolePictureIT {
  /** {@code -Dfaultdisk.screenshots=true}: makes the picture for the README. */
  private static final boolean SCREENSHOTS = Boolean.getBoolean("faultdisk.screenshots");

  @RegisterExtension static final ConsoleVisit VISIT = new ConsoleVisit();

  private Browser browser;
  private ConsolePage page;

  @BeforeEach
  void look() {
    page = VISIT.page();
    browser = page.browser;
  }

  @Test
  void theThemeCanBeSwitchedAndIsKept() {
    awaitBackground("rgb(246, 247, 249)");
    browser.scheme(true);
    awaitBackground("rgb(13, 17, 23)");
    browser.click("#theme");
    browser.awaitText("#theme", "light");
    awaitBackground("rgb(246, 247, 249)");
    page.show("live");
    browser.awaitText("#theme", "light");
    awaitBackground("rgb(246, 247, 249)");
    browser.click("#theme");
    browser.click("#theme");
    browser.awaitText("#theme", "system");
    awaitBackground("rgb(13, 17, 23)");
  }

  private void awaitBackground(String rgb) {
    String background = "return getComputedStyle(document.body).backgroundColor";
    browser.await("a background of " + rgb, () -> browser.run(background).equals(rgb));
  }

  /** Takes pictures until one is as it should be: others fell into the middle of a change. */
  private Look awaitLook(ThrowingConsumer<Look> expected, String... css) {
    AtomicReference<Look> last = new AtomicReference<>();
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .pollInSameThread()
        .untilAsserted(
            () -> {
              browser.run("document.getAnimations().forEach((one) => one.finish())");
              last.set(browser.look(css));
              expected.accept(last.get());
            });
    return last.get();
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
                "vda",
                "memory:64M",
                Optional.empty(),
                Optional.of(ConsolePage.RULES),
                false,
                true));
    BlockBackend user = page.console.storage.user("vda");
    browser.scheme(dark);
    page.show("live/vda");
    browser.awaitShown("#rule-rows tr");
    // A picture for people has a history; without it three seconds do.
    int seconds = SCREENSHOTS && !dark ? 100 : 3;
    Random random = new Random(7);
    browser.await(
        "a history of " + seconds + " seconds",
        Duration.ofSeconds(seconds * 3L + 30),
        () -> {
          work(user, random, 50 + random.nextInt(300));
          Object path =
              browser.run(
                  "return document.querySelector('#meter-line-requests .line')?.getAttribute('d')"
                      + " ?? ''");
          return path.toString().chars().filter(c -> c == 'L').count() >= seconds;
        });
    // What was touched fades while nothing happens.
    browser.await(
        "heat in many shades",
        () -> {
          work(user, random, 50 + random.nextInt(300));
          return browser.look("#map-canvas").colours("#map-canvas").size() > 20;
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
    disk.setState(3);
    browser.awaitShown(".state[data-state='3'].lit");
    // Read again while others of the same tick are above it; then nothing but such reads can come.
    browser.await(
        "the failed read is on top",
        () -> {
          if (browser.shown("#timeline-rows tr:first-child.met")) {
            return true;
          }
          assertThatThrownBy(() -> user.read(18_874_368, ByteBuffer.allocate(4096)))
              .isInstanceOf(BlockIoException.class);
          return false;
        });

    // As the style sheet has them.
    int page = dark ? 0x0d1117 : 0xf6f7f9;
    int lit = dark ? 0x79b8ff : 0x0757b8;
    int failed = dark ? 0xff7b72 : 0xc21d2b;
    String now = ".state[data-state='3'] circle";
    String before = ".state[data-state='1'] circle";
    Look seen =
        awaitLook(
            look -> {
              assertThat(look.picture().getWidth()).isEqualTo(1280);
              assertThat(look.picture().getHeight()).isEqualTo(800);
              assertThat(look.at(3, 790)).isEqualTo(page);
              assertThat(look.at(now, 0.2, 0.5)).isEqualTo(lit);
              assertThat(look.at(before, 0.2, 0.5)).isNotEqualTo(lit);
              // Cell 288 of 1024, the 33rd of the fifth row: the bad sectors begin there.
              assertThat(look.at("#map-canvas", 32.5 / 64, 4.5 / 16)).isEqualTo(failed);
              assertThat(look.at("tr.met td", 0.0, 0.5)).isEqualTo(failed);
              assertThat(look.colours("#meter-line-requests")).hasSizeGreaterThan(2);
            },
            now,
            before,
            "#map-canvas",
            "tr.met td",
            "#meter-line-requests");
    assertThat(browser.text("#rule-rows")).contains("EIO to read", "ENOSPC to write");
    assertThat(browser.text("#suspended-list")).contains("write of 4K at 42M+992K");

    disk.resumeAll();
    held.join();
    if (SCREENSHOTS && !dark) {
      Path target =
          Path.of(System.getProperty("faultdisk.root", ".."), "docs", "images", "console.png");
      Files.createDirectories(target.getParent());
      Files.write(target, seen.png());
    }
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
    browser.await("the map has the focus", () -> browser.focus().equals("map-canvas"));
    browser.awaitText("#map-readout", "Cell 0: 0 to 1K: 1 read, 1 write");
    browser.press(Keys.ARROW_RIGHT);
    browser.press(Keys.ARROW_RIGHT);
    browser.awaitText("#map-readout", "Cell 2: 2K to 3K: 1 read, 0 writes, 1 met a rule");
    browser.press(Keys.ARROW_DOWN);
    browser.awaitText("#map-readout", "Cell 66: 66K to 67K: 0 reads");
    browser.press(Keys.END);
    browser.awaitText("#map-readout", "Cell 1023");
    browser.await(
        "the cell below the pointer",
        () -> {
          browser.point("#map-canvas", browser.box("#map-canvas").get(2) * 5 / 128, 3);
          return browser.text("#map-readout").contains("Cell 2: 2K to 3K: 1 read");
        });
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
    awaitLook(
        look -> {
          int cell = look.at("#map-canvas", 37.5 / 64, 8.5 / 9);
          assertThat(cell >> 16).as("orange").isGreaterThan((cell & 0xff) + 20);
          assertThat(look.at("#map-canvas", 38.5 / 64, 8.5 / 9)).isEqualTo(0xffffff);
        },
        "#map-canvas");
  }
}
