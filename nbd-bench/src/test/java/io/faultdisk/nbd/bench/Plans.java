package io.faultdisk.nbd.bench;

import io.faultdisk.base.Seed;
import java.util.Optional;
import java.util.OptionalLong;

/** Plans for tests: so many requests, unless something else is said. */
final class Plans {
  private final Access access;
  private final int blockBytes;
  private int depth = 1;
  private int connections = 1;
  private OptionalLong range = OptionalLong.empty();
  private long warmupNanos;
  private OptionalLong timeNanos = OptionalLong.empty();
  private OptionalLong requests = OptionalLong.empty();
  private boolean structured;
  private long patienceNanos = 60_000_000_000L;

  private Plans(Access access, int blockBytes) {
    this.access = access;
    this.blockBytes = blockBytes;
  }

  static Plans of(Access access, int blockBytes) {
    return new Plans(access, blockBytes);
  }

  Plans depth(int value) {
    depth = value;
    return this;
  }

  Plans connections(int value) {
    connections = value;
    return this;
  }

  Plans range(long bytes) {
    range = OptionalLong.of(bytes);
    return this;
  }

  Plans structured(boolean value) {
    structured = value;
    return this;
  }

  Plans patience(long nanos) {
    patienceNanos = nanos;
    return this;
  }

  LoadPlan requests(long value) {
    requests = OptionalLong.of(value);
    return make();
  }

  LoadPlan time(long warmup, long time) {
    warmupNanos = warmup;
    timeNanos = OptionalLong.of(time);
    return make();
  }

  private LoadPlan make() {
    return new LoadPlan(
        access,
        50,
        blockBytes,
        depth,
        connections,
        range,
        new Seed(1),
        warmupNanos,
        timeNanos,
        requests,
        structured,
        patienceNanos,
        Optional.of(ProcessHandle.current()));
  }
}
