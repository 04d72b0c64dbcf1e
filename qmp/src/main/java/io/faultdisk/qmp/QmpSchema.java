package io.faultdisk.qmp;

import io.faultdisk.daemon.disk.FaultSpec;
import io.faultdisk.qmp.schema.Schema;
import io.faultdisk.rules.Dialect;
import java.util.ArrayList;
import java.util.List;

/** The schema of the daemon: what QEMU has, our commands, and in our own dialect our drivers. */
final class QmpSchema {
  private QmpSchema() {}

  /**
   * Reads it.
   *
   * @param dialect {@link Dialect#QEMU} without drivers, rules and keys of our own
   */
  static Schema of(Dialect dialect) {
    List<String> texts =
        new ArrayList<>(List.of(text("control"), text("block"), text("human"), text("faults")));
    if (dialect == Dialect.FAULTDISK) {
      texts.add(text("own"));
      texts.add(rules());
    }
    return Schema.of(texts.toArray(new String[0]));
  }

  private static String text(String name) {
    return Schema.resource(QmpSchema.class, name + ".schema");
  }

  /** Kinds of rules and their keys as rule files have them; the engine says what values may be. */
  private static String rules() {
    StringBuilder text = new StringBuilder();
    StringBuilder members = new StringBuilder("extend struct BlockdevOptionsBlkdebug\n");
    for (String kind : FaultSpec.kinds()) {
      text.append("struct Faultdisk-").append(kind).append('\n');
      for (String key : FaultSpec.keys(kind)) {
        text.append("  ").append(key).append("?: any\n");
      }
      members.append("  ").append(kind).append("?: [Faultdisk-").append(kind).append("]\n");
    }
    return text.append(members).toString();
  }
}
