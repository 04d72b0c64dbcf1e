package io.faultdisk.nio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What everybody should know about fsync, one sentence each. */
final class MediumTest {
  private final Disk disk = new Disk(Durability.POSIX);

  @Test
  void aNewFileIsLostWithoutFsyncOfItsDirectory() throws IOException {
    disk.create("f");
    disk.append("f", "data");
    disk.fsync("f");
    assertThat(disk.after(PowerCut.dropAll())).isEmpty();
    disk.fsync("");
    assertThat(disk.after(PowerCut.dropAll())).isEqualTo(Map.of("f", "data"));
  }

  @Test
  void aNewFileIsThereAfterItsFsyncOnAJournaledFileSystem() throws IOException {
    Disk journaled = new Disk(Durability.JOURNALED);
    journaled.mkdir("d");
    journaled.create("d/f");
    journaled.append("d/f", "data");
    journaled.create("later");
    journaled.fsync("d/f");
    journaled.create("latest");
    assertThat(journaled.after(PowerCut.dropAll()))
        .isEqualTo(Map.of("d/", "", "d/f", "data", "later", ""));
  }

  @Test
  void fdatasyncOfAnOverwrittenFileLeavesTheJournalAlone() throws IOException {
    Disk journaled = new Disk(Durability.JOURNALED);
    journaled.durable("f", "data");
    journaled.create("g");
    journaled.write("f", 0, "DATA");
    journaled.medium.fdatasync(journaled.file("f"));
    assertThat(journaled.after(PowerCut.dropAll())).isEqualTo(Map.of("f", "DATA"));
    journaled.append("f", "+");
    journaled.medium.fdatasync(journaled.file("f"));
    assertThat(journaled.after(PowerCut.dropAll())).isEqualTo(Map.of("f", "DATA+", "g", ""));
  }

  @Test
  void fdatasyncOfANewFileWritesTheEntryOnAJournaledFileSystemOnly() throws IOException {
    for (Durability durability : Durability.values()) {
      Disk each = new Disk(durability);
      each.create("f");
      each.medium.fdatasync(each.file("f"));
      assertThat(each.after(PowerCut.dropAll()).containsKey("f"))
          .isEqualTo(durability == Durability.JOURNALED);
    }
  }

  @ParameterizedTest
  @EnumSource
  void renameWithoutFsyncOfTheFileMayLeaveAnEmptyFile(Durability durability) throws IOException {
    Disk each = new Disk(durability);
    each.durable("config", "old");
    each.create("config.tmp");
    each.append("config.tmp", "new");
    each.rename("config.tmp", "config");
    each.fsync("");
    assertThat(each.after(PowerCut.dropAll())).isEqualTo(Map.of("config", ""));
    assertThat(each.after(PowerCut.keepAll())).isEqualTo(Map.of("config", "new"));
  }

  @ParameterizedTest
  @EnumSource
  void replacingAFileTheRightWayLeavesTheOldOrTheNew(Durability durability) throws IOException {
    Disk each = new Disk(durability);
    each.durable("config", "old");
    each.create("config.tmp");
    each.append("config.tmp", "new");
    each.fsync("config.tmp");
    each.rename("config.tmp", "config");
    Set<Object> found = new HashSet<>();
    for (int seed = 0; seed < 200; seed++) {
      found.add(each.after(PowerCut.torn(seed, 1)).get("config"));
    }
    assertThat(found).isEqualTo(Set.of("old", "new"));
    each.fsync("");
    assertThat(each.after(PowerCut.dropAll())).isEqualTo(Map.of("config", "new"));
  }

  @Test
  void aDeletedFileIsBackUntilItsDirectoryIsSynced() throws IOException {
    disk.durable("f", "data");
    disk.delete("f");
    assertThat(disk.after(PowerCut.dropAll())).isEqualTo(Map.of("f", "data"));
    assertThat(disk.after(PowerCut.keepAll())).isEmpty();
    disk.fsync("");
    assertThat(disk.after(PowerCut.dropAll())).isEmpty();
  }

  @Test
  void whatIsWrittenToADeletedOpenFileMayBeThereWithTheName() throws IOException {
    FileInode open = disk.durable("f", "data");
    disk.delete("f");
    disk.medium.write(open, 0, new byte[] {'X'});
    disk.medium.fsync(open);
    assertThat(disk.after(PowerCut.dropAll())).isEqualTo(Map.of("f", "Xata"));
    disk.fsync("");
    assertThat(disk.medium.heldBytes()).isZero();
    disk.medium.write(open, 0, new byte[] {'Y'});
    assertThat(disk.medium.dirty()).isEmpty();
    assertThat(disk.medium.heldBytes()).isZero();
  }

  @Test
  void aHardLinkKeepsTheFileAndSharesItsData() throws IOException {
    disk.durable("a", "data");
    disk.link("b", "a");
    disk.delete("a");
    assertThat(disk.after(PowerCut.prefix(1))).isEqualTo(Map.of("a", "data", "b", "data"));
    disk.fsync("");
    disk.append("b", "+");
    disk.fsync("b");
    assertThat(disk.after(PowerCut.dropAll())).isEqualTo(Map.of("b", "data+"));
  }

  @Test
  void twoNamesOfOneFileStayTwoNames() throws IOException {
    disk.durable("a", "data");
    disk.link("b", "a");
    disk.rename("a", "b");
    assertThat(disk.after(PowerCut.keepAll())).isEqualTo(Map.of("a", "data", "b", "data"));
  }

  @Test
  void aDirectoryMovesWithAllThatIsInIt() throws IOException {
    disk.mkdir("d");
    disk.durable("d/f", "data");
    disk.rename("d", "e");
    disk.create("e/g");
    disk.fsync("e");
    assertThat(disk.after(PowerCut.dropAll()))
        .isEqualTo(Map.of("d/", "", "d/f", "data", "d/g", ""));
    disk.fsync("");
    assertThat(disk.after(PowerCut.dropAll()))
        .isEqualTo(Map.of("e/", "", "e/f", "data", "e/g", ""));
  }

  @Test
  void whatIsInANewDirectoryIsLostWithIt() throws IOException {
    disk.mkdir("d");
    disk.create("d/f");
    disk.fsync("d/f");
    disk.fsync("d");
    assertThat(disk.after(PowerCut.dropAll())).isEmpty();
    disk.fsync("");
    assertThat(disk.after(PowerCut.dropAll())).isEqualTo(Map.of("d/", "", "d/f", ""));
  }

  @Test
  void aRenameBetweenDirectoriesIsDurableAsAWholeWithEitherOfThem() throws IOException {
    for (String synced : new String[] {"d", "e"}) {
      Disk each = new Disk(Durability.POSIX);
      each.mkdir("d");
      each.mkdir("e");
      each.durable("d/f", "data");
      each.rename("d/f", "d/g");
      each.rename("d/g", "e/g");
      each.fsync(synced);
      assertThat(each.after(PowerCut.dropAll()))
          .isEqualTo(Map.of("d/", "", "e/", "", "e/g", "data"));
    }
  }

  @Test
  void aDirectoryIsGoneOnlyAfterWhatWasInIt() throws IOException {
    disk.mkdir("d");
    disk.durable("d/f", "data");
    disk.rename("d/f", "f");
    disk.delete("d");
    for (int seed = 0; seed < 100; seed++) {
      assertThat(disk.after(PowerCut.subset(seed)).values()).contains("data");
    }
  }

  @Test
  void noDirectoryIsLostByMovingItIntoItsOwnChild() throws IOException {
    disk.mkdir("d");
    disk.mkdir("d/e");
    disk.durable("d/f", "data");
    disk.rename("d/e", "e");
    disk.rename("d", "e/d");
    for (int seed = 0; seed < 100; seed++) {
      assertThat(disk.after(PowerCut.subset(seed)).values()).contains("data");
    }
  }

  @Test
  void fsyncOfWhatHasNotChangedLeavesTheJournalAlone() throws IOException {
    Disk journaled = new Disk(Durability.JOURNALED);
    journaled.mkdir("d");
    journaled.durable("f", "data");
    journaled.create("g");
    journaled.fsync("f");
    journaled.fsync("d");
    assertThat(journaled.after(PowerCut.dropAll())).isEqualTo(Map.of("d/", "", "f", "data"));
    journaled.rename("f", "h");
    journaled.create("i");
    journaled.fsync("h");
    assertThat(journaled.after(PowerCut.dropAll()).keySet()).isEqualTo(Set.of("d/", "g", "h", "i"));
  }

  @Test
  void aFileIsNotCutBeforeWhatCameEarlierOnAJournaledFileSystem() throws IOException {
    Disk journaled = new Disk(Durability.JOURNALED);
    journaled.durable("log", "data");
    journaled.durable("tmp", "data");
    journaled.rename("tmp", "snapshot");
    journaled.resize("log", 0);
    journaled.append("log", "new");
    Set<Object> found = new HashSet<>();
    for (int seed = 0; seed < 200; seed++) {
      Map<String, String> after = journaled.after(PowerCut.subset(seed));
      found.add(after.get("log") + " " + after.containsKey("snapshot"));
    }
    assertThat(found).isEqualTo(Set.of("data false", "data true", " true", "new true"));
  }

  @Test
  void aFileIsCutForSureWhenAnotherIsSyncedOnAJournaledFileSystem() throws IOException {
    for (Durability durability : Durability.values()) {
      Disk each = new Disk(durability);
      each.durable("f", "data");
      each.write("f", 0, "DATA");
      each.resize("f", 2);
      each.append("f", "+");
      each.create("g");
      each.fsync("g");
      assertThat(each.after(PowerCut.dropAll()).get("f"))
          .isEqualTo(durability == Durability.POSIX ? "data" : "da");
      assertThat(each.after(PowerCut.keepAll()).get("f")).isEqualTo("DA+");
    }
  }

  @Test
  void aSymbolicLinkIsAnEntry() throws IOException {
    disk.symlink("l", "there");
    assertThat(disk.after(PowerCut.dropAll())).isEmpty();
    disk.fsync("");
    assertThat(disk.after(PowerCut.dropAll())).isEqualTo(Map.of("l", "-> there"));
  }

  @Test
  void anAppendIsTornInTheMiddle() throws IOException {
    disk.durable("f", "");
    disk.append("f", "a".repeat(1024));
    Set<String> found = new HashSet<>();
    for (int seed = 0; seed < 200; seed++) {
      String text = String.valueOf(disk.after(PowerCut.torn(seed, 512)).get("f"));
      found.add(text.replace("a".repeat(512), "a").replace("\0".repeat(512), "."));
    }
    assertThat(found).isEqualTo(Set.of("", "a", ".", "aa", "a.", ".a", ".."));
  }

  @Test
  void onAJournaledFileSystemTheDataAreThereWhenTheSizeIs() throws IOException {
    Disk journaled = new Disk(Durability.JOURNALED);
    journaled.durable("f", "");
    journaled.append("f", "a".repeat(1024));
    Set<String> found = new HashSet<>();
    for (int seed = 0; seed < 200; seed++) {
      String text = String.valueOf(journaled.after(PowerCut.torn(seed, 512)).get("f"));
      found.add(text.replace("a".repeat(512), "a").replace("\0".repeat(512), "."));
    }
    assertThat(found).isEqualTo(Set.of("", "a", "aa"));
  }

  @Test
  void aPageIsNeverAMixtureThatNeverExisted() throws IOException {
    disk.durable("f", "aaaa");
    disk.write("f", 0, "b");
    disk.write("f", 3, "b");
    Set<Object> found = new HashSet<>();
    for (int seed = 0; seed < 200; seed++) {
      found.add(disk.after(PowerCut.subset(seed)).get("f"));
    }
    assertThat(found).isEqualTo(Set.of("aaaa", "baaa", "baab"));
  }

  @Test
  void aFlushThatFailedAsOnLinuxLosesDataThatCanBeRead() throws IOException {
    FileInode file = disk.durable("f", "");
    disk.append("f", "lost");
    disk.medium.drop(file);
    assertThat(Disk.text(file.current())).isEqualTo("lost");
    disk.fsync("f");
    assertThat(disk.after(PowerCut.keepAll())).isEqualTo(Map.of("f", "\0\0\0\0"));
    // The page is written as a whole when it is changed again.
    disk.append("f", "+");
    disk.fsync("f");
    assertThat(disk.after(PowerCut.dropAll())).isEqualTo(Map.of("f", "lost+"));
  }

  @Test
  void aPageThatWasDroppedStaysSoWhenOthersAreWritten() throws IOException {
    FileInode file = disk.durable("f", "a".repeat(4096));
    disk.write("f", 0, "b");
    disk.medium.drop(file);
    disk.append("f", "c");
    disk.fsync("f");
    assertThat(disk.after(PowerCut.keepAll()).get("f")).isEqualTo("a".repeat(4096) + "c");
    disk.resize("f", 2);
    disk.fsync("f");
    assertThat(disk.after(PowerCut.dropAll()).get("f")).isEqualTo("ba");
  }

  @Test
  void bytesThatWereCutOffAreNotBackWhenTheFileGrows() throws IOException {
    disk.durable("f", "abcdef");
    disk.resize("f", 2);
    disk.resize("f", 4);
    disk.fsync("f");
    assertThat(disk.after(PowerCut.dropAll()).get("f")).isEqualTo("ab\0\0");
  }

  @Test
  void anOrderedDiskKeepsTheFirstOperations() throws IOException {
    disk.create("a");
    disk.append("a", "1");
    disk.create("b");
    disk.append("a", "2");
    assertThat(disk.after(PowerCut.prefix(0))).isEmpty();
    assertThat(disk.after(PowerCut.prefix(1))).isEqualTo(Map.of("a", ""));
    assertThat(disk.after(PowerCut.prefix(2))).isEqualTo(Map.of("a", "1"));
    assertThat(disk.after(PowerCut.prefix(3))).isEqualTo(Map.of("a", "1", "b", ""));
    assertThat(disk.after(PowerCut.prefix(4))).isEqualTo(Map.of("a", "12", "b", ""));
    assertThat(disk.after(PowerCut.prefix(9))).isEqualTo(Map.of("a", "12", "b", ""));
    assertThat(disk.medium.pendingOrders()).hasSize(4);
  }

  @Test
  void aStateSaysInWordsWhatIsThere() throws IOException {
    disk.durable("f", "old");
    disk.append("f", "+");
    disk.create("g");
    disk.rename("g", "h");
    assertThat(CrashState.of(disk.medium, PowerCut.prefix(2)))
        .hasToString(
            """
            after PowerCut.prefix(2)
              kept: create g
              lost: rename g to h
              file: f: 1 of 1 changes made\
            """);
    disk.medium.checkpoint();
    assertThat(CrashState.of(disk.medium, PowerCut.dropAll()))
        .hasToString("after PowerCut.dropAll()\n  all was durable");
  }

  @Test
  void theLimitOfMemoryIsNamed() throws IOException {
    Medium small = new Medium(Durability.POSIX, false, 100_000);
    FileInode file = small.create(small.root(), "f");
    small.write(file, 0, new byte[20_000]);
    assertThatThrownBy(() -> small.write(file, 20_000, new byte[50_000]))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("100000")
        .hasMessageContaining("powerLossBytesMax");
  }
}
