/**
 * The {@code nbd} driver: a disk on somebody's NBD server.
 *
 * <p>{@link io.faultdisk.block.nbd.NbdType} opens it: {@code nbd://HOST:PORT/EXPORT}, {@code
 * nbd+unix:///EXPORT?socket=PATH}, {@code nbd:unix:PATH:exportname=EXPORT}, {@code driver=nbd}.
 *
 * <p>The way of a request: {@code NbdDriver} makes an {@code Exchange} of it; {@code Link} finds a
 * {@code Connection} for it, waits for a new one after a loss, or says that there is none; the
 * connection sends it and the caller waits. {@code ReplyReader}, a thread of the connection's own,
 * finds the exchange that a reply belongs to, puts data straight into the caller's buffer, and
 * wakes the caller. A connection begins with {@code ServerAddress} and {@code Handshake}, which
 * {@code Dialer} does in turn; {@link io.faultdisk.block.nbd.Encryptions} are how it is encrypted.
 */
@NullMarked
package io.faultdisk.block.nbd;

import org.jspecify.annotations.NullMarked;
