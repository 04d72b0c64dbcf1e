package io.faultdisk.block.nbd;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.options.OptionSpec;
import io.faultdisk.block.options.OptionValues;
import io.faultdisk.block.options.Options;
import io.faultdisk.nbd.MetaContextName;
import io.faultdisk.nbd.NbdLimits;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What the options of a node say. Immutable.
 *
 * @param server where the server is
 * @param export the name of the export, if one was given; the default one has none
 * @param encryption how to go on encrypted, which then is a must
 * @param tlsHostname whom the server has to prove to be, in place of the host in its address
 * @param context what to ask the status of blocks from, in place of {@link
 *     MetaContextName#BASE_ALLOCATION}
 * @param reconnectSeconds how long requests wait for a lost server; 0: they fail
 * @param openSeconds how long opening tries again; 0: it tries once
 */
record NbdSettings(
    ServerAddress server,
    Optional<String> export,
    Optional<ClientEncryption> encryption,
    Optional<String> tlsHostname,
    Optional<String> context,
    long reconnectSeconds,
    long openSeconds) {

  /** Takes the options out. */
  static NbdSettings of(Options options, Encryptions encryptions) throws UsageException {
    Optional<ClientEncryption> ofUri =
        encryptions.takesUris() ? encryptionOfUri(options, encryptions) : Optional.empty();
    OptionValues values =
        options.absorb(
            OptionSpec.string("host"),
            OptionSpec.string("port"),
            OptionSpec.string("path"),
            OptionSpec.string("export"),
            OptionSpec.string("tls-creds"),
            OptionSpec.string("tls-hostname"),
            OptionSpec.string("x-dirty-bitmap"),
            OptionSpec.number("reconnect-delay"),
            OptionSpec.number("open-timeout"));
    Options server = options.takeChild("server");
    fromOlderOptions(values, server);
    ServerAddress address = ServerAddress.of(server);
    Optional<String> export =
        checked(values.string("export"), "export name too long to send to server");
    Optional<String> creds = values.string("tls-creds");
    if (creds.isPresent() && ofUri.isPresent()) {
      throw new UsageException("tls-creds may not be used with an nbds:// URI");
    }
    Optional<ClientEncryption> encryption =
        creds.isPresent() ? Optional.of(encryptions.named(creds.get())) : ofUri;
    Optional<String> context =
        checked(values.string("x-dirty-bitmap"), "x-dirty-bitmap query too long to send to server");
    return new NbdSettings(
        address,
        export,
        encryption,
        values.string("tls-hostname"),
        context,
        values.number("reconnect-delay", 0) & 0xffff_ffffL,
        values.number("open-timeout", 0) & 0xffff_ffffL);
  }

  /** What {@link NbdFilename} has made of a URI that asks for encryption. */
  private static Optional<ClientEncryption> encryptionOfUri(
      Options options, Encryptions encryptions) throws UsageException {
    OptionValues values =
        options.absorb(
            OptionSpec.bool("tls"),
            OptionSpec.string("tls-certificates"),
            OptionSpec.string("tls-psk-file"),
            OptionSpec.string("tls-username"),
            OptionSpec.bool("tls-verify-peer"));
    Optional<String> certificates = values.string("tls-certificates");
    Optional<String> keys = values.string("tls-psk-file");
    if (!values.bool("tls", certificates.isPresent() || keys.isPresent())) {
      return Optional.empty();
    }
    if (certificates.isPresent() && keys.isPresent()) {
      throw new UsageException("tls-certificates and tls-psk-file may not be used together");
    }
    return Optional.of(
        encryptions.of(
            new Encryptions.UriParameters(
                certificates,
                keys,
                values.string("tls-username"),
                values.bool("tls-verify-peer", true))));
  }

  private static Optional<String> checked(Optional<String> text, String complaint)
      throws UsageException {
    if (text.isPresent()
        && text.get().getBytes(StandardCharsets.UTF_8).length > NbdLimits.STRING_BYTES_MAX) {
      throw new UsageException(complaint);
    }
    return text;
  }

  /** {@code path}, {@code host} and {@code port} are how the address used to be given. */
  private static void fromOlderOptions(OptionValues values, Options server) throws UsageException {
    Optional<String> path = values.string("path");
    Optional<String> host = values.string("host");
    Optional<String> port = values.string("port");
    if (path.isEmpty() && host.isEmpty() && port.isEmpty()) {
      return;
    }
    if (!server.isEmpty()) {
      throw new UsageException("Cannot use 'server' and path/host/port at the same time");
    }
    if (path.isPresent() && host.isPresent()) {
      throw new UsageException("path and host may not be used at the same time");
    }
    if (path.isPresent()) {
      if (port.isPresent()) {
        throw new UsageException("port may not be used without host");
      }
      server.put("type", "unix");
      server.put("path", path.get());
    } else if (host.isPresent()) {
      server.put("type", "inet");
      server.put("host", host.get());
      server.put("port", port.orElse(Integer.toString(NbdLimits.DEFAULT_PORT)));
    }
  }

  /** The name that the server is asked for. */
  String exportName() {
    return export.orElse("");
  }

  /** Whom the server has to prove to be, if anything says so. */
  Optional<String> hostname() {
    return tlsHostname.isPresent()
        ? tlsHostname
        : server instanceof ServerAddress.Inet inet ? Optional.of(inet.host()) : Optional.empty();
  }

  /** What the server is asked for about blocks. */
  String contextName() {
    return context.orElse(MetaContextName.BASE_ALLOCATION);
  }

  /** Whether the status of blocks is a depth in the backing chain rather than a set of flags. */
  boolean asksDepth() {
    return context.equals(Optional.of(MetaContextName.ALLOCATION_DEPTH));
  }

  /** A file name that opens the same export of the same server. */
  String filename() {
    return switch (server) {
      case ServerAddress.Unix(String path) ->
          export
              .map(name -> "nbd+unix:///" + name + "?socket=" + path)
              .orElse("nbd+unix://?socket=" + path);
      case ServerAddress.Inet inet ->
          export.map(name -> "nbd://" + inet + "/" + name).orElse("nbd://" + inet);
    };
  }
}
