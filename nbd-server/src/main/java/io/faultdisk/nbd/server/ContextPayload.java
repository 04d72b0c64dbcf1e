package io.faultdisk.nbd.server;

import io.faultdisk.nbd.CommandFlag;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The payload of a block status request, with which a client narrows down the contexts that were
 * negotiated: the length that it asks about (64 bits), then ids of contexts (32 bits each).
 *
 * <p>Source: the NBD protocol's extension "extended headers".
 */
final class ContextPayload {
  private ContextPayload() {}

  /**
   * The contexts, in the order of their ids; the request gets the length. Empty if the payload is
   * malformed or names a context that was not negotiated.
   */
  static Optional<List<MetaContext>> read(Request request, ByteBuffer data, Agreement agreement) {
    int ids = data.remaining() - Long.BYTES;
    if (!request.has(CommandFlag.PAYLOAD_LEN) || ids <= 0 || ids % Integer.BYTES != 0) {
      return Optional.empty();
    }
    if (ids / Integer.BYTES > agreement.contexts().size()) {
      return Optional.empty();
    }
    request.effectBytes(data.getLong());
    List<Integer> wanted = new ArrayList<>();
    while (data.hasRemaining()) {
      wanted.add(data.getInt());
    }
    List<MetaContext> chosen = new ArrayList<>();
    for (MetaContext context : agreement.contexts()) {
      if (wanted.contains(context.id())) {
        chosen.add(context);
      }
    }
    return chosen.size() == wanted.size() ? Optional.of(chosen) : Optional.empty();
  }
}
