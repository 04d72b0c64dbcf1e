package io.faultdisk.explore.disk;

import java.util.ArrayList;
import java.util.List;

/** What reached the medium in one run. Guarded by the medium's lock; read when the run is over. */
final class DiskLog {
  private final List<LogEntry> entries = new ArrayList<>();

  void add(LogEntry entry) {
    entries.add(entry);
  }

  List<LogEntry> entries() {
    return List.copyOf(entries);
  }
}
