package io.faultdisk.cli.nbd;

import io.faultdisk.base.SizeText;
import io.faultdisk.base.Units;
import io.faultdisk.base.UsageException;
import io.faultdisk.nbd.server.ServerLimits;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * What {@code --limits NAME=VALUE[,NAME=VALUE...]} says, given once or several times; what it does
 * not name is as in {@link ServerLimits#DEFAULT}.
 *
 * <p>For one thread. An option of ours, which qemu-nbd does not have.
 */
final class LimitOptions {
  private static final int MIB_SHIFT = 20;

  private final long memoryBytesMax;
  private final Map<Limit, Long> given = new EnumMap<>(Limit.class);

  /** What can be named. */
  private enum Limit {
    CONNECTIONS("connections", ""),
    IN_FLIGHT("in-flight", ""),
    MEMORY("memory", ""),
    WORKERS("workers", ""),
    HANDSHAKE("handshake", " of seconds"),
    DRAIN("drain", " of seconds");

    private final String key;
    private final String unit;

    Limit(String key, String unit) {
      this.key = key;
      this.unit = unit;
    }

    static Optional<Limit> named(String key) {
      return Arrays.stream(values()).filter(limit -> limit.key.equals(key)).findFirst();
    }

    static String names() {
      return Arrays.stream(values()).map(limit -> limit.key).collect(Collectors.joining(", "));
    }
  }

  /**
   * Nothing said yet.
   *
   * @param memoryBytesMax how much memory buffers may have at most, in bytes: what the JVM has
   */
  LimitOptions(long memoryBytesMax) {
    this.memoryBytesMax = memoryBytesMax;
  }

  /** Whether nothing has been said. */
  boolean isEmpty() {
    return given.isEmpty();
  }

  /**
   * Takes the argument of one {@code --limits}.
   *
   * @throws UsageException with a line that names the part which is wrong and what may be there
   */
  void add(String text) throws UsageException {
    for (String part : text.split(",", -1)) {
      int equals = part.indexOf('=');
      String key = equals < 0 ? part : part.substring(0, equals);
      Limit limit =
          Limit.named(key)
              .orElseThrow(
                  () -> mistake("unknown limit '" + key + "'; there are " + Limit.names()));
      if (equals < 0) {
        throw mistake("'" + key + "' has no value; write " + key + "=VALUE");
      }
      String value = part.substring(equals + 1);
      long number = limit == Limit.MEMORY ? bytes(value) : number(limit, value);
      if (given.putIfAbsent(limit, number) != null) {
        throw mistake(key + " is given twice");
      }
    }
  }

  /**
   * The limits of the server.
   *
   * @param shared how many clients {@code --shared} lets in, which goes beyond the default if it
   *     says so, but not beyond {@code connections}; 0 if it sets no bound
   */
  ServerLimits with(int shared) {
    ServerLimits standard = ServerLimits.DEFAULT;
    long connections = of(Limit.CONNECTIONS, shared == 0 ? standard.connectionsMax() : shared);
    return new ServerLimits(
        (int) (shared == 0 ? connections : Math.min(connections, shared)),
        (int) of(Limit.IN_FLIGHT, standard.inFlightMax()),
        of(Limit.MEMORY, standard.memoryBytes()),
        (int) of(Limit.WORKERS, standard.workersMax()),
        millis(Limit.HANDSHAKE, standard.handshakeMillis()),
        millis(Limit.DRAIN, standard.drainMillis()));
  }

  private long of(Limit limit, long standard) {
    return given.getOrDefault(limit, standard);
  }

  private long millis(Limit limit, long standard) {
    return given.containsKey(limit) ? TimeUnit.SECONDS.toMillis(of(limit, 0)) : standard;
  }

  private static long number(Limit limit, String text) throws UsageException {
    // No text of ten digits overflows a long.
    long number = text.matches("[0-9]{1,10}") ? Long.parseLong(text) : 0;
    if (number > 0 && number <= Integer.MAX_VALUE) {
      return number;
    }
    throw mistake(
        limit.key
            + " must be a whole number"
            + limit.unit
            + " from 1 to "
            + Integer.MAX_VALUE
            + ", not '"
            + text
            + "'");
  }

  private long bytes(String text) throws UsageException {
    SizeText size = Units.parseSize(text);
    if (size.kind() == SizeText.Kind.NOT_A_NUMBER || size.hexWithSuffix()) {
      throw mistake(
          "memory must be a size in bytes, or with k, M or G behind it, of at least "
              + mib(ServerLimits.MEMORY_BYTES_MIN)
              + ", not '"
              + text
              + "'");
    }
    if (size.isOk() && size.bytes() < ServerLimits.MEMORY_BYTES_MIN) {
      throw mistake(
          "memory must be at least " + mib(ServerLimits.MEMORY_BYTES_MIN) + ", not '" + text + "'");
    }
    if (!size.isOk() || size.bytes() > memoryBytesMax) {
      throw mistake(
          "memory must be at most "
              + mib(memoryBytesMax)
              + ", which is what the JVM has (its option -Xmx), not '"
              + text
              + "'");
    }
    return size.bytes();
  }

  private static String mib(long bytes) {
    return (bytes >> MIB_SHIFT) + "M";
  }

  private static UsageException mistake(String message) {
    return new UsageException("--limits: " + message);
  }
}
