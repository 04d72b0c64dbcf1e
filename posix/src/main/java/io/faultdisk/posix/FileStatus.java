package io.faultdisk.posix;

/**
 * What the kernel knows about an open file. Source: statx(2), STATX_BASIC_STATS.
 *
 * @param kind what sort of file it is
 * @param size length in bytes; 0 for a block device, see {@link PosixFile#size()}
 * @param allocatedBytes disk space in use, a multiple of 512
 * @param device the file system the inode lives on; equal numbers mean the same one
 * @param inode number of the file in its file system
 * @param preferredBlockBytes preferred transfer size in bytes
 * @param mode permission and type bits as in st_mode
 */
public record FileStatus(
    Kind kind,
    long size,
    long allocatedBytes,
    long device,
    long inode,
    int preferredBlockBytes,
    int mode) {

  /** The sorts of file that can hold or be mistaken for a disk image. */
  public enum Kind {
    REGULAR,
    DIRECTORY,
    BLOCK_DEVICE,
    CHARACTER_DEVICE,
    OTHER;

    static Kind ofMode(int mode) {
      return switch (mode & 0xF000) {
        case 0x8000 -> REGULAR;
        case 0x4000 -> DIRECTORY;
        case 0x6000 -> BLOCK_DEVICE;
        case 0x2000 -> CHARACTER_DEVICE;
        default -> OTHER;
      };
    }
  }
}
