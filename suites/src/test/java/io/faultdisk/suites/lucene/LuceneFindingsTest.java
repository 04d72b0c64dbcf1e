package io.faultdisk.suites.lucene;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import io.faultdisk.base.Errno;
import io.faultdisk.faults.Faults;
import io.faultdisk.nio.Durability;
import io.faultdisk.nio.FaultFileSystem;
import io.faultdisk.nio.PowerCut;
import io.faultdisk.rules.FailFlush;
import io.faultdisk.rules.RuleBuilder;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.apache.lucene.analysis.standard.StandardAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.StringField;
import org.apache.lucene.index.CorruptIndexException;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.NIOFSDirectory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What of Lucene 9.12.3 does not hold, each in as few lines as possible; see docs/findings.md. */
class LuceneFindingsTest {
  private final FileSystem memory = Jimfs.newFileSystem(Configuration.unix());
  private final Faults faults = Faults.create();
  private Path path;

  @BeforeEach
  void makeDirectory() throws IOException {
    Files.createDirectory(memory.getPath("/index"));
    path =
        FaultFileSystem.over(memory)
            .faults(faults)
            .powerLoss(Durability.JOURNALED)
            .open()
            .getPath("/index");
  }

  @AfterEach
  void close() throws IOException {
    memory.close();
  }

  private static IndexWriter writer(Directory directory) throws IOException {
    return new IndexWriter(directory, new IndexWriterConfig(new StandardAnalyzer()));
  }

  private static void add(IndexWriter writer, String id) throws IOException {
    Document document = new Document();
    document.add(new StringField("id", id, Field.Store.YES));
    writer.addDocument(document);
  }

  private static int documents(Path path) throws IOException {
    try (Directory directory = new NIOFSDirectory(path);
        DirectoryReader reader = DirectoryReader.open(directory)) {
      return reader.numDocs();
    }
  }

  private Path afterPowerCut(PowerCut cut) throws IOException {
    FaultFileSystem files = (FaultFileSystem) path.getFileSystem();
    return files.cutPower(cut).getPath("/index");
  }

  @Test
  void aCommitSucceedsThoughItsDirectoryCouldNotBeSynced() throws IOException {
    try (Directory directory = new NIOFSDirectory(path);
        IndexWriter writer = writer(directory)) {
      add(writer, "1");
      writer.commit();
      faults.add(RuleBuilder.on("fsync").path("/index").fail(Errno.EIO));
      add(writer, "2");
      writer.commit();
      assertThat(faults.receipts()).isNotEmpty();
    }
    assertThat(documents(path)).isEqualTo(2);
    assertThat(documents(afterPowerCut(PowerCut.dropAll()))).isEqualTo(1);
  }

  @Test
  void aCommitThatIsTriedAgainSucceedsOnFilesWhoseDataAreGone() throws IOException {
    faults.add(RuleBuilder.on("fsync").path("/index/*.cfs").once().failFlush(FailFlush.Mode.DROP));
    try (Directory directory = new NIOFSDirectory(path);
        IndexWriter writer = writer(directory)) {
      add(writer, "1");
      assertThatThrownBy(writer::commit).isInstanceOf(IOException.class);
      assertThatCode(writer::commit).doesNotThrowAnyException();
    }
    assertThat(documents(path)).isEqualTo(1);
    Path after = afterPowerCut(PowerCut.keepAll());
    assertThatThrownBy(() -> documents(after)).isInstanceOf(CorruptIndexException.class);
  }

  /** As a power cut leaves it where the deletions of one directory reach the disk in any order. */
  @Test
  void aLeftoverOfAnOldCommitKeepsWritersOut() throws IOException {
    Path saved = memory.getPath("/saved");
    try (Directory directory = new NIOFSDirectory(path);
        IndexWriter writer = writer(directory)) {
      add(writer, "1");
      writer.commit();
      Files.createDirectory(saved);
      for (String file : directory.listAll()) {
        Files.copy(memory.getPath("/index", file), saved.resolve(file));
      }
      writer.deleteAll();
      add(writer, "2");
      writer.commit();
    }
    // Of what the second commit has deleted, this is back, but not _0.si.
    assertThat(path.resolve("segments_1")).doesNotExist();
    Files.copy(saved.resolve("segments_1"), memory.getPath("/index/segments_1"));

    assertThat(documents(path)).isEqualTo(1);
    for (int attempt = 0; attempt < 3; attempt++) {
      try (Directory directory = new NIOFSDirectory(path)) {
        assertThatThrownBy(() -> writer(directory))
            .isInstanceOf(CorruptIndexException.class)
            .hasCauseInstanceOf(NoSuchFileException.class);
      }
    }
    Files.delete(path.resolve("segments_1"));
    try (Directory directory = new NIOFSDirectory(path)) {
      writer(directory).close();
    }
  }
}
