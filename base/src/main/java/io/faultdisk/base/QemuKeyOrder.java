package io.faultdisk.base;

import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * The order in which QEMU walks the keys of a dictionary or of a rule file's section.
 *
 * <p>It is visible: in the key order of the {@code json:} names it prints, in which of two unknown
 * options is named, in which of two bad values is found first. A dictionary is a table of 512
 * chains; the chain follows from a hash of the key's bytes, a new key goes to the head of its
 * chain.
 *
 * <p>Source: observed with qemu-img 7.2 {@code info}; qobject/qdict.c describes the table.
 */
public final class QemuKeyOrder {
  private static final int CHAINS = 512;

  private QemuKeyOrder() {}

  /**
   * Sorts keys.
   *
   * @param oldestFirst in the order they were put
   * @param bytes how the keys are made of bytes
   */
  public static List<String> of(Collection<String> oldestFirst, Charset bytes) {
    String[] keys = oldestFirst.toArray(new String[0]);
    // One number per key, chain above age: each hash is computed once, however many keys there
    // are, and at start-up there is no comparator to link.
    long[] places = new long[keys.length];
    for (int i = 0; i < keys.length; i++) {
      int age = keys.length - 1 - i;
      places[i] = (long) chain(keys[i].getBytes(bytes)) << Integer.SIZE | age;
    }
    Arrays.sort(places);
    List<String> sorted = new ArrayList<>(keys.length);
    for (long place : places) {
      sorted.add(keys[keys.length - 1 - (int) place]);
    }
    return sorted;
  }

  /** Starts from a multiple of the length, adds each byte shifted by 0, 5, 10, 15, 20, 1, ... */
  private static int chain(byte[] bytes) {
    int sum = 0x238F13AF * bytes.length;
    for (int i = 0; i < bytes.length; i++) {
      sum += Byte.toUnsignedInt(bytes[i]) << (i * 5 % 24);
    }
    return (1103515243 * sum + 12345) & (CHAINS - 1);
  }
}
