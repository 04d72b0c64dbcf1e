package io.faultdisk.nio.explore;

import io.faultdisk.nio.Durability;
import io.faultdisk.nio.MappedMemory;
import java.util.Optional;

/**
 * What the disk of a test is like. Immutable.
 *
 * @param directories where its files really are
 * @param powerLoss what is durable without being asked for, if the power is to be cut; empty is a
 *     disk that cannot lose power
 * @param mappedMemory what to do with files mapped into memory
 * @param quotaBytes how many bytes files may have grown by
 * @param outOfSpaceAfterBytes how many bytes may be written in all
 */
public record DiskSettings(
    DirectoryFactory directories,
    Optional<Durability> powerLoss,
    MappedMemory mappedMemory,
    long quotaBytes,
    long outOfSpaceAfterBytes) {
  /** A temporary directory without limits that cannot lose power. */
  public static final DiskSettings DEFAULT =
      new DiskSettings(
          new TempDirectories(),
          Optional.empty(),
          MappedMemory.PASS,
          Long.MAX_VALUE,
          Long.MAX_VALUE);

  /** The same with its files somewhere else. */
  public DiskSettings withDirectories(DirectoryFactory factory) {
    return new DiskSettings(factory, powerLoss, mappedMemory, quotaBytes, outOfSpaceAfterBytes);
  }

  /** The same with a power plug. */
  public DiskSettings withPowerLoss(Durability durability) {
    return new DiskSettings(
        directories, Optional.of(durability), mappedMemory, quotaBytes, outOfSpaceAfterBytes);
  }

  /** The same with other mapped memory. */
  public DiskSettings withMappedMemory(MappedMemory mode) {
    return new DiskSettings(directories, powerLoss, mode, quotaBytes, outOfSpaceAfterBytes);
  }

  /** The same with a quota. */
  public DiskSettings withQuota(long bytes) {
    return new DiskSettings(directories, powerLoss, mappedMemory, bytes, outOfSpaceAfterBytes);
  }

  /** The same that fills up. */
  public DiskSettings withOutOfSpaceAfter(long bytes) {
    return new DiskSettings(directories, powerLoss, mappedMemory, quotaBytes, bytes);
  }
}
