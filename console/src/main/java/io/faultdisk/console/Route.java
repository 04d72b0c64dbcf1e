package io.faultdisk.console;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockIoException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One thing that can be asked for.
 *
 * @param method of HTTP
 * @param path as OpenAPI writes it: {@code /disks/{disk}/faults/{fault}}
 * @param body what the request may carry
 * @param handler does it; in force when it returns
 */
record Route(String method, String path, Body body, Handler handler) {

  /** Kinds of bodies. */
  enum Body {
    NONE,
    JSON,
    TEXT,
    JSON_OR_TEXT;

    boolean takesJson() {
      return this == JSON || this == JSON_OR_TEXT;
    }

    boolean takesText() {
      return this == TEXT || this == JSON_OR_TEXT;
    }
  }

  /** Does what was asked for. Any thread, several at once. */
  @FunctionalInterface
  interface Handler {
    Answer answer(Call call) throws UsageException, BlockIoException, ApiException;
  }

  static Route get(String path, Handler handler) {
    return new Route("GET", path, Body.NONE, handler);
  }

  static Route post(String path, Handler handler) {
    return new Route("POST", path, Body.JSON, handler);
  }

  static Route put(String path, Handler handler) {
    return new Route("PUT", path, Body.JSON, handler);
  }

  static Route delete(String path, Handler handler) {
    return new Route("DELETE", path, Body.NONE, handler);
  }

  Route taking(Body other) {
    return new Route(method, path, other, handler);
  }

  /** What the parts of a path stand for; empty if it is not this route's. */
  Optional<Map<String, String>> match(List<String> parts) {
    List<String> own = List.of(path.substring(1).split("/"));
    if (own.size() != parts.size()) {
      return Optional.empty();
    }
    Map<String, String> place = new HashMap<>();
    for (int i = 0; i < own.size(); i++) {
      String part = own.get(i);
      if (part.startsWith("{")) {
        place.put(part.substring(1, part.length() - 1), parts.get(i));
      } else if (!part.equals(parts.get(i))) {
        return Optional.empty();
      }
    }
    return Optional.of(place);
  }
}
