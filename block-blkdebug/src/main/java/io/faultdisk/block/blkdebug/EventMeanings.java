package io.faultdisk.block.blkdebug;

import io.faultdisk.rules.ConnectionPoint;
import io.faultdisk.rules.Event;
import io.faultdisk.rules.FileEvents;
import io.faultdisk.rules.Operation;
import io.faultdisk.rules.QemuEvents;
import java.util.ArrayList;
import java.util.List;

/** When each event of disks happens, and each operation on files, in a line. */
public final class EventMeanings {
  private EventMeanings() {}

  /** What a rule about files can name, beside events of one's own. */
  public static List<Event> ofFiles() {
    List<Event> events = new ArrayList<>();
    for (Operation operation : FileEvents.all()) {
      events.add(operation.event());
    }
    return events;
  }

  /** What a rule about disks can name, beside events of one's own. */
  public static List<Event> ofDisks() {
    List<Event> events = new ArrayList<>(QemuEvents.all());
    for (ConnectionPoint point : ConnectionPoint.values()) {
      events.add(point.event());
    }
    return events;
  }

  /** When it happens; nothing about one that somebody has made up. */
  public static String of(Event event) {
    return switch (event.name()) {
      case "l1_update" -> "qcow2: an entry of the L1 table is about to be written";
      case "l1_grow_alloc_table" -> "qcow2: room for a larger L1 table is looked for";
      case "l1_grow_write_table" -> "qcow2: the larger L1 table is about to be written";
      case "l1_grow_activate_table" -> "qcow2: the header is about to point to the larger L1 table";
      case "l2_load" -> "qcow2: an L2 table that is not cached is about to be read";
      case "l2_update" -> "qcow2: a changed L2 table is about to be written";
      case "l2_update_compressed" -> "qcow2: an L2 entry is about to point to compressed data";
      case "l2_alloc_cow_read" -> "qcow2: part of a shared L2 table is fetched to be copied";
      case "l2_alloc_write" -> "qcow2: part of a new L2 table has been filled";
      case "read_aio" -> "data is about to be read from the image";
      case "read_backing_aio" -> "data is about to be read from the backing file";
      case "read_compressed" -> "compressed data is about to be read";
      case "write_aio" -> "data is about to be written to the image";
      case "write_compressed" -> "compressed data is about to be written";
      case "vmstate_load" -> "qcow2: VM state is about to be read";
      case "vmstate_save" -> "qcow2: VM state is about to be written";
      case "cow_read" -> "qcow2: old data around a write is about to be read";
      case "cow_write" -> "qcow2: that data is about to be written to its new place";
      case "reftable_load" -> "qcow2: the refcount table is about to be read, at open";
      case "reftable_grow" -> "qcow2: the refcount table has become too small";
      case "reftable_update" -> "qcow2: an image is emptied, its refcount table is written";
      case "refblock_load" -> "qcow2: refcounts are about to change, cached or not";
      case "refblock_update" -> "never happens; the name exists";
      case "refblock_update_part" -> "qcow2: a changed refcount block is about to be written";
      case "refblock_alloc" -> "qcow2: the block for a refcount is looked for";
      case "refblock_alloc_hookup" -> "qcow2: the refcount table is about to point to a new block";
      case "refblock_alloc_write" -> "qcow2: a new refcount block is about to be written";
      case "refblock_alloc_write_blocks" ->
          "qcow2: the refcount table grows, new blocks are about to be flushed";
      case "refblock_alloc_write_table" ->
          "qcow2: the refcount table grows, the new one is about to be written";
      case "refblock_alloc_switch_table" ->
          "qcow2: the refcount table grows, the header is about to point to the new one";
      case "cluster_alloc" -> "qcow2: free clusters are looked for";
      case "cluster_alloc_bytes" -> "qcow2: room for compressed data is looked for";
      case "cluster_free" -> "qcow2: clusters are about to be freed";
      case "flush_to_os" -> "a flush begins";
      case "flush_to_disk" -> "the disk is about to be flushed, something was written";
      case "pwritev_rmw_head" -> "unaligned write: the block around its start is about to be read";
      case "pwritev_rmw_after_head" -> "unaligned write: that block has been read";
      case "pwritev_rmw_tail" -> "unaligned write: the block around its end is about to be read";
      case "pwritev_rmw_after_tail" -> "unaligned write: that block has been read";
      case "pwritev" -> "a write, aligned by now, is about to go to the driver";
      case "pwritev_zero" -> "zeroes, aligned by now, are about to go to the driver";
      case "pwritev_done" -> "the driver is done with a write, well or not";
      case "empty_image_prepare" -> "qcow2: an image is about to be emptied";
      case "l1_shrink_write_table" ->
          "qcow2: the image shrinks, the end of L1 is about to be cleared";
      case "l1_shrink_free_l2_clusters" ->
          "qcow2: the image shrinks, L2 tables are about to be freed";
      case "cor_write" -> "data read is about to be kept, by copy-on-read";
      case "cluster_alloc_space" -> "qcow2: new clusters are about to be zeroed";
      case "open" -> "a file or directory that is there is about to be opened";
      case "create" -> "a file is about to be made";
      case "read" -> "a range of a file is about to be read";
      case "write" -> "a range of a file is about to be written";
      case "truncate" -> "a file is about to get another size";
      case "fsync" -> "force(true) is about to make a file or directory durable";
      case "fdatasync" -> "force(false) is about to do so; rules on fsync decide it, too";
      case "rename" -> "a file is about to be moved; rules look at both paths";
      case "delete" -> "a file or directory is about to be deleted";
      case "link" -> "a hard or symbolic link is about to be made";
      case "mkdir" -> "a directory is about to be made";
      case "list" -> "a directory is about to be listed";
      case "stat" -> "attributes are about to be read, or access checked";
      case "setattr" -> "attributes are about to be changed";
      case "close" -> "a channel is about to be closed";
      case "lock" -> "a range of a file is about to be locked";
      case "map" -> "a range of a file is about to be mapped into memory";
      case "nbd_reply" -> "an NBD export is about to reply to a request";
      case "nbd_connect" -> "a client has connected to an NBD export";
      case "none" -> "once, as soon as the rules are in force";
      default -> "";
    };
  }
}
