package io.faultdisk.qmp;

import io.faultdisk.base.UsageException;
import io.faultdisk.daemon.StorageDaemon;
import java.util.ArrayList;
import java.util.List;

/**
 * The part of QEMU's human monitor that {@code human-monitor-command} gives: {@code qemu-io [-d]
 * NODE "COMMAND"}. As there, a mistake is no error but what the command says.
 *
 * <p>Any thread. Source: words and quoting observed with qemu-system 7.2.
 */
final class HumanMonitor {
  private static final String QEMU_IO = "qemu-io";

  private final StorageDaemon daemon;

  HumanMonitor(StorageDaemon daemon) {
    this.daemon = daemon;
  }

  /** Runs a line; what it says, lines ending in CR LF. */
  String run(String line) {
    String said;
    try {
      List<String> words = words(line);
      said = words.isEmpty() ? "" : run(words);
    } catch (UsageException mistake) {
      said = mistake.getMessage() + "\n";
    }
    return said.replace("\n", "\r\n");
  }

  private String run(List<String> words) throws UsageException {
    if (!words.getFirst().equals(QEMU_IO)) {
      return "unknown command: '" + words.getFirst() + "'\n";
    }
    List<String> operands = words.subList(1, words.size());
    boolean device = false;
    if (!operands.isEmpty() && operands.getFirst().startsWith("-")) {
      if (!operands.getFirst().equals("-d")) {
        return usage("unsupported option " + operands.getFirst());
      }
      device = true;
      operands = operands.subList(1, operands.size());
    }
    if (operands.isEmpty()) {
      return usage("block device name expected");
    }
    if (operands.size() == 1) {
      return usage("string expected");
    }
    if (operands.size() > 2) {
      return usage("extraneous characters at the end of line");
    }
    try {
      if (device) { // those belong to a machine
        throw new UsageException("Device '" + operands.getFirst() + "' not found");
      }
      return daemon.runIoCommand(operands.get(0), operands.get(1));
    } catch (UsageException mistake) {
      return "Error: " + mistake.getMessage() + "\n";
    }
  }

  private static String usage(String mistake) {
    return QEMU_IO + ": " + mistake + "\nTry \"help qemu-io\" for more information\n";
  }

  /** Cut at blanks, except between double quotes; a backslash takes the next character as it is. */
  private static List<String> words(String line) throws UsageException {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    boolean inWord = false;
    boolean quoted = false;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (quoted && c == '\\' && i + 1 < line.length()) {
        char next = line.charAt(++i);
        word.append(
            switch (next) {
              case 'n' -> '\n';
              case 'r' -> '\r';
              case '\\', '\'', '"' -> next;
              default -> throw new UsageException("unsupported escape code: '\\" + next + "'");
            });
      } else if (c == '"') {
        quoted = !quoted;
        inWord = true;
      } else if (!quoted && Character.isWhitespace(c)) {
        if (inWord) {
          words.add(word.toString());
        }
        word.setLength(0);
        inWord = false;
      } else {
        word.append(c);
        inWord = true;
      }
    }
    if (quoted) {
      throw new UsageException("unterminated string");
    }
    if (inWord) {
      words.add(word.toString());
    }
    return words;
  }
}
