package io.faultdisk.nbd.server;

import io.faultdisk.block.BlockBackend;
import io.faultdisk.nbd.CommandType;
import io.faultdisk.rules.ConnectionFault;
import io.faultdisk.rules.ConnectionPoint;
import io.faultdisk.rules.Decision;
import io.faultdisk.rules.FaultEngine;
import io.faultdisk.rules.RequestType;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the rules of an image say about the connections of its clients.
 *
 * <p>Rules may come while clients are connected, so each request asks {@link #any}, which is all
 * that it costs when there are none. Any thread; calls that decide something wait where a
 * breakpoint wants it, as requests do.
 */
final class ConnectionFaults {
  private final @Nullable FaultEngine engine;

  /** Those of the nearest rules of an image. */
  ConnectionFaults(BlockBackend image) {
    engine = image.engine().orElse(null);
  }

  /** Whether there is anything to ask. */
  boolean any() {
    return engine != null && engine.hasConnectionFaults();
  }

  /** Whether a client that wants the export does not get it. */
  boolean refusesClient() {
    return decide(ConnectionPoint.CONNECT, Optional.empty(), 0, 0).isPresent();
  }

  /** What is to become of the reply to a request; to be asked once for each. */
  Optional<ConnectionFault> onReply(Request request) {
    Optional<RequestType> type = request.command().flatMap(ConnectionFaults::type);
    long offset = request.offset();
    long bytes = request.bytes();
    boolean hasRange =
        !type.equals(Optional.of(RequestType.FLUSH)) && (offset | bytes | (offset + bytes)) >= 0;
    return decide(ConnectionPoint.REPLY, type, hasRange ? offset : 0, hasRange ? bytes : 0);
  }

  private Optional<ConnectionFault> decide(
      ConnectionPoint point, Optional<RequestType> type, long offset, long bytes) {
    if (engine != null
        && engine.hasConnectionFaults()
        && engine.checkConnection(point, type, offset, bytes)
            instanceof Decision.Disconnect disconnect) {
      return Optional.of(disconnect.rule());
    }
    return Optional.empty();
  }

  private static Optional<RequestType> type(CommandType command) {
    return switch (command) {
      case READ, CACHE -> Optional.of(RequestType.READ);
      case WRITE -> Optional.of(RequestType.WRITE);
      case WRITE_ZEROES -> Optional.of(RequestType.WRITE_ZEROES);
      case TRIM -> Optional.of(RequestType.DISCARD);
      case FLUSH -> Optional.of(RequestType.FLUSH);
      case BLOCK_STATUS -> Optional.of(RequestType.BLOCK_STATUS);
      case DISC -> Optional.empty();
    };
  }
}
