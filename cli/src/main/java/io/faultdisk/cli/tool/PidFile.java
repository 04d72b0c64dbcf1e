package io.faultdisk.cli.tool;

import io.faultdisk.base.Errno;
import io.faultdisk.base.UsageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * The file that holds this process's id, locked as long as this is open. It stays behind, as
 * qemu-nbd leaves it, unless somebody {@linkplain #remove removes} it, as qemu-storage-daemon does.
 */
public final class PidFile implements AutoCloseable {
  private final Path path;
  private final FileChannel file;

  private PidFile(Path path, FileChannel file) {
    this.path = path;
    this.file = file;
  }

  /**
   * Writes it.
   *
   * @throws UsageException with the text for the user: it cannot be written, or another server that
   *     runs has locked it
   */
  public static PidFile write(String name) throws UsageException {
    FileChannel file;
    try {
      file =
          FileChannel.open(
              Path.of(name),
              Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    } catch (IOException e) {
      throw new UsageException("Could not create '" + name + "': " + reason(e));
    }
    boolean done = false;
    try {
      if (file.tryLock() == null) {
        throw locked();
      }
      file.truncate(0);
      byte[] line = (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII);
      file.write(ByteBuffer.wrap(line));
      done = true;
      return new PidFile(Path.of(name), file);
    } catch (OverlappingFileLockException e) {
      throw locked();
    } catch (IOException e) {
      throw new UsageException("Failed to write pid file: " + reason(e));
    } finally {
      if (!done) {
        close(file);
      }
    }
  }

  private static UsageException locked() {
    return new UsageException("Cannot lock pid file: " + Errno.EAGAIN.text());
  }

  private static String reason(IOException e) {
    return switch (e) {
      case NoSuchFileException _ -> Errno.ENOENT.text();
      case AccessDeniedException _ -> Errno.EACCES.text();
      case FileSystemException files when files.getReason() != null -> files.getReason();
      default -> String.valueOf(e.getMessage());
    };
  }

  /** Deletes it. */
  public void remove() {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      // Whoever reads it finds that nobody has locked it.
    }
  }

  @Override
  public void close() {
    close(file);
  }

  private static void close(FileChannel file) {
    try {
      file.close();
    } catch (IOException e) {
      // What it says has been written.
    }
  }
}
