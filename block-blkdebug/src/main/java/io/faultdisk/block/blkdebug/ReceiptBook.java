package io.faultdisk.block.blkdebug;

import io.faultdisk.base.Clock;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.Messages;
import io.faultdisk.rules.Request;
import io.faultdisk.rules.RequestRule;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The receipts of one blkdebug node: the last {@link #KEPT_MAX} of them, and all of them in a file
 * if one was asked for, a JSON object per line.
 *
 * <p>Any thread. A receipt is in the file when the request that it is about returns.
 */
public final class ReceiptBook implements AutoCloseable {
  /** How many are kept; the oldest go first. */
  public static final int KEPT_MAX = 10_000;

  private final Clock clock;
  private final Messages messages;
  private final String fileName;
  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<Receipt> receipts = new ArrayDeque<>();
  private final List<Consumer<Receipt>> readers = new CopyOnWriteArrayList<>();
  private @Nullable BufferedWriter file;
  private long written;

  private ReceiptBook(
      Clock clock, Messages messages, String fileName, @Nullable BufferedWriter file) {
    this.clock = clock;
    this.messages = messages;
    this.fileName = fileName;
    this.file = file;
  }

  /**
   * An empty book.
   *
   * @param fileName where to write them to, a file that is made or emptied; empty for nowhere
   * @throws UsageException if that file cannot be written
   */
  static ReceiptBook open(Optional<String> fileName, Clock clock, Messages messages)
      throws UsageException {
    if (fileName.isEmpty()) {
      return new ReceiptBook(clock, messages, "", null);
    }
    String name = fileName.get();
    try {
      BufferedWriter file =
          Files.newBufferedWriter(
              Path.of(name),
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE);
      return new ReceiptBook(clock, messages, name, file);
    } catch (IOException | InvalidPathException e) {
      throw new UsageException("Could not write receipts to '" + name + "': " + e.getMessage());
    }
  }

  /** Those that are kept, the oldest first. */
  public List<Receipt> receipts() {
    lock.lock();
    try {
      return List.copyOf(receipts);
    } finally {
      lock.unlock();
    }
  }

  /** How many there have been. */
  public long count() {
    lock.lock();
    try {
      return written;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Shows somebody each receipt from now on, in the thread of its request and outside all locks; it
   * must neither block nor throw.
   */
  public void observe(Consumer<Receipt> reader) {
    readers.add(reader);
  }

  void add(RequestRule rule, Request request, long epoch, String effect, String result) {
    Receipt receipt;
    lock.lock();
    try {
      written++;
      receipt = new Receipt(written, clock.now(), rule, request, epoch, effect, result);
      if (receipts.size() == KEPT_MAX) {
        receipts.remove();
      }
      receipts.add(receipt);
      write(receipt);
    } finally {
      lock.unlock();
    }
    for (Consumer<Receipt> reader : readers) {
      reader.accept(receipt);
    }
  }

  /** Under the lock. */
  private void write(Receipt receipt) {
    BufferedWriter open = file;
    if (open == null) {
      return;
    }
    try {
      open.write(receipt.json());
      open.write('\n');
      open.flush();
    } catch (IOException e) {
      close();
      messages.report("no more receipts in '" + fileName + "': " + e.getMessage());
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      BufferedWriter open = file;
      file = null;
      if (open != null) {
        open.close();
      }
    } catch (IOException e) {
      // All that matters was flushed, or has been complained about.
    } finally {
      lock.unlock();
    }
  }
}
