package io.faultdisk.nbd.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.block.bitmap.DirtyBitmap;
import io.faultdisk.nbd.ExportFlag;
import io.faultdisk.nbd.OptionReply;
import io.faultdisk.nbd.server.RawClient.OptionAnswer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Each option of the handshake, with its replies, on the wire. */
@Timeout(120)
class HandshakeTest {
  private ServedImage served;
  private final DirtyBitmap bitmap = new DirtyBitmap("b0", 1 << 20, 65536);

  @BeforeEach
  void serve() throws Exception {
    served =
        ServedImage.open(
            "driver=blkdebug,align=4096,image.driver=memory,image.size=1M",
            ServedImage.WRITEBACK,
            ServerLimits.DEFAULT,
            settings ->
                settings
                    .withDescription("a disk")
                    .withAllocationDepth(true)
                    .withBitmaps(List.of(bitmap)));
    served.add(Export.Settings.named("ro").withReadOnly(true).withMultiConn(false));
  }

  @AfterEach
  void stop() throws IOException {
    served.close();
  }

  private RawClient client() throws IOException {
    return new RawClient(served.socket()).greet(3);
  }

  private static List<String> texts(List<OptionAnswer> answers, int skip) {
    List<String> texts = new ArrayList<>();
    for (OptionAnswer answer : answers) {
      if (answer.type() != RawClient.ACK) {
        texts.add(new String(answer.data(), skip, answer.data().length - skip, UTF_8));
      }
    }
    return texts;
  }

  private static void refused(OptionReply why, String text, List<OptionAnswer> answers) {
    assertThat(answers).hasSize(1);
    assertThat(answers.get(0).type()).isEqualTo(why.number());
    assertThat(answers.get(0).text()).contains(text);
  }

  @Test
  void exportNameGivesSizeFlagsAndPadding() throws IOException {
    try (RawClient client = new RawClient(served.socket()).greet(1)) {
      client.sendOption(RawClient.EXPORT_NAME, "ro".getBytes(UTF_8));
      ByteBuffer reply = client.receive(134);
      assertThat(reply.getLong()).isEqualTo(1 << 20);
      int flags = reply.getShort();
      assertThat(ExportFlag.READ_ONLY.in(flags)).isTrue();
      assertThat(ExportFlag.SEND_TRIM.in(flags)).isFalse();
      assertThat(ExportFlag.CAN_MULTI_CONN.in(flags)).isFalse();
      assertThat(ExportFlag.SEND_DF.in(flags)).isFalse();
      assertThat(client.read(0, 512)).hasSize(512);
    }
  }

  @Test
  void exportTellsWhatItCan() throws IOException {
    try (RawClient client = client()) {
      int flags = client.go("").getShort(8);
      for (ExportFlag each : ExportFlag.values()) {
        boolean expected =
            switch (each) {
              case HAS_FLAGS, SEND_FLUSH, SEND_FUA, SEND_CACHE, CAN_MULTI_CONN -> true;
              case SEND_TRIM, SEND_WRITE_ZEROES, SEND_FAST_ZERO -> true;
              case READ_ONLY, ROTATIONAL, SEND_RESIZE, SEND_DF, BLOCK_STATUS_PAYLOAD -> false;
            };
        assertThat(each.in(flags)).as(each.name()).isEqualTo(expected);
      }
    }
  }

  @Test
  void exportNameWithoutPaddingIfBothEndsWaiveIt() throws IOException {
    try (RawClient client = client()) {
      client.sendOption(RawClient.EXPORT_NAME);
      assertThat(client.receive(10).getLong()).isEqualTo(1 << 20);
      assertThat(client.read(0, 512)).hasSize(512);
    }
  }

  @Test
  void exportNameIsAllThatOldClientsMaySend() throws IOException {
    try (RawClient client = new RawClient(served.socket()).greet(0)) {
      client.sendOption(RawClient.EXPORT_NAME);
      assertThat(client.receive(134).getLong()).isEqualTo(1 << 20);
    }
    try (RawClient client = new RawClient(served.socket()).greet(0)) {
      client.sendOption(RawClient.LIST);
      assertThat(client.isCutOff()).isTrue();
    }
  }

  @Test
  void unknownExportNameEndsTheConnection() throws IOException {
    try (RawClient client = client()) {
      client.sendOption(RawClient.EXPORT_NAME, "nope".getBytes(UTF_8));
      assertThat(client.isCutOff()).isTrue();
    }
    assertThat(served.log()).anyMatch(line -> line.contains("export not found"));
  }

  @Test
  void abortIsAcknowledged() throws IOException {
    try (RawClient client = client()) {
      assertThat(client.option(RawClient.ABORT).get(0).type()).isEqualTo(RawClient.ACK);
      assertThat(client.isCutOff()).isTrue();
    }
    assertThat(served.log()).isEmpty();
  }

  @Test
  void listNamesExportsWithDescriptions() throws IOException {
    try (RawClient client = client()) {
      List<OptionAnswer> answers = client.option(RawClient.LIST);
      assertThat(texts(answers, 4)).containsExactly("a disk", "ro");
      assertThat(answers.get(1).bytes().getInt()).isEqualTo(2);
      refused(OptionReply.ERR_INVALID, "length", client.option(RawClient.LIST, (byte) 1));
    }
  }

  @Test
  void infoTellsWhatIsAskedForAndGoGoes() throws IOException {
    try (RawClient client = client()) {
      List<OptionAnswer> answers = client.option(RawClient.INFO, RawClient.info("", 1, 3));
      assertThat(answers).hasSize(5);
      assertThat(answers.get(0).bytes().getShort()).isEqualTo((short) 1); // the name, empty
      assertThat(answers.get(1).text()).endsWith("a disk");
      ByteBuffer sizes = answers.get(2).bytes().position(2);
      assertThat(sizes.getInt()).isEqualTo(4096);
      assertThat(sizes.getInt()).isEqualTo(4096);
      assertThat(sizes.getInt()).isEqualTo(32 << 20);
      assertThat(answers.get(3).bytes().getLong(2)).isEqualTo(1 << 20);

      List<OptionAnswer> unasked = client.option(RawClient.INFO, RawClient.info(""));
      assertThat(unasked.get(unasked.size() - 1).type())
          .isEqualTo(OptionReply.ERR_BLOCK_SIZE_REQD.number());

      List<OptionAnswer> go = client.option(RawClient.GO, RawClient.info(""));
      assertThat(go.get(1).bytes().position(2).getInt()).isEqualTo(1);
      assertThat(go.get(go.size() - 1).type()).isEqualTo(RawClient.ACK);
      assertThat(client.read(0, 512)).hasSize(512);
    }
  }

  @Test
  void infoOfNoExportAndMalformedInfoAreRefused() throws IOException {
    try (RawClient client = client()) {
      refused(
          OptionReply.ERR_UNKNOWN,
          "export 'x' not present",
          client.option(RawClient.GO, RawClient.info("x")));
      refused(OptionReply.ERR_INVALID, "", client.option(RawClient.GO));
      refused(OptionReply.ERR_INVALID, "", client.option(RawClient.GO, new byte[] {0, 0, 0, 9}));
      refused(
          OptionReply.ERR_INVALID,
          "",
          client.option(RawClient.GO, new byte[] {0, 0, 0, 0, 0, 0, 1}));
      refused(
          OptionReply.ERR_INVALID,
          "",
          client.option(RawClient.INFO, new byte[] {-1, -1, -1, -1, 0, 0}));
      assertThat(client.go("").getLong()).isEqualTo(1 << 20);
    }
  }

  @Test
  void structuredRepliesAreAgreedOnOnce() throws IOException {
    try (RawClient client = client()) {
      assertThat(client.option(RawClient.STRUCTURED_REPLY).get(0).type()).isEqualTo(1);
      refused(
          OptionReply.ERR_INVALID,
          "structured reply already negotiated",
          client.option(RawClient.STRUCTURED_REPLY));
      ByteBuffer export = client.go("");
      assertThat(ExportFlag.SEND_DF.in(export.getShort(8))).isTrue();
    }
  }

  @Test
  void extendedHeadersIncludeStructuredReplies() throws IOException {
    try (RawClient client = client()) {
      assertThat(client.option(RawClient.EXTENDED_HEADERS).get(0).type()).isEqualTo(1);
      refused(OptionReply.ERR_INVALID, "already", client.option(RawClient.EXTENDED_HEADERS));
      refused(
          OptionReply.ERR_EXT_HEADER_REQD, "already", client.option(RawClient.STRUCTURED_REPLY));
      ByteBuffer export = client.go("");
      assertThat(ExportFlag.SEND_DF.in(export.getShort(8))).isTrue();
      assertThat(ExportFlag.BLOCK_STATUS_PAYLOAD.in(export.getShort(8))).isTrue();
    }
  }

  @Test
  void contextsAreListedByQueries() throws IOException {
    try (RawClient client = client()) {
      List<String> all =
          List.of("base:allocation", "qemu:allocation-depth", "qemu:dirty-bitmap:b0");
      assertThat(listed(client)).isEqualTo(all);
      assertThat(listed(client, "base:", "qemu:")).isEqualTo(all);
      assertThat(listed(client, "qemu:")).isEqualTo(all.subList(1, 3));
      assertThat(listed(client, "qemu:dirty-bitmap:")).isEqualTo(all.subList(2, 3));
      assertThat(listed(client, "x:", "base", "base:alloc", "")).isEmpty();
      refused(
          OptionReply.ERR_UNKNOWN,
          "not present",
          client.option(RawClient.LIST_META_CONTEXT, RawClient.queries("x")));
    }
  }

  private static List<String> listed(RawClient client, String... queries) throws IOException {
    return texts(client.option(RawClient.LIST_META_CONTEXT, RawClient.queries("", queries)), 4);
  }

  @Test
  void contextsAreSetByFullNamesAndNeedStructuredReplies() throws IOException {
    try (RawClient client = client()) {
      byte[] both = RawClient.queries("", "qemu:allocation-depth", "base:allocation", "qemu:");
      refused(
          OptionReply.ERR_INVALID,
          "structured reply is not negotiated",
          client.option(RawClient.SET_META_CONTEXT, both));
      client.option(RawClient.STRUCTURED_REPLY);
      List<OptionAnswer> answers = client.option(RawClient.SET_META_CONTEXT, both);
      assertThat(texts(answers, 4)).containsExactly("base:allocation", "qemu:allocation-depth");
      assertThat(answers.get(0).bytes().getInt()).isZero();
      assertThat(answers.get(1).bytes().getInt()).isEqualTo(1);
      refused(
          OptionReply.ERR_INVALID,
          "",
          client.option(RawClient.SET_META_CONTEXT, new byte[] {0, 0, 0, 0, 0, 0, 0, 1}));
    }
  }

  @Test
  void unknownOptionsAndLongDataAreRefusedButSurvived() throws IOException {
    try (RawClient client = client()) {
      refused(OptionReply.ERR_UNSUP, "Unsupported option 4711", client.option(4711, (byte) 1));
      refused(OptionReply.ERR_TOO_BIG, "", client.option(RawClient.LIST, new byte[100_000]));
      refused(OptionReply.ERR_POLICY, "TLS not configured", client.option(RawClient.STARTTLS));
      assertThat(client.go("").getLong()).isEqualTo(1 << 20);
    }
  }

  @Test
  void nothingButEncryptionMayBeAskedForWhereItIsRequired() throws Exception {
    try (ServedImage encrypted = ServedImage.encrypted(plain -> plain);
        RawClient client = new RawClient(encrypted.socket()).greet(3)) {
      refused(OptionReply.ERR_TLS_REQD, "before TLS", client.option(RawClient.LIST));
      assertThat(client.option(RawClient.STARTTLS).get(0).type()).isEqualTo(RawClient.ACK);
      refused(OptionReply.ERR_INVALID, "already enabled", client.option(RawClient.STARTTLS));
      client.go("");
      assertThat(client.read(0, 512)).hasSize(512);
    }
    try (ServedImage encrypted = ServedImage.encrypted(plain -> plain);
        RawClient client = new RawClient(encrypted.socket()).greet(3)) {
      client.sendOption(RawClient.EXPORT_NAME);
      assertThat(client.isCutOff()).isTrue();
    }
  }

  @Test
  void badMagicAndUnknownFlagsEndTheConnection() throws IOException {
    try (RawClient client = client()) {
      client.send(ByteBuffer.allocate(16));
      assertThat(client.isCutOff()).isTrue();
    }
    try (RawClient client = new RawClient(served.socket()).greet(0x83)) {
      assertThat(client.isCutOff()).isTrue();
    }
    try (RawClient client = client()) {
      client.send(
          ByteBuffer.allocate(16)
              .putLong(0x49484156454f5054L)
              .putInt(RawClient.LIST)
              .putInt(-1)
              .flip());
      assertThat(client.isCutOff()).isTrue();
    }
    assertThat(served.log())
        .anyMatch(line -> line.contains("Bad magic received"))
        .anyMatch(line -> line.contains("Unknown client flags 0x80 received"))
        .anyMatch(line -> line.contains("too long"));
  }

  @Test
  void aClientThatDripsIsCutOffInTime() throws Exception {
    ServerLimits hasty = ServerLimits.DEFAULT.withTimes(200, 1000);
    try (ServedImage other = ServedImage.memory("1M", "", hasty, settings -> settings);
        RawClient client = new RawClient(other.socket())) {
      assertThat(client.isCutOff()).isTrue();
      assertThat(other.log()).anyMatch(line -> line.contains("in time"));
    }
  }

  @Test
  void whoDoesNotGetOnWithEncryptionIsCutOffInTime() throws Exception {
    Encryption endless =
        plain -> {
          while (plain.receive(ByteBuffer.allocate(100)) >= 0) {
            plain.send(ByteBuffer.allocate(1));
          }
          throw new IOException("the client has left");
        };
    ServerLimits limits = ServerLimits.DEFAULT.withTimes(3000, 10_000);
    try (ServedImage encrypted = ServedImage.encrypted(endless, limits);
        RawClient client = new RawClient(encrypted.socket()).greet(3)) {
      assertThat(client.option(RawClient.STARTTLS).get(0).type()).isEqualTo(RawClient.ACK);
      assertThat(client.isCutOff()).isTrue();
      assertThat(encrypted.log()).contains("a client did not choose an export in time");
    }
  }
}
