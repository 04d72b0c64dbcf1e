package io.faultdisk.nio;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * What {@link Durability} says of directory entries, in the plainest way: the list of all changes
 * ever made, each durable or not, and replayed from the start whenever someone asks.
 */
final class NaiveTree {
  private final Durability durability;
  private final List<Change> changes = new ArrayList<>();
  private final Set<Integer> durable = new HashSet<>();

  /** Inodes that are directories; 0 is the root. */
  private final Set<Long> directories = new HashSet<>(Set.of(0L));

  /**
   * A change.
   *
   * @param slots "directory/name" to inode, -1 for none
   * @param emptied the directory that it removes, -1 for none
   */
  private record Change(Map<String, Long> slots, long emptied, boolean movesDirectory) {
    boolean touches(long directory) {
      return slots.keySet().stream().anyMatch(slot -> slot.startsWith(directory + "/"));
    }
  }

  NaiveTree(Durability durability) {
    this.durability = durability;
  }

  void made(long directory, String name, long inode, boolean isDirectory) {
    if (isDirectory) {
      directories.add(inode);
    }
    changes.add(new Change(Map.of(directory + "/" + name, inode), -1, false));
  }

  void deleted(long directory, String name, long inode) {
    long emptied = directories.contains(inode) ? inode : -1;
    changes.add(new Change(Map.of(directory + "/" + name, -1L), emptied, false));
  }

  void renamed(long from, String name, long to, String newName, long inode, long replaced) {
    Map<String, Long> slots = new HashMap<>();
    slots.put(from + "/" + name, -1L);
    slots.put(to + "/" + newName, inode);
    boolean moves = directories.contains(inode) && from != to;
    changes.add(new Change(slots, directories.contains(replaced) ? replaced : -1, moves));
  }

  void synced(long directory) {
    boolean all = durability == Durability.JOURNALED;
    boolean changed = false;
    for (int i = 0; i < changes.size(); i++) {
      Change change = changes.get(i);
      boolean about = change.touches(directory) || change.slots.containsValue(directory);
      changed |= !durable.contains(i) && about;
    }
    if (!changed) {
      return;
    }
    for (int i = 0; i < changes.size(); i++) {
      if (all || changes.get(i).touches(directory)) {
        durable.add(i);
      }
    }
    for (int before = -1; before != durable.size(); ) {
      before = durable.size();
      for (int i = 0; i < changes.size(); i++) {
        int at = i;
        if (durable.stream().anyMatch(later -> needs(later, at))) {
          durable.add(i);
        }
      }
    }
  }

  /** Whether a later change can't be without an earlier one. */
  private boolean needs(int laterIndex, int earlierIndex) {
    if (earlierIndex >= laterIndex) {
      return false;
    }
    Change later = changes.get(laterIndex);
    Change earlier = changes.get(earlierIndex);
    return later.slots.keySet().stream().anyMatch(earlier.slots::containsKey)
        || (later.emptied >= 0 && earlier.touches(later.emptied))
        || (later.movesDirectory && earlier.movesDirectory);
  }

  int pending() {
    return changes.size() - durable.size();
  }

  /** The tree with what is durable, and the pending ones that are chosen by their number. */
  Map<String, Long> tree(Predicate<Integer> kept) {
    Set<Integer> there = new HashSet<>();
    int number = 0;
    for (int i = 0; i < changes.size(); i++) {
      if (durable.contains(i) || kept.test(number++)) {
        there.add(i);
      }
    }
    for (int i : there) {
      for (int j = 0; j < i; j++) {
        if (!there.contains(j) && needs(i, j)) {
          throw new AssertionError(changes.get(i) + " is there without " + changes.get(j));
        }
        if (!there.contains(j) && durability == Durability.JOURNALED) {
          throw new AssertionError("not in order");
        }
      }
    }
    Map<String, Long> slots = new TreeMap<>();
    for (int i = 0; i < changes.size(); i++) {
      if (there.contains(i)) {
        slots.putAll(changes.get(i).slots);
      }
    }
    Map<String, Long> tree = new TreeMap<>();
    walk(0, "", slots, tree);
    return tree;
  }

  private void walk(
      long directory, String prefix, Map<String, Long> slots, Map<String, Long> tree) {
    slots.forEach(
        (slot, inode) -> {
          if (inode >= 0 && slot.startsWith(directory + "/")) {
            String path = prefix + slot.substring(slot.indexOf('/'));
            tree.put(path, inode);
            if (directories.contains(inode)) {
              walk(inode, path, slots, tree);
            }
          }
        });
  }
}
