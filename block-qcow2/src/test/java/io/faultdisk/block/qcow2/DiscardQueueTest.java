package io.faultdisk.block.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.base.UsageException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DiscardQueueTest {
  private LoggedFile file;
  private DiscardQueue queue;

  @BeforeEach
  void open() throws UsageException {
    file = LoggedFile.empty();
    file.setBytes(new byte[0x10000]);
    queue = new DiscardQueue(file.node());
  }

  @Test
  void neighboursBecomeOne() {
    queue.add(0x1000, 0x200);
    queue.add(0x1400, 0x200);
    queue.add(0x1200, 0x200);
    queue.passOn();
    assertThat(file.log()).isEqualTo("D 1000+600");
  }

  @Test
  void othersKeepTheirOrder() {
    queue.add(0x4000, 0x200);
    queue.add(0x1000, 0x200);
    queue.add(0xe00, 0x200);
    queue.passOn();
    assertThat(file.log()).isEqualTo("D 4000+200 D e00+400");
    queue.passOn();
    assertThat(file.log()).isEmpty();
  }

  @Test
  void aFailureDoesNotKeepTheOthers() {
    queue.add(0x4000, 0x200);
    queue.add(0x1000, 0x200);
    file.failNext("D 4000+200");
    queue.passOn();
    assertThat(file.log()).isEqualTo("D 4000+200 D 1000+200");
  }

  @Test
  void whatIsForgottenIsNotPassedOn() {
    queue.add(0x4000, 0x200);
    queue.forget();
    queue.passOn();
    assertThat(file.log()).isEmpty();
  }
}
