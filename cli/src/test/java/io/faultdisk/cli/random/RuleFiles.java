package io.faultdisk.cli.random;

import java.util.ArrayList;
import java.util.List;

/** Random rule files: mostly good ones, some with a flaw. */
final class RuleFiles {
  /** Events that a raw image over blkdebug meets; the others would only dilute the cases. */
  static final List<String> EVENTS =
      List.of(
          "read_aio",
          "read_aio",
          "write_aio",
          "write_aio",
          "pwritev",
          "pwritev_done",
          "pwritev_zero",
          "pwritev_rmw_head",
          "pwritev_rmw_tail",
          "pwritev_rmw_after_head",
          "pwritev_rmw_after_tail",
          "flush_to_os",
          "flush_to_disk",
          "none",
          "none",
          "l2_load",
          "cor_write");

  private static final List<String> IO_TYPES =
      List.of("read", "write", "write-zeroes", "discard", "flush", "block-status");

  private final Dice dice;

  RuleFiles(Dice dice) {
    this.dice = dice;
  }

  /** The sections, one text each. */
  List<String> sections() {
    List<String> sections = new ArrayList<>();
    int count = dice.of(0, 1, 1, 2, 2, 3, 4, 6, 9);
    for (int i = 0; i < count; i++) {
      sections.add(dice.percent(65) ? injectError() : setState());
    }
    if (dice.percent(8)) {
      sections.add(dice.below(sections.size() + 1), flawed());
    }
    return sections;
  }

  private String injectError() {
    StringBuilder text = new StringBuilder("[inject-error]\n");
    key(text, "event", dice.of(EVENTS));
    if (dice.percent(35)) {
      key(text, "state", number(dice.below(4)));
    }
    if (dice.percent(45)) {
      key(text, "iotype", dice.of(IO_TYPES));
    }
    if (dice.percent(60)) {
      key(text, "errno", number(dice.of(0, 1, 5, 12, 22, 28, 28, 5, 61, 95, 1000)));
    }
    if (dice.percent(35)) {
      key(text, "sector", number(dice.of(0, 1, 2, 7, 8, 9, 15, 16, 63, 2047, 2048)));
    }
    if (dice.percent(40)) {
      key(text, "once", dice.of("on", "on", "off", "yes", "true"));
    }
    if (dice.percent(25)) {
      key(text, "immediately", dice.of("on", "on", "off"));
    }
    return text.toString();
  }

  private String setState() {
    StringBuilder text = new StringBuilder("[set-state]\n");
    key(text, "event", dice.of(EVENTS));
    if (dice.percent(60)) {
      key(text, "state", number(dice.below(4)));
    }
    if (dice.percent(85)) {
      key(text, "new_state", number(dice.below(4)));
    }
    return text.toString();
  }

  private String number(int value) {
    return dice.percent(6) ? "0x" + Integer.toHexString(value) : Integer.toString(value);
  }

  private void key(StringBuilder text, String key, String value) {
    text.append(dice.percent(5) ? "  " : "")
        .append(key)
        .append(dice.of(" = ", " = ", " = ", " =", "\t=  "))
        .append('"')
        .append(value)
        .append('"')
        .append(dice.percent(4) ? " junk" : "")
        .append('\n');
  }

  private String flawed() {
    return dice.of(
        "[inject-error]\n",
        "[inject-error]\nevent = \"bogus\"\n",
        "[inject-error]\nevent = none\n",
        "[inject-error]\nevent= \"none\"\n",
        "[inject-error]\nevent = \"none\n",
        "[inject-error]\nevent = \"none\"\nerrno = \"abc\"\n",
        "[inject-error]\nevent = \"none\"\nerrno = \"99999999999999999999\"\n",
        "[inject-error]\nevent = \"none\"\nsector = \"1k\"\n",
        "[inject-error]\nevent = \"none\"\niotype = \"\"\n",
        "[inject-error]\nevent = \"none\"\niotype=\"read\"\n",
        "[inject-error]\nevent = \"none\"\nonce = \"maybe\"\n",
        "[inject-error]\nevent = \"none\"\nonce = \"TRUE\"\n",
        "[inject-error]\nevent = \"none\"\nnew_state = \"1\"\n",
        "[inject-error \"a\"]\nevent = \"none\"\n[inject-error \"a\"]\nevent = \"none\"\n",
        "[inject-error \"1x\"]\nevent = \"none\"\n",
        "[inject-error \"b\"] junk\nevent = \"none\"\niotype = \"flush\"\n",
        "[set-state]\nevent = \"none\"\nerrno = \"5\"\n",
        "[set-state]\n",
        "[foo]\nevent = \"none\"\n",
        "[ inject-error]\nevent = \"none\"\n",
        "[inject-error\n",
        "[]\n",
        "   \n",
        "\n\n# a comment\n",
        "  # x\n",
        "\r\n",
        "key = \"value\"\n");
  }
}
