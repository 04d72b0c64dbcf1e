package io.faultdisk.block.nbd;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.options.Options;
import io.faultdisk.nbd.HandshakeFlag;
import io.faultdisk.nbd.InfoType;
import io.faultdisk.nbd.NbdLimits;
import io.faultdisk.nbd.NbdMagic;
import io.faultdisk.nbd.OptionReply;
import io.faultdisk.nbd.OptionType;
import io.faultdisk.nbd.Transport;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Asks a server what it has. For one thread, once.
 *
 * <p>Source: order and messages are those of {@code qemu-nbd --list} 7.2.
 */
public final class ExportListing {
  private final HandshakeStream stream;
  private final OptionTalk options;

  private final Optional<ClientEncryption> encryption;
  private final Optional<String> hostname;

  private ExportListing(
      Transport transport, Optional<ClientEncryption> encryption, Optional<String> hostname) {
    this.stream = new HandshakeStream(transport);
    this.options = new OptionTalk(stream);
    this.encryption = encryption;
    this.hostname = hostname;
  }

  /**
   * An export as its server describes it.
   *
   * @param description empty if there is none
   * @param size in bytes
   * @param flags {@link io.faultdisk.nbd.ExportFlag}s; 0 if the server told nothing
   * @param blockMin and the other two: bytes; 0 if the server did not say
   * @param contexts the meta contexts that it offers
   */
  public record Item(
      String name,
      String description,
      long size,
      int flags,
      int blockMin,
      int blockPreferred,
      int blockMax,
      List<String> contexts) {

    public Item {
      contexts = List.copyOf(contexts);
    }

    static Item named(String name, String description) {
      return new Item(name, description, 0, 0, 0, 0, 0, List.of());
    }

    private Item withSize(long bytes, int exportFlags) {
      return new Item(
          name, description, bytes, exportFlags, blockMin, blockPreferred, blockMax, contexts);
    }

    private Item withBlocks(int min, int preferred, int max) {
      return new Item(name, description, size, flags, min, preferred, max, contexts);
    }

    private Item withDescription(String text) {
      return new Item(name, text, size, flags, blockMin, blockPreferred, blockMax, contexts);
    }

    private Item withContexts(List<String> names) {
      return new Item(name, description, size, flags, blockMin, blockPreferred, blockMax, names);
    }
  }

  /**
   * Connects, asks, and leaves.
   *
   * @param server {@code type} and what belongs to it, as in the options of a node
   * @param encryption how to go on encrypted, which then is a must
   * @param hostname whom the server has to prove to be
   * @throws UsageException with the text for the user
   */
  public static List<Item> ask(
      Options server, Optional<ClientEncryption> encryption, Optional<String> hostname)
      throws UsageException {
    Transport transport = ServerAddress.of(server).connect();
    try {
      return new ExportListing(transport, encryption, hostname).ask();
    } finally {
      transport.close();
    }
  }

  private List<Item> ask() throws UsageException {
    long magic = stream.read64("initial magic");
    if (magic != NbdMagic.INIT) {
      throw new UsageException("Bad initial magic received: 0x" + Long.toHexString(magic));
    }
    magic = stream.read64("server magic");
    if (magic == NbdMagic.OLDSTYLE) {
      if (encryption.isPresent()) {
        throw new UsageException("Server does not support STARTTLS");
      }
      long size = stream.read64("export length");
      return List.of(Item.named("", "").withSize(size, stream.read32("export flags")));
    }
    if (magic != NbdMagic.OPTION) {
      throw new UsageException("Bad server magic received: 0x" + Long.toHexString(magic));
    }
    int offered = stream.read16("server flags");
    int chosen = offered & (HandshakeFlag.FIXED_NEWSTYLE.bit() | HandshakeFlag.NO_ZEROES.bit());
    stream.write(ByteBuffer.allocate(4).putInt(0, chosen), "clientflags field");
    if (!HandshakeFlag.FIXED_NEWSTYLE.in(chosen)) {
      throw new UsageException("Server does not support export lists");
    }
    if (encryption.isPresent()) {
      options.startTls(encryption.get(), hostname);
    }
    boolean structured = options.request(OptionType.STRUCTURED_REPLY, false);
    List<Item> items = new ArrayList<>();
    for (Item item : list()) {
      Item told = describe(item);
      items.add(structured ? told.withContexts(contexts(item.name())) : told);
    }
    options.abort();
    return items;
  }

  private List<Item> list() throws UsageException {
    List<Item> items = new ArrayList<>();
    options.send(OptionType.LIST);
    while (true) {
      Optional<OptionTalk.Reply> reply = options.receive(OptionType.LIST, true);
      if (reply.isEmpty() || reply.get().is(OptionReply.ACK)) {
        return items;
      }
      if (!reply.get().is(OptionReply.SERVER)) {
        throw options.giveUp(
            "Unexpected reply type " + options.unlike(reply.get(), OptionReply.SERVER));
      }
      ByteBuffer data = reply.get().data();
      if (data.remaining() < 4) {
        throw options.giveUp("incorrect option length " + data.remaining());
      }
      int bytes = data.getInt();
      if (bytes < 0 || bytes > data.remaining() || bytes > NbdLimits.STRING_BYTES_MAX) {
        throw options.giveUp("incorrect name length in server's list response");
      }
      String name = utf8(data.slice(data.position(), bytes));
      if (data.remaining() - bytes > NbdLimits.STRING_BYTES_MAX) {
        throw options.giveUp("incorrect description length in server's list response");
      }
      items.add(Item.named(name, utf8(data.position(data.position() + bytes))));
    }
  }

  private Item describe(Item item) throws UsageException {
    ByteBuffer name = StandardCharsets.UTF_8.encode(item.name());
    ByteBuffer request = ByteBuffer.allocate(8 + name.remaining());
    request.putInt(name.remaining()).put(name);
    request.putShort((short) 1).putShort((short) InfoType.BLOCK_SIZE.number()).flip();
    options.send(OptionType.INFO, request);
    Item told = item;
    while (true) {
      Optional<OptionTalk.Reply> reply = options.receive(OptionType.INFO, true);
      if (reply.isEmpty() || reply.get().is(OptionReply.ACK)) {
        return told;
      }
      if (!reply.get().is(OptionReply.INFO)) {
        throw options.giveUp(
            "unexpected reply type " + options.unlike(reply.get(), OptionReply.INFO));
      }
      told = information(told, reply.get().data());
    }
  }

  private Item information(Item item, ByteBuffer data) throws UsageException {
    if (data.remaining() < 2) {
      throw options.giveUp("NBD_REP_INFO length " + data.remaining() + " is too short");
    }
    Optional<InfoType> type = InfoType.of(data.getShort() & 0xffff);
    if (type.isEmpty()) {
      return item;
    }
    return switch (type.get()) {
      case EXPORT -> {
        requireLength(data, 10);
        yield item.withSize(data.getLong(), data.getShort() & 0xffff);
      }
      case BLOCK_SIZE -> {
        requireLength(data, 12);
        yield item.withBlocks(data.getInt(), data.getInt(), data.getInt());
      }
      case DESCRIPTION -> item.withDescription(utf8(data));
      case NAME -> item;
    };
  }

  private void requireLength(ByteBuffer data, int bytes) throws UsageException {
    if (data.remaining() != bytes) {
      throw options.giveUp("remaining export info len " + data.remaining() + " is unexpected size");
    }
  }

  private List<String> contexts(String export) throws UsageException {
    ByteBuffer name = StandardCharsets.UTF_8.encode(export);
    ByteBuffer request = ByteBuffer.allocate(8 + name.remaining());
    request.putInt(name.remaining()).put(name).putInt(0).flip();
    options.send(OptionType.LIST_META_CONTEXT, request);
    List<String> contexts = new ArrayList<>();
    while (true) {
      Optional<OptionTalk.Reply> reply = options.receive(OptionType.LIST_META_CONTEXT, false);
      if (reply.isEmpty() || reply.get().is(OptionReply.ACK)) {
        return contexts;
      }
      if (!reply.get().is(OptionReply.META_CONTEXT) || reply.get().length() <= 4) {
        throw options.giveUp(
            "Unexpected reply type " + options.unlike(reply.get(), OptionReply.META_CONTEXT));
      }
      ByteBuffer data = reply.get().data();
      contexts.add(utf8(data.position(data.position() + 4)));
    }
  }

  private static String utf8(ByteBuffer bytes) {
    return StandardCharsets.UTF_8.decode(bytes).toString();
  }
}
