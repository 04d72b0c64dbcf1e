package io.faultdisk.qmp.schema;

import io.faultdisk.base.UsageException;
import io.faultdisk.base.json.JsonNumber;
import io.faultdisk.base.json.JsonValue;
import io.faultdisk.qmp.schema.SchemaType.Builtin;
import java.math.BigInteger;

/** How values of simple types look in one of the notations. Stateless. */
interface Scalars {
  BigInteger INT_MIN = BigInteger.valueOf(Long.MIN_VALUE);
  BigInteger INT_MAX = BigInteger.valueOf(Long.MAX_VALUE);
  BigInteger UINT_RANGE = BigInteger.ONE.shiftLeft(64);

  /**
   * Checks a value.
   *
   * @param full the path to it
   * @param last the last name of that
   * @return the same, as JSON of that type
   */
  JsonValue scalar(String full, String last, Builtin type, JsonValue given) throws UsageException;

  /** How an element of a list is called in a path. */
  String index(int number);

  static UsageException expects(String name, String what) {
    return new UsageException("Parameter '" + name + "' expects " + what);
  }

  /** A signed number as what its 64 bits say without sign. */
  static BigInteger unsigned(BigInteger value) {
    return value.signum() < 0 ? value.add(UINT_RANGE) : value;
  }

  /** Whether a number fits into 64 bits, with or without sign. */
  static boolean fits64(BigInteger value) {
    return value.compareTo(INT_MIN) >= 0 && value.compareTo(UINT_RANGE) < 0;
  }

  /** A number of a type that has fewer than 64 bits, or just those. */
  static JsonNumber limited(String last, Builtin type, BigInteger value) throws UsageException {
    int bits =
        switch (type) {
          case UINT8 -> 8;
          case UINT16 -> 16;
          case UINT32 -> 32;
          case STR, BOOL, NUMBER, INT, UINT64, SIZE, NULL, ANY -> 64;
        };
    BigInteger unsigned = unsigned(value);
    if (unsigned.bitLength() > bits) {
      throw expects(last, "uint" + bits + "_t");
    }
    return new JsonNumber(unsigned.toString());
  }
}
