package io.faultdisk.nio;

import io.faultdisk.faults.Faults;
import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemAlreadyExistsException;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.spi.FileSystemProvider;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which file systems a provider has, and what they are called. Safe from any thread. */
interface OpenSystems {
  /** The scheme of its URIs. */
  String scheme();

  /** Opens one. */
  FileSystem open(URI uri, Map<String, ?> env) throws IOException;

  /** Opens one over what is in a file. */
  FileSystem open(Path path, Map<String, ?> env) throws IOException;

  /** One that is open. */
  FileSystem get(URI uri);

  /** A path of one that is open. */
  Path path(URI uri);

  /** The file system that takes the place of one whose power was cut. */
  FaultFileSystem reopen(FaultFileSystem old, Faults faults);

  /** One file system, made by a program with a builder: it has no name for others. */
  record Single(FaultFileSystem files) implements OpenSystems {
    @Override
    public String scheme() {
      return FaultUris.SCHEME;
    }

    @Override
    public FileSystem open(URI uri, Map<String, ?> env) {
      throw new FileSystemAlreadyExistsException(uri.toString());
    }

    @Override
    public FileSystem open(Path path, Map<String, ?> env) {
      throw new UnsupportedOperationException();
    }

    @Override
    public FileSystem get(URI uri) {
      return path(uri).getFileSystem();
    }

    @Override
    public Path path(URI uri) {
      Path inner = files.delegate().provider().getPath(FaultUris.inner(uri));
      if (!inner.getFileSystem().equals(files.delegate())) {
        throw new FileSystemNotFoundException(uri.toString());
      }
      return files.wrap(inner);
    }

    @Override
    public FaultFileSystem reopen(FaultFileSystem old, Faults faults) {
      throw new IllegalStateException("it has a provider of its own");
    }
  }

  /** Java's default file system. */
  final class Default implements OpenSystems {
    private final FaultFileSystemProvider provider;
    private final FileSystemProvider delegate;
    private @Nullable FaultFileSystem files;

    Default(FaultFileSystemProvider provider, FileSystemProvider delegate) {
      this.provider = provider;
      this.delegate = delegate;
    }

    @Override
    public String scheme() {
      return delegate.getScheme();
    }

    @Override
    public FileSystem open(URI uri, Map<String, ?> env) throws IOException {
      return delegate.newFileSystem(uri, env);
    }

    @Override
    public FileSystem open(Path path, Map<String, ?> env) {
      throw new UnsupportedOperationException();
    }

    @Override
    public FileSystem get(URI uri) {
      FileSystem inner = delegate.getFileSystem(uri);
      synchronized (this) {
        if (files == null) {
          files =
              StartRules.builder(inner)
                  .open(
                      provider,
                      () -> {
                        throw new UnsupportedOperationException();
                      });
        }
        return files;
      }
    }

    @Override
    public FaultFileSystem reopen(FaultFileSystem old, Faults faults) {
      return old.revive(faults);
    }

    @Override
    public Path path(URI uri) {
      FaultFileSystem mine = (FaultFileSystem) get(URI.create("file:///"));
      return mine.wrap(delegate.getPath(uri));
    }
  }

  /** Those that programs open by URI; one for each file system that is wrapped. */
  final class ByUri implements OpenSystems {
    private final FaultFileSystemProvider provider;
    private final Map<FileSystem, FaultFileSystem> open = new HashMap<>();

    ByUri(FaultFileSystemProvider provider) {
      this.provider = provider;
    }

    @Override
    public String scheme() {
      return FaultUris.SCHEME;
    }

    private static boolean isDefault(URI inner) {
      return inner.getScheme().toLowerCase(Locale.ROOT).equals("file");
    }

    private static FileSystem existing(URI inner) {
      return isDefault(inner) ? FileSystems.getDefault() : FileSystems.getFileSystem(inner);
    }

    @Override
    public FileSystem open(URI uri, Map<String, ?> env) throws IOException {
      URI inner = FaultUris.inner(uri);
      Environment mine = Environment.of(env);
      FileSystem delegate;
      boolean owned = false;
      try {
        delegate = existing(inner);
      } catch (FileSystemNotFoundException e) {
        delegate = FileSystems.newFileSystem(inner, mine.rest());
        owned = true;
      }
      return add(delegate, mine, owned, uri.toString());
    }

    @Override
    public FileSystem open(Path path, Map<String, ?> env) throws IOException {
      if (!(env.get("faults") instanceof Faults)) {
        // Java asks every provider in turn; only who names faults means us.
        throw new UnsupportedOperationException();
      }
      Environment mine = Environment.of(env);
      return add(FileSystems.newFileSystem(path, mine.rest()), mine, true, path.toString());
    }

    private FaultFileSystem add(
        FileSystem delegate, Environment environment, boolean owned, String name) {
      synchronized (open) {
        if (open.containsKey(delegate)) {
          throw new FileSystemAlreadyExistsException(name);
        }
        FaultFileSystem files =
            environment
                .builder(delegate)
                .open(
                    provider,
                    () -> {
                      synchronized (open) {
                        open.remove(delegate);
                      }
                      if (owned) {
                        delegate.close();
                      }
                    });
        open.put(delegate, files);
        return files;
      }
    }

    private FaultFileSystem over(FileSystem delegate, URI uri) {
      synchronized (open) {
        FaultFileSystem files = open.get(delegate);
        if (files == null) {
          throw new FileSystemNotFoundException(uri.toString());
        }
        return files;
      }
    }

    @Override
    public FaultFileSystem reopen(FaultFileSystem old, Faults faults) {
      FaultFileSystem files = old.again(provider, faults);
      synchronized (open) {
        open.replace(old.delegate(), old, files);
      }
      return files;
    }

    @Override
    public FileSystem get(URI uri) {
      return over(existing(FaultUris.inner(uri)), uri);
    }

    @Override
    public Path path(URI uri) {
      Path inner = Path.of(FaultUris.inner(uri));
      return over(inner.getFileSystem(), uri).wrap(inner);
    }
  }
}
