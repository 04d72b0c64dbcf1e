package io.faultdisk.faults;

import io.faultdisk.rules.Decision;
import io.faultdisk.rules.Operation;
import java.time.Instant;

/**
 * That a rule did something to an operation.
 *
 * @param operation what was to be done
 * @param target to which file
 * @param offset first byte, 0 if it has no range
 * @param bytes length, 0 if it has no range
 * @param epoch how many flushes had been let through
 * @param time when
 * @param decision what the caller got; it names the rule
 */
public record Receipt(
    Operation operation,
    String target,
    long offset,
    long bytes,
    long epoch,
    Instant time,
    Decision decision) {

  /** {@code epoch 2: fsync /data/a.wal: fail with EIO by rules:1}. */
  @Override
  public String toString() {
    return "epoch "
        + epoch
        + ": "
        + Trace.describe(operation, target, offset, bytes)
        + ": "
        + decision;
  }
}
