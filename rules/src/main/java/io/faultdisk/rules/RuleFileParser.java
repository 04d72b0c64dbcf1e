package io.faultdisk.rules;

import io.faultdisk.base.UsageException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a rule file into sections. Linear in the size of the file; for one thread, used once.
 *
 * <p>QEMU reads the file with {@code fgets} into 1024 bytes and looks at each piece with {@code
 * sscanf}. All oddities follow from that: long lines become several, a zero byte ends a line early,
 * blanks are needed before {@code =} but not after it, and what follows the value is ignored. A
 * section is handed on when it is complete, so errors come up in QEMU's order.
 *
 * <p>Source: QEMU 7.2 {@code util/qemu-config.c}, {@code qemu_config_foreach()}.
 */
final class RuleFileParser {
  /** Longest piece of a line that is looked at in one go, including its line break. */
  private static final int PIECE_BYTES_MAX = 1023;

  private static final int NAME_BYTES_MAX = 63;
  private static final int VALUE_BYTES_MAX = 1023;

  private final RuleFile file;
  private final RuleSources sources;

  /** The line as an editor counts, from 1. */
  private int line;

  /** Whether the piece is not the first of its line. */
  private boolean continued;

  private @Nullable Section current;

  /** The name under which {@link #current} is handed on when the next section begins. */
  private String currentName = "";

  /**
   * The last name read. At the end of the file QEMU takes this one, and a key line that begins with
   * {@code []} has overwritten it.
   */
  private String lastName = "";

  /** Creates a parser that gives the sections to {@link RuleSources#add}. */
  RuleFileParser(RuleFile file, RuleSources sources) {
    this.file = file;
    this.sources = sources;
  }

  void parse() throws UsageException {
    byte[] content = file.content();
    int from = 0;
    line = 1;
    while (from < content.length) {
      int to = endOfPiece(content, from);
      boolean complete = content[to - 1] == '\n';
      piece(new String(content, from, to - from, StandardCharsets.ISO_8859_1));
      if (complete) {
        line++;
      }
      continued = !complete;
      from = to;
    }
    if (current != null) {
      sources.add(lastName, current);
    }
  }

  private static int endOfPiece(byte[] content, int from) {
    int limit = Math.min(content.length, from + PIECE_BYTES_MAX);
    for (int i = from; i < limit; i++) {
      if (content[i] == '\n') {
        return i + 1;
      }
    }
    return limit;
  }

  private void piece(String raw) throws UsageException {
    if (raw.charAt(0) == '\n' || raw.charAt(0) == '#') {
      return;
    }
    int zero = raw.indexOf('\0');
    String piece = zero < 0 ? raw : raw.substring(0, zero);
    if (!piece.startsWith("[") || !header(piece)) {
      keyLine(piece);
    }
  }

  /** Begins a section if this is a header; a line that merely looks like one is a key line. */
  private boolean header(String piece) throws UsageException {
    LineScanner withId = new LineScanner(piece);
    withId.literal('[');
    String name = withId.word(NAME_BYTES_MAX);
    String id = null;
    if (name != null) {
      lastName = name;
      if (withId.blanks().literal('"')) {
        id = withId.until('"', NAME_BYTES_MAX);
      }
    }
    if (id == null) {
      LineScanner plain = new LineScanner(piece);
      plain.literal('[');
      name = plain.until(']', NAME_BYTES_MAX);
      if (name == null) {
        return false;
      }
      lastName = name;
    }
    if (current != null) {
      sources.add(currentName, current);
    }
    currentName = lastName;
    current = new Section(Source.file(file.name(), line, ByteText.decode(currentName)));
    if (id != null) {
      put(current, Section.ID, id, Optional.empty());
    }
    return true;
  }

  private void keyLine(String piece) throws UsageException {
    LineScanner scanner = new LineScanner(piece);
    String key = scanner.word(NAME_BYTES_MAX);
    if (key == null) {
      throw sources.complaints().parseError(here(), continued);
    }
    if (current == null) {
      throw sources.complaints().noGroup(here());
    }
    if (scanner.blanks().literal('=') && scanner.blanks().literal('"')) {
      String value = scanner.until('"', VALUE_BYTES_MAX);
      put(current, key, value == null ? "" : value, Optional.empty());
    } else {
      put(current, key, "", Optional.of(ByteText.decode(scanner.rest())));
    }
  }

  /** A key keeps the place where it first stood; the last value counts. */
  private void put(Section section, String key, String value, Optional<String> unquoted) {
    section.entries.put(key, new Section.Entry(ByteText.decode(value), line, unquoted));
  }

  private Source here() {
    return Source.file(file.name(), line, "");
  }
}
