package io.faultdisk.suites.h2;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.h2.api.ErrorCode;
import org.h2.message.DbException;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FileUtils;

/**
 * Lets H2 work in any directory: its names are {@code nio:NUMBER/REST}, where the number stands for
 * a directory that was {@link #mount mounted}.
 */
public final class NioFilePath extends FilePath {
  private static final String SCHEME = "nio";
  private static final Map<Integer, Path> MOUNTS = new ConcurrentHashMap<>();
  private static final AtomicInteger LAST = new AtomicInteger();

  static {
    FilePath.register(new NioFilePath());
  }

  private Path path = Path.of("");

  /** H2 wants one to ask for others. */
  public NioFilePath() {}

  private NioFilePath(String name) {
    this.name = name;
    int start = SCHEME.length() + 1;
    int end = (name + '/').indexOf('/', start);
    Path mount = MOUNTS.get(Integer.valueOf(name.substring(start, end)));
    if (mount == null) {
      throw new IllegalArgumentException(name + " is not mounted");
    }
    path = end < name.length() ? mount.resolve(name.substring(end + 1)) : mount;
  }

  /** Gives a directory a name for H2; close it when done. One of Java's default has one already. */
  static Mount mount(Path directory) {
    if (directory.getFileSystem() == FileSystems.getDefault()) {
      return new Mount(0, directory.toString());
    }
    int number = LAST.incrementAndGet();
    MOUNTS.put(number, directory);
    return new Mount(number, SCHEME + ":" + number);
  }

  /**
   * A name.
   *
   * @param number what it goes by
   * @param name for H2
   */
  record Mount(int number, String name) implements AutoCloseable {
    @Override
    public void close() {
      MOUNTS.remove(number);
    }
  }

  @Override
  public NioFilePath getPath(String newName) {
    return new NioFilePath(newName);
  }

  @Override
  public String getScheme() {
    return SCHEME;
  }

  @Override
  public long size() {
    try {
      return Files.size(path);
    } catch (IOException e) {
      return 0;
    }
  }

  @Override
  public void moveTo(FilePath newName, boolean atomicReplace) {
    try {
      Path target = ((NioFilePath) newName).path;
      if (atomicReplace) {
        Files.move(path, target, StandardCopyOption.ATOMIC_MOVE);
      } else {
        Files.move(path, target);
      }
    } catch (IOException e) {
      throw DbException.get(ErrorCode.FILE_RENAME_FAILED_2, e, name, newName.name);
    }
  }

  @Override
  public boolean createFile() {
    try {
      Files.createFile(path);
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    } catch (IOException e) {
      throw DbException.get(ErrorCode.FILE_CREATION_FAILED_1, e, name);
    }
  }

  @Override
  public boolean exists() {
    return Files.exists(path);
  }

  @Override
  public void delete() {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw DbException.get(ErrorCode.FILE_DELETE_FAILED_1, e, name);
    }
  }

  @Override
  public List<FilePath> newDirectoryStream() {
    try (Stream<Path> files = Files.list(path)) {
      return files.map(file -> (FilePath) getPath(name + '/' + file.getFileName())).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public NioFilePath toRealPath() {
    return this;
  }

  @Override
  public NioFilePath getParent() {
    int slash = name.lastIndexOf('/');
    return slash < 0 ? null : getPath(name.substring(0, slash));
  }

  @Override
  public boolean isDirectory() {
    return Files.isDirectory(path);
  }

  @Override
  public boolean isRegularFile() {
    return Files.isRegularFile(path);
  }

  @Override
  public boolean isAbsolute() {
    return true;
  }

  @Override
  public long lastModified() {
    try {
      return Files.getLastModifiedTime(path).toMillis();
    } catch (IOException e) {
      return 0;
    }
  }

  @Override
  public boolean canWrite() {
    return true;
  }

  @Override
  public void createDirectory() {
    try {
      if (!Files.isDirectory(path)) {
        Files.createDirectory(path);
      }
    } catch (IOException e) {
      throw DbException.get(ErrorCode.FILE_CREATION_FAILED_1, e, name);
    }
  }

  @Override
  public FileChannel open(String mode) throws IOException {
    return FileChannel.open(path, FileUtils.modeToOptions(mode));
  }

  @Override
  public boolean setReadOnly() {
    return false;
  }
}
