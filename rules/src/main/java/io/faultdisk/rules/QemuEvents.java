package io.faultdisk.rules;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The events that QEMU's block drivers announce: the predefined vocabulary, not a closed set (see
 * {@link Event}).
 *
 * <p>Source: QEMU 7.2 {@code qapi/block-core.json}, {@code BlkdebugEvent}, all 48 in its order. The
 * dotted names are those of 2014, before the events became part of QEMU's schema.
 */
public final class QemuEvents {
  /** Before an L1 entry is written. */
  public static final Event L1_UPDATE = new Event("l1_update");

  /** The L1 table grows: before the new one is allocated. */
  public static final Event L1_GROW_ALLOC_TABLE = new Event("l1_grow_alloc_table");

  /** The L1 table grows: before the new one is written. */
  public static final Event L1_GROW_WRITE_TABLE = new Event("l1_grow_write_table");

  /** The L1 table grows: before the header points to the new one. */
  public static final Event L1_GROW_ACTIVATE_TABLE = new Event("l1_grow_activate_table");

  /** Before an L2 table that is not cached is read. */
  public static final Event L2_LOAD = new Event("l2_load");

  /** Before an L2 table is written. */
  public static final Event L2_UPDATE = new Event("l2_update");

  /** Before an L2 entry for a compressed cluster changes. */
  public static final Event L2_UPDATE_COMPRESSED = new Event("l2_update_compressed");

  /** Before a part of a shared L2 table is fetched to be copied. */
  public static final Event L2_ALLOC_COW_READ = new Event("l2_alloc_cow_read");

  /** Before a part of a new L2 table is filled. */
  public static final Event L2_ALLOC_WRITE = new Event("l2_alloc_write");

  /** Before guest data is read. */
  public static final Event READ_AIO = new Event("read_aio");

  /** Before data is read from the backing file. */
  public static final Event READ_BACKING_AIO = new Event("read_backing_aio");

  /** Before a compressed cluster is read. */
  public static final Event READ_COMPRESSED = new Event("read_compressed");

  /** Before guest data is written. */
  public static final Event WRITE_AIO = new Event("write_aio");

  /** Before compressed data is written. */
  public static final Event WRITE_COMPRESSED = new Event("write_compressed");

  /** Before VM state is read. */
  public static final Event VMSTATE_LOAD = new Event("vmstate_load");

  /** Before VM state is written. */
  public static final Event VMSTATE_SAVE = new Event("vmstate_save");

  /** Before a region to be copied on write is read. */
  public static final Event COW_READ = new Event("cow_read");

  /** Before a region to be copied on write is written. */
  public static final Event COW_WRITE = new Event("cow_write");

  /** At open, before the refcount table is read. */
  public static final Event REFTABLE_LOAD = new Event("reftable_load");

  /** The refcount table must grow. */
  public static final Event REFTABLE_GROW = new Event("reftable_grow");

  /** The refcount table is rewritten while an image is emptied. */
  public static final Event REFTABLE_UPDATE = new Event("reftable_update");

  /** A refcount block is looked up for an update, cached or not. */
  public static final Event REFBLOCK_LOAD = new Event("refblock_load");

  /** Part of the vocabulary, but announced by nobody. */
  public static final Event REFBLOCK_UPDATE = new Event("refblock_update");

  /** Before a changed refcount block is written. */
  public static final Event REFBLOCK_UPDATE_PART = new Event("refblock_update_part");

  /** An update begins to look up a refcount block. */
  public static final Event REFBLOCK_ALLOC = new Event("refblock_alloc");

  /** Before the refcount table points to a new block. */
  public static final Event REFBLOCK_ALLOC_HOOKUP = new Event("refblock_alloc_hookup");

  /** Before a new refcount block is written. */
  public static final Event REFBLOCK_ALLOC_WRITE = new Event("refblock_alloc_write");

  /** The refcount table grows: before new blocks are flushed. */
  public static final Event REFBLOCK_ALLOC_WRITE_BLOCKS = new Event("refblock_alloc_write_blocks");

  /** The refcount table grows: before the new one is written. */
  public static final Event REFBLOCK_ALLOC_WRITE_TABLE = new Event("refblock_alloc_write_table");

  /** The refcount table grows: before the header points to the new one. */
  public static final Event REFBLOCK_ALLOC_SWITCH_TABLE = new Event("refblock_alloc_switch_table");

  /** Before free clusters are looked for. */
  public static final Event CLUSTER_ALLOC = new Event("cluster_alloc");

  /** Before space for compressed data is looked for. */
  public static final Event CLUSTER_ALLOC_BYTES = new Event("cluster_alloc_bytes");

  /** Before clusters are freed. */
  public static final Event CLUSTER_FREE = new Event("cluster_free");

  /** At the start of a flush, before caches are written back. */
  public static final Event FLUSH_TO_OS = new Event("flush_to_os");

  /** Before the disk is flushed, if anything was written since the last time. */
  public static final Event FLUSH_TO_DISK = new Event("flush_to_disk");

  /** Before the block around an unaligned head is read. */
  public static final Event PWRITEV_RMW_HEAD = new Event("pwritev_rmw_head");

  /** After it was read. */
  public static final Event PWRITEV_RMW_AFTER_HEAD = new Event("pwritev_rmw_after_head");

  /** Before the block around an unaligned tail is read. */
  public static final Event PWRITEV_RMW_TAIL = new Event("pwritev_rmw_tail");

  /** After it was read. */
  public static final Event PWRITEV_RMW_AFTER_TAIL = new Event("pwritev_rmw_after_tail");

  /** Before an aligned write is given to the driver. */
  public static final Event PWRITEV = new Event("pwritev");

  /** Before aligned zeroes are given to the driver. */
  public static final Event PWRITEV_ZERO = new Event("pwritev_zero");

  /** After the driver finished a write, well or not. */
  public static final Event PWRITEV_DONE = new Event("pwritev_done");

  /** Before an image is emptied. */
  public static final Event EMPTY_IMAGE_PREPARE = new Event("empty_image_prepare");

  /** An image shrinks: before the end of the L1 table is cleared. */
  public static final Event L1_SHRINK_WRITE_TABLE = new Event("l1_shrink_write_table");

  /** An image shrinks: before the L2 tables cut off are freed. */
  public static final Event L1_SHRINK_FREE_L2_CLUSTERS = new Event("l1_shrink_free_l2_clusters");

  /** Before data read is kept by copy-on-read. */
  public static final Event COR_WRITE = new Event("cor_write");

  /** Before new clusters are zeroed rather than copied. */
  public static final Event CLUSTER_ALLOC_SPACE = new Event("cluster_alloc_space");

  /** Once, when the disk was opened. */
  public static final Event NONE = new Event("none");

  private static final List<Event> ALL =
      List.of(
          L1_UPDATE,
          L1_GROW_ALLOC_TABLE,
          L1_GROW_WRITE_TABLE,
          L1_GROW_ACTIVATE_TABLE,
          L2_LOAD,
          L2_UPDATE,
          L2_UPDATE_COMPRESSED,
          L2_ALLOC_COW_READ,
          L2_ALLOC_WRITE,
          READ_AIO,
          READ_BACKING_AIO,
          READ_COMPRESSED,
          WRITE_AIO,
          WRITE_COMPRESSED,
          VMSTATE_LOAD,
          VMSTATE_SAVE,
          COW_READ,
          COW_WRITE,
          REFTABLE_LOAD,
          REFTABLE_GROW,
          REFTABLE_UPDATE,
          REFBLOCK_LOAD,
          REFBLOCK_UPDATE,
          REFBLOCK_UPDATE_PART,
          REFBLOCK_ALLOC,
          REFBLOCK_ALLOC_HOOKUP,
          REFBLOCK_ALLOC_WRITE,
          REFBLOCK_ALLOC_WRITE_BLOCKS,
          REFBLOCK_ALLOC_WRITE_TABLE,
          REFBLOCK_ALLOC_SWITCH_TABLE,
          CLUSTER_ALLOC,
          CLUSTER_ALLOC_BYTES,
          CLUSTER_FREE,
          FLUSH_TO_OS,
          FLUSH_TO_DISK,
          PWRITEV_RMW_HEAD,
          PWRITEV_RMW_AFTER_HEAD,
          PWRITEV_RMW_TAIL,
          PWRITEV_RMW_AFTER_TAIL,
          PWRITEV,
          PWRITEV_ZERO,
          PWRITEV_DONE,
          EMPTY_IMAGE_PREPARE,
          L1_SHRINK_WRITE_TABLE,
          L1_SHRINK_FREE_L2_CLUSTERS,
          COR_WRITE,
          CLUSTER_ALLOC_SPACE,
          NONE);

  /** By name of 2014; the names not listed have not changed. */
  private static final Map<String, Event> OLD_NAMES =
      Map.ofEntries(
          Map.entry("l1_grow.alloc_table", L1_GROW_ALLOC_TABLE),
          Map.entry("l1_grow.write_table", L1_GROW_WRITE_TABLE),
          Map.entry("l1_grow.activate_table", L1_GROW_ACTIVATE_TABLE),
          Map.entry("l2_alloc.cow_read", L2_ALLOC_COW_READ),
          Map.entry("l2_alloc.write", L2_ALLOC_WRITE),
          Map.entry("refblock_alloc.hookup", REFBLOCK_ALLOC_HOOKUP),
          Map.entry("refblock_alloc.write", REFBLOCK_ALLOC_WRITE),
          Map.entry("refblock_alloc.write_blocks", REFBLOCK_ALLOC_WRITE_BLOCKS),
          Map.entry("refblock_alloc.write_table", REFBLOCK_ALLOC_WRITE_TABLE),
          Map.entry("refblock_alloc.switch_table", REFBLOCK_ALLOC_SWITCH_TABLE),
          Map.entry("pwritev_rmw.head", PWRITEV_RMW_HEAD),
          Map.entry("pwritev_rmw.after_head", PWRITEV_RMW_AFTER_HEAD),
          Map.entry("pwritev_rmw.tail", PWRITEV_RMW_TAIL),
          Map.entry("pwritev_rmw.after_tail", PWRITEV_RMW_AFTER_TAIL));

  private static final Map<String, Event> BY_NAME = new HashMap<>();

  static {
    for (Event event : ALL) {
      BY_NAME.put(event.name(), event);
    }
  }

  private QemuEvents() {}

  /** All 48, in QEMU's order. */
  public static List<Event> all() {
    return ALL;
  }

  /** The event with today's name; case matters. */
  public static Optional<Event> named(String name) {
    return Optional.ofNullable(BY_NAME.get(name));
  }

  /** The event that had this dotted name in 2014, {@code l1_grow.alloc_table}. */
  public static Optional<Event> namedIn2014(String name) {
    return Optional.ofNullable(OLD_NAMES.get(name));
  }

  /**
   * The event a user means: today's name, and outside {@link Dialect#QEMU} also a name of 2014, a
   * {@link ConnectionPoint} or a name of their own; in {@link Dialect#FILES} an operation, or one
   * of the few of QEMU's that files announce.
   */
  public static Optional<Event> named(String name, Dialect dialect) {
    if (dialect == Dialect.FILES) {
      return FileEvents.event(name);
    }
    Optional<Event> event = named(name);
    if (event.isPresent() || dialect == Dialect.QEMU) {
      return event;
    }
    Optional<Event> old = namedIn2014(name);
    if (old.isPresent()) {
      return old;
    }
    Optional<ConnectionPoint> point = ConnectionPoint.named(name);
    return point.isPresent() ? Optional.of(point.get().event()) : EventNames.own(name);
  }
}
