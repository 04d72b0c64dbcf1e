package io.faultdisk.rules;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Event names of a program's own, and how they are told from QEMU's mistyped.
 *
 * <p>A mistyped name that were accepted would be a rule that silently never applies. So a name is
 * refused if it differs from one of QEMU's by a single slip (a letter more, less, other, or two
 * swapped; in names of more than {@value #LONG_NAME} characters by two), or only in case or by
 * {@code -} for {@code _}. The names of request types are refused too: {@code event = "write"}
 * means {@code write_aio}. A dot makes a name unmistakably one's own.
 */
final class EventNames {
  private static final Pattern OWN_NAME = Pattern.compile("[a-z][a-z0-9_.-]*");

  /** Names longer than this may differ by two slips and still be meant. */
  private static final int LONG_NAME = 12;

  /** Names shorter than this are not taken for mistyped operations on files. */
  private static final int SHORT_NAME = 5;

  /** Longer names are nobody's typing error, and measuring the distance takes quadratic time. */
  private static final int NAME_MAX = 64;

  private EventNames() {}

  /** A program's own event, if the name is fit for one. */
  static Optional<Event> own(String name) {
    boolean fit =
        OWN_NAME.matcher(name).matches()
            && (name.indexOf('.') >= 0
                || (RequestType.named(name).isEmpty() && nearest(name).isEmpty()));
    return fit ? Optional.of(new Event(name)) : Optional.empty();
  }

  /** The same where files have events of their own, and QEMU's mean nothing. */
  static Optional<Event> ownBesideFiles(String name) {
    boolean fit =
        OWN_NAME.matcher(name).matches()
            && (name.indexOf('.') >= 0
                || (QemuEvents.named(name).isEmpty() && nearestOperation(name).isEmpty()));
    return fit ? Optional.of(new Event(name)) : Optional.empty();
  }

  /** The operation on files that somebody who typed this name may have meant. */
  static Optional<Operation> nearestOperation(String name) {
    // Shorter names are words of their own: a lock is not a block.
    if (name.length() < SHORT_NAME || name.length() > NAME_MAX) {
      return Optional.empty();
    }
    String plain = name.toLowerCase(Locale.ROOT);
    for (Operation operation : FileEvents.all()) {
      if (slips(plain, operation.name()) <= 1) {
        return Optional.of(operation);
      }
    }
    return Optional.empty();
  }

  /** The event of a disk's that somebody who typed this name may have meant. */
  static Optional<Event> nearest(String name) {
    if (name.length() > NAME_MAX) {
      return Optional.empty();
    }
    String plain = name.toLowerCase(Locale.ROOT).replace('-', '_').replace('.', '_');
    Event best = QemuEvents.NONE;
    int distance = Integer.MAX_VALUE;
    List<Event> known = new ArrayList<>(QemuEvents.all());
    for (ConnectionPoint point : ConnectionPoint.values()) {
      known.add(point.event());
    }
    for (Event event : known) {
      int d = slips(plain, event.name());
      if (d < distance) {
        best = event;
        distance = d;
      }
    }
    int allowed = best.name().length() > LONG_NAME ? 2 : 1;
    return distance <= allowed ? Optional.of(best) : Optional.empty();
  }

  /**
   * How many letters added, left out, replaced, or neighbours swapped lead from one to the other.
   */
  private static int slips(String from, String to) {
    int[][] d = new int[from.length() + 1][to.length() + 1];
    for (int i = 0; i <= from.length(); i++) {
      for (int j = 0; j <= to.length(); j++) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
          continue;
        }
        int other = from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1;
        int best = Math.min(d[i - 1][j - 1] + other, 1 + Math.min(d[i - 1][j], d[i][j - 1]));
        boolean swapped =
            i > 1
                && j > 1
                && from.charAt(i - 1) == to.charAt(j - 2)
                && from.charAt(i - 2) == to.charAt(j - 1);
        d[i][j] = swapped ? Math.min(best, d[i - 2][j - 2] + 1) : best;
      }
    }
    return d[from.length()][to.length()];
  }
}
