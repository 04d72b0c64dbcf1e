/**
 * The NBD protocol as both ends speak it: names and numbers, headers, error numbers, URIs. No
 * policy.
 *
 * <p>The tour, in the order of a session: {@link io.faultdisk.nbd.NbdUri} says where to connect.
 * The handshake starts with {@link io.faultdisk.nbd.NbdMagic} and {@link
 * io.faultdisk.nbd.HandshakeFlag}; then the client sends options ({@link
 * io.faultdisk.nbd.OptionType}) and the server replies to them ({@link
 * io.faultdisk.nbd.OptionReply}, {@link io.faultdisk.nbd.InfoType}, {@link
 * io.faultdisk.nbd.ExportFlag}, {@link io.faultdisk.nbd.MetaContextName}). In transmission, the
 * client sends a {@link io.faultdisk.nbd.RequestHeader} ({@link io.faultdisk.nbd.CommandType},
 * {@link io.faultdisk.nbd.CommandFlag}) and gets a {@link io.faultdisk.nbd.ReplyHeader} ({@link
 * io.faultdisk.nbd.ReplyType}, {@link io.faultdisk.nbd.NbdError}).
 *
 * <p>Everything on the wire is big-endian. Nothing here allocates when a request is parsed or
 * answered: lookups return objects made once, and headers are read and written in place.
 *
 * <p>Source: the NBD protocol, doc/proto.md of NetworkBlockDevice/nbd, with the extended headers of
 * its branch extension-ext-header.
 */
@NullMarked
package io.faultdisk.nbd;

import org.jspecify.annotations.NullMarked;
