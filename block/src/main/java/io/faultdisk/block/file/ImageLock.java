package io.faultdisk.block.file;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.Permission;
import io.faultdisk.posix.PosixException;
import io.faultdisk.posix.PosixFile;

/**
 * The locks on an image file that tell other programs (QEMU, or another faultdisk) what this one
 * does with it.
 *
 * <p>One byte each, far from where anything is stored:
 *
 * <pre>
 *   offset     width  meaning of a shared lock on the byte
 *   100 + bit  1      the holder has the permission with that bit
 *   200 + bit  1      the holder does not allow others to have it
 * </pre>
 *
 * Taking permissions means: lock the bytes, then look whether anybody holds a byte that
 * contradicts. Locks belong to the open file (OFD locks), so two opens in one process conflict as
 * two processes do.
 *
 * <p>Under the graph's lock.
 *
 * <p>Source: the behaviour of QEMU 7.2, block/file-posix.c (raw_apply_lock_bytes and its callers).
 */
final class ImageLock {
  private static final int TAKEN_BASE = 100;
  private static final int UNSHARED_BASE = 200;

  private final PosixFile file;
  private final String filename;
  private int lockedTaken;
  private int lockedUnshared;
  private Permission.Wish inForce = Permission.Wish.NONE;

  ImageLock(PosixFile file, String filename) {
    this.file = file;
    this.filename = filename;
  }

  /** The permissions in force, as {@link #settle} last heard of them. */
  Permission.Wish inForce() {
    return inForce;
  }

  /**
   * Locks what the new permissions need beyond what is held, and looks for contradictions.
   *
   * @throws UsageException if another program's use of the image contradicts; {@link #settle} then
   *     goes back
   */
  void prepare(Permission.Wish wish) throws UsageException {
    int taken = inForce.taken() | wish.taken();
    int shared = inForce.shared() & wish.shared();
    if (taken == inForce.taken() && shared == inForce.shared()) {
      return;
    }
    try {
      lock(taken, Permission.ALL & ~shared);
      refuse(UNSHARED_BASE, wish.taken(), "Failed to get \"", "\" lock");
      refuse(TAKEN_BASE, Permission.ALL & ~wish.shared(), "Failed to get shared \"", "\" lock");
    } catch (PosixException e) {
      throw new UsageException("Failed to lock the image '" + filename + "': " + e.errno().text());
    }
  }

  /**
   * Takes over what another open of the same file has locked. The bytes are locked here before they
   * are given up there, so at no time could anybody else slip in.
   *
   * @throws UsageException if that fails; the other one then keeps its locks
   */
  void takeOver(ImageLock other) throws UsageException {
    try {
      lock(other.lockedTaken, other.lockedUnshared);
    } catch (PosixException e) {
      throw new UsageException("Failed to lock the image '" + filename + "': " + e.errno().text());
    }
    inForce = other.inForce;
    other.settle(Permission.Wish.NONE);
  }

  /** Keeps exactly the locks of these permissions. */
  void settle(Permission.Wish wish) {
    inForce = wish;
    for (int bit = 0; bit < Permission.COUNT; bit++) {
      int mask = 1 << bit;
      if ((lockedTaken & mask) != 0 && (wish.taken() & mask) == 0) {
        unlock(TAKEN_BASE + bit);
        lockedTaken &= ~mask;
      }
      if ((lockedUnshared & mask) != 0 && (wish.shared() & mask) != 0) {
        unlock(UNSHARED_BASE + bit);
        lockedUnshared &= ~mask;
      }
    }
  }

  private void lock(int taken, int unshared) throws PosixException, UsageException {
    for (int bit = 0; bit < Permission.COUNT; bit++) {
      int mask = 1 << bit;
      if ((taken & mask) != 0 && (lockedTaken & mask) == 0) {
        lockByte(TAKEN_BASE + bit);
        lockedTaken |= mask;
      }
    }
    for (int bit = 0; bit < Permission.COUNT; bit++) {
      int mask = 1 << bit;
      if ((unshared & mask) != 0 && (lockedUnshared & mask) == 0) {
        lockByte(UNSHARED_BASE + bit);
        lockedUnshared |= mask;
      }
    }
  }

  private void lockByte(int offset) throws PosixException, UsageException {
    if (!file.tryLockShared(offset)) {
      throw new UsageException("Failed to lock byte " + offset, hint());
    }
  }

  private void refuse(int base, int permissions, String before, String after)
      throws PosixException, UsageException {
    for (int bit = 0; bit < Permission.COUNT; bit++) {
      int mask = 1 << bit;
      if ((permissions & mask) != 0 && !file.couldLockExclusive(base + bit)) {
        throw new UsageException(before + Permission.describe(mask) + after, hint());
      }
    }
  }

  private String hint() {
    return "Is another process using the image [" + filename + "]?";
  }

  private void unlock(int offset) {
    try {
      file.unlock(offset);
    } catch (PosixException e) {
      // Closing the file gives the lock back in any case.
    }
  }
}
