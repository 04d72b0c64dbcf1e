package io.faultdisk.nbd.server;

import io.faultdisk.nbd.NbdLimits;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The data of one option, taken apart from front to back. For one thread. */
final class OptionData {
  private final ByteBuffer data;

  /** The data does not have the form that the option has. */
  static final class Malformed extends Exception {
    private static final long serialVersionUID = 1L;

    Malformed(String what) {
      super(what, null, false, false);
    }
  }

  OptionData(ByteBuffer data) {
    this.data = data;
  }

  int number16() throws Malformed {
    require(Short.BYTES);
    return data.getShort() & 0xffff;
  }

  /** Unsigned; what does not fit is at least out of range. */
  int number32() throws Malformed {
    require(Integer.BYTES);
    int number = data.getInt();
    return number < 0 ? Integer.MAX_VALUE : number;
  }

  /** A string after its length. */
  String string() throws Malformed {
    int length = number32();
    if (length > NbdLimits.STRING_BYTES_MAX) {
      throw new Malformed("Invalid name length: " + length);
    }
    require(length);
    byte[] bytes = new byte[length];
    data.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  boolean isEmpty() {
    return !data.hasRemaining();
  }

  void requireEnd() throws Malformed {
    if (data.hasRemaining()) {
      throw new Malformed("option has unexpected length");
    }
  }

  private void require(int bytes) throws Malformed {
    if (data.remaining() < bytes) {
      throw new Malformed("Inconsistent lengths in option");
    }
  }
}
