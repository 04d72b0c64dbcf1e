/**
 * TLS for NBD, for both ends. Entry: {@link io.faultdisk.nbd.tls.TlsCredentials}, which make an
 * encrypted transport of a plain one.
 *
 * <p>There are two kinds. {@link io.faultdisk.nbd.tls.X509Credentials} are certificates, in files
 * that are named as QEMU and libnbd have them; the JDK does the work, in {@code EngineTransport}.
 * {@link io.faultdisk.nbd.tls.PskCredentials} are keys that both ends know; the JDK does not have
 * those, so Bouncy Castle does the work, in {@code PskTransport}. Each kind only loads what it
 * needs.
 *
 * <p>TLS 1.3, and 1.2 for older peers. Interoperability is tested with GnuTLS, which qemu-nbd,
 * qemu-img, nbdkit and libnbd use.
 *
 * <p>What is wrong with a file is a {@link io.faultdisk.base.UsageException} when credentials are
 * made; what is wrong with the other end is a {@link io.faultdisk.nbd.tls.TlsException} when a
 * connection is. Texts are QEMU's where it has one.
 */
@NullMarked
package io.faultdisk.nbd.tls;

import org.jspecify.annotations.NullMarked;
