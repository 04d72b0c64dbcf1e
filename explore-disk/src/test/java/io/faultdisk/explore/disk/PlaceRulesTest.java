package io.faultdisk.explore.disk;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.base.Errno;
import io.faultdisk.base.UsageException;
import io.faultdisk.explore.FaultPoint;
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
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Rules for a place hit that request, and in QEMU's dialect. */
class PlaceRulesTest {
  private static final String[] EVENTS = {"l2_update", "l2_load", "pwritev", "flush_to_disk"};
  private static final String[] TYPES = {"read", "write", "flush", "discard"};

  private static List<TimelineEntry> randomTimeline(RandomGenerator random) {
    List<TimelineEntry> timeline = new ArrayList<>();
    timeline.add(TimelineEntry.event(0, "none"));
    int count = 5 + random.nextInt(60);
    for (int i = 0; i < count; i++) {
      if (random.nextInt(3) == 0) {
        timeline.add(TimelineEntry.event(0, EVENTS[random.nextInt(EVENTS.length)]));
      } else {
        String type = TYPES[random.nextInt(TYPES.length)];
        boolean ranged = !type.equals("flush");
        timeline.add(
            TimelineEntry.request(
                0,
                type,
                ranged ? random.nextInt(20) * 256L : 0,
                ranged ? 256L * (1 + random.nextInt(8)) : 0));
      }
    }
    return timeline;
  }

  private static List<Integer> failed(List<TimelineEntry> timeline, List<Rule> rules) {
    FaultEngine engine = new FaultEngine(rules);
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
  void rulesForAPlaceHitThatRequestAndNoOther() {
    int[] found = new int[1];
    RandomCases.run(
        "places",
        300,
        random -> {
          List<TimelineEntry> timeline = randomTimeline(random);
          int requests = (int) timeline.stream().filter(TimelineEntry::isRequest).count();
          for (int number = 1; number <= requests; number++) {
            FaultPoint point = new FaultPoint(number, 0, "here");
            Optional<List<Rule>> once = new PlaceRules(timeline).of(point, Errno.EIO, false);
            if (once.isPresent()) {
              found[0]++;
              assertThat(failed(timeline, once.get())).containsExactly(number);
              assertThat(failed(timeline, inQemusDialect(once.get()))).containsExactly(number);
            }
            Optional<List<Rule>> sticky = new PlaceRules(timeline).of(point, Errno.EIO, true);
            if (sticky.isPresent()) {
              List<Integer> rest = new ArrayList<>();
              for (int i = number; i <= requests; i++) {
                rest.add(i);
              }
              assertThat(failed(timeline, sticky.get())).isEqualTo(rest);
            }
          }
        });
    assertThat(found[0]).isGreaterThan(1000);
  }

  private static List<Rule> inQemusDialect(List<Rule> rules) {
    String text = RuleWriter.write(rules, Dialect.QEMU);
    try {
      return RuleSources.read(
          new RuleFile("rules.conf", text.getBytes(StandardCharsets.UTF_8)), Dialect.QEMU);
    } catch (UsageException e) {
      throw new AssertionError(text, e);
    }
  }

  @Test
  void thePlainestEventIsTaken() {
    List<TimelineEntry> timeline =
        List.of(
            TimelineEntry.event(0, "none"),
            TimelineEntry.request(0, "read", 0, 512),
            TimelineEntry.event(0, "pwritev"),
            TimelineEntry.event(0, "l1_update"),
            TimelineEntry.request(0, "write", 0, 512),
            TimelineEntry.request(0, "flush", 0, 0));
    assertThat(
            RuleWriter.write(
                new PlaceRules(timeline)
                    .of(new FaultPoint(3, 0, "here"), Errno.EIO, false)
                    .orElseThrow(),
                Dialect.QEMU))
        .isEqualTo(
            """
            [inject-error]
            event = "l1_update"
            iotype = "flush"
            once = "on"
            errno = "5"
            """);
  }
}
