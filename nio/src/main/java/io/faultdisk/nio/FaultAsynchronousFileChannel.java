package io.faultdisk.nio;

import io.faultdisk.rules.FileEvents;
import io.faultdisk.rules.Operation;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.CompletionHandler;
import java.nio.channels.FileLock;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * An asynchronous channel. As long as nobody has anything to say to an operation, the wrapped
 * channel gets it at once. Otherwise a thread of the file system's asks the rules, which may keep
 * it waiting, then waits for the wrapped channel; the submitter never waits. Handlers are called by
 * the executor that the program gave for the channel, if it gave one.
 */
final class FaultAsynchronousFileChannel extends AsynchronousFileChannel {
  private final OpenFile file;
  private final AsynchronousFileChannel delegate;
  private final @Nullable Executor handlers;

  FaultAsynchronousFileChannel(
      OpenFile file, AsynchronousFileChannel delegate, @Nullable Executor handlers) {
    this.file = file;
    this.delegate = delegate;
    this.handlers = handlers;
  }

  private boolean isDirect(Operation operation, long offset) {
    return offset < 0 || !delegate.isOpen() || file.gate().isQuiet(operation);
  }

  private <V, A> void later(
      Opens.Open<V> task, A attachment, CompletionHandler<V, ? super A> handler) {
    file.fileSystem()
        .threads()
        .execute(
            () -> {
              V result;
              try {
                result = task.run();
              } catch (IOException | RuntimeException | Error e) {
                called(() -> handler.failed(e, attachment));
                return;
              }
              called(() -> handler.completed(result, attachment));
            });
  }

  private void called(Runnable handler) {
    if (handlers == null) {
      handler.run();
    } else {
      handlers.execute(handler);
    }
  }

  private <V> Future<V> later(Opens.Open<V> task) {
    CompletableFuture<V> future = new CompletableFuture<>();
    file.fileSystem()
        .threads()
        .execute(
            () -> {
              try {
                future.complete(task.run());
              } catch (IOException | RuntimeException | Error e) {
                future.completeExceptionally(e);
              }
            });
    return future;
  }

  private static <V> V await(Future<V> future) throws IOException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof IOException io) {
        throw io;
      }
      if (cause instanceof RuntimeException mistake) {
        throw mistake;
      }
      throw new IOException(cause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException();
    }
  }

  private int readNow(ByteBuffer dst, long offset) throws IOException {
    return file.reading(offset, dst.remaining())
        .read(dst, offset, part -> await(delegate.read(part, offset)));
  }

  private int writeNow(ByteBuffer src, long offset) throws IOException {
    Passage passage = file.writing(offset, src.remaining());
    return passage.isChanged()
        ? file.storeChanged(
            passage,
            src,
            offset,
            file::content,
            stored -> store(stored, offset, stored.remaining()))
        : store(src, offset, (int) passage.of(src.remaining()));
  }

  private int store(ByteBuffer bytes, long offset, int allowed) throws IOException {
    return file.store(
        bytes, offset, allowed, delegate::size, part -> await(delegate.write(part, offset)));
  }

  private FileLock lockNow(long offset, long bytes, boolean shared) throws IOException {
    file.locking(offset, bytes);
    return new FaultFileLock(this, await(delegate.lock(offset, bytes, shared)));
  }

  @Override
  public <A> void read(
      ByteBuffer dst, long offset, A attachment, CompletionHandler<Integer, ? super A> handler) {
    if (handler == null || isDirect(FileEvents.READ, offset)) {
      delegate.read(dst, offset, attachment, handler);
    } else {
      later(() -> readNow(dst, offset), attachment, handler);
    }
  }

  @Override
  public Future<Integer> read(ByteBuffer dst, long offset) {
    return isDirect(FileEvents.READ, offset)
        ? delegate.read(dst, offset)
        : later(() -> readNow(dst, offset));
  }

  @Override
  public <A> void write(
      ByteBuffer src, long offset, A attachment, CompletionHandler<Integer, ? super A> handler) {
    if (handler == null || offset < 0 || (!file.precise() && isDirect(FileEvents.WRITE, offset))) {
      delegate.write(src, offset, attachment, handler);
    } else {
      later(() -> writeNow(src, offset), attachment, handler);
    }
  }

  @Override
  public Future<Integer> write(ByteBuffer src, long offset) {
    return offset < 0 || (!file.precise() && isDirect(FileEvents.WRITE, offset))
        ? delegate.write(src, offset)
        : later(() -> writeNow(src, offset));
  }

  @Override
  public <A> void lock(
      long offset,
      long bytes,
      boolean shared,
      A attachment,
      CompletionHandler<FileLock, ? super A> handler) {
    if (handler == null) {
      delegate.lock(offset, bytes, shared, attachment, handler);
    } else if (isDirect(FileEvents.LOCK, offset)) {
      delegate.lock(
          offset,
          bytes,
          shared,
          attachment,
          new CompletionHandler<FileLock, A>() {
            @Override
            public void completed(FileLock lock, A same) {
              handler.completed(new FaultFileLock(FaultAsynchronousFileChannel.this, lock), same);
            }

            @Override
            public void failed(Throwable e, A same) {
              handler.failed(e, same);
            }
          });
    } else {
      later(() -> lockNow(offset, bytes, shared), attachment, handler);
    }
  }

  @Override
  public Future<FileLock> lock(long offset, long bytes, boolean shared) {
    if (!isDirect(FileEvents.LOCK, offset)) {
      return later(() -> lockNow(offset, bytes, shared));
    }
    CompletableFuture<FileLock> future = new CompletableFuture<>();
    delegate.lock(
        offset,
        bytes,
        shared,
        future,
        new CompletionHandler<FileLock, CompletableFuture<FileLock>>() {
          @Override
          public void completed(FileLock lock, CompletableFuture<FileLock> same) {
            same.complete(new FaultFileLock(FaultAsynchronousFileChannel.this, lock));
          }

          @Override
          public void failed(Throwable e, CompletableFuture<FileLock> same) {
            same.completeExceptionally(e);
          }
        });
    return future;
  }

  @Override
  public @Nullable FileLock tryLock(long offset, long bytes, boolean shared) throws IOException {
    if (delegate.isOpen()) {
      file.locking(offset, bytes);
    }
    FileLock lock = delegate.tryLock(offset, bytes, shared);
    return lock == null ? null : new FaultFileLock(this, lock);
  }

  @Override
  public long size() throws IOException {
    file.gate().checkPower();
    return delegate.size();
  }

  @Override
  public AsynchronousFileChannel truncate(long size) throws IOException {
    if (delegate.isOpen()) {
      file.truncate(size, delegate::size, () -> delegate.truncate(size));
    } else {
      delegate.truncate(size);
    }
    return this;
  }

  @Override
  public void force(boolean metaData) throws IOException {
    if (delegate.isOpen()) {
      file.force(metaData, () -> delegate.force(metaData));
    } else {
      delegate.force(metaData);
    }
  }

  @Override
  public boolean isOpen() {
    return delegate.isOpen();
  }

  @Override
  public void close() throws IOException {
    if (delegate.isOpen()) {
      file.close(delegate::close);
    }
  }
}
