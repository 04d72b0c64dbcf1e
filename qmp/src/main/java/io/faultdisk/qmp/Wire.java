package io.faultdisk.qmp;

import io.faultdisk.base.json.Json;
import io.faultdisk.base.json.JsonValue;
import java.nio.charset.StandardCharsets;

/** How values are written: each line ends in CR LF, a value on one line or, pretty, on many. */
record Wire(boolean pretty) {

  byte[] line(JsonValue value) {
    String text = pretty ? Json.writePretty(value) : Json.write(value);
    return (text + "\n").replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII);
  }
}
