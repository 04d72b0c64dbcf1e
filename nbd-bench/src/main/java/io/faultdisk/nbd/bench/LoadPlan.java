package io.faultdisk.nbd.bench;

import io.faultdisk.base.Seed;
import io.faultdisk.nbd.NbdLimits;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A load: what each connection does, and for how long. Immutable.
 *
 * <p>What is measured begins when the warm-up is over and ends after {@code timeNanos} or when
 * {@code requests} were answered, whichever comes first.
 *
 * @param access reads or writes, and where
 * @param readPercent how many of a hundred requests are reads, 0 to 100; only for {@link
 *     Access#RANDRW}
 * @param blockBytes the length of each request, 1 to {@link NbdLimits#PAYLOAD_BYTES_MAX}; offsets
 *     are multiples of it
 * @param depth how many requests each connection has in flight, 1 to {@link #DEPTH_MAX}
 * @param connections how many connections, 1 to {@link #CONNECTIONS_MAX}
 * @param rangeBytes only the first so many bytes of the export; empty for all of it
 * @param seed decides all random choices
 * @param warmupNanos how long the load is on before it is measured
 * @param timeNanos how long it is measured; empty for no limit
 * @param requests how many requests are measured, over all connections; empty for no limit
 * @param structured asks the server for structured replies, else simple ones
 * @param patienceNanos how long a connection may go without any reply before it is given up
 * @param server a process whose processor time is measured along
 */
public record LoadPlan(
    Access access,
    int readPercent,
    int blockBytes,
    int depth,
    int connections,
    OptionalLong rangeBytes,
    Seed seed,
    long warmupNanos,
    OptionalLong timeNanos,
    OptionalLong requests,
    boolean structured,
    long patienceNanos,
    Optional<ProcessHandle> server) {

  public static final int DEPTH_MAX = 4096;
  public static final int CONNECTIONS_MAX = 1024;

  public LoadPlan {
    require(readPercent >= 0 && readPercent <= 100, "readPercent", readPercent);
    require(blockBytes >= 1 && blockBytes <= NbdLimits.PAYLOAD_BYTES_MAX, "blockBytes", blockBytes);
    require(depth >= 1 && depth <= DEPTH_MAX, "depth", depth);
    require(connections >= 1 && connections <= CONNECTIONS_MAX, "connections", connections);
    require(rangeBytes.orElse(1) >= 1, "rangeBytes", rangeBytes);
    require(warmupNanos >= 0, "warmupNanos", warmupNanos);
    require(timeNanos.orElse(1) >= 1, "timeNanos", timeNanos);
    require(requests.orElse(1) >= 1, "requests", requests);
    require(timeNanos.isPresent() || requests.isPresent(), "timeNanos and requests", "empty");
    require(patienceNanos >= 1, "patienceNanos", patienceNanos);
  }

  private static void require(boolean good, String name, Object value) {
    if (!good) {
      throw new IllegalArgumentException(name + " (" + value + ")");
    }
  }
}
