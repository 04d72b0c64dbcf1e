package io.faultdisk.nbd.server;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** What a server serves, in the order in which it was added. Any thread. */
final class ExportTable {
  private final List<Export> exports = new CopyOnWriteArrayList<>();

  /** The export of that name. */
  Optional<Export> find(String name) {
    for (Export export : exports) {
      if (export.name().equals(name)) {
        return Optional.of(export);
      }
    }
    return Optional.empty();
  }

  List<Export> all() {
    return exports;
  }

  /** False if there is one of that name already. */
  synchronized boolean add(Export export) {
    return find(export.name()).isEmpty() && exports.add(export);
  }

  synchronized boolean remove(Export export) {
    return exports.remove(export);
  }
}
