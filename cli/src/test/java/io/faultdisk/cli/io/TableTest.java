package io.faultdisk.cli.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class TableTest {
  @Test
  void columnsAreAlignedAndNumbersStandToTheRight() {
    Table table = new Table(List.of("rule", "does", "failed"));
    table.add(List.of("a.conf:12", "EIO", "3"));
    table.add(List.of("b", "nothing at all", "1000000"));
    assertThat(String.join("\n", table.lines()))
        .isEqualTo(
            """
            rule       does            failed
            a.conf:12  EIO                   3
            b          nothing at all  1000000\
            """);
  }

  @Test
  void headingsAloneAreALine() {
    assertThat(new Table(List.of("a", "b")).lines()).containsExactly("a  b");
  }
}
