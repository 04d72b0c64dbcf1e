package io.faultdisk.fuzz;

import io.faultdisk.base.UsageException;
import io.faultdisk.rules.Dialect;
import io.faultdisk.rules.FaultEngine;
import io.faultdisk.rules.QemuEvents;
import io.faultdisk.rules.RequestType;
import io.faultdisk.rules.Rule;
import io.faultdisk.rules.RuleFile;
import io.faultdisk.rules.RuleSources;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A rule file, or dotted options one to a line; then what comes of it runs for a while. */
final class RuleText {
  private RuleText() {}

  static void fuzz(byte[] bytes) {
    Bytes input = new Bytes(bytes);
    int how = input.number8();
    byte[] text = input.rest();
    Dialect dialect = Dialect.values()[how % Dialect.values().length];
    try {
      boolean isFile = (how & 128) == 0;
      run(
          RuleSources.read(
              isFile ? Optional.of(new RuleFile("rules.conf", text)) : Optional.empty(),
              isFile ? Map.of() : options(text),
              dialect));
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
        seed(129, "inject-error.event=write_aio\ninject-error.once=yes\n"));
  }

  private static byte[] seed(int how, String text) {
    byte[] bytes = (" " + text).getBytes(StandardCharsets.UTF_8);
    bytes[0] = (byte) how;
    return bytes;
  }
}
