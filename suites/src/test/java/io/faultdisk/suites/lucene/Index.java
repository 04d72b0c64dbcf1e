package io.faultdisk.suites.lucene;

import io.faultdisk.base.Seed;
import io.faultdisk.nio.FaultFileSystem;
import io.faultdisk.suites.Damage;
import io.faultdisk.suites.History;
import io.faultdisk.suites.Subject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.apache.lucene.analysis.standard.StandardAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.CheckIndex;
import org.apache.lucene.index.ConcurrentMergeScheduler;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LogDocMergePolicy;
import org.apache.lucene.index.MultiDocValues;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.index.SegmentInfos;
import org.apache.lucene.index.SerialMergeScheduler;
import org.apache.lucene.index.StoredFields;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.MMapDirectory;
import org.apache.lucene.store.NIOFSDirectory;

/**
 * An index that documents are added to, updated in, deleted from, with commits now and then and
 * merges on the way.
 *
 * @param name for reports
 * @param commits how many
 * @param concurrent whether merges have threads of their own
 * @param retries whether a commit that fails is tried once more on the same writer
 * @param directories how to open a directory
 */
record Index(String name, int commits, boolean concurrent, boolean retries, Directories directories)
    implements Subject {

  /** A complaint. */
  static final String NO_WRITER = "IndexWriter cannot be opened";

  private static final int IDS = 24;
  private static final int CHANGES_MAX = 9;
  private static final List<String> WORDS =
      List.of("flush", "sector", "journal", "barrier", "platter", "cache");

  /** Opens a directory. */
  @FunctionalInterface
  interface Directories {
    Directory open(Path path) throws IOException;
  }

  static Index of(String name, int commits) {
    return new Index(name, commits, false, false, NIOFSDirectory::new);
  }

  /** Reads through mapped memory what is on a real disk. */
  static Directory mappedIfReal(Path path) throws IOException {
    boolean real =
        path.getFileSystem() instanceof FaultFileSystem files
            && files.delegate() == FileSystems.getDefault();
    return real ? new MMapDirectory(path) : new NIOFSDirectory(path);
  }

  /**
   * All that an index holds.
   *
   * @param commit its number, from the data of the commit
   * @param documents text and rank, by id
   */
  record Content(int commit, Map<String, String> documents) {}

  @Override
  public Content empty() {
    return new Content(0, Map.of());
  }

  @Override
  public void work(Path path, History history) throws Exception {
    RandomGenerator random = new Seed(commits).random();
    Map<String, String> now = new TreeMap<>();
    try (Directory directory = directories.open(path)) {
      IndexWriter writer = new IndexWriter(directory, config());
      try {
        for (int commit = 1; commit <= commits; commit++) {
          change(writer, now, random, commit);
          writer.setLiveCommitData(Map.of("commit", "" + commit).entrySet());
          history.begin(new Content(commit, new TreeMap<>(now)));
          commit(writer);
          history.acknowledge();
        }
        writer.close();
      } catch (Throwable e) {
        try {
          writer.rollback();
        } catch (Throwable second) {
          e.addSuppressed(second);
        }
        throw e;
      }
    }
  }

  private void commit(IndexWriter writer) throws IOException {
    try {
      writer.commit();
    } catch (IOException e) {
      if (!retries || !writer.isOpen()) {
        throw e;
      }
      writer.commit();
    }
  }

  private IndexWriterConfig config() {
    LogDocMergePolicy merges = new LogDocMergePolicy();
    merges.setMergeFactor(3);
    merges.setMinMergeDocs(4);
    return new IndexWriterConfig(new StandardAnalyzer())
        .setMergePolicy(merges)
        .setMergeScheduler(concurrent ? new ConcurrentMergeScheduler() : new SerialMergeScheduler())
        .setMaxBufferedDocs(4)
        .setRAMBufferSizeMB(IndexWriterConfig.DISABLE_AUTO_FLUSH)
        .setCommitOnClose(false);
  }

  private static void change(
      IndexWriter writer, Map<String, String> now, RandomGenerator random, int commit)
      throws IOException {
    int changes = 1 + random.nextInt(CHANGES_MAX);
    for (int i = 0; i < changes; i++) {
      String id = "id" + random.nextInt(IDS);
      String text = WORDS.get(random.nextInt(WORDS.size())) + " " + commit + " " + i;
      int kind = random.nextInt(6);
      if (kind == 0) {
        writer.deleteDocuments(new Term("id", id));
        now.remove(id);
      } else if (kind == 1 && now.containsKey(id)) {
        writer.updateNumericDocValue(new Term("id", id), "rank", commit);
        now.put(id, now.get(id).replaceFirst("@.*", "@" + commit));
      } else {
        writer.updateDocument(new Term("id", id), document(id, text, commit));
        now.put(id, text + "@" + commit);
      }
    }
  }

  private static Document document(String id, String text, int rank) {
    Document document = new Document();
    document.add(new StringField("id", id, Field.Store.YES));
    document.add(new TextField("text", text, Field.Store.NO));
    document.add(new StoredField("stored", text));
    document.add(new NumericDocValuesField("rank", rank));
    return document;
  }

  @Override
  public Content recover(Path path) throws Exception {
    try (Directory directory = directories.open(path)) {
      if (!DirectoryReader.indexExists(directory)) {
        return empty();
      }
      Content content = read(directory);
      List<String> complaints = new ArrayList<>();
      Throwable reason = null;
      String said = check(directory);
      if (!said.isEmpty()) {
        complaints.add(
            said.contains("could not read old (not latest) commit point")
                ? "CheckIndex complains of an old commit"
                : "CheckIndex complains: " + said);
      }
      try {
        goOn(directory, content.documents().size());
      } catch (IOException e) {
        reason = e;
        complaints.add(NO_WRITER);
        deleteOldCommits(directory);
        goOn(directory, content.documents().size());
      }
      if (!complaints.isEmpty()) {
        throw new Damage(content, String.join(", ", complaints), reason);
      }
      return content;
    }
  }

  private static Content read(Directory directory) throws IOException {
    try (DirectoryReader reader = DirectoryReader.open(directory)) {
      String commit = reader.getIndexCommit().getUserData().getOrDefault("commit", "0");
      IndexSearcher searcher = new IndexSearcher(reader);
      StoredFields fields = searcher.storedFields();
      Map<String, String> documents = new TreeMap<>();
      for (int i = 0; i < IDS; i++) {
        String id = "id" + i;
        for (var hit : searcher.search(new TermQuery(new Term("id", id)), 2).scoreDocs) {
          NumericDocValues ranks = MultiDocValues.getNumericValues(reader, "rank");
          ranks.advanceExact(hit.doc);
          String text = fields.document(hit.doc).get("stored");
          String before = documents.put(id, text + "@" + ranks.longValue());
          if (before != null) {
            throw new IllegalStateException(id + " is there twice");
          }
        }
      }
      int found = 0;
      for (String word : WORDS) {
        found += searcher.count(new TermQuery(new Term("text", word)));
      }
      if (found != documents.size() || reader.numDocs() != found) {
        throw new IllegalStateException(
            documents.size() + " documents by id, but " + found + " by word");
      }
      return new Content(Integer.parseInt(commit), documents);
    }
  }

  /** What CheckIndex has to say; nothing if it is content. */
  private static String check(Directory directory) throws IOException {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    try (CheckIndex check = new CheckIndex(directory)) {
      check.setThreadCount(1);
      check.setInfoStream(new PrintStream(said, false, StandardCharsets.UTF_8));
      return check.checkIndex().clean ? "" : said.toString(StandardCharsets.UTF_8);
    }
  }

  /** Deletes all that leads to other commits than the last. */
  private static void deleteOldCommits(Directory directory) throws IOException {
    String last = SegmentInfos.getLastCommitSegmentsFileName(directory);
    for (String file : directory.listAll()) {
      if (file.startsWith("segments_") && !file.equals(last)) {
        directory.deleteFile(file);
      }
    }
  }

  /** Cleans up what the crash has left, and commits once more. */
  private void goOn(Directory directory, int documents) throws IOException {
    try (IndexWriter writer = new IndexWriter(directory, config())) {
      writer.addDocument(document("new", "flush", 0));
      writer.commit();
    }
    List<String> left = new ArrayList<>(List.of(directory.listAll()));
    left.removeIf(file -> !file.startsWith("pending_segments"));
    try (DirectoryReader reader = DirectoryReader.open(directory)) {
      if (reader.numDocs() != documents + 1 || !left.isEmpty()) {
        throw new IllegalStateException(
            reader.numDocs() + " documents after one was added to " + documents + ", left " + left);
      }
    }
  }
}
