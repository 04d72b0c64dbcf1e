package io.faultdisk.base.json;

import io.faultdisk.base.UsageException;
import io.faultdisk.base.json.JsonLexer.Kind;
import io.faultdisk.base.json.JsonLexer.Token;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Cuts a stream of bytes into JSON values, in QEMU's dialect, as its monitor does: values need
 * nothing between them, and after a mistake it goes on with what looks like a new value.
 *
 * <p>Bytes may come in pieces of any size. A value is complete when its brackets are balanced; a
 * number or a word outside brackets is when the byte after it arrives. After a byte that fits
 * nowhere all is skipped up to a bracket, a comma, a colon or a control character. What it keeps is
 * bounded by {@link TokenQueue#BYTES_MAX}; blanks between tokens are not kept.
 *
 * <p>For one thread. Source: observed with qemu-storage-daemon 7.2.
 */
public final class JsonStream {
  private static final int BUFFER_BYTES = 4096;

  /** A larger buffer is given back after the value it was for. */
  private static final int BUFFER_BYTES_KEPT = 1 << 16;

  /** Takes what was found, in order. */
  public interface Sink {
    /** A value. */
    void value(JsonValue value);

    /** Bytes that are none; the stream goes on behind them. */
    void mistake(UsageException mistake);
  }

  /** What the token at hand is so far. */
  private enum State {
    START,
    STRING,
    STRING_ESCAPE,
    MINUS,
    ZERO,
    DIGITS,
    POINT,
    DECIMALS,
    EXPONENT,
    EXPONENT_SIGN,
    EXPONENT_DIGITS,
    KEYWORD,
    /** After a byte that fits nowhere. */
    RECOVERY
  }

  private final Sink sink;
  private TokenQueue queue = new TokenQueue();
  private State state = State.START;

  /** The tokens of the value, one after the other; the last one may be unfinished. */
  private byte[] buffer = new byte[BUFFER_BYTES];

  private int used;
  private int tokenFrom;
  private byte quote;

  /** A stream from its beginning. */
  public JsonStream(Sink sink) {
    this.sink = sink;
  }

  /** Takes the next bytes, {@code from} up to {@code to}. */
  public void feed(byte[] bytes, int from, int to) {
    for (int i = from; i < to; i++) {
      if (!feed(bytes[i])) {
        // It only told that the token before it has ended.
        feed(bytes[i]);
      }
    }
  }

  /** Takes a byte; false if it is still to be taken, now that a token has ended. */
  private boolean feed(byte signed) {
    int b = Byte.toUnsignedInt(signed);
    switch (state) {
      case START -> start(b);
      case STRING -> {
        if (b < 0x20 || b > 0xFD) {
          stray(b);
        } else if (b == quote) {
          keep(b);
          token(Kind.STRING);
        } else {
          become(b == '\\' ? State.STRING_ESCAPE : State.STRING, b);
        }
      }
      case STRING_ESCAPE -> require(b >= 0x20 && b <= 0xFD, State.STRING, b);
      case MINUS -> require(isDigit(b), b == '0' ? State.ZERO : State.DIGITS, b);
      case ZERO -> {
        if (isDigit(b)) {
          stray(b);
        } else if (b == '.') {
          become(State.POINT, b);
        } else {
          return ended(Kind.NUMBER);
        }
      }
      case DIGITS -> {
        if (isDigit(b)) {
          become(State.DIGITS, b);
        } else if (b == '.') {
          become(State.POINT, b);
        } else if (b == 'e' || b == 'E') {
          become(State.EXPONENT, b);
        } else {
          return ended(Kind.NUMBER);
        }
      }
      case POINT -> require(isDigit(b), State.DECIMALS, b);
      case DECIMALS -> {
        if (isDigit(b)) {
          become(State.DECIMALS, b);
        } else if (b == 'e' || b == 'E') {
          become(State.EXPONENT, b);
        } else {
          return ended(Kind.NUMBER);
        }
      }
      case EXPONENT -> {
        if (b == '+' || b == '-') {
          become(State.EXPONENT_SIGN, b);
        } else {
          require(isDigit(b), State.EXPONENT_DIGITS, b);
        }
      }
      case EXPONENT_SIGN -> require(isDigit(b), State.EXPONENT_DIGITS, b);
      case EXPONENT_DIGITS -> {
        if (!isDigit(b)) {
          return ended(Kind.NUMBER);
        }
        become(State.EXPONENT_DIGITS, b);
      }
      case KEYWORD -> {
        if (b < 'a' || b > 'z') {
          return ended(Kind.KEYWORD);
        }
        become(State.KEYWORD, b);
      }
      case RECOVERY -> {
        if (b < 0x20 || b > 0xFD || isStructural(b)) {
          state = State.START;
          start(b);
        }
      }
    }
    return true;
  }

  private void start(int b) {
    switch (b) {
      case ' ', '\t', '\r', '\n' -> {}
      case '{' -> single(Kind.LEFT_CURLY, b);
      case '}' -> single(Kind.RIGHT_CURLY, b);
      case '[' -> single(Kind.LEFT_SQUARE, b);
      case ']' -> single(Kind.RIGHT_SQUARE, b);
      case ',' -> single(Kind.COMMA, b);
      case ':' -> single(Kind.COLON, b);
      case '"', '\'' -> {
        quote = (byte) b;
        become(State.STRING, b);
      }
      case '-' -> become(State.MINUS, b);
      case '0' -> become(State.ZERO, b);
      default -> {
        if (isDigit(b)) {
          become(State.DIGITS, b);
        } else {
          require(b >= 'a' && b <= 'z', State.KEYWORD, b);
        }
      }
    }
  }

  private static boolean isDigit(int b) {
    return b >= '0' && b <= '9';
  }

  private static boolean isStructural(int b) {
    return b == '{' || b == '}' || b == '[' || b == ']' || b == ',' || b == ':';
  }

  private void require(boolean fits, State next, int b) {
    if (fits) {
      become(next, b);
    } else {
      stray(b);
    }
  }

  private void single(Kind kind, int b) {
    keep(b);
    token(kind);
  }

  private void become(State next, int b) {
    state = next;
    keep(b);
    if (queue.bytes() + (used - tokenFrom) > TokenQueue.BYTES_MAX) {
      mistake(TokenQueue.tooLarge());
    }
  }

  private void keep(int b) {
    if (used == buffer.length) {
      buffer = Arrays.copyOf(buffer, Math.min(2 * used, TokenQueue.BYTES_MAX + BUFFER_BYTES));
    }
    buffer[used++] = (byte) b;
  }

  private boolean ended(Kind kind) {
    token(kind);
    return false;
  }

  private void token(Kind kind) {
    state = State.START;
    try {
      boolean complete = queue.add(new Token(kind, tokenFrom, used));
      tokenFrom = used;
      if (complete) {
        JsonValue value = new JsonParser(buffer, queue.tokens()).value();
        reset();
        sink.value(value);
      }
    } catch (UsageException mistake) {
      mistake(mistake);
    }
  }

  private void stray(int b) {
    keep(b);
    int end = tokenFrom;
    while (end < used && buffer[end] != 0) {
      end++;
    }
    String token = new String(buffer, tokenFrom, end - tokenFrom, StandardCharsets.UTF_8);
    mistake(JsonParser.error("stray '" + token + "'"));
    state = State.RECOVERY;
  }

  private void mistake(UsageException mistake) {
    reset();
    sink.mistake(mistake);
  }

  private void reset() {
    state = State.START;
    queue = new TokenQueue();
    used = 0;
    tokenFrom = 0;
    if (buffer.length > BUFFER_BYTES_KEPT) {
      buffer = new byte[BUFFER_BYTES];
    }
  }
}
