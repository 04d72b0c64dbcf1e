package io.faultdisk.nio;

import io.faultdisk.faults.Faults;
import io.faultdisk.rules.Decision;
import io.faultdisk.rules.InjectError;
import io.faultdisk.rules.Operation;
import io.faultdisk.rules.RequestType;
import io.faultdisk.rules.Target;
import java.io.IOException;
import java.nio.file.ClosedFileSystemException;
import java.nio.file.FileSystemException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The one door through which every operation of a file system goes before the wrapped one sees it:
 * asks the rules, and knows whether there still is power.
 *
 * <p>Safe from any thread. A rule may keep the caller waiting, so call it with no lock held.
 */
final class Gate {
  static final String POWER_CUT = "the power was cut";

  private static final String ELSEWHERE =
      " for this file system; what was found after that is in the one from cutPower, for a test in"
          + " attempt.directory()";

  private final Faults faults;
  private final Effects effects;
  private final AtomicBoolean cut = new AtomicBoolean();
  private volatile boolean powered = true;
  private volatile boolean replaced;
  private volatile boolean open = true;

  Gate(Faults faults, Effects effects) {
    this.faults = faults;
    this.effects = effects;
  }

  Faults faults() {
    return faults;
  }

  boolean isPowered() {
    return powered;
  }

  boolean isOpen() {
    return open;
  }

  void close() {
    open = false;
  }

  /** The power is on again, in another file system. */
  void replaced() {
    replaced = true;
  }

  boolean isReplaced() {
    return replaced;
  }

  void cutPower() {
    powered = false;
    if (cut.compareAndSet(false, true)) {
      effects.powerWentOff();
    }
  }

  /** Lets an operation on a path pass, or throws what the JDK would throw if it failed. */
  void pass(Operation operation, FaultPath file) throws IOException {
    pass(operation, file, null);
  }

  /** Lets an operation on two paths pass, or throws; rules look at both. */
  void pass(Operation operation, FaultPath file, @Nullable FaultPath other) throws IOException {
    if (!open) {
      throw new ClosedFileSystemException();
    }
    if (powered) {
      Target target =
          other == null ? file.target() : Target.of(file.target().path(), other.target().path());
      Decision decision = faults.perform(operation, target, 0, 0);
      switch (decision.kind()) {
        case PASS, DELAY, SHORTEN, CORRUPT, TEAR, DROP, FAIL_FLUSH -> {}
        case MISDIRECT, STALE, DISCONNECT -> throw notForFiles(decision);
        case FAIL -> {
          Decision.Fail fail = (Decision.Fail) decision;
          throw ErrnoExceptions.ofPath(
              operation, fail.errno(), file.toString(), other == null ? null : other.toString());
        }
        case CUT_POWER -> cutPower();
      }
    }
    if (!powered) {
      throw new FileSystemException(
          file.toString(),
          other == null ? null : other.toString(),
          replaced ? POWER_CUT + ELSEWHERE : POWER_CUT);
    }
  }

  /** Lets an operation on an open file pass, and says how a read or write goes on, or throws. */
  Passage transfer(Operation operation, Target target, long offset, long bytes) throws IOException {
    if (powered) {
      Decision decision = faults.perform(operation, target, offset, bytes);
      if (decision == Decision.pass() && powered) {
        return Passage.ALL;
      }
      return decided(operation, decision);
    }
    throw new IOException(POWER_CUT);
  }

  private Passage decided(Operation operation, Decision decision) throws IOException {
    Passage passage = Passage.ALL;
    switch (decision.kind()) {
      case PASS, DELAY, FAIL_FLUSH -> {}
      case CORRUPT, TEAR, DROP -> passage = Passage.changed(decision);
      case MISDIRECT, STALE, DISCONNECT -> throw notForFiles(decision);
      case SHORTEN -> passage = Passage.upTo(((Decision.Shorten) decision).bytes());
      case FAIL -> {
        Decision.Fail fail = (Decision.Fail) decision;
        if (!isAfter(fail) || operation.type() != RequestType.WRITE) {
          throw ErrnoExceptions.ofChannel(fail.errno());
        }
        passage = Passage.changed(fail);
      }
      case CUT_POWER -> cutPower();
    }
    checkPower();
    return passage;
  }

  private static boolean isAfter(Decision.Fail fail) {
    return fail.when() == InjectError.When.AFTER;
  }

  /** {@link Faults} takes no such rules. */
  private static IllegalStateException notForFiles(Decision decision) {
    return new IllegalStateException("a file cannot " + decision);
  }

  /**
   * Lets a flush pass, or says how it goes wrong, or throws.
   *
   * @return {@link Decision.FailFlush}; or {@link Decision.Fail} if it is to be done first;
   *     anything else passes
   */
  Decision flush(Operation operation, Target target) throws IOException {
    checkPower();
    Decision decision = faults.perform(operation, target, 0, 0);
    if (decision.kind() == Decision.Kind.FAIL_FLUSH
        || (decision instanceof Decision.Fail fail && isAfter(fail))) {
      checkPower();
    } else {
      decided(operation, decision);
    }
    return decision;
  }

  /** Whether an operation will pass at once, so that it can be made without asking. */
  boolean isQuiet(Operation operation) {
    return powered && faults.isQuiet(operation);
  }

  /** For what is no operation of its own. */
  void checkPower() throws IOException {
    if (!powered) {
      throw new IOException(POWER_CUT);
    }
  }
}
