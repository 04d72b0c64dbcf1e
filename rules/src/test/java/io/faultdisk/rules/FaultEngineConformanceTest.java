package io.faultdisk.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultdisk.base.Errno;
import io.faultdisk.testkit.RandomCases;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random rules and random commands, given to the installed qemu-io and to the engine below {@link
 * RawDisk}.
 */
final class FaultEngineConformanceTest {
  private static final List<Event> EVENTS =
      List.of(
          QemuEvents.NONE,
          QemuEvents.NONE,
          QemuEvents.READ_AIO,
          QemuEvents.READ_AIO,
          QemuEvents.WRITE_AIO,
          QemuEvents.WRITE_AIO,
          QemuEvents.PWRITEV,
          QemuEvents.PWRITEV_DONE,
          QemuEvents.PWRITEV_ZERO,
          QemuEvents.FLUSH_TO_OS,
          QemuEvents.FLUSH_TO_DISK);

  /** None that makes the layers above try something else. */
  private static final List<Errno> ERRNOS =
      List.of(Errno.SUCCESS, Errno.EIO, Errno.ENOSPC, Errno.EPERM, Errno.ENOMEM, Errno.of(1000));

  @TempDir Path directory;

  @Test
  void sameOutcomesAsQemuIo() throws Exception {
    Optional<QemuIo> found = QemuIo.find(directory);
    assumeTrue(found.isPresent(), "no qemu-io 7.2 on PATH to compare with");
    RandomCases.run("requests", 150, random -> compare(found.get(), random));
  }

  private static void compare(QemuIo qemuIo, RandomGenerator random) throws Exception {
    StringBuilder rules = new StringBuilder();
    for (int i = random.nextInt(7); i >= 0; i--) {
      randomRule(random, rules);
    }
    List<String> commands = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      commands.add(randomCommand(random));
    }
    List<Rule> read =
        RuleSources.read(
            Optional.of(RuleFile.of("random", rules.toString())), Map.of(), Dialect.QEMU);
    assertThat(ours(new RawDisk(read).run(commands), commands))
        .as("%s%n%s", rules, commands)
        .isEqualTo(qemuIo.outcomes(rules.toString(), commands));
  }

  private static void randomRule(RandomGenerator random, StringBuilder rules) {
    boolean setState = random.nextInt(4) == 0;
    rules.append(setState ? "[set-state]\n" : "[inject-error]\n");
    key(rules, "event", pick(random, EVENTS));
    if (random.nextBoolean()) {
      key(rules, "state", random.nextInt(4));
    }
    if (setState) {
      key(rules, "new_state", random.nextInt(4));
      return;
    }
    key(rules, "errno", pick(random, ERRNOS).number());
    if (random.nextInt(3) == 0) {
      key(rules, "iotype", pick(random, List.of(RequestType.values())));
    }
    if (random.nextInt(3) == 0) {
      key(rules, "sector", random.nextInt(6));
    }
    if (random.nextBoolean()) {
      key(rules, "once", "on");
    }
    if (random.nextBoolean()) {
      key(rules, "immediately", "on");
    }
  }

  private static String randomCommand(RandomGenerator random) {
    int offset = random.nextInt(6) * 512 + (random.nextInt(4) == 0 ? random.nextInt(512) : 0);
    int bytes = 1 + random.nextInt(random.nextBoolean() ? 4096 : 512);
    String range = " " + offset + " " + bytes;
    return switch (random.nextInt(12)) {
      case 0 -> "map";
      case 1, 2 -> "flush";
      case 3, 4 -> "write -z" + range;
      case 5 -> "discard" + range;
      case 6, 7, 8 -> "write" + range;
      default -> "read" + range;
    };
  }

  private static <T> T pick(RandomGenerator random, List<T> from) {
    return from.get(random.nextInt(from.size()));
  }

  private static void key(StringBuilder rules, String key, Object value) {
    rules.append(key).append(" = \"").append(value).append("\"\n");
  }

  /** As {@link QemuIo#outcomes} puts it. */
  private static List<String> ours(List<Errno> outcomes, List<String> commands) {
    List<String> requests = new ArrayList<>();
    List<String> maps = new ArrayList<>();
    boolean anyFailed = false;
    for (int i = 0; i < outcomes.size(); i++) {
      boolean ok = outcomes.get(i).equals(Errno.SUCCESS);
      anyFailed |= !ok;
      if (commands.get(i).equals("map")) {
        if (!ok) {
          maps.add("map " + outcomes.get(i).text());
        }
      } else if (!commands.get(i).equals("flush")) {
        requests.add(ok ? "ok" : outcomes.get(i).text());
      }
    }
    requests.addAll(maps);
    requests.add("exit " + (anyFailed ? 1 : 0));
    return requests;
  }
}
