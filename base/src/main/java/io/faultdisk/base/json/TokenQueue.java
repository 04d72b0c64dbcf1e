package io.faultdisk.base.json;

import io.faultdisk.base.UsageException;
import io.faultdisk.base.json.JsonLexer.Token;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The tokens of one value, until its brackets are balanced. For one thread.
 *
 * <p>Brackets are counted here and not in the parser, because QEMU does so too: it parses nothing
 * before the counts return to zero, so a stray byte further right wins over a grammar mistake. The
 * counts do not tell which bracket closes which; that is left to {@link JsonParser}.
 */
final class TokenQueue {
  /** Open brackets of both kinds allowed at a time. */
  private static final int NESTING_MAX = 1024;

  private static final int COUNT_MAX = 2 << 20;

  /** Of all tokens of a value together. */
  static final int BYTES_MAX = 64 << 20;

  private final Deque<Token> tokens = new ArrayDeque<>();
  private int curly;
  private int square;
  private long bytes;

  /**
   * Appends a token.
   *
   * @return whether the value ends here, for better or worse
   * @throws UsageException if it is one too many, or goes too deep
   */
  boolean add(Token token) throws UsageException {
    switch (token.kind()) {
      case LEFT_CURLY -> curly++;
      case RIGHT_CURLY -> curly--;
      case LEFT_SQUARE -> square++;
      case RIGHT_SQUARE -> square--;
      case COMMA, COLON, STRING, NUMBER, KEYWORD -> {}
    }
    bytes += token.to() - token.from();
    if (bytes >= BYTES_MAX) {
      throw tooLarge();
    }
    if (tokens.size() + 1 > COUNT_MAX) {
      throw new UsageException("JSON token count limit exceeded");
    }
    if (curly + square > NESTING_MAX) {
      throw new UsageException("JSON nesting depth limit exceeded");
    }
    tokens.add(token);
    return (curly <= 0 && square <= 0) || curly < 0 || square < 0;
  }

  static UsageException tooLarge() {
    return new UsageException("JSON token size limit exceeded");
  }

  /** Of the tokens so far. */
  long bytes() {
    return bytes;
  }

  /** For the parser, which takes them out. */
  Deque<Token> tokens() {
    return tokens;
  }
}
