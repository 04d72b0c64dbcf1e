package io.faultdisk.cli.random;

import java.util.ArrayList;
import java.util.List;

/**
 * Random command lists whose outcome does not depend on timing, and which the real tool survives.
 */
final class CommandLists {
  private final Dice dice;
  private final long imageBytes;
  private final boolean contentDefined;
  private final boolean aligned;
  private int tags;

  /**
   * Lists for one image.
   *
   * @param contentDefined whether commands may show or check what was read
   * @param aligned whether requests may be padded, so that one may be under way before its
   *     breakpoint
   */
  CommandLists(Dice dice, long imageBytes, boolean contentDefined, boolean aligned) {
    this.dice = dice;
    this.imageBytes = imageBytes;
    this.contentDefined = contentDefined;
    this.aligned = aligned;
  }

  /** Groups of commands; each group can be left out by itself. */
  List<List<String>> groups() {
    List<List<String>> groups = new ArrayList<>();
    int count = dice.between(1, 12);
    for (int i = 0; i < count; i++) {
      groups.add(group());
    }
    return groups;
  }

  private List<String> group() {
    int kind = dice.below(100);
    if (kind < 24) {
      return List.of(read());
    } else if (kind < 50) {
      return List.of(write());
    } else if (kind < 58) {
      return List.of(dice.of("discard", "d") + flag(20, " -q") + " " + range());
    } else if (kind < 66) {
      return List.of(dice.of("flush", "f"));
    } else if (kind < 71) {
      return List.of("aio_write" + aioWriteFlags() + " " + range(), "aio_flush");
    } else if (kind < 75) {
      return List.of("aio_read" + flag(20, " -q") + " " + range(), "aio_flush");
    } else if (kind < 84) {
      return breakpoint();
    } else if (kind < 89) {
      return List.of(
          dice.of("map", "length", "info", "a " + offset() + " " + bytes(), "alloc " + offset()));
    } else if (kind < 92) {
      return List.of(
          "truncate " + dice.of("1M", "512k", "1000", "1537k", "0", "2M", "-m off 768k"));
    } else if (kind < 94) {
      return List.of(
          "reopen" + dice.of(" -r", " -w", " -c writeback", " -c none", " -c unsafe", ""));
    } else {
      return List.of(flawed(), "aio_flush");
    }
  }

  private String read() {
    StringBuilder text = new StringBuilder(dice.of("read", "read", "r", "readv"));
    boolean vector = text.toString().equals("readv");
    text.append(flag(15, " -q"))
        .append(flag(6, " -C"))
        .append(flag(contentDefined ? 10 : 0, " -v"));
    String bytes = dice.percent(12) ? smallBytes() : bytes();
    if (text.indexOf(" -v") > 0) {
      bytes = smallBytes();
    }
    if (contentDefined && dice.percent(35)) {
      text.append(" -P ").append(pattern());
      if (!vector && dice.percent(25)) {
        text.append(" -s ").append(dice.of("0", "1", "512"));
        text.append(flag(60, " -l " + dice.of("1", "512", "100")));
      }
    }
    text.append(' ').append(offset()).append(' ').append(bytes);
    if (vector && dice.percent(50)) {
      text.append(' ').append(smallBytes());
    }
    return text.toString();
  }

  private String write() {
    StringBuilder text = new StringBuilder(dice.of("write", "write", "w", "writev"));
    boolean vector = text.toString().equals("writev");
    text.append(flag(15, " -q")).append(flag(5, " -C")).append(flag(15, " -f"));
    if (!vector && dice.percent(30)) {
      text.append(" -z").append(flag(40, " -u")).append(flag(25, " -n"));
    } else if (dice.percent(70)) {
      text.append(" -P ").append(pattern());
    }
    text.append(' ').append(range());
    if (vector && dice.percent(50)) {
      text.append(' ').append(smallBytes());
    }
    return text.toString();
  }

  private String aioWriteFlags() {
    return flag(15, " -q")
        + flag(20, " -f")
        + (dice.percent(25) ? " -z" + flag(40, " -u") : flag(60, " -P " + pattern()));
  }

  /**
   * A request that stops, others that pass it by, and its end. Whatever is left of the breakpoint
   * is removed.
   */
  private List<String> breakpoint() {
    List<String> commands = new ArrayList<>();
    tags++;
    String tag = "T" + tags;
    boolean writes = dice.percent(75);
    String event = writes ? dice.of("write_aio", aligned ? "write_aio" : "pwritev") : "read_aio";
    commands.add("break " + event + " " + tag);
    if (dice.percent(15)) {
      commands.add("break " + event + " " + tag + dice.of("", "x"));
    }
    commands.add(
        writes ? "aio_write -P " + pattern() + " 0 " + smallBytes() : "aio_read 0 " + smallBytes());
    if (dice.percent(40)) {
      // Far away from the stopped request: an overlapping one might rightly wait for it.
      commands.add(
          aligned
              ? dice.of("length", "discard 768k 4k")
              : dice.of("read 512k 4k", "length", "write -P 9 640k 64k", "discard 768k 4k"));
    }
    if (dice.percent(85)) {
      commands.add("resume " + tag);
    }
    commands.add("remove_break " + tag);
    commands.add("remove_break " + tag + "x");
    commands.add("aio_flush");
    return commands;
  }

  private String flawed() {
    return dice.of(
        "nonsense",
        "read",
        "read 0",
        "read x 512",
        "read 0 1kk",
        "read 0 1.5",
        "read -1 512",
        "read 0 9E",
        "read -s 1 0 512",
        "read -P 256 0 512",
        "read -y 0 512",
        "read -P",
        "read -b 1 512",
        "write -u 0 512",
        "write -n 0 512",
        "write -z -P 1 0 512",
        "write -b -z 0 512",
        "write -c 0 64k",
        "write -c 1 64k",
        "write 0 3G",
        "write -s /nonexistent 0 512",
        "writev -z 0 512",
        "discard 0",
        "discard 1 2 3",
        "aio_write -z -P 1 0 512",
        "aio_write -z 0 512 512",
        "aio_write -i 0 512",
        "aio_read -i 0 512",
        "truncate -m foo 1M",
        "truncate x",
        "alloc x",
        "alloc 2M",
        "break nosuch A",
        "break read_aio",
        "resume Q",
        "remove_break Q",
        "open foo",
        "reopen -r -w",
        "reopen -x",
        "help nosuch",
        "sleep x",
        "sleep 0");
  }

  private String range() {
    return offset() + " " + bytes();
  }

  private String offset() {
    long last = Math.max(1, imageBytes);
    return switch (dice.below(8)) {
      case 0, 1 -> "0";
      case 2 -> Long.toString(512L * dice.below((int) (last / 512 + 2)));
      case 3 -> dice.below((int) (last / 1024 + 1)) + "k";
      case 4 -> Long.toString(4096L * dice.below(16));
      case 5 -> Long.toString(dice.below((int) last));
      case 6 -> dice.of("1", "511", "513", "4095", "4097", "5119", "0x200", "+512", "1.5k");
      default -> Long.toString(Math.max(0, last - dice.of(0, 1, 512, 4096, 8192)));
    };
  }

  private String bytes() {
    return switch (dice.below(8)) {
      case 0, 1 -> "512";
      case 2 -> dice.of("4k", "8k", "12k", "64k");
      case 3 -> dice.between(1, 40) + "k";
      case 4 -> Integer.toString(dice.between(1, 20_000));
      case 5 -> dice.of("1", "2", "511", "513", "1000", "4095", "4097", "0");
      case 6 -> dice.of("128k", "256k", "1M", "0x1000");
      default -> Integer.toString(512 * dice.between(1, 20));
    };
  }

  private String smallBytes() {
    return dice.of("1", "16", "100", "512", "1024", "4k");
  }

  private String pattern() {
    return dice.of("0", "1", "3", "0xab", "0xcd", "205", "9", "255");
  }

  private String flag(int percent, String text) {
    return dice.percent(percent) ? text : "";
  }
}
