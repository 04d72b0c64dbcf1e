package io.faultdisk.nio;

import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.Watchable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Watches the wrapped file system and tells in paths of ours. */
final class FaultWatchService implements WatchService {
  private final FaultFileSystem fileSystem;
  private final WatchService delegate;

  /** A directory has one key, so that programs can compare keys. */
  private final Map<WatchKey, Key> keys = new ConcurrentHashMap<>();

  FaultWatchService(FaultFileSystem fileSystem, WatchService delegate) {
    this.fileSystem = fileSystem;
    this.delegate = delegate;
  }

  FaultFileSystem fileSystem() {
    return fileSystem;
  }

  WatchKey register(FaultPath path, WatchEvent.Kind<?>[] events, WatchEvent.Modifier... modifiers)
      throws IOException {
    WatchKey key = path.delegate().register(delegate, events, modifiers);
    return keys.computeIfAbsent(key, made -> new Key(made, path));
  }

  private @Nullable WatchKey wrap(@Nullable WatchKey key) {
    return key == null ? null : wrapKey(key);
  }

  private WatchKey wrapKey(WatchKey key) {
    // It can be signalled before register has returned.
    return keys.computeIfAbsent(
        key, made -> new Key(made, new FaultPath(fileSystem, (Path) made.watchable())));
  }

  @Override
  public @Nullable WatchKey poll() {
    return wrap(delegate.poll());
  }

  @Override
  public @Nullable WatchKey poll(long timeout, TimeUnit unit) throws InterruptedException {
    return wrap(delegate.poll(timeout, unit));
  }

  @Override
  public WatchKey take() throws InterruptedException {
    return wrapKey(delegate.take());
  }

  @Override
  public void close() throws IOException {
    delegate.close();
    keys.clear();
  }

  private final class Key implements WatchKey {
    private final WatchKey key;
    private final FaultPath directory;

    Key(WatchKey key, FaultPath directory) {
      this.key = key;
      this.directory = directory;
    }

    @Override
    public boolean isValid() {
      return key.isValid();
    }

    @Override
    public List<WatchEvent<?>> pollEvents() {
      List<WatchEvent<?>> events = new ArrayList<>();
      for (WatchEvent<?> event : key.pollEvents()) {
        events.add(
            event.context() instanceof Path path
                ? new PathEvent<>(event, new FaultPath(fileSystem, path))
                : event);
      }
      return events;
    }

    @Override
    public boolean reset() {
      return key.reset();
    }

    @Override
    public void cancel() {
      key.cancel();
      keys.remove(key);
    }

    @Override
    public Watchable watchable() {
      return directory;
    }
  }

  private record PathEvent<T>(WatchEvent<T> event, Path path) implements WatchEvent<T> {
    @Override
    public Kind<T> kind() {
      return event.kind();
    }

    @Override
    public int count() {
      return event.count();
    }

    @SuppressWarnings("unchecked") // Whatever has a path as context has the kind of one.
    @Override
    public T context() {
      return (T) path;
    }
  }
}
