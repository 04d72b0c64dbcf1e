package io.faultdisk.fuzz;

import io.faultdisk.base.UsageException;
import io.faultdisk.rules.Dialect;
import io.faultdisk.rules.FaultEngine;
import io.faultdisk.rules.FileEvents;
import io.faultdisk.rules.Operation;
import io.faultdisk.rules.QemuEvents;
import io.faultdisk.rules.RequestType;
import io.faultdisk.rules.Rule;
import io.faultdisk.rules.RuleFile;
import io.faultdisk.rules.RuleSources;
import io.faultdisk.rules.RuleWriter;
import io.faultdisk.rules.Target;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A rule file, or dotted options one to a line; then what comes of it runs for a while. */
final class RuleText {
  /** A line of a rule file has at most 1023 bytes. */
  private static final int LINE_MAX = 1000;

  private RuleText() {}

  static void fuzz(byte[] bytes) {
    Bytes input = new Bytes(bytes);
    int how = input.number8();
    byte[] text = input.rest();
    Dialect dialect = Dialect.values()[how % Dialect.values().length];
    try {
      boolean isFile = (how & 128) == 0;
      List<Rule> rules =
          isFile
              ? RuleSources.read(new RuleFile("rules.conf", text), dialect)
              : RuleSources.read(Optional.empty(), options(text), dialect);
      run(rules);
      if (dialect == Dialect.FILES) {
        perform(rules);
        readBack(rules);
      }
    } catch (UsageException e) {
      if (e.getMessage().isEmpty()) {
        throw new AssertionError("refused without a word");
      }
    }
  }

  private static Map<String, String> options(byte[] text) {
    Map<String, String> options = new LinkedHashMap<>();
    for (String line : new String(text, StandardCharsets.UTF_8).split("\n", -1)) {
      int end = line.indexOf('=');
      if (end > 0) {
        options.put(line.substring(0, end), line.substring(end + 1));
      }
    }
    return options;
  }

  private static void perform(List<Rule> rules) {
    FaultEngine engine = new FaultEngine(List.of());
    engine.add(rules);
    Target file = Target.of("/data/a.wal", "/data/b");
    for (Operation operation : FileEvents.all()) {
      engine.perform(operation, file, 512, 4096);
      engine.perform(operation, file, Long.MAX_VALUE - 1, 1);
      engine.perform(operation, file, 0, 0);
    }
    engine.snapshot();
    engine.remove(rules);
    if (!engine.snapshot().rules().isEmpty()) {
      throw new AssertionError("a rule stays");
    }
  }

  /** What is written of rules reads back, and is then written the same. */
  private static void readBack(List<Rule> rules) {
    String written = RuleWriter.write(rules);
    if (written.lines().anyMatch(line -> line.getBytes(StandardCharsets.UTF_8).length > LINE_MAX)) {
      // QEMU's reader cuts such lines, and so does ours.
      return;
    }
    try {
      String again =
          RuleWriter.write(RuleSources.read(RuleFile.of("written", written), Dialect.FILES));
      if (!again.equals(written)) {
        throw new AssertionError("written as\n" + written + "\nand read back as\n" + again);
      }
    } catch (UsageException e) {
      throw new AssertionError("cannot be read back:\n" + written, e);
    }
  }

  private static void run(List<Rule> rules) {
    FaultEngine engine = new FaultEngine(rules);
    engine.announce(QemuEvents.NONE);
    for (RequestType type : RequestType.values()) {
      engine.announce(QemuEvents.WRITE_AIO, type, 512, 4096);
      engine.check(type, 512, 4096);
      engine.announce(QemuEvents.L2_LOAD, type, Long.MAX_VALUE - 1, 1);
      engine.check(type, Long.MAX_VALUE - 1, 1);
      engine.announce(QemuEvents.FLUSH_TO_OS, type, 0, 0);
      engine.check(type, 0, 0);
    }
    engine.snapshot();
  }

  static List<byte[]> seeds() {
    return List.of(
        seed(
            0,
            """
            # the second write fails
            [set-state]
            event = "write_aio"
            state = "1"
            new_state = "2"

            [inject-error "a"]
            event = "write_aio"
            state = "2"
            errno = "28"
            iotype = "write"
            sector = "1"
            once = "on"
            immediately = "off"
            """),
        seed(1, "[inject-error]\nevent = \"l2_load\"\nstate = \"0x1\"\n[]\nx\n"),
        seed(1, "[inject-error]\nevent = \"db.row_write\"\n"),
        seed(
            128,
            """
            inject-error.0.event=flush_to_os
            inject-error.0.errno=5
            inject-error.0.sector=-1
            inject-error.1.event=none
            inject-error.1.iotype=flush
            set-state.event=none
            set-state.new_state=2
            """),
        seed(129, "inject-error.event=write_aio\ninject-error.once=yes\n"),
        seed(
            2,
            """
            [fail-flush]
            event = "fsync"
            path = "*.{wal,log}"
            mode = "drop"
            occurrence = "3"
            [short-transfer]
            event = "write"
            offset = "512"
            bytes = "10"
            chance = "2.5"
            seed = "7"
            limit = "3"
            [cut-power]
            event = "rename"
            path = "/data/**"
            times = "2"
            [set-state]
            event = "wal_append"
            new_state = "2"
            start = "1"
            nr_sectors = "8"
            """),
        seed(
            2,
            """
            {"inject-error": [{"event": "read", "errno": "ENOSPC", "once": true,
                               "path": "/d/[!a-c]?", "occurrence": 2}],
             "cut-power": {"event": "fdatasync"}}
            """),
        seed(131, "cut-power.event=delete\ncut-power.path=a\\*b\n"));
  }

  private static byte[] seed(int how, String text) {
    byte[] bytes = (" " + text).getBytes(StandardCharsets.UTF_8);
    bytes[0] = (byte) how;
    return bytes;
  }
}
