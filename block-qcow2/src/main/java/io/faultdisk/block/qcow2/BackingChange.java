package io.faultdisk.block.qcow2;

import io.faultdisk.base.Errno;
import io.faultdisk.block.BackingReference;
import io.faultdisk.block.BlockIoException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Writes another backing file name into the header. */
final class BackingChange {
  private static final int NAME_BYTES_MAX = 1023;

  /** QEMU keeps no more of a format's name. */
  private static final int FORMAT_CHARS_MAX = 15;

  private BackingChange() {}

  /**
   * Names another backing file, or none.
   *
   * @throws BlockIoException EINVAL if the data file must be a raw image by itself or the name is
   *     too long, ENOSPC if the header has no room for it
   */
  static void apply(Metadata metadata, Optional<BackingReference> backing) throws BlockIoException {
    if (backing.isPresent()) {
      int bytes = backing.get().filename().getBytes(StandardCharsets.UTF_8).length;
      if (metadata.header.dataFileRaw() || bytes > NAME_BYTES_MAX) {
        throw new BlockIoException(Errno.EINVAL);
      }
    }
    Optional<BackingReference> kept = backing.map(BackingChange::cut);
    metadata.writeHeader(metadata.header.change().backing(kept).build());
  }

  private static BackingReference cut(BackingReference backing) {
    Optional<String> format =
        backing.format().map(name -> name.substring(0, Math.min(name.length(), FORMAT_CHARS_MAX)));
    return new BackingReference(backing.filename(), format);
  }
}
