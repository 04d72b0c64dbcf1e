package io.faultdisk.block.blkdebug;

import io.faultdisk.base.Errno;
import io.faultdisk.base.UsageException;
import io.faultdisk.rules.RuleFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads a rule file as a whole. A pipe will do ({@code blkdebug:<(...):IMAGE}). */
final class ConfigFile {
  /** More is no rule file but, say, a device that never ends. */
  private static final int BYTES_MAX = 64 << 20;

  private ConfigFile() {}

  static RuleFile read(String name) throws UsageException {
    try (InputStream in = Files.newInputStream(Path.of(name))) {
      return new RuleFile(name, content(name, in));
    } catch (NoSuchFileException | InvalidPathException e) {
      throw unreadable(Errno.ENOENT.text());
    } catch (AccessDeniedException e) {
      throw unreadable(Errno.EACCES.text());
    } catch (FileSystemException e) {
      throw unreadable(String.valueOf(e.getReason()));
    } catch (IOException e) {
      throw unreadable(String.valueOf(e.getMessage()));
    }
  }

  private static byte[] content(String name, InputStream in) throws UsageException {
    try {
      byte[] content = in.readNBytes(BYTES_MAX + 1);
      if (content.length > BYTES_MAX) {
        throw new UsageException("Rule file '" + name + "' is larger than 64 MiB");
      }
      return content;
    } catch (IOException e) {
      throw new UsageException("Cannot read config file: " + e.getMessage());
    }
  }

  private static UsageException unreadable(String why) {
    return new UsageException("Could not read blkdebug config file: " + why);
  }
}
