package io.faultdisk.explore;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The HTML report as a real browser shows it. */
class ReportBrowserIT {
  @TempDir Path scratch;

  private Chromium chromium;
  private Path report;

  @BeforeEach
  void write() throws Exception {
    chromium = Chromium.installed(scratch).orElse(null);
    Assumptions.assumeTrue(
        chromium != null, "chromium is not installed (Debian: apt install chromium)");
    Path directory = Files.createDirectory(scratch.resolve("report"));
    new ReportWriter().write(directory, SampleResults.small());
    report = directory.resolve(ReportWriter.HTML);
  }

  private static int count(String pattern, String in) {
    Matcher matcher = Pattern.compile(pattern).matcher(in);
    int count = 0;
    while (matcher.find()) {
      count++;
    }
    return count;
  }

  /**
   * The same page with a script that does what a user would do. In it {@code say(text)} adds a line
   * to what is returned, {@code set(id, value, event)} fills in a field, {@code wait(millis)} is
   * awaited.
   */
  private List<String> after(String script) throws Exception {
    String html = Files.readString(report);
    String free = html.replaceFirst("<meta http-equiv=\"Content-Security-Policy\"[^>]*>", "");
    assertThat(free).isNotEqualTo(html);
    Path page = report.resolveSibling("after.html");
    Files.writeString(
        page,
        free.replace(
            "</body>",
            """
            <script>
            const say = (text) => { document.body.dataset.said = (document.body.dataset.said || '') + text + '|'; };
            const wait = (millis) => new Promise((done) => setTimeout(done, millis));
            const set = (id, value, event) => { byId(id).value = value; byId(id).dispatchEvent(new Event(event)); };
            (async () => { %s })();
            </script></body>\
            """
                .formatted(script)));
    Chromium.Page shown = chromium.dom(page);
    assertThat(shown.console()).isEmpty();
    Matcher said = Pattern.compile("<body data-said=\"([^\"]*)\"").matcher(shown.out());
    assertThat(said.find()).as("the script said something").isTrue();
    return List.of(said.group(1).split("[|]"));
  }

  @Test
  void theScriptRunsWithoutAWordAndListsAllCases() throws Exception {
    Chromium.Page page = chromium.dom(report);
    assertThat(page.console()).isEmpty();
    assertThat(page.out())
        .contains("<strong id=\"verdict\">12 failures</strong>")
        .contains(">1 to 200 of 390 cases</span>");
    assertThat(count("<article class=\"group ", page.out())).isEqualTo(4);
    assertThat(count("<details class=\"case\"", page.out())).isEqualTo(12);
    assertThat(count("<tr><td>\\d+</td>", page.out())).isEqualTo(200);
    // Eight failures with two files, a command, and six of them one for QEMU.
    assertThat(count(">Copy</button>", page.out())).isEqualTo(8 * 3 + 6);
    assertThat(count("<g class=\"col\"", page.out())).isEqualTo(69);
  }

  @Test
  void casesAreFoundAndPagesTurned() throws Exception {
    assertThat(
            after(
                """
                const shown = () => byId('page').textContent + ', ' + byId('rows').rows.length;
                set('verdict-filter', 'failed', 'change');
                say(shown());
                set('family', 'crashes', 'change');
                say(shown() + ' ' + byId('rows').rows[0].textContent);
                set('verdict-filter', '', 'change');
                set('family', '', 'change');
                set('text', 'STICKY refblock_load not there', 'input');
                await wait(300);
                say(shown() + ' ' + byId('rows').querySelector('a').getAttribute('href'));
                set('text', 'no such', 'input');
                await wait(300);
                say(shown() + byId('next').disabled);
                set('text', '', 'input');
                await wait(300);
                byId('next').click();
                say(shown() + byId('next').disabled);
                byId('previous').click();
                say(shown() + byId('previous').disabled);
                """))
        .containsExactly(
            "1 to 8 of 8 found among 390 cases, 8",
            "1 to 2 of 2 found among 390 cases, 2 310crashese5 flush_to_disk#1 flush: cut, 2,1 of 4"
                + " survivefailedblock 12 holds neither what was flushed nor what was written"
                + " since",
            "1 to 1 of 1 found among 390 cases, 1 #case-191",
            "No case is like that, 0true",
            "201 to 390 of 390 cases, 190true",
            "1 to 200 of 390 cases, 200true");
  }

  @Test
  void theTimelineIsReadByKeyboardAndLeadsToFailures() throws Exception {
    assertThat(
            after(
                """
                const box = byId('timeline-box');
                const press = (key) => box.dispatchEvent(new KeyboardEvent('keydown', { key: key, bubbles: true }));
                for (let i = 0; i < 20; i++) press('ArrowRight');
                press('End');
                press('Home');
                for (let i = 1; i < 20; i++) press('ArrowRight');
                say(byId('readout').textContent);
                const failure = byId('case-79');
                say(failure.open);
                press('Enter');
                await wait(100);
                say(location.hash + failure.open);
                """))
        .containsExactly(
            "request 20, epoch 2: write of 512 B at 64K+8; events before: l2_update, pwritev;"
                + " 1 failure here",
            "false",
            "#case-79true");
  }

  @Test
  void copyingSaysSo() throws Exception {
    assertThat(
            after(
                """
                const button = document.querySelector('.copyable button');
                button.click();
                await wait(700);
                say(button.textContent);
                await wait(2000);
                say(button.textContent);
                """))
        .containsExactly("Copied", "Copy");
  }

  @Test
  void noScriptRunsThatIsNotThePagesOwn() throws Exception {
    Path page = report.resolveSibling("injected.html");
    Files.writeString(
        page,
        Files.readString(report)
            .replace(
                "</main>",
                "<script>document.title = 'taken'</script>"
                    + "<svg onload=\"document.title = 'taken'\"></svg></main>"));
    Chromium.Page shown = chromium.dom(page);
    assertThat(shown.out()).contains("<title>12 failures: io script").contains("taken");
    // So the console is listened to, too.
    assertThat(shown.console()).isNotEmpty().allMatch(line -> line.contains("Content Security"));
  }

  @Test
  void hostileTextsAreOnlyShown() throws Exception {
    new ReportWriter().write(report.getParent(), ReportWriterTest.hostile());
    Chromium.Page page = chromium.dom(report);
    assertThat(page.console()).isEmpty();
    assertThat(page.out()).contains(">1 to 20 of 20 cases</span>");
    assertThat(count("<script", page.out())).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void thePictureHasTheColoursOfTheVerdicts(boolean dark) throws Exception {
    Path png = scratch.resolve("report.png");
    assertThat(chromium.screenshot(report, png, dark).console()).isEmpty();
    BufferedImage picture = ImageIO.read(png.toFile());
    Set<Integer> colours = new HashSet<>();
    for (int y = 0; y < picture.getHeight(); y++) {
      for (int x = 0; x < picture.getWidth(); x++) {
        colours.add(picture.getRGB(x, y) & 0xffffff);
      }
    }
    assertThat(colours).hasSizeGreaterThan(200);
    // Page, failed, ok: as report.css has them.
    assertThat(colours)
        .contains(
            dark
                ? new Integer[] {0x0d1117, 0xff7b72, 0x4ac26b}
                : new Integer[] {0xf6f7f9, 0xc21d2b, 0x1a7f37});
    assertThat(picture.getRGB(2, 2) & 0xffffff).isEqualTo(dark ? 0x0d1117 : 0xf6f7f9);
  }
}
