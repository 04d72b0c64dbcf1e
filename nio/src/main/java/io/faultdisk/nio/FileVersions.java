package io.faultdisk.nio;

import io.faultdisk.nio.DataChange.Resize;
import io.faultdisk.nio.DataChange.Write;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * The versions that the blocks and the size of one file have had since they were durable, and what
 * a power cut makes of them.
 *
 * <p>The fault model. A block of the file, a page or smaller, is on the disk as it was after the
 * first so many of the changes that touched it; which, is chosen for each block by itself. So is
 * the size, among those that the file has had; a write that made the file grow by several blocks
 * has made it grow block by block.
 *
 * <p>In a {@link Durability#JOURNALED} file system a size that was set is in the journal, before or
 * after the point where it ends, and later changes of the file are not there without it. A size
 * that a write has led to comes after the data: with it, all is on the disk that had been done by
 * then to the blocks beyond the smallest size until then.
 *
 * <p>Half of the random cuts of a file take all or nothing, since with many changes a mixture would
 * hardly ever be one of these, and it is there that programs go wrong. For one thread.
 */
final class FileVersions {
  private final FileInode file;
  private final Pages durable;
  private final List<DataChange> changes;
  private final int blockBytes;

  /** For each block that was changed, the changes that did: indices, ascending. */
  private final SortedMap<Long, List<Integer>> touches = new TreeMap<>();

  private final List<Size> sizes = new ArrayList<>();

  /**
   * A size that the file has had.
   *
   * @param changes how many had been made by then, the one that led to it included
   * @param least the smallest size from the durable one to this
   */
  private record Size(int changes, long size, long least) {}

  /**
   * What is left of a file.
   *
   * @param description in words; empty if nothing was at stake
   */
  record Outcome(Pages content, String description) {}

  /** With a journal: changes from 0 that it implies to be there, if they set a size. */
  private final int least;

  /** Changes that there can be, at most. */
  private final int most;

  private final boolean journaled;

  /**
   * Versions.
   *
   * @param blockBytes what has a version of its own
   * @param journalEnd the order of the first change that the journal does not hold; without, there
   *     is no journal
   */
  FileVersions(FileInode file, int blockBytes, OptionalLong journalEnd) {
    this.file = file;
    this.durable = file.durable();
    this.changes = file.pending();
    this.blockBytes = blockBytes;
    this.journaled = journalEnd.isPresent();
    int held = 0;
    int end = changes.size();
    for (int i = changes.size() - 1; journaled && i >= 0; i--) {
      if (changes.get(i) instanceof Resize) {
        if (changes.get(i).order() >= journalEnd.getAsLong()) {
          end = i;
        } else if (held == 0) {
          held = i + 1;
        }
      }
    }
    this.least = held;
    this.most = end;
  }

  /** The changes with an order below a bound, and no others. */
  static Outcome before(FileInode file, long order) {
    Pages content = file.durable().snapshot();
    int made = 0;
    for (DataChange change : file.pending()) {
      if (change.order() < order) {
        apply(change, content);
        made++;
      }
    }
    return new Outcome(
        content, describe(file, made + " of " + file.pending().size() + " changes made"));
  }

  private static void apply(DataChange change, Pages content) {
    if (change instanceof Write write) {
      content.write(write.offset(), write.bytes(), 0, write.bytes().length);
    } else if (change instanceof Resize resize) {
      content.resize(resize.size());
    }
  }

  private static String describe(FileInode file, String what) {
    return file.label() + ": " + what;
  }

  /** A version for each block and for the size. */
  Outcome choose(RandomGenerator random) {
    int style = random.nextInt(4);
    enumerate();
    List<Size> possible =
        sizes.stream().filter(s -> s.changes() >= least && s.changes() <= most).toList();
    Size size =
        switch (style) {
          case 0 -> possible.get(0);
          case 1 -> possible.get(possible.size() - 1);
          default -> possible.get(random.nextInt(possible.size()));
        };
    SortedMap<Long, Integer> made = new TreeMap<>();
    touches.forEach(
        (block, by) -> {
          List<Integer> bounds = bounds(by);
          int bound =
              switch (style) {
                case 0 -> bounds.get(0);
                case 1 -> bounds.get(bounds.size() - 1);
                default -> bounds.get(random.nextInt(bounds.size()));
              };
          boolean uncovered = (block + 1) * blockBytes > size.least();
          made.put(block, journaled && uncovered ? Math.max(bound, size.changes()) : bound);
        });
    Pages content = durable.snapshot();
    for (int i = 0; i < changes.size(); i++) {
      apply(i, made, content);
    }
    content.resize(size.size());
    return new Outcome(content, describe(made, size));
  }

  /** How many of all changes a block can have seen, given those that touched it. */
  private List<Integer> bounds(List<Integer> by) {
    List<Integer> bounds = new ArrayList<>(List.of(0));
    for (int index : by) {
      if (index < most) {
        if (index < least && changes.get(index) instanceof Resize) {
          bounds.clear();
        }
        bounds.add(index + 1);
      }
    }
    return bounds;
  }

  private void enumerate() {
    enumerateCut();
    long size = durable.size();
    long smallest = size;
    sizes.add(new Size(0, size, smallest));
    for (int i = 0; i < changes.size(); i++) {
      DataChange change = changes.get(i);
      long after = change.sizeAfter(size);
      if (change instanceof Write write) {
        for (long block = write.offset() / blockBytes; block * blockBytes < write.end(); block++) {
          touches.computeIfAbsent(block, b -> new ArrayList<>()).add(i);
        }
        long from = Math.max(size, write.offset());
        for (long at = (from / blockBytes + 1) * blockBytes; at < after; at += blockBytes) {
          sizes.add(new Size(i + 1, at, smallest));
        }
      } else if (after < size) {
        int index = i;
        touches.tailMap(after / blockBytes).values().forEach(by -> by.add(index));
      }
      smallest = Math.min(smallest, after);
      if (after != size) {
        sizes.add(new Size(i + 1, after, smallest));
      }
      size = after;
    }
    touches.values().removeIf(List::isEmpty);
  }

  /** The blocks that were never written, but cut off. */
  private void enumerateCut() {
    long low = durable.size();
    for (DataChange change : changes) {
      low = change instanceof Resize resize ? Math.min(low, resize.size()) : low;
    }
    if (low == durable.size()) {
      return;
    }
    for (long page : durable.numbers()) {
      for (int i = 0; i < Pages.PAGE_BYTES; i += blockBytes) {
        long end = page * Pages.PAGE_BYTES + i + blockBytes;
        if (end > low) {
          touches.put(end / blockBytes - 1, new ArrayList<>());
        }
      }
    }
  }

  /** Applies one change to the blocks that have it. */
  private void apply(int index, SortedMap<Long, Integer> made, Pages content) {
    DataChange change = changes.get(index);
    if (change instanceof Write write) {
      for (long block = write.offset() / blockBytes; block * blockBytes < write.end(); block++) {
        if (index < made.getOrDefault(block, 0)) {
          long from = Math.max(write.offset(), block * blockBytes);
          long to = Math.min(write.end(), (block + 1) * blockBytes);
          int at = (int) (from - write.offset());
          content.write(from, write.bytes(), at, (int) (to - from));
        }
      }
    } else if (change instanceof Resize resize) {
      made.tailMap(resize.size() / blockBytes)
          .forEach(
              (block, bound) -> {
                long from = Math.max(resize.size(), block * blockBytes);
                long to = Math.min(content.size(), (block + 1) * blockBytes);
                if (index < bound && from < to) {
                  content.write(from, new byte[(int) (to - from)], 0, (int) (to - from));
                }
              });
    }
  }

  private String describe(SortedMap<Long, Integer> made, Size size) {
    int old = 0;
    int latest = 0;
    for (var entry : made.entrySet()) {
      List<Integer> by = touches.getOrDefault(entry.getKey(), List.of());
      if (entry.getValue() == 0) {
        old++;
      } else if (entry.getValue() > by.get(by.size() - 1)) {
        latest++;
      }
    }
    return String.format(
        Locale.ROOT,
        "%s: %d bytes (it had %d sizes); of %d blocks of %d bytes that were changed, %d as they"
            + " were durable, %d as they were last, %d in between",
        file.label(),
        size.size(),
        sizes.size(),
        made.size(),
        blockBytes,
        old,
        latest,
        made.size() - old - latest);
  }
}
