package io.faultdisk.suites;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.nio.Durability;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The harness finds what is wrong with a store of a few lines, and nothing else. */
class HarnessTest {
  private static final int CUTS = 400;

  /** What the store forgets. */
  private enum Mistake {
    NO_SYNC_OF_THE_FILE,
    NO_SYNC_OF_THE_DIRECTORY,
    OVERWRITES_IN_PLACE,
    HIDES_FAILURES
  }

  /** Keeps a number, as eight kilobytes of one digit: in a new file that replaces the old one. */
  private record Replacing(Set<Mistake> mistakes) implements Subject {
    private static final int BYTES = 8192;

    @Override
    public String name() {
      return "a store with " + mistakes;
    }

    @Override
    public String empty() {
      return "";
    }

    private static String content(int number) {
      return ("" + number).repeat(BYTES);
    }

    @Override
    public void work(Path directory, History history) throws IOException {
      for (int commit = 1; commit <= 6; commit++) {
        history.begin(content(commit));
        try {
          commit(directory, content(commit));
        } catch (IOException e) {
          if (!mistakes.contains(Mistake.HIDES_FAILURES)) {
            throw e;
          }
        }
        history.acknowledge();
      }
    }

    private void commit(Path directory, String content) throws IOException {
      boolean inPlace = mistakes.contains(Mistake.OVERWRITES_IN_PLACE);
      Path file = directory.resolve(inPlace ? "number" : "new");
      try (FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        ByteBuffer bytes = StandardCharsets.US_ASCII.encode(content);
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        if (!mistakes.contains(Mistake.NO_SYNC_OF_THE_FILE)) {
          channel.force(true);
        }
      }
      if (!inPlace) {
        Files.move(file, directory.resolve("number"), StandardCopyOption.REPLACE_EXISTING);
      }
      if (!mistakes.contains(Mistake.NO_SYNC_OF_THE_DIRECTORY)) {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
          channel.force(true);
        }
      }
    }

    @Override
    public String recover(Path directory) throws IOException {
      Path file = directory.resolve("number");
      String found = Files.exists(file) ? Files.readString(file) : "";
      if (!found.isEmpty() && found.length() < BYTES) {
        throw new IOException("too short");
      }
      return found;
    }
  }

  private static Report cut(Durability durability, Mistake... mistakes) throws Exception {
    return PowerCuts.under(new Replacing(Set.of(mistakes)), durability, CUTS);
  }

  private static Set<Verdict> verdicts(Report report) {
    EnumSet<Verdict> found = EnumSet.allOf(Verdict.class);
    found.removeIf(verdict -> report.of(verdict) == 0);
    return found;
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void nothingIsWrongWithARightStore(Durability durability) throws Exception {
    Report report = cut(durability);
    assertThat(verdicts(report)).as(report.toString()).containsExactly(Verdict.HOLDS);
    assertThat(report.cuts()).isGreaterThanOrEqualTo(CUTS);
    assertThat(report.distinct).isLessThan(report.cuts());
  }

  @Test
  void aFileThatIsNotSyncedMayBeAnything() throws Exception {
    assertThat(verdicts(cut(Durability.POSIX, Mistake.NO_SYNC_OF_THE_FILE)))
        .contains(Verdict.GARBAGE, Verdict.UNUSABLE);
  }

  /** On a journaled file system the sync of the file before the rename is none after it. */
  @ParameterizedTest
  @EnumSource(Durability.class)
  void aRenameThatIsNotSyncedIsLost(Durability durability) throws Exception {
    assertThat(verdicts(cut(durability, Mistake.NO_SYNC_OF_THE_DIRECTORY)))
        .contains(Verdict.LOST)
        .doesNotContain(Verdict.GARBAGE, Verdict.UNUSABLE);
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void whatIsOverwrittenInPlaceIsTorn(Durability durability) throws Exception {
    assertThat(verdicts(cut(durability, Mistake.OVERWRITES_IN_PLACE))).contains(Verdict.GARBAGE);
  }

  @Test
  void aFailureThatIsPassedOnLosesNothing() throws Exception {
    Report report = InjectedFailures.under(new Replacing(Set.of()), Durability.POSIX);
    assertThat(verdicts(report)).as(report.toString()).containsExactly(Verdict.HOLDS);
    assertThat(report.counted("EIO_ONCE gave up")).isPositive();
    assertThat(report.counted("SHORT_ONCE went on")).isPositive();
  }

  @Test
  void aFailureThatIsHiddenLosesWhatItWasAbout() throws Exception {
    Report report =
        InjectedFailures.under(new Replacing(Set.of(Mistake.HIDES_FAILURES)), Durability.JOURNALED);
    assertThat(report.counted("LOST after", "of fsync")).as(report.toString()).isPositive();
    assertThat(report.counted("LOST after", "of rename")).as(report.toString()).isPositive();
  }
}
