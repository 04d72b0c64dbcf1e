package io.faultdisk.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.base.Errno;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** Numbers and layouts, against bytes typed from the protocol's text. */
class WireTest {

  @Test
  void everyNumberIsFoundAgain() {
    for (OptionType each : OptionType.values()) {
      assertThat(OptionType.of(each.number())).contains(each);
    }
    for (OptionReply each : OptionReply.values()) {
      assertThat(OptionReply.of(each.number())).contains(each);
    }
    for (CommandType each : CommandType.values()) {
      assertThat(CommandType.of(each.number())).contains(each);
    }
    for (ReplyType each : ReplyType.values()) {
      assertThat(ReplyType.of(each.number())).contains(each);
      assertThat(ReplyType.isError(each.number())).isEqualTo(each.name().startsWith("ERROR"));
    }
    assertThat(OptionType.of(4)).isEmpty();
    assertThat(ReplyType.of(3)).isEmpty();
    assertThat(ExportFlag.BLOCK_STATUS_PAYLOAD.bit()).isEqualTo(1 << 12);
  }

  @Test
  void errorsAreThoseOfTheProtocol() {
    assertThat(NbdError.from(Errno.EROFS)).isEqualTo(NbdError.EPERM);
    assertThat(NbdError.from(Errno.EDQUOT)).isEqualTo(NbdError.ENOSPC);
    assertThat(NbdError.from(Errno.EFBIG)).isEqualTo(NbdError.ENOSPC);
    assertThat(NbdError.from(Errno.EBUSY)).isEqualTo(NbdError.EINVAL);
    assertThat(NbdError.from(Errno.EIO).number()).isEqualTo(5);
    assertThat(NbdError.errnoOf(0)).isEqualTo(Errno.SUCCESS);
    assertThat(NbdError.errnoOf(28)).isEqualTo(Errno.ENOSPC);
    assertThat(NbdError.errnoOf(1000)).isEqualTo(Errno.EINVAL);
  }

  @Test
  void aRequest() {
    ByteBuffer out = ByteBuffer.allocate(60);
    RequestHeader.put(out, false, CommandFlag.FUA.bit(), CommandType.WRITE, 2, 3, 0xffff_fffeL);
    RequestHeader.put(out, true, 0, CommandType.TRIM, 4, 5, 1L << 40);
    assertThat(HexFormat.of().formatHex(out.array()))
        .isEqualTo(
            "25609513"
                + "0001"
                + "0001"
                + "0000000000000002"
                + "0000000000000003"
                + "fffffffe"
                + "21e41c71"
                + "0000"
                + "0004"
                + "0000000000000004"
                + "0000000000000005"
                + "0000010000000000");
    assertThat(RequestHeader.length(out, 0, false)).isEqualTo(0xffff_fffeL);
    assertThat(RequestHeader.length(out, 28, true)).isEqualTo(1L << 40);
    assertThat(RequestHeader.command(out, 28)).isEqualTo(CommandType.TRIM.number());
    assertThat(RequestHeader.cookie(out, 28)).isEqualTo(4);
    assertThat(RequestHeader.offset(out, 0)).isEqualTo(3);
    assertThat(RequestHeader.flags(out, 0)).isEqualTo(1);
  }

  @Test
  void replies() {
    ByteBuffer out = ByteBuffer.allocate(68);
    ReplyHeader.putSimple(out, 5, 2);
    ReplyHeader.putStructured(out, ChunkFlag.DONE.bit(), ReplyType.ERROR, 3, 6);
    ReplyHeader.putExtended(out, 0, ReplyType.OFFSET_DATA, 4, 7, 1L << 33);
    assertThat(HexFormat.of().formatHex(out.array()))
        .isEqualTo(
            "67446698"
                + "00000005"
                + "0000000000000002"
                + "668e33ef"
                + "0001"
                + "8001"
                + "0000000000000003"
                + "00000006"
                + "6e8a278c"
                + "0000"
                + "0001"
                + "0000000000000004"
                + "0000000000000007"
                + "0000000200000000");
    assertThat(ReplyHeader.error(out, 0)).isEqualTo(5);
    assertThat(ReplyHeader.bytes(ReplyHeader.magic(out, 16))).isEqualTo(20);
    assertThat(ReplyHeader.length(out, 16)).isEqualTo(6);
    assertThat(ReplyHeader.length(out, 36)).isEqualTo(1L << 33);
    assertThat(ReplyHeader.type(out, 16)).isEqualTo(0x8001);
    assertThat(ReplyHeader.cookie(out, 36)).isEqualTo(4);
    assertThat(ReplyHeader.bytes(0)).isEqualTo(-1);
  }
}
