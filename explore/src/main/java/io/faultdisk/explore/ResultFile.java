package io.faultdisk.explore;

import io.faultdisk.base.UsageException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/**
 * What {@code cases.jsonl} holds: a heading, then a line per case.
 *
 * @param heading what was explored
 * @param shard which cases of it
 * @param done the results, by index
 * @param bytes how many bytes of the file this is. Behind them may be a line without its end: it
 *     was being written when the process was killed, or the disk was full, and does not count
 */
record ResultFile(Heading heading, Shard shard, Map<Integer, CaseResult> done, long bytes) {

  /**
   * Reads the file.
   *
   * @param name for messages
   * @throws UsageException if there is not even a whole heading, or a line is damaged
   */
  static ResultFile read(String name, byte[] content) throws UsageException {
    if (!hasHeading(content)) {
      throw new UsageException(name + " has no results");
    }
    int end = lineEnd(content, 0);
    JsonFields first = JsonFields.parse(name + ", line 1", line(content, 0, end));
    Heading heading = ResultJson.heading(first);
    Shard shard = ResultJson.shard(first);
    Map<Integer, CaseResult> done = new TreeMap<>();
    int from = end + 1;
    for (int number = 2; (end = lineEnd(content, from)) >= 0; number++) {
      String place = name + ", line " + number;
      CaseResult result = ResultJson.result(JsonFields.parse(place, line(content, from, end)));
      if (result.index() >= heading.cases() || !shard.has(result.index())) {
        throw new UsageException(
            place + " is damaged: there is no case " + result.index() + " in shard " + shard);
      }
      if (done.put(result.index(), result) != null) {
        throw new UsageException(place + " is damaged: case " + result.index() + " is there twice");
      }
      from = end + 1;
    }
    return new ResultFile(heading, shard, done, from);
  }

  /** Whether there is at least a whole first line. */
  static boolean hasHeading(byte[] content) {
    return lineEnd(content, 0) >= 0;
  }

  private static int lineEnd(byte[] content, int from) {
    for (int i = from; i < content.length; i++) {
      if (content[i] == '\n') {
        return i;
      }
    }
    return -1;
  }

  private static String line(byte[] content, int from, int end) {
    return new String(content, from, end - from, StandardCharsets.UTF_8);
  }
}
