package io.faultdisk.qmp.schema;

import io.faultdisk.base.QemuKeyOrder;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which of several unknown keys QEMU names: the first one in a hash table of GLib's, filled with
 * all keys of the object. The table has 8 places, and doubles when it is full; exact up to 7 keys.
 *
 * <p>Source: observed with qemu-storage-daemon 7.2 on GLib 2.74.
 */
final class UnexpectedKey {
  private static final int SMALLEST_SIZE = 8;

  /** The prime below each size from 8 on, which first places are taken by. */
  private static final List<Integer> PRIMES = List.of(7, 13, 31, 61, 127, 251, 509, 1021);

  private UnexpectedKey() {}

  /** The one to name, if there is any. */
  static Optional<String> of(Collection<String> keys, Set<String> known) {
    if (known.containsAll(keys)) {
      return Optional.empty();
    }
    int size = SMALLEST_SIZE;
    int prime = 0;
    while (size <= keys.size() && prime < PRIMES.size() - 1) {
      size *= 2;
      prime++;
    }
    if (size <= keys.size()) {
      return keys.stream().filter(key -> !known.contains(key)).findFirst();
    }
    String[] places = new String[size];
    for (String key : QemuKeyOrder.of(keys, StandardCharsets.UTF_8)) {
      int place = Integer.remainderUnsigned(hash(key) * 11, PRIMES.get(prime));
      for (int step = 1; places[place] != null; step++) {
        place = (place + step) % size;
      }
      places[place] = key;
    }
    for (String key : places) {
      if (key != null && !known.contains(key)) {
        return Optional.of(key);
      }
    }
    return Optional.empty();
  }

  /** Each byte, with its sign, added to 33 times what was before. */
  private static int hash(String key) {
    int hash = 5381;
    for (byte b : key.getBytes(StandardCharsets.UTF_8)) {
      hash = hash * 33 + b;
    }
    return hash;
  }
}
