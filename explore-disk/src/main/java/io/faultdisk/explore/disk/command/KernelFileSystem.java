package io.faultdisk.explore.disk.command;

import io.faultdisk.base.UsageException;
import io.faultdisk.explore.disk.DiskContent;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A file system of the kernel that a program's disk can be mounted with. */
public enum KernelFileSystem {
  /** Nothing is left for the kernel to do in the background; superblocks change less often. */
  EXT4(
      16L << 20,
      64L << 20,
      "mkfs.ext4 -q -F -b 4096 -E lazy_itable_init=0,lazy_journal_init=0",
      "fsck.ext4 -f -n",
      "noatime"),
  /** Two disks of one origin may be mounted at a time. */
  XFS(300L << 20, 320L << 20, "mkfs.xfs -q -f", "xfs_repair -n", "noatime,nouuid");

  private final long bytesMin;
  private final long bytesUsual;
  private final String make;
  private final String check;
  private final String mountOptions;

  KernelFileSystem(long bytesMin, long bytesUsual, String make, String check, String mountOptions) {
    this.bytesMin = bytesMin;
    this.bytesUsual = bytesUsual;
    this.make = make;
    this.check = check;
    this.mountOptions = mountOptions;
  }

  /** By the name that mount uses. */
  public static KernelFileSystem named(String name) throws UsageException {
    for (KernelFileSystem each : values()) {
      if (each.type().equals(name)) {
        return each;
      }
    }
    throw new UsageException("--mount: there is no '" + name + "' here", "There are ext4 and xfs.");
  }

  /** How mount calls it. */
  public String type() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The size of a disk that will do, in bytes. */
  public long bytesUsual() {
    return bytesUsual;
  }

  /** Options for mount. */
  String mountOptions() {
    return mountOptions;
  }

  /** Fails where it cannot be mounted. */
  public void require() throws UsageException {
    if (!"root".equals(System.getProperty("user.name"))) {
      throw new UsageException(
          "Only root can mount a disk", "Run it as root, or without a mounted file system.");
    }
    Programs.require(
        "Mounting " + type(),
        List.of(
            "nbdfuse",
            "losetup",
            "mount",
            "umount",
            "setsid",
            words(make).get(0),
            words(check).get(0)));
    for (String device : List.of("/dev/fuse", "/dev/loop-control")) {
      if (!Files.isWritable(Path.of(device))) {
        throw new UsageException("Mounting " + type() + " needs " + device, "Load its module.");
      }
    }
  }

  /** Makes one on a disk that is otherwise empty. */
  public DiskContent format(long bytes) throws UsageException {
    if (bytes < bytesMin) {
      throw new UsageException(
          type() + " needs a disk of " + (bytesMin >> 20) + " MiB, not " + bytes + " bytes",
          "Give --size.");
    }
    try (PrivateDirectory directory = new PrivateDirectory()) {
      Path file = directory.file("disk.img");
      try (RandomAccessFile disk = new RandomAccessFile(file.toFile(), "rw")) {
        disk.setLength(bytes);
      }
      List<String> command = new ArrayList<>(words(make));
      command.add(file.toString());
      Programs.Ended ended = Programs.tool(command);
      if (!ended.good()) {
        throw new UsageException(String.join(" ", command) + ": " + ended.describe());
      }
      return DiskContent.of(file);
    } catch (IOException e) {
      throw new UsageException("Cannot make a temporary disk: " + e.getMessage());
    }
  }

  /** The words that make one by hand, without the name of the disk. */
  public String makeLine() {
    return make;
  }

  /** The words of a check that changes nothing, without the name of the disk. */
  List<String> check() {
    return words(check);
  }

  private static List<String> words(String command) {
    return List.of(command.split(" ", -1));
  }
}
