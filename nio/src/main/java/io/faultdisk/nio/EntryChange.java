package io.faultdisk.nio;

import io.faultdisk.nio.DirectoryInode.Slot;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One change of directory entries that is durable as a whole or not at all: a name that got an
 * inode, a name that lost it, or both, for a rename.
 */
final class EntryChange {
  private final long order;
  private final String description;
  private final List<Entry> entries;
  private List<EntryChange> after;
  private boolean durable;

  /**
   * What a name leads to.
   *
   * @param inode null for nothing
   */
  record Entry(Slot slot, @Nullable Inode inode) {}

  /**
   * A change.
   *
   * @param order when it happened, among all changes of the file system
   * @param description in words, such as {@code "delete /a"}
   * @param after the changes without which it cannot be
   */
  EntryChange(long order, String description, List<Entry> entries, List<EntryChange> after) {
    this.order = order;
    this.description = description;
    this.entries = entries;
    this.after = after;
  }

  long order() {
    return order;
  }

  List<Entry> entries() {
    return entries;
  }

  /** The changes that it builds upon; durable ones may be left out. */
  List<EntryChange> after() {
    return after;
  }

  boolean durable() {
    return durable;
  }

  void makeDurable() {
    durable = true;
    // Or each would keep all of history alive.
    after = List.of();
  }

  @Override
  public String toString() {
    return description;
  }
}
