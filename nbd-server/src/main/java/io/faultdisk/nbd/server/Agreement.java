package io.faultdisk.nbd.server;

import java.util.List;

/**
 * What a client and the server agreed on in the handshake. Immutable.
 *
 * @param export what is served
 * @param mode how requests and replies look
 * @param contexts what block status tells, in the order of their ids
 */
record Agreement(Export export, ReplyMode mode, List<MetaContext> contexts) {
  Agreement {
    contexts = List.copyOf(contexts);
  }

  boolean extended() {
    return mode == ReplyMode.EXTENDED;
  }
}
