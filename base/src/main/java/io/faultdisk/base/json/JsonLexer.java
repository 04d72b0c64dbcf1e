package io.faultdisk.base.json;

import io.faultdisk.base.UsageException;
import java.nio.charset.StandardCharsets;
import java.util.Deque;

/** Cuts JSON text into tokens, up to the end of the first value. For one thread, used once. */
final class JsonLexer {
  enum Kind {
    LEFT_CURLY,
    RIGHT_CURLY,
    LEFT_SQUARE,
    RIGHT_SQUARE,
    COMMA,
    COLON,
    STRING,
    NUMBER,
    KEYWORD
  }

  /** Bytes {@code from} up to {@code to} of the text; a string's quotes belong to it. */
  record Token(Kind kind, int from, int to) {}

  private final byte[] text;
  private int at;

  JsonLexer(byte[] text) {
    this.text = text;
  }

  /** All tokens of the first value: until brackets are balanced, or until the end of the text. */
  Deque<Token> firstValue() throws UsageException {
    TokenQueue queue = new TokenQueue();
    while (skipBlanks()) {
      if (queue.add(next())) {
        break;
      }
    }
    return queue.tokens();
  }

  /** Moves to the next byte that is no blank; false at the end. */
  boolean skipBlanks() {
    while (at < text.length
        && (text[at] == ' ' || text[at] == '\t' || text[at] == '\r' || text[at] == '\n')) {
      at++;
    }
    return at < text.length;
  }

  private Token next() throws UsageException {
    int from = at;
    int first = text[at++];
    Kind kind =
        switch (first) {
          case '{' -> Kind.LEFT_CURLY;
          case '}' -> Kind.RIGHT_CURLY;
          case '[' -> Kind.LEFT_SQUARE;
          case ']' -> Kind.RIGHT_SQUARE;
          case ',' -> Kind.COMMA;
          case ':' -> Kind.COLON;
          case '"', '\'' -> string(from, first);
          case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> number(from, first);
          default -> keyword(from, first);
        };
    return new Token(kind, from, at);
  }

  private Kind string(int from, int quote) throws UsageException {
    boolean escaped = false;
    while (true) {
      int b = takeIf(from, 0x20, 0xFD);
      if (escaped) {
        escaped = false;
      } else if (b == '\\') {
        escaped = true;
      } else if (b == quote) {
        return Kind.STRING;
      }
    }
  }

  private Kind number(int from, int first) throws UsageException {
    int digit = first == '-' ? takeIf(from, '0', '9') : first;
    if (digit == '0') {
      if (isDigit()) {
        at++;
        throw stray(from);
      }
    } else {
      skipDigits();
    }
    if (peek() == '.') {
      at++;
      takeIf(from, '0', '9');
      skipDigits();
    } else if (digit == '0') {
      return Kind.NUMBER; // no exponent directly after a zero
    }
    if (peek() == 'e' || peek() == 'E') {
      at++;
      if (peek() == '+' || peek() == '-') {
        at++;
      }
      takeIf(from, '0', '9');
      skipDigits();
    }
    return Kind.NUMBER;
  }

  private Kind keyword(int from, int first) throws UsageException {
    if (first < 'a' || first > 'z') {
      throw stray(from);
    }
    while (peek() >= 'a' && peek() <= 'z') {
      at++;
    }
    return Kind.KEYWORD;
  }

  private void skipDigits() {
    while (isDigit()) {
      at++;
    }
  }

  private boolean isDigit() {
    return peek() >= '0' && peek() <= '9';
  }

  /** The next byte, unsigned; -1 at the end. */
  private int peek() {
    return at < text.length ? Byte.toUnsignedInt(text[at]) : -1;
  }

  /** Takes a byte of a range; any other one, or the end, is an error. */
  private int takeIf(int from, int low, int high) throws UsageException {
    int b = peek();
    if (b >= 0) {
      at++;
    }
    if (b < low || b > high) {
      throw stray(from);
    }
    return b;
  }

  private UsageException stray(int from) {
    String token = new String(text, from, at - from, StandardCharsets.UTF_8);
    return new UsageException("JSON parse error, stray '" + token + "'");
  }
}
