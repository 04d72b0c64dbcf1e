package io.faultdisk.block.blkdebug;

import io.faultdisk.base.json.Json;
import io.faultdisk.base.json.JsonString;
import io.faultdisk.rules.Request;
import io.faultdisk.rules.RequestRule;
import java.time.Instant;

/**
 * One injection: which rule did what to which request.
 *
 * @param number counts those of the node, from 1
 * @param time when the request was done with
 * @param rule which rule; its event is what armed it
 * @param request what the request was
 * @param epoch how many flushes of the node had completed
 * @param effect what was done, such as {@code flipped 1 bit: in byte 4096}
 * @param result what the client got: {@code ok} or the name of an error
 */
public record Receipt(
    long number,
    Instant time,
    RequestRule rule,
    Request request,
    long epoch,
    String effect,
    String result) {

  /** As a JSON object in one line. */
  public String json() {
    return "{\"number\": "
        + number
        + ", \"time\": "
        + text(time.toString())
        + ", \"rule\": "
        + text(rule.source().toString())
        + ", \"kind\": "
        + text(rule.kind().wireName())
        + ", \"event\": "
        + text(rule.event().name())
        + ", \"op\": "
        + text(request.type().wireName())
        + ", \"offset\": "
        + request.offset()
        + ", \"bytes\": "
        + request.bytes()
        + ", \"epoch\": "
        + epoch
        + ", \"effect\": "
        + text(effect)
        + ", \"result\": "
        + text(result)
        + "}";
  }

  private static String text(String text) {
    return Json.write(new JsonString(text));
  }

  /**
   * {@code 1. rules.conf:1 [inject-error] on write_aio: write of 512 bytes at 0 in epoch 0: failed:
   * EIO}.
   */
  @Override
  public String toString() {
    return number
        + ". "
        + rule.source()
        + " ["
        + rule.kind().wireName()
        + "] on "
        + rule.event().name()
        + ": "
        + request
        + " in epoch "
        + epoch
        + ": "
        + effect
        + "; client got "
        + result;
  }
}
