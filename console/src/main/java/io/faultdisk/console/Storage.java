package io.faultdisk.console;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.Node;
import io.faultdisk.daemon.disk.Disk;
import io.faultdisk.daemon.disk.Disks;
import java.util.List;
import java.util.Optional;

/** What the console is for: the nodes and disks of this process. Any thread. */
public interface Storage {
  /** The disks. */
  Disks disks();

  /** All nodes, in the order in which they were opened. */
  List<Node> nodes();

  /** What NBD clients can attach to. */
  List<Served> exports();

  /**
   * Opens an image as a disk, and serves it if that is wanted and there is a server.
   *
   * @throws UsageException if that cannot be; nothing stays open
   */
  Disk create(NewDisk disk) throws UsageException;

  /**
   * Closes a disk and ends its exports.
   *
   * @throws UsageException if it is in use otherwise
   */
  void delete(Disk disk) throws UsageException;

  /**
   * An export.
   *
   * @param id tells it from all others
   * @param name what clients ask for
   * @param node what they get
   * @param clients how many there are now
   * @param writable whether they may write
   * @param uri for clients; empty if they cannot be told
   */
  record Served(String id, String name, Node node, int clients, boolean writable, String uri) {}

  /**
   * A disk that is wanted.
   *
   * @param name of its node, and of its export
   * @param image a file name, {@code memory:64M}, {@code json:{...}}
   * @param format of the image; empty: as it looks
   * @param rules the text of a rule file
   * @param readOnly whether writes are refused
   * @param export whether NBD clients can attach to it
   */
  record NewDisk(
      String name,
      String image,
      Optional<String> format,
      Optional<String> rules,
      boolean readOnly,
      boolean export) {}
}
