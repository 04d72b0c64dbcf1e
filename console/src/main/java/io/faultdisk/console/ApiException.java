package io.faultdisk.console;

import io.faultdisk.base.UsageException;
import java.util.List;

/** An answer that is not the one that was asked for. */
final class ApiException extends Exception {
  private final int status;

  /** The value of the header {@code Allow}; empty for none. */
  private final String allow;

  private final String hint;

  private ApiException(int status, String message, String hint, String allow) {
    super(message, null, false, false);
    this.status = status;
    this.hint = hint;
    this.allow = allow;
  }

  /** An answer with that status. */
  static ApiException of(int status, String message, String hint) {
    return new ApiException(status, message, hint, "");
  }

  /** 404. */
  static ApiException notFound(String message) {
    return of(404, message, "");
  }

  /** 405. */
  static ApiException notAllowed(String method, String path, List<String> allowed) {
    String methods = String.join(", ", allowed);
    return new ApiException(
        405, "there is no " + method + " of " + path + "; there is " + methods, "", methods);
  }

  /** 400, with the words of a user's mistake. */
  static ApiException mistake(UsageException mistake) {
    List<String> hints = mistake.hints();
    return of(400, mistake.getMessage(), hints.isEmpty() ? "" : hints.get(0));
  }

  int status() {
    return status;
  }

  Answer answer() {
    JsonText json = new JsonText().object().member("error", String.valueOf(getMessage()));
    if (!hint.isEmpty()) {
      json.member("hint", hint);
    }
    Answer answer = Answer.json(status, json.end());
    if (!allow.isEmpty()) {
      answer = answer.with("Allow", allow);
    }
    return status == 401 ? answer.with("WWW-Authenticate", "Bearer realm=\"faultdisk\"") : answer;
  }
}
