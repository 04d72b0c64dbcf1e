package io.faultdisk.cli.img;

import io.faultdisk.base.Turns;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.Child;
import io.faultdisk.block.Node;
import io.faultdisk.cli.Loop;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * The {@link Turns} of this tool: an event loop as long as somebody may see the order of requests,
 * and none when nobody can.
 *
 * <p>Rules count requests and fail one of them, so with an image that has rules the order decides
 * what happens, and has to be QEMU's. Without rules several threads may work at once; parts of a
 * request then simply run one after the other.
 *
 * <p>Starts as a loop. It is made by the tool's main thread, which also switches it while no
 * request is under way.
 */
final class ToolTurns implements Turns {
  private final Loop loop = new Loop(() -> "");
  private volatile boolean free;

  /** Decides for what is to be done with these images now. */
  void settleFor(List<BlockBackend> images) {
    free = images.stream().noneMatch(image -> hasRules(image.root()));
  }

  private static boolean hasRules(Node node) {
    if (node.driver().engine().isPresent()) {
      return true;
    }
    for (Child child : node.children()) {
      if (hasRules(child.node())) {
        return true;
      }
    }
    return false;
  }

  /** The loop, if it is in use; the caller is its main thread. */
  Optional<Loop> loop() {
    return free ? Optional.empty() : Optional.of(loop);
  }

  @Override
  public void pass() {
    if (!free) {
      loop.pass();
    }
  }

  @Override
  public void await(BooleanSupplier released) {
    turns().await(released);
  }

  @Override
  public void awaitOutside(BooleanSupplier released) {
    turns().awaitOutside(released);
  }

  @Override
  public void sleep(long nanos) {
    turns().sleep(nanos);
  }

  @Override
  public void signal(Thread waiter) {
    turns().signal(waiter);
  }

  @Override
  public void start(Runnable part) {
    if (free) {
      part.run();
    } else {
      loop.start(part);
    }
  }

  private Turns turns() {
    return free ? Turns.free() : loop;
  }
}
