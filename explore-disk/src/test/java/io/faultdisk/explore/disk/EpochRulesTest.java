package io.faultdisk.explore.disk;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.base.Errno;
import io.faultdisk.explore.FaultPoint;
import io.faultdisk.explore.Injection;
import io.faultdisk.explore.TimelineEntry;
import io.faultdisk.rules.Decision;
import io.faultdisk.rules.Dialect;
import io.faultdisk.rules.Event;
import io.faultdisk.rules.FaultEngine;
import io.faultdisk.rules.RequestType;
import io.faultdisk.rules.Rule;
import io.faultdisk.rules.RuleFile;
import io.faultdisk.rules.RuleSources;
import io.faultdisk.rules.RuleWriter;
import io.faultdisk.testkit.RandomCases;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Rules for an epoch and a place hit that request, also when their neighbours have moved. */
class EpochRulesTest {
  private static final String[] TYPES = {"read", "write", "discard"};

  /** What several clients of a raw disk may ask for. */
  private static List<TimelineEntry> randomTimeline(RandomGenerator random) {
    List<TimelineEntry> timeline = new ArrayList<>();
    timeline.add(TimelineEntry.event(0, "none"));
    int epochs = 1 + random.nextInt(5);
    for (int epoch = 0; epoch < epochs; epoch++) {
      int requests = random.nextInt(12);
      for (int i = 0; i < requests; i++) {
        String type = TYPES[random.nextInt(TYPES.length)];
        timeline.add(TimelineEntry.event(epoch, type.equals("read") ? "read_aio" : "pwritev"));
        timeline.add(
            TimelineEntry.request(
                epoch, type, random.nextInt(8) * 512L, 512L * (1 + random.nextInt(4))));
      }
      timeline.add(TimelineEntry.event(epoch, "flush_to_os"));
      timeline.add(TimelineEntry.event(epoch, "flush_to_disk"));
      timeline.add(TimelineEntry.request(epoch, "flush", 0, 0));
    }
    return timeline;
  }

  private static List<Integer> failed(List<TimelineEntry> timeline, List<Rule> rules)
      throws Exception {
    String text = RuleWriter.write(rules, Dialect.FAULTDISK);
    List<Rule> read =
        RuleSources.read(
            new RuleFile("rules.conf", text.getBytes(StandardCharsets.UTF_8)), Dialect.FAULTDISK);
    FaultEngine engine = new FaultEngine(read);
    List<Integer> failed = new ArrayList<>();
    int number = 0;
    for (TimelineEntry entry : timeline) {
      if (!entry.isRequest()) {
        engine.announce(new Event(entry.event()));
        continue;
      }
      number++;
      RequestType type = RequestType.named(entry.operation()).orElseThrow();
      if (engine.check(type, entry.offset(), entry.bytes()) instanceof Decision.Fail) {
        failed.add(number);
      }
    }
    return failed;
  }

  @Test
  void hitThatRequestAndNoOther() {
    RandomCases.run(
        "epochs and places",
        300,
        random -> {
          List<TimelineEntry> timeline = randomTimeline(random);
          int requests = (int) timeline.stream().filter(TimelineEntry::isRequest).count();
          for (int number = 1; number <= requests; number++) {
            FaultPoint point = new FaultPoint(number, 0, "here");
            try {
              List<Rule> once =
                  new EpochRules(timeline).rules(new Injection(point, Errno.EIO, false));
              assertThat(failed(timeline, once)).containsExactly(number);
              List<Rule> sticky =
                  new EpochRules(timeline).rules(new Injection(point, Errno.EIO, true));
              assertThat(failed(timeline, sticky)).startsWith(number);
            } catch (Exception e) {
              throw new AssertionError(e);
            }
          }
        });
  }

  @Test
  void neighboursElsewhereDoNotMatter() throws Exception {
    List<TimelineEntry> recorded =
        List.of(
            TimelineEntry.event(0, "none"),
            TimelineEntry.request(0, "write", 0, 4096),
            TimelineEntry.event(0, "flush_to_disk"),
            TimelineEntry.request(0, "flush", 0, 0),
            TimelineEntry.request(1, "write", 8192, 512),
            TimelineEntry.request(1, "write", 0, 4096));
    List<Rule> rules =
        new EpochRules(recorded)
            .rules(new Injection(new FaultPoint(4, 1, "write 0+4096"), Errno.EIO, false));
    assertThat(RuleWriter.write(rules, Dialect.FAULTDISK))
        .isEqualTo(
            """
            [inject-error]
            event = "flush_to_disk"
            iotype = "write"
            offset = "0"
            bytes = "4096"
            times = "1"
            errno = "EIO"
            """);
    List<TimelineEntry> again =
        List.of(
            TimelineEntry.event(0, "none"),
            TimelineEntry.request(0, "read", 0, 4096),
            TimelineEntry.request(0, "write", 0, 4096),
            TimelineEntry.event(0, "flush_to_disk"),
            TimelineEntry.request(0, "flush", 0, 0),
            TimelineEntry.request(1, "read", 8192, 512),
            TimelineEntry.request(1, "write", 0, 4096),
            TimelineEntry.request(1, "write", 8192, 512));
    assertThat(failed(again, rules)).containsExactly(5);
  }
}
