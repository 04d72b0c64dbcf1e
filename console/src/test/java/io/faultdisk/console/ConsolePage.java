package io.faultdisk.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.RequestFlags;
import io.faultdisk.daemon.disk.Disk;
import java.nio.ByteBuffer;

/** A console with a disk of 1 MiB in memory, and the page in a browser. */
final class ConsolePage implements AutoCloseable {
  /** Rules with three states, a bad place and a disk that fills up. */
  static final String RULES =
      """
      [inject-error]
      event = "read_aio"
      iotype = "read"
      start = "36864"
      nr_sectors = "256"
      errno = "EIO"

      [set-state]
      event = "flush_to_disk"
      state = "1"
      new_state = "2"

      [set-state]
      event = "write_aio"
      state = "2"
      new_state = "3"

      [inject-error]
      event = "write_aio"
      state = "3"
      iotype = "write"
      errno = "ENOSPC"
      chance = "0.1"
      seed = "1"

      [set-state]
      event = "flush_to_disk"
      state = "3"
      new_state = "1"
      """;

  final Browser browser;
  final TestConsole console;
  final Disk disk;

  ConsolePage(Browser browser) throws Exception {
    this.browser = browser;
    console = new TestConsole();
    disk = console.storage.disk();
    browser.scheme(false);
    show("live");
  }

  /** Loads the page with a view, and waits until it hears from the server. */
  void show(String hash) {
    browser.open(console.server.base() + "/?token=" + console.server.token() + "#" + hash);
    browser.awaitText("#connection", "live");
    browser.awaitText("#disk", "disk");
  }

  private BlockBackend user() {
    return console.storage.user("disk");
  }

  /** Sends a read of a sector. */
  void read(long offset) throws BlockIoException {
    user().read(offset, ByteBuffer.allocate(512));
  }

  /** Sends a write of a sector. */
  void write(long offset) throws BlockIoException {
    user().write(offset, ByteBuffer.allocate(512), RequestFlags.NONE);
  }

  void flush() throws BlockIoException {
    user().flush();
  }

  /** Nothing was complained about, and nobody else was asked for anything. */
  @Override
  public void close() {
    try {
      // So that the page does not miss the server.
      browser.leave();
      String base = console.server.base();
      assertThat(browser.console())
          .allMatch(
              line ->
                  // That the server has said no is what the page shows; the browser notes it, too.
                  line.startsWith(base)
                      && line.contains("the server responded with a status of 4"));
      assertThat(browser.asked()).isNotEmpty().allMatch(url -> url.startsWith(base + "/"));
    } finally {
      // What a failed test has left waiting would wait for ever.
      console.storage.disks().all().forEach(Disk::resumeAll);
      console.close();
    }
  }
}
