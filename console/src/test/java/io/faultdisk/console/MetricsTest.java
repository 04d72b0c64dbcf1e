package io.faultdisk.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.block.BlockIoException;
import io.faultdisk.daemon.disk.FaultSpec;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The metrics, read by a strict reader of Prometheus' text format. */
@Timeout(120)
class MetricsTest {
  private static final Pattern COMMENT =
      Pattern.compile("# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)");
  private static final Pattern SAMPLE =
      Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)\\{(.*)} ([0-9.e+-]+|\\+Inf|NaN)");
  private static final Pattern LABEL =
      Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\\n]|\\\\[\\\\n\"])*)\"(?:,|$)");

  private TestConsole console;

  @BeforeEach
  void start() throws Exception {
    console = new TestConsole();
  }

  @AfterEach
  void stop() {
    console.close();
  }

  /** All samples, by {@code name{labels}}. */
  private Map<String, Double> scrape() throws Exception {
    HttpResponse<String> answer = console.send("GET", "/metrics");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type"))
        .hasValue("text/plain; version=0.0.4; charset=utf-8");
    assertThat(answer.body()).endsWith("\n");
    Map<String, Double> samples = new LinkedHashMap<>();
    Map<String, String> types = new HashMap<>();
    Set<String> helps = new HashSet<>();
    String family = "";
    for (String line : answer.body().split("\n")) {
      Matcher comment = COMMENT.matcher(line);
      if (comment.matches()) {
        if (comment.group(1).equals("HELP")) {
          assertThat(helps.add(comment.group(2))).as("once: " + line).isTrue();
          family = comment.group(2);
        } else {
          assertThat(comment.group(2)).isEqualTo(family);
          assertThat(comment.group(3)).isIn("counter", "gauge", "histogram");
          assertThat(types.put(family, comment.group(3))).isNull();
        }
        continue;
      }
      Matcher sample = SAMPLE.matcher(line);
      assertThat(sample.matches()).as(line).isTrue();
      String name = sample.group(1);
      boolean histogram = "histogram".equals(types.get(family));
      assertThat(histogram ? name.replaceAll("_(bucket|sum|count)$", "") : name)
          .as("samples of a family stand together: " + line)
          .isEqualTo(family);
      if ("counter".equals(types.get(family))) {
        assertThat(name).endsWith("_total");
      }
      Matcher labels = LABEL.matcher(sample.group(2));
      int end = 0;
      while (labels.find()) {
        assertThat(labels.start()).as(line).isEqualTo(end);
        end = labels.end();
      }
      assertThat(end).as(line).isEqualTo(sample.group(2).length());
      double value = Double.parseDouble(sample.group(3));
      assertThat(samples.put(name + "{" + sample.group(2) + "}", value)).as(line).isNull();
    }
    return samples;
  }

  @Test
  void countersAreThoseOfTheDisk() throws Exception {
    int id =
        console
            .storage
            .disk()
            .add(new FaultSpec("inject-error", Map.of("sector", "8", "errno", "ENOSPC")))
            .id();
    console.storage.user("disk").read(0, ByteBuffer.allocate(512));
    console.storage.user("disk").read(512, ByteBuffer.allocate(1024));
    assertThatThrownBy(() -> console.storage.user("disk").read(4096, ByteBuffer.allocate(512)))
        .isInstanceOf(BlockIoException.class);
    console.storage.user("disk").flush();
    Map<String, Double> samples = scrape();
    assertThat(samples)
        .containsEntry("faultdisk_requests_total{disk=\"disk\",op=\"read\",result=\"ok\"}", 2.0)
        .containsEntry(
            "faultdisk_requests_total{disk=\"disk\",op=\"read\",result=\"injected\"}", 1.0)
        .containsEntry("faultdisk_requests_total{disk=\"disk\",op=\"read\",result=\"failed\"}", 0.0)
        .containsEntry("faultdisk_bytes_total{disk=\"disk\",op=\"read\"}", 2048.0)
        .containsEntry(
            "faultdisk_injected_total{disk=\"disk\",rule=\""
                + id
                + "\",event=\"none\",errno=\"ENOSPC\"}",
            1.0)
        .containsEntry("faultdisk_inflight{disk=\"disk\"}", 0.0)
        .containsEntry("faultdisk_suspended{disk=\"disk\"}", 0.0)
        .containsEntry("faultdisk_state{disk=\"disk\"}", 1.0)
        .containsEntry("faultdisk_power_on{disk=\"disk\"}", 1.0)
        .containsKey("faultdisk_epochs_total{disk=\"disk\"}")
        .containsEntry("faultdisk_build_info{version=\"1.2.3\"}", 1.0);
  }

  @Test
  void bucketsOfTheHistogramGrow() throws Exception {
    for (int i = 0; i < 100; i++) {
      console.storage.user("disk").read(0, ByteBuffer.allocate(512));
    }
    Map<String, Double> samples = scrape();
    double last = 0;
    double lastBound = 0;
    int buckets = 0;
    for (Map.Entry<String, Double> sample : samples.entrySet()) {
      Matcher bucket =
          Pattern.compile(
                  "faultdisk_request_seconds_bucket\\{disk=\"disk\",op=\"read\",le=\"(.*)\"}")
              .matcher(sample.getKey());
      if (bucket.matches()) {
        double bound =
            bucket.group(1).equals("+Inf")
                ? Double.POSITIVE_INFINITY
                : Double.parseDouble(bucket.group(1));
        assertThat(bound).isGreaterThan(lastBound);
        assertThat(sample.getValue()).isGreaterThanOrEqualTo(last);
        last = sample.getValue();
        lastBound = bound;
        buckets++;
      }
    }
    assertThat(buckets).isGreaterThan(10);
    assertThat(lastBound).isInfinite();
    assertThat(last).isEqualTo(100);
    assertThat(samples)
        .containsEntry("faultdisk_request_seconds_count{disk=\"disk\",op=\"read\"}", 100.0);
    assertThat(samples.get("faultdisk_request_seconds_sum{disk=\"disk\",op=\"read\"}"))
        .isPositive();
  }
}
