package io.faultdisk.cli.tool;

import io.faultdisk.block.DriverType;
import io.faultdisk.block.blkdebug.BlkdebugType;
import io.faultdisk.block.compress.CompressType;
import io.faultdisk.block.copyonread.CopyOnReadType;
import io.faultdisk.block.file.DeviceType;
import io.faultdisk.block.file.FileType;
import io.faultdisk.block.logwrites.LogWritesType;
import io.faultdisk.block.memory.MemoryType;
import io.faultdisk.block.nbd.Encryptions;
import io.faultdisk.block.nbd.NbdType;
import io.faultdisk.block.nullco.NullType;
import io.faultdisk.block.qcow2.Qcow2Type;
import io.faultdisk.block.quorum.QuorumType;
import io.faultdisk.block.raw.RawType;
import io.faultdisk.block.writecache.WriteCacheType;
import io.faultdisk.rules.Dialect;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The drivers that an image can be made of. */
public final class Drivers {
  /** Drivers of QEMU's that we do not have: an image may still name them. */
  private static final Set<String> OF_QEMU_ONLY =
      Set.of(
          ("blkverify bochs cloop copy-before-write dmg ftp ftps"
                  + " gluster http https iscsi iser luks nfs null-aio"
                  + " nvme parallels preallocate qcow qed rbd replication snapshot-access"
                  + " ssh throttle vdi vhdx vmdk vpc vvfat")
              .split(" "));

  private Drivers() {}

  /** Whether QEMU has a driver of that name which we do not have. */
  public static boolean isOfQemuOnly(String name) {
    return OF_QEMU_ONLY.contains(name);
  }

  /** All of them, without encryption. */
  public static List<DriverType> all(Dialect dialect) {
    return all(dialect, Encryptions.none());
  }

  /**
   * All of them; {@code blkdebug} reads rule files in that dialect, {@code nbd} finds its TLS
   * credentials there.
   */
  public static List<DriverType> all(Dialect dialect, Encryptions encryptions) {
    return List.of(
        new FileType(),
        DeviceType.device(),
        DeviceType.cdrom(),
        new RawType(),
        new Qcow2Type(),
        new BlkdebugType(dialect, Optional.empty()),
        new CompressType(),
        new CopyOnReadType(),
        new QuorumType(),
        new NbdType(encryptions),
        new NullType(),
        new MemoryType(),
        new WriteCacheType(),
        new LogWritesType());
  }
}
