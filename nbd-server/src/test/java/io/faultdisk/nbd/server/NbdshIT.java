package io.faultdisk.nbd.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.block.bitmap.DirtyBitmap;
import io.faultdisk.rules.Observation;
import io.faultdisk.rules.QemuEvents;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each feature of the protocol that libnbd 1.14 has, asked for by it. It checks every reply, and
 * its own checks of what it may ask for are switched off.
 */
@Timeout(240)
class NbdshIT {
  private static final String PREPARE =
      """
      h.set_strict_mode(0)
      def code(command):
          try:
              command()
              return 'fine'
          except nbd.Error as e:
              return e.errno
      """;

  /** What the script prints; it knows the server as {@code uri}. */
  private static String shell(ServedImage served, String script) throws Exception {
    return shell(served, "", script);
  }

  private static String shell(ServedImage served, String export, String script) throws Exception {
    String uri = "uri = \"nbd+unix:///%s?socket=%s\"".formatted(export, served.socket());
    return Tools.run("nbdsh", "-c", uri, "-c", PREPARE, "-c", script);
  }

  @Test
  void readsComeInChunksOfDataAndHoles() throws Exception {
    try (ServedImage served = ServedImage.memory("1M")) {
      assertThat(
              shell(
                  served,
                  """
                  h.connect_uri(uri)
                  h.pwrite(b'x' * 65536, 131072)
                  def chunk(data, offset, status, error):
                      print(offset, len(data), status == nbd.READ_HOLE, error.value)
                  h.pread_structured(262144, 65536, chunk)
                  print('together')
                  h.pread_structured(262144, 65536, chunk, nbd.CMD_FLAG_DF)
                  print(bytes(h.pread(4, 131070)), bytes(h.pread(4, 131070, nbd.CMD_FLAG_DF)))
                  """))
          .isEqualTo(
              """
              65536 65536 True 0
              131072 65536 False 0
              196608 131072 True 0
              together
              65536 262144 False 0
              b'\\x00\\x00xx' b'\\x00\\x00xx'
              """);
    }
  }

  @Test
  void anErrorInTheMiddleOfAReadIsAChunkToo() throws Exception {
    String rules = ",inject-error.0.event=read_aio,inject-error.0.sector=300";
    try (ServedImage served =
        ServedImage.memory("1M", rules, ServerLimits.DEFAULT, settings -> settings)) {
      assertThat(
              shell(
                  served,
                  """
                  h.connect_uri(uri)
                  h.pwrite(b'x' * 65536, 131072)
                  chunks = []
                  def chunk(data, offset, status, error):
                      chunks.append(offset)
                  print(code(lambda: h.pread_structured(131072, 65536, chunk)), chunks[0])
                  print(bytes(h.pread(1, 131072)))
                  """))
          .isEqualTo("EIO 65536\nb'x'\n");
    }
  }

  @Test
  void everyChangeTakesItsFlags() throws Exception {
    try (ServedImage served = ServedImage.memory("1M")) {
      assertThat(
              shell(
                  served,
                  """
                  h.connect_uri(uri)
                  h.pwrite(b'a' * 8192, 0)
                  h.pwrite(b'b' * 8192, 4096, nbd.CMD_FLAG_FUA)
                  print(bytes(h.pread(2, 4095)))
                  h.zero(1024, 0)
                  h.zero(1024, 1024, nbd.CMD_FLAG_FUA)
                  h.zero(1024, 2048, nbd.CMD_FLAG_NO_HOLE)
                  h.zero(1024, 3072, nbd.CMD_FLAG_FAST_ZERO)
                  h.zero(4096, 4096, nbd.CMD_FLAG_NO_HOLE | nbd.CMD_FLAG_FAST_ZERO)
                  print(h.pread(8192, 0) == bytearray(8192), bytes(h.pread(1, 8192)))
                  h.trim(4096, 8192)
                  h.trim(4096, 8192, nbd.CMD_FLAG_FUA)
                  h.cache(4096, 0)
                  h.flush()
                  print(code(lambda: h.zero(512, 0, nbd.CMD_FLAG_REQ_ONE)))
                  print(code(lambda: h.trim(512, 0, nbd.CMD_FLAG_NO_HOLE)))
                  print(code(lambda: h.flush(nbd.CMD_FLAG_DF)))
                  """))
          .isEqualTo("b'ab'\nTrue b'b'\nEINVAL\nEINVAL\nEINVAL\n");
    }
  }

  @Test
  void fastZeroingFailsWhereItWouldBeSlow() throws Exception {
    try (ServedImage served =
        ServedImage.open(
            "driver=blkdebug,align=4096,image.driver=memory,image.size=1M",
            ServedImage.WRITEBACK,
            ServerLimits.DEFAULT,
            settings -> settings)) {
      assertThat(
              shell(
                  served,
                  """
                  h.connect_uri(uri)
                  print(code(lambda: h.zero(512, 512)))
                  print(code(lambda: h.zero(512, 512, nbd.CMD_FLAG_FAST_ZERO)))
                  """))
          .isEqualTo("fine\nENOTSUP\n");
    }
  }

  @Test
  void blockStatusTellsOfEveryContext() throws Exception {
    DirtyBitmap bitmap = new DirtyBitmap("b", 1 << 20, 65536);
    bitmap.set(65536, 1);
    try (ServedImage served =
        ServedImage.memory(
            "1M",
            "",
            ServerLimits.DEFAULT,
            settings -> settings.withAllocationDepth(true).withBitmaps(List.of(bitmap)))) {
      assertThat(
              shell(
                  served,
                  """
                  for context in 'base:allocation', 'qemu:allocation-depth', 'qemu:dirty-bitmap:b':
                      h.add_meta_context(context)
                  h.connect_uri(uri)
                  h.pwrite(b'x' * 65536, 0)
                  def extents(context, offset, entries, error):
                      print(context, offset, entries)
                  h.block_status(262144, 0, extents)
                  h.block_status(262144, 0, extents, nbd.CMD_FLAG_REQ_ONE)
                  print(code(lambda: h.block_status(0, 0, extents)))
                  """))
          .isEqualTo(
              """
              base:allocation 0 [65536, 0, 196608, 3]
              qemu:allocation-depth 0 [262144, 1]
              qemu:dirty-bitmap:b 0 [65536, 0, 65536, 1, 131072, 0]
              base:allocation 0 [65536, 0]
              qemu:allocation-depth 0 [262144, 1]
              qemu:dirty-bitmap:b 0 [65536, 0]
              EINVAL
              """);
      assertThat(
              shell(
                  served,
                  """
                  h.connect_uri(uri)
                  print(h.can_meta_context('base:allocation'))
                  print(code(lambda: h.block_status(512, 0, lambda *a: 0)))
                  """))
          .startsWith("False\n");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1 EPERM",
        "5 EIO",
        "12 ENOMEM",
        "22 EINVAL",
        "28 ENOSPC",
        "75 EOVERFLOW",
        "95 ENOTSUP",
        "108 ESHUTDOWN",
        "30 EPERM",
        "27 ENOSPC",
        "122 ENOSPC",
        "2 EINVAL"
      })
  void errorsAreWhatTheProtocolHasForThem(String error) throws Exception {
    String[] words = error.split(" ");
    String rules = ",inject-error.0.event=write_aio,inject-error.0.errno=" + words[0];
    try (ServedImage served =
        ServedImage.memory("1M", rules, ServerLimits.DEFAULT, settings -> settings)) {
      String write = "h.connect_uri(uri)\nprint(code(lambda: h.pwrite(b'x' * 512, 0)))\n";
      assertThat(shell(served, write)).isEqualTo(words[1] + "\n");
    }
  }

  @Test
  void whatCannotBeIsRefused() throws Exception {
    try (ServedImage served = ServedImage.memory("1M")) {
      served.add(Export.Settings.named("ro").withReadOnly(true));
      assertThat(
              shell(
                  served,
                  """
                  h.connect_uri(uri)
                  end = 1 << 20
                  print(code(lambda: h.pread(512, end)), code(lambda: h.pwrite(b'x', end)))
                  print(code(lambda: h.zero(512, end)), code(lambda: h.trim(512, end)))
                  print(code(lambda: h.cache(512, end)), code(lambda: h.pread(512, end - 511)))
                  print(bytes(h.pread(1, end - 1)))
                  """))
          .isEqualTo("EINVAL ENOSPC\nENOSPC EINVAL\nEINVAL EINVAL\nb'\\x00'\n");
      assertThat(
              shell(
                  served,
                  "ro",
                  """
                  h.connect_uri(uri)
                  print(h.is_read_only(), h.can_trim(), h.can_zero(), h.can_flush())
                  print(code(lambda: h.pwrite(b'x', 0)), code(lambda: h.zero(512, 0)))
                  print(code(lambda: h.trim(512, 0)), code(lambda: h.flush()))
                  """))
          .isEqualTo("True False False True\nEPERM EPERM\nEPERM fine\n");
    }
  }

  @Test
  void theExportTellsItsFlagsAndBlockSizes() throws Exception {
    try (ServedImage served =
        ServedImage.open(
            "driver=blkdebug,align=4096,image.driver=memory,image.size=1M",
            ServedImage.WRITEBACK,
            ServerLimits.DEFAULT,
            settings -> settings.withMultiConn(false))) {
      assertThat(
              shell(
                  served,
                  """
                  h.connect_uri(uri)
                  print(h.get_size(), h.get_protocol(), h.get_structured_replies_negotiated())
                  print([h.get_block_size(n) for n in
                         (nbd.SIZE_MINIMUM, nbd.SIZE_PREFERRED, nbd.SIZE_MAXIMUM)])
                  print(h.is_read_only(), h.is_rotational(), h.can_multi_conn())
                  print(h.can_flush(), h.can_fua(), h.can_trim(), h.can_zero(), h.can_df())
                  print(h.can_cache(), h.can_fast_zero())
                  """))
          .isEqualTo(
              """
              1048576 newstyle-fixed True
              [4096, 4096, 33554432]
              False False False
              True True True True True
              True True
              """);
    }
  }

  @Test
  void optionsCanBeNegotiatedOneByOne() throws Exception {
    try (ServedImage served = ServedImage.memory("1M")) {
      served.add(Export.Settings.named("second").withDescription("a disk").withReadOnly(true));
      assertThat(
              shell(
                  served,
                  """
                  h.set_opt_mode(True)
                  h.set_full_info(True)
                  h.connect_uri(uri)
                  h.opt_list(lambda name, description: print('list', name, description))
                  h.set_export_name('nope')
                  print(code(h.opt_info), code(h.opt_go))
                  h.set_export_name('second')
                  h.opt_list_meta_context(lambda name: print('context', name))
                  h.add_meta_context('base:allocation')
                  h.opt_info()
                  print(h.get_canonical_export_name(), h.get_export_description(), h.get_size())
                  print(h.is_read_only(), h.can_meta_context('base:allocation'))
                  h.opt_go()
                  print(h.aio_is_ready(), h.get_nr_meta_contexts(), bytes(h.pread(1, 0)))
                  h.shutdown()
                  """))
          .isEqualTo(
              """
              list \s
              list second a disk
              ENOENT ENOENT
              context base:allocation
              second a disk 1048576
              True True
              True 1 b'\\x00'
              """);
      assertThat(
              shell(
                  served,
                  """
                  h.set_opt_mode(True)
                  h.connect_uri(uri)
                  h.opt_abort()
                  print(h.aio_is_closed())
                  """))
          .isEqualTo("True\n");
      assertThat(served.log()).isEmpty();
    }
  }

  @Test
  void oldWaysOfNegotiatingWork() throws Exception {
    try (ServedImage served = ServedImage.memory("1M")) {
      assertThat(
              shell(
                  served,
                  """
                  h.set_handshake_flags(0)
                  h.connect_uri(uri)
                  print(h.get_protocol(), h.get_structured_replies_negotiated(), h.get_size())
                  print(bytes(h.pread(1, 0)))
                  """))
          .isEqualTo("newstyle False 1048576\nb'\\x00'\n");
      assertThat(
              shell(
                  served,
                  """
                  h.set_request_structured_replies(False)
                  h.connect_uri(uri)
                  print(h.get_protocol(), h.get_structured_replies_negotiated(), h.can_df())
                  h.pwrite(b'x' * 65536, 0)
                  print(h.pread(65536, 0) == b'x' * 65536, code(lambda: h.pread(1, 1 << 20)))
                  """))
          .isEqualTo("newstyle-fixed False False\nTrue EINVAL\n");
    }
  }

  @Test
  void aSuspendedWriteHoldsUpNoOtherRequest() throws Exception {
    int reads = 1000;
    try (ServedImage served = ServedImage.memory("1M")) {
      AtomicInteger left = new AtomicInteger(reads);
      served.engine().addBreakpoint(QemuEvents.WRITE_AIO, "w");
      var unused =
          served
              .engine()
              .observe(
                  observation -> {
                    if (observation instanceof Observation.EventAnnounced announced
                        && announced.event().equals(QemuEvents.READ_AIO)
                        && left.decrementAndGet() == 0) {
                      served.engine().resume("w");
                    }
                  });
      assertThat(
              shell(
                  served,
                  """
                  h.connect_uri(uri)
                  write = h.aio_pwrite(nbd.Buffer.from_bytearray(bytearray(b'x' * 4096)), 65536)
                  for i in range(%d):
                      h.pread(512, 0)
                      if i == 500:
                          print(h.aio_command_completed(write), bytes(h.pread(1, 65536)))
                  while not h.aio_command_completed(write):
                      h.poll(-1)
                  print(bytes(h.pread(1, 65536)))
                  """
                      .formatted(reads)))
          .isEqualTo("False b'\\x00'\nb'x'\n");
    }
  }

  @Test
  void manyRequestsAreInFlightAtOnce() throws Exception {
    try (ServedImage served = ServedImage.memory("16M")) {
      assertThat(
              shell(
                  served,
                  """
                  h.connect_uri(uri)
                  block = 65536
                  for i in range(256):
                      h.aio_pwrite(nbd.Buffer.from_bytearray(bytearray([i]) * block), i * block)
                  while h.aio_in_flight() > 0:
                      h.poll(-1)
                  buffers = [nbd.Buffer(block) for i in range(256)]
                  for i in range(256):
                      h.aio_pread(buffers[i], i * block)
                  while h.aio_in_flight() > 0:
                      h.poll(-1)
                  print(all(buffers[i].to_bytearray() == bytearray([i]) * block
                            for i in range(256)))
                  """))
          .isEqualTo("True\n");
    }
  }
}
