package io.faultdisk.nio;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a power cut could take away now.
 *
 * @param files files with changes that are not durable, by a name that they have or had, and how
 *     many bytes were written to each; 0 if only its size has changed
 * @param entries changes of directories, in words and in order, such as {@code "delete /a"}
 * @param operations how many operations made all that; {@link PowerCut#prefix} counts these
 */
public record Unsynced(Map<String, Long> files, List<String> entries, long operations) {

  /** Copies. */
  public Unsynced {
    files = Map.copyOf(files);
    entries = List.copyOf(entries);
  }

  static Unsynced of(Medium medium) {
    Map<String, Long> files = new TreeMap<>();
    medium.dirty().forEach(file -> files.merge(file.label(), file.pendingBytes(), Long::sum));
    List<String> entries = new ArrayList<>();
    medium.pendingEntries().forEach(change -> entries.add(change.toString()));
    return new Unsynced(files, entries, medium.pendingOrders().size());
  }

  /** Whether all is durable. */
  public boolean isEmpty() {
    return operations == 0;
  }

  /** For people, in lines. */
  @Override
  public String toString() {
    if (isEmpty()) {
      return "all is durable";
    }
    StringBuilder text =
        new StringBuilder()
            .append(operations)
            .append(operations == 1 ? " operation" : " operations")
            .append(" not durable");
    entries.forEach(entry -> text.append("\n  ").append(entry));
    new TreeMap<>(files)
        .forEach(
            (file, bytes) ->
                text.append("\n  ").append(file).append(": ").append(bytes).append(" bytes"));
    return text.toString();
  }
}
