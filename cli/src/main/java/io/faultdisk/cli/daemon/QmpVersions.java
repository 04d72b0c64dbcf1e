package io.faultdisk.cli.daemon;

import io.faultdisk.cli.Program;
import io.faultdisk.cli.Version;
import io.faultdisk.cli.tool.ToolVersion;
import io.faultdisk.qmp.QmpVersion;
import java.util.ArrayList;
import java.util.List;

/** Which version a greeting tells: QEMU's in its clothes, otherwise ours. */
final class QmpVersions {
  private QmpVersions() {}

  static QmpVersion of(Program program) {
    List<Integer> numbers = numbers(program.isStandIn() ? ToolVersion.ofQemu() : Version.text());
    return new QmpVersion(
        numbers.get(0), numbers.get(1), numbers.get(2), "faultdisk " + Version.text());
  }

  /** Three of them, what is missing as 0. */
  private static List<Integer> numbers(String version) {
    List<Integer> numbers = new ArrayList<>();
    for (String part : version.split("[.-]", -1)) {
      if (part.matches("[0-9]{1,6}")) {
        numbers.add(Integer.parseInt(part));
      }
    }
    while (numbers.size() < 3) {
      numbers.add(0);
    }
    return numbers;
  }
}
