package io.faultdisk.qmp;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** One client and no other after it: a connection that was made to it, or standard input. */
public final class SingleDevice implements CharacterDevice {
  private final Link link;
  private final AtomicReference<@Nullable Link> unused;

  /** A device at that. */
  public SingleDevice(Link link) {
    this.link = link;
    this.unused = new AtomicReference<>(link);
  }

  @Override
  public Optional<Link> next() {
    return Optional.ofNullable(unused.getAndSet(null));
  }

  @Override
  public void close() {
    try {
      link.close();
    } catch (IOException e) {
      // It is of no use any more, closed or not.
    }
  }
}
