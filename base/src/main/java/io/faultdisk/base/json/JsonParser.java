package io.faultdisk.base.json;

import io.faultdisk.base.UsageException;
import io.faultdisk.base.json.JsonLexer.Kind;
import io.faultdisk.base.json.JsonLexer.Token;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes a value of tokens. For one thread, used once. Recursion is bounded by the lexer's limit on
 * nesting: every level has a bracket of its own.
 */
final class JsonParser {
  /** QEMU cuts its message to this many bytes. */
  private static final int MESSAGE_BYTES_MAX = 1023;

  private final byte[] text;
  private final Deque<Token> tokens;

  JsonParser(byte[] text, Deque<Token> tokens) {
    this.text = text;
    this.tokens = tokens;
  }

  JsonValue value() throws UsageException {
    Token token = peek();
    return switch (token.kind()) {
      case LEFT_CURLY -> object();
      case LEFT_SQUARE -> array();
      case STRING -> new JsonString(JsonStringReader.read(text, take()));
      case NUMBER -> JsonNumber.read(textOf(take()));
      case KEYWORD -> keyword(textOf(take()));
      case RIGHT_CURLY, RIGHT_SQUARE, COMMA, COLON -> throw error("expecting value");
    };
  }

  private JsonValue keyword(String word) throws UsageException {
    return switch (word) {
      case "true" -> new JsonBool(true);
      case "false" -> new JsonBool(false);
      case "null" -> new JsonNull();
      default -> throw error("invalid keyword '" + word + "'");
    };
  }

  private JsonObject object() throws UsageException {
    take();
    Map<String, JsonValue> members = new LinkedHashMap<>();
    if (peek().kind() == Kind.RIGHT_CURLY) {
      take();
      return new JsonObject(members);
    }
    while (true) {
      member(members);
      Token token = take();
      if (token.kind() == Kind.RIGHT_CURLY) {
        return new JsonObject(members);
      }
      if (token.kind() != Kind.COMMA) {
        throw error("expected separator in dict");
      }
    }
  }

  private void member(Map<String, JsonValue> members) throws UsageException {
    if (!(value() instanceof JsonString name)) {
      throw error("key is not a string in object");
    }
    if (take().kind() != Kind.COLON) {
      throw error("missing : in object pair");
    }
    JsonValue value = value();
    if (members.putIfAbsent(name.value(), value) != null) {
      throw error("duplicate key");
    }
  }

  private JsonArray array() throws UsageException {
    take();
    List<JsonValue> elements = new ArrayList<>();
    if (peek().kind() == Kind.RIGHT_SQUARE) {
      take();
      return new JsonArray(elements);
    }
    while (true) {
      elements.add(value());
      Token token = take();
      if (token.kind() == Kind.RIGHT_SQUARE) {
        return new JsonArray(elements);
      }
      if (token.kind() != Kind.COMMA) {
        throw error("expected separator in list");
      }
    }
  }

  private Token peek() throws UsageException {
    Token token = tokens.peek();
    if (token == null) {
      throw error("premature EOI");
    }
    return token;
  }

  private Token take() throws UsageException {
    Token token = peek();
    tokens.remove();
    return token;
  }

  private String textOf(Token token) {
    return new String(text, token.from(), token.to() - token.from(), StandardCharsets.US_ASCII);
  }

  static UsageException error(String detail) {
    byte[] bytes = detail.getBytes(StandardCharsets.UTF_8);
    String shown =
        bytes.length <= MESSAGE_BYTES_MAX
            ? detail
            : new String(bytes, 0, MESSAGE_BYTES_MAX, StandardCharsets.UTF_8);
    return new UsageException("JSON parse error, " + shown);
  }
}
