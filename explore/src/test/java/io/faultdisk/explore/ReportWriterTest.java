package io.faultdisk.explore;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.base.json.Json;
import io.faultdisk.base.json.JsonArray;
import io.faultdisk.base.json.JsonObject;
import io.faultdisk.explore.ResultDirectory.Mode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

class ReportWriterTest {
  private static final Explorer.Settings SETTINGS = new Explorer.Settings(2, Shard.ALL, 50_000);
  private static final String HOSTILE =
      "</script><script>alert('x')</script>\"'&\0\u001b[2J\u202e<b>";

  @TempDir Path scratch;

  /** Every file of the reports, by its path. */
  private static Map<String, String> tree(Path directory) throws IOException {
    Map<String, String> tree = new TreeMap<>();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = directory.relativize(file).toString();
        if (!name.equals("cases.jsonl")) {
          tree.put(name, Files.readString(file));
        }
      }
    }
    return tree;
  }

  private Results explore(String to, Mode mode, Shard shard) throws Exception {
    try (ResultDirectory directory = new ResultDirectory(scratch.resolve(to), shard, mode)) {
      return new Explorer(FakeSubject.usual(), FakeSubject.everything(), SETTINGS.withShard(shard))
          .run(directory);
    }
  }

  @Test
  void shardsMergedAreTheWholeByteForByte() throws Exception {
    Results whole = explore("whole", Mode.NEW, Shard.ALL);
    new ReportWriter().write(scratch.resolve("whole"), whole);
    List<ResultPart> parts = new ArrayList<>();
    for (int i = 1; i <= 4; i++) {
      explore("part" + i, Mode.NEW, new Shard(i, 4));
      parts.add(ResultDirectory.read(scratch.resolve("part" + i)));
    }
    Path merged = scratch.resolve("merged");
    ResultDirectory.write(merged, Merge.of(parts).results());
    new ReportWriter().write(merged, Merge.of(parts).results());
    assertThat(tree(merged))
        .isEqualTo(tree(scratch.resolve("whole")))
        .containsKeys("results.json", "junit.xml", "report.html", "timeline.json");
    assertThat(ResultDirectory.read(merged).results()).isEqualTo(whole);
  }

  @Test
  void anInterruptedRunResumedIsAWholeOneByteForByte() throws Exception {
    new ReportWriter().write(scratch.resolve("whole"), explore("whole", Mode.NEW, Shard.ALL));
    Path to = scratch.resolve("parts");
    AtomicReference<Explorer> explorer = new AtomicReference<>();
    AtomicInteger ran = new AtomicInteger();
    FakeSubject stops =
        new FakeSubject(
            FakeSubject.recording(12),
            what -> {
              if (ran.incrementAndGet() == 30) {
                explorer.get().stop();
              }
              return FakeSubject.outcome(what);
            });
    try (ResultDirectory directory = new ResultDirectory(to, Shard.ALL, Mode.NEW)) {
      explorer.set(new Explorer(stops, FakeSubject.everything(), SETTINGS));
      // With reports of its own, of which nothing may be left.
      new ReportWriter(3).write(to, explorer.get().run(directory));
    }
    new ReportWriter().write(to, explore("parts", Mode.RESUME, Shard.ALL));
    assertThat(tree(to)).isEqualTo(tree(scratch.resolve("whole")));
  }

  @Test
  void reproducersAreScriptsBesideTheirFiles() throws Exception {
    new ReportWriter().write(scratch, SampleResults.small());
    Map<String, String> tree = tree(scratch);
    assertThat(tree.get("repro/0051/command.sh"))
        .isEqualTo(
            """
            #!/bin/sh
            # Case 51: e1 l2_update#1 write: ENOSPC sticky
            # failed: cluster 56 is used, but its refcount is 0
            set -e
            cd "$(dirname "$0")"
            faultdisk img create -f qcow2 disk.qcow2 4G
            faultdisk io -f qcow2 blkdebug:rules.conf:disk.qcow2 <work.io
            faultdisk img check disk.qcow2
            """);
    assertThat(tree.get("repro/0051/qemu.sh"))
        .endsWith("\nqemu-io -c 'write -P 7 0 4k' blkdebug:rules.conf:disk.qcow2\n");
    assertThat(tree.get("repro/0051/rules.conf")).startsWith("[inject-error]\n");
    assertThat(tree).containsKey("repro/0051/work.io").doesNotContainKey("repro/0310/qemu.sh");
    assertThat(Files.isExecutable(scratch.resolve("repro/0051/command.sh"))).isTrue();
  }

  @Test
  void onlySoManyFailuresHaveAReproducerAndTheOthersAreCounted() throws Exception {
    new ReportWriter(4).write(scratch, SampleResults.small());
    Map<String, String> tree = tree(scratch);
    // Of the four kinds two have a reproducer.
    assertThat(tree.keySet().stream().filter(name -> name.endsWith("/command.sh")).toList())
        .containsExactly("repro/0051/command.sh", "repro/0310/command.sh");
    assertThat(tree.get("report.html"))
        .contains("4 of 12 failures are shown here")
        .contains("and 5 more like these");
    assertThat(tree.get("junit.xml")).contains("failures=\"12\"");
  }

  @Test
  void jsonHasAllResults() throws Exception {
    Results results = SampleResults.small();
    JsonObject json = (JsonObject) Json.parse(ReportWriter.json(results));
    assertThat(((JsonArray) json.members().get("cases")).elements()).hasSize(390);
    assertThat(Json.write(json.members().get("counts")))
        .contains("\"ok\": 373", "\"failed\": 8", "\"hung\": 2", "\"crashed\": 2", "\"missed\": 5");
    assertThat(ReportWriter.json(firstTwo()))
        .isEqualTo(
            """
            {"exploration": {"plan": "p", "states-saved": 0, "recording": "r", "points": 2, "states": 0, "events": {"pwritev": 2}, "cases": 2, "subject": "s"},
            "complete": true,
            "counts": {"ok": 1, "missed": 0, "failed": 1, "crashed": 0, "hung": 0},
            "cases": [
            {"index": 0, "family": "errors", "point": {"place": "pwritev#1 write", "epoch": 0, "number": 1}, "receipts": [], "verdict": "ok", "reason": "", "id": "e0 pwritev#1 write: EIO"},
            {"index": 1, "family": "errors", "point": {"place": "pwritev#2 write", "epoch": 0, "number": 2}, "receipts": ["rule 1"], "verdict": "failed", "reproducer": {"command": "run", "files": {"a.conf": "x\\n"}, "qemu-command": "qemu"}, "reason": "lost\\nall", "id": "e0 pwritev#2 write: EIO"}
            ]}
            """);
  }

  @Test
  void junitNamesFamiliesAndCases() {
    assertThat(JUnitXml.of(firstTwo()))
        .isEqualTo(
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuites name="s" tests="2" failures="1" errors="0" skipped="0">
            <testsuite name="errors" tests="2" failures="1" errors="0" skipped="0">
            <properties>
            <property name="subject" value="s"/>
            <property name="plan" value="p"/>
            <property name="recording" value="r"/>
            <property name="tried" value="2 of 2"/>
            </properties>
            <testcase classname="errors" name="e0 pwritev#1 write: EIO"/>
            <testcase classname="errors" name="e0 pwritev#2 write: EIO"><failure type="failed" message="lost">lost
            all
            receipt: rule 1
            a.conf:
            x

            reproduce: run
            </failure></testcase>
            </testsuite>
            </testsuites>
            """);
  }

  private static Results firstTwo() {
    TreeMap<String, Long> events = new TreeMap<>(Map.of("pwritev", 2L));
    return new Results(
        new Heading("s", "p", "r", 2, 2, 0, 0, events),
        List.of(
            new CaseResult(
                0,
                Case.Family.ERRORS,
                "e0 pwritev#1 write: EIO",
                Optional.of(new FaultPoint(1, 0, "pwritev#1 write")),
                new Outcome(Verdict.OK, "", List.of())),
            new CaseResult(
                1,
                Case.Family.ERRORS,
                "e0 pwritev#2 write: EIO",
                Optional.of(new FaultPoint(2, 0, "pwritev#2 write")),
                new Outcome(Verdict.FAILED, "lost\nall", List.of("rule 1"))
                    .with(new Reproducer(Map.of("a.conf", "x\n"), "run", Optional.of("qemu"))))),
        List.of());
  }

  /** The same text in every field there is. */
  static Results hostile() {
    TreeMap<String, Long> events = new TreeMap<>(Map.of(HOSTILE, 2L, HOSTILE + "never", 0L));
    List<CaseResult> cases = new ArrayList<>();
    for (Verdict verdict : Verdict.values()) {
      for (Case.Family family : Case.Family.values()) {
        cases.add(
            new CaseResult(
                cases.size(),
                family,
                "e0 " + HOSTILE + ": " + HOSTILE + cases.size(),
                Optional.of(new FaultPoint(cases.size() % 3 + 1, 0, HOSTILE)),
                new Outcome(verdict, HOSTILE + "\n" + HOSTILE, List.of(HOSTILE))
                    .with(
                        new Reproducer(Map.of("a.conf", HOSTILE), HOSTILE, Optional.of(HOSTILE)))));
      }
    }
    return new Results(
        new Heading(HOSTILE, HOSTILE + " seed=" + HOSTILE, HOSTILE, cases.size(), 3, 2, 1, events),
        cases,
        List.of(
            TimelineEntry.event(0, HOSTILE),
            TimelineEntry.request(0, HOSTILE, -1, -1),
            TimelineEntry.request(0, "write", Long.MAX_VALUE, Long.MAX_VALUE),
            TimelineEntry.request(0, "read", 0, Long.MAX_VALUE)));
  }

  @Test
  void noTextIsTakenForMarkup() throws Exception {
    new ReportWriter().write(scratch, hostile());
    for (Map.Entry<String, String> file : tree(scratch).entrySet()) {
      if (!file.getKey().startsWith("repro/")) {
        assertThat(file.getValue()).as(file.getKey()).doesNotContain("\0", "\u001b", "\u202e");
      }
    }
    String html = Files.readString(scratch.resolve("report.html"));
    assertThat(html.split("alert\\(", -1).length).isGreaterThan(50);
    assertThat(html).doesNotContain("<script>alert", "</script><script", "<b>\"");
    // The page's own script and the data.
    assertThat(html.split("<script", -1)).hasSize(3);
    assertThat(html.split("</script", -1)).hasSize(3);
    Document xml = parse(scratch.resolve("junit.xml"));
    assertThat(xml.getElementsByTagName("testcase").getLength()).isEqualTo(20);
    assertThat(xml.getElementsByTagName("failure").getLength()).isEqualTo(12);
    assertThat(xml.getElementsByTagName("skipped").getLength()).isEqualTo(4);
    assertThat(((Element) xml.getElementsByTagName("testsuites").item(0)).getAttribute("name"))
        .isEqualTo(PlainText.visible(HOSTILE));
    for (String line :
        Files.readAllLines(scratch.resolve("repro/0004/command.sh"), StandardCharsets.UTF_8)
            .subList(0, 3)) {
      assertThat(line).startsWith("#");
    }
  }

  private static Document parse(Path file) throws Exception {
    return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file.toFile());
  }

  @Test
  void asksNobodyForAnything() {
    String html = HtmlReport.of(SampleResults.small(), List.of(), Set.of());
    assertThat(html)
        .contains("default-src &#39;none&#39;")
        .doesNotContain(
            "http://", "https://", "<img", "@import", "url(", "src=", "fetch(", "XMLHttp");
  }

  @Test
  void manyCasesStaySmall() {
    Results many = SampleResults.of(1400, 7);
    List<FailureGroup> groups = FailureGroup.of(many);
    String html = HtmlReport.of(many, groups, FailureGroup.chosen(groups, 200));
    assertThat(many.cases()).hasSizeGreaterThan(50_000);
    // About 50 bytes per case; the picture is of a bounded size.
    assertThat(html.length()).isLessThan(4_000_000);
  }

  @Test
  void nothingFoundIsSaidAsWell() {
    Results none = new Results(firstTwo().heading(), List.of(), List.of());
    assertThat(HtmlReport.of(none, List.of(), Set.of()))
        .contains("No failures so far", "in 0 of 2 cases: not all were tried", "Nothing broke.")
        .contains("There is no recording of requests.");
  }
}
