package io.faultdisk.rules;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;

/**
 * The order in which QEMU looks at the keys of a section, and so which of several mistakes it
 * reports.
 *
 * <p>QEMU keeps them in a hash table of 512 chains, the latest first in each. The hash is that of
 * Samba's TDB, with a start value of its own; it must be the same here or a section with two
 * mistakes gets the other message.
 */
final class QemuKeyOrder {
  private static final int CHAINS = 512;

  private QemuKeyOrder() {}

  /** The keys, as {@link ByteText}, as QEMU would walk through them if they came in this order. */
  static List<String> of(Collection<String> keys) {
    List<String> ordered = new ArrayList<>(keys);
    Collections.reverse(ordered);
    // Comparator.comparingInt's lambda is serializable and so in no AOT cache: 6 ms at start-up.
    ordered.sort((one, other) -> Integer.compare(chain(one), chain(other)));
    return ordered;
  }

  private static int chain(String key) {
    int hash = 0x238F13AF * key.length();
    for (int i = 0; i < key.length(); i++) {
      hash += key.charAt(i) << (i * 5 % 24);
    }
    return (1103515243 * hash + 12345) & (CHAINS - 1);
  }
}
