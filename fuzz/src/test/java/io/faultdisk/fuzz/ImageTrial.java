package io.faultdisk.fuzz;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.BlockStatus;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.format.CheckResult;
import io.faultdisk.block.format.Checkable;
import io.faultdisk.block.format.Describable;
import io.faultdisk.block.format.SnapshotStore;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Looks at an image, repairs it, uses it, and sees whether what must hold does, whatever is in it:
 *
 * <ul>
 *   <li>Nothing but {@link UsageException} and {@link BlockIoException} comes out.
 *   <li>Who opens it read-only changes nothing.
 *   <li>A repair that says it was successful leaves nothing to be found by a second check.
 *   <li>An image without corruption is without corruption after it was used, and what was written
 *       is read again.
 *   <li>An image that nobody has damaged is not found damaged.
 * </ul>
 *
 * <p>A check does not find everything, as QEMU's does not: a cluster may be a table and data at the
 * same time, counted twice. So the second and the third are not asked of an image that was found
 * damaged when it was written to, and it may lack a COPIED flag, which does no harm, even after a
 * repair (byte for byte what QEMU leaves).
 *
 * <p>That nothing hangs and memory is enough is for the fuzzer to see.
 */
final class ImageTrial {
  /** Bytes of {@link #run}'s script. */
  static final int SCRIPT_BYTES = 20;

  private static final int DATA_FILE_FEATURE = 0x04;
  private static final int FEATURES_AT = 79;
  private static final int EXTENTS_MAX = 300;
  private static final int READ_MAX = 40 << 10;

  /** A flag that could be there, when one of two uses of a cluster has ended. */
  private static final Pattern NEEDLESS = Pattern.compile("^ERROR OFLAG_COPIED .* refcount=1$");

  private final Map<String, Disk> disks;
  private final Disk disk;
  private final Map<String, String> options = new HashMap<>();

  private ImageTrial(byte[] image, int how) {
    disk = new Disk(image);
    disks = Map.of("image", disk, "data", new Disk(new byte[64 << 10]));
    if (image.length > FEATURES_AT && (image[FEATURES_AT] & DATA_FILE_FEATURE) != 0) {
      options.put("data-file.driver", "disk");
      options.put("data-file.name", "data");
    }
    if ((how & 1) != 0) {
      options.put("backing.driver", "null-co");
      options.put("backing.size", "256K");
      options.put("backing.read-zeroes", "on");
    }
    if ((how & 2) != 0) {
      options.put("l2-cache-size", "1024");
      options.put("l2-cache-entry-size", "512");
      options.put("refcount-cache-size", "2048");
    }
  }

  /**
   * Does it all.
   *
   * @param script what to do; {@value #SCRIPT_BYTES} bytes
   * @param pristine whether the image is as somebody has made it who makes no mistakes
   */
  static void run(byte[] image, byte[] script, boolean pristine) {
    int how = script[0];
    ImageTrial trial = new ImageTrial(image, how);
    Optional<CheckResult> found = trial.look(new ArrayList<>());
    if ((how & 4) != 0) {
      if (trial.repair(new Checkable.Repair(true, (how & 8) != 0))) {
        List<String> left = new ArrayList<>();
        found = trial.look(left);
        left.removeIf(finding -> NEEDLESS.matcher(finding).find());
        if (found.isPresent() && !left.isEmpty()) {
          throw new AssertionError("repaired, but: " + left);
        }
      }
    }
    boolean sound = found.isPresent() && isSound(found.get());
    if (pristine && found.isPresent() && !sound) {
      throw new AssertionError("nobody has damaged it: " + found);
    }
    boolean damaged = trial.use(script, sound);
    if (pristine && damaged) {
      throw new AssertionError("nobody has damaged it");
    }
  }

  private static boolean isSound(CheckResult result) {
    return result.checkErrors() == 0 && result.corruptions() == 0;
  }

  private static boolean isClean(CheckResult result) {
    return isSound(result) && result.leaks() == 0;
  }

  /** Opens it twice, to check and to read; what the check has found, if it could. */
  private Optional<CheckResult> look(List<String> findings) {
    int changes = disk.changes();
    Optional<CheckResult> result = check(findings);
    try (Session session = open(Session.READ)) {
      read(session);
    } catch (UsageException | BlockIoException e) {
      // It cannot be opened or read.
    }
    if (disk.changes() != changes) {
      throw new AssertionError("somebody who only looks has changed the image");
    }
    return result;
  }

  private Session open(OpenFlags flags) throws UsageException {
    return Session.open(disks, options, flags);
  }

  private Optional<CheckResult> check(List<String> findings) {
    try (Session session = open(Session.CHECK)) {
      CheckResult result =
          session.as(Checkable.class).check(Checkable.Repair.NOTHING, findings::add);
      if (result.corruptions() + result.checkErrors() + result.leaks() > 0 && findings.isEmpty()) {
        throw new AssertionError("nothing said about " + result);
      }
      return Optional.of(result);
    } catch (UsageException | BlockIoException e) {
      return Optional.empty();
    }
  }

  private static void read(Session session) throws BlockIoException {
    BlockBackend image = session.image();
    long length = image.length();
    session.as(SnapshotStore.class).snapshots();
    long at = 0;
    for (int i = 0; at < length && i < EXTENTS_MAX; i++) {
      BlockStatus status = image.status(at, length - at);
      if (status.bytes() <= 0 || status.bytes() > length - at) {
        throw new AssertionError(status + " at " + at + " of " + length);
      }
      at += status.bytes();
    }
    read(image, 0, Math.min(length, READ_MAX));
    long tail = Math.min(length, 5000);
    read(image, length - tail, tail);
    session.as(Describable.class).formatSpecific();
  }

  private static void read(BlockBackend image, long offset, long bytes) {
    try {
      image.read(offset, ByteBuffer.allocate((int) bytes));
    } catch (BlockIoException e) {
      // It cannot be read there.
    }
  }

  /** Does what {@code check -r} does; whether the image is said to be clean now. */
  private boolean repair(Checkable.Repair repair) {
    boolean clean;
    Session session;
    try {
      session = open(Session.REPAIR);
    } catch (UsageException e) {
      return false;
    }
    try (session) {
      Checkable image = session.as(Checkable.class);
      List<String> findings = new ArrayList<>();
      CheckResult result = image.check(repair, findings::add);
      if (result.corruptionsFixed() != 0 || result.leaksFixed() != 0) {
        result = image.check(Checkable.Repair.NOTHING, findings::add);
      }
      clean = isClean(result);
    } catch (BlockIoException e) {
      return false;
    }
    return clean && !session.foundDamaged();
  }

  /** Runs the script; whether the image was found damaged by that. */
  private boolean use(byte[] script, boolean sound) {
    Session session;
    try {
      session = open(Session.WRITE);
    } catch (UsageException e) {
      return false;
    }
    List<String> done = new ArrayList<>();
    try (session) {
      Actions actions = new Actions(session, sound);
      for (int i = 1; i + 1 < script.length; i += 2) {
        done.add(actions.run(script[i] & 0xff, script[i + 1] & 0xff));
      }
    }
    if (sound && !session.foundDamaged()) {
      List<String> findings = new ArrayList<>();
      Optional<CheckResult> after = check(findings);
      findings.removeIf(
          finding -> !finding.startsWith("ERROR") || NEEDLESS.matcher(finding).find());
      if (after.isEmpty() || !findings.isEmpty()) {
        throw new AssertionError("sound before, then " + done + ", now " + findings);
      }
    }
    return session.foundDamaged();
  }
}
