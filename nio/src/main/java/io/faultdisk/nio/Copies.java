package io.faultdisk.nio;

import io.faultdisk.rules.FileEvents;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.CopyOption;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Copies within a file system. The wrapped one does it; announced are, for a file, opening and
 * reading the source, deleting what is replaced, creating and writing the target, the bytes all at
 * once; for a directory {@code mkdir}, for a symbolic link {@code link}. A rule that shortens has
 * nothing to shorten here: a copy goes on until it is complete.
 */
final class Copies {
  private static final int CHUNK_BYTES = 1 << 16;

  private final FaultFileSystem files;
  private final FaultPath source;
  private final FaultPath target;
  private final CopyOption[] options;
  private Passage reading = Passage.ALL;
  private Passage writing = Passage.ALL;

  private Copies(FaultPath source, FaultPath target, CopyOption... options) {
    this.files = source.getFileSystem();
    this.source = source;
    this.target = target;
    this.options = options;
  }

  static void copy(FaultPath source, FaultPath target, CopyOption... options) throws IOException {
    new Copies(source, target, options).run();
  }

  private void run() throws IOException {
    BasicFileAttributes what = attributes();
    if (what == null || isSame()) {
      files.gate().pass(FileEvents.OPEN, source);
      copyPerhaps();
      return;
    }
    boolean replaces =
        Arrays.asList(options).contains(StandardCopyOption.REPLACE_EXISTING)
            && Files.exists(target.delegate(), LinkOption.NOFOLLOW_LINKS);
    ask(what, replaces);
    files.effects().lock();
    try {
      files.effects().aboutToChange(target);
      try {
        Object replaced =
            replaces && files.space().limited() ? Space.lastNameOf(target.delegate()) : null;
        copyWithin(files.space(), what, replaced);
        if (reading.isChanged() || writing.isChanged()) {
          change(what.size());
        }
      } catch (IOException | RuntimeException e) {
        files.effects().uncertain(target);
        throw e;
      }
      if (files.effects().listening()) {
        tell(what, replaces);
      }
    } finally {
      files.effects().unlock();
    }
    writing.done(files.gate());
  }

  /** Makes of the copy what rules make of it, as far as one buffer goes. */
  private void change(long size) throws IOException {
    try (SeekableByteChannel copy =
        Files.newByteChannel(
            target.delegate(), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer content = Limits.together(size);
      while (content.hasRemaining() && reading.read(content, content.position(), copy::read) > 0) {
        // A read may be short.
      }
      ByteBuffer stored = writing.stored(content.flip(), 0, (into, offset) -> -1);
      copy.position(0);
      while (stored.hasRemaining()) {
        copy.write(stored);
      }
    }
  }

  /** It will fail, or do nothing, or replace a link by what it leads to, as the system likes it. */
  private void copyPerhaps() throws IOException {
    files.effects().lock();
    try {
      files.effects().aboutToChange(target);
      try {
        copyInside();
      } finally {
        files.effects().uncertain(target);
      }
    } finally {
      files.effects().unlock();
    }
  }

  private void ask(BasicFileAttributes what, boolean replaces) throws IOException {
    Gate gate = files.gate();
    if (what.isRegularFile()) {
      gate.pass(FileEvents.OPEN, source);
      reading = gate.transfer(FileEvents.READ, source.target(), 0, what.size());
    }
    if (replaces) {
      gate.pass(FileEvents.DELETE, target);
    }
    if (what.isDirectory()) {
      gate.pass(FileEvents.MKDIR, target);
    } else if (what.isSymbolicLink()) {
      gate.pass(FileEvents.LINK, target);
    } else {
      gate.pass(FileEvents.CREATE, target);
      writing = gate.transfer(FileEvents.WRITE, target.target(), 0, what.size());
    }
  }

  private void copyInside() throws IOException {
    files.delegate().provider().copy(source.delegate(), target.delegate(), options);
  }

  private void copyWithin(Space space, BasicFileAttributes what, @Nullable Object replaced)
      throws IOException {
    if (!space.limited()) {
      copyInside();
      return;
    }
    long size = what.isRegularFile() ? what.size() : 0;
    space.lock();
    try {
      space.demand(size);
      copyInside();
      space.forget(replaced);
      space.charge(Space.keyOf(target.delegate(), LinkOption.NOFOLLOW_LINKS), 0, 0, size);
    } finally {
      space.unlock();
    }
  }

  private void tell(BasicFileAttributes what, boolean replaces) throws IOException {
    Effects effects = files.effects();
    if (replaces) {
      effects.deleted(target);
    }
    if (what.isDirectory()) {
      effects.madeDirectory(target);
    } else if (what.isSymbolicLink()) {
      effects.madeSymbolicLink(target);
    } else {
      FileEffects file =
          effects.opened(target, new Effects.Opening(true, false, true, Effects.Sync.NONE));
      try (SeekableByteChannel channel = Files.newByteChannel(target.delegate())) {
        ByteBuffer buffer = ByteBuffer.allocate(CHUNK_BYTES);
        long offset = 0;
        while (channel.read(buffer.clear()) > 0) {
          buffer.flip();
          file.wrote(offset, buffer.asReadOnlyBuffer());
          offset += buffer.limit();
        }
      }
      file.closed();
    }
  }

  private boolean isSame() {
    try {
      return Files.isSameFile(source.delegate(), target.delegate());
    } catch (IOException e) {
      return false;
    }
  }

  private @Nullable BasicFileAttributes attributes() {
    LinkOption[] links =
        Arrays.asList(options).contains(LinkOption.NOFOLLOW_LINKS)
            ? new LinkOption[] {LinkOption.NOFOLLOW_LINKS}
            : new LinkOption[0];
    try {
      return Files.readAttributes(source.delegate(), BasicFileAttributes.class, links);
    } catch (IOException e) {
      return null; // The copy itself will say what is wrong.
    }
  }
}
