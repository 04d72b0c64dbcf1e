package io.faultdisk.block.qcow2;

import io.faultdisk.block.format.CreateOption;
import java.util.List;

/** What {@code create -o} takes for qcow2, in the order in which it is shown. */
final class CreationOptions {
  static final List<CreateOption> ALL =
      List.of(
          CreateOption.of(
              "encryption",
              CreateOption.Type.BOOL,
              "Encrypt the image with format 'aes'. (Deprecated in favor of encrypt.format=aes)"),
          CreateOption.of(
              "encrypt.format",
              CreateOption.Type.STRING,
              "Encrypt the image, format choices: 'aes', 'luks'"),
          CreateOption.of(
              "encrypt.key-secret",
              CreateOption.Type.STRING,
              "ID of secret providing qcow AES key or LUKS passphrase"),
          CreateOption.of(
              "encrypt.cipher-alg",
              CreateOption.Type.STRING,
              "Name of encryption cipher algorithm"),
          CreateOption.of(
              "encrypt.cipher-mode", CreateOption.Type.STRING, "Name of encryption cipher mode"),
          CreateOption.of(
              "encrypt.ivgen-alg", CreateOption.Type.STRING, "Name of IV generator algorithm"),
          CreateOption.of(
              "encrypt.ivgen-hash-alg",
              CreateOption.Type.STRING,
              "Name of IV generator hash algorithm"),
          CreateOption.of(
              "encrypt.hash-alg", CreateOption.Type.STRING, "Name of encryption hash algorithm"),
          CreateOption.of(
              "encrypt.iter-time",
              CreateOption.Type.NUMBER,
              "Time to spend in PBKDF in milliseconds"),
          CreateOption.of("cluster_size", CreateOption.Type.SIZE, "qcow2 cluster size", "65536"),
          CreateOption.of("extended_l2", CreateOption.Type.BOOL, "Extended L2 tables", "off"),
          CreateOption.of(
              "preallocation",
              CreateOption.Type.STRING,
              "Preallocation mode (allowed values: off, metadata, falloc, full)"),
          CreateOption.of(
              "compression_type",
              CreateOption.Type.STRING,
              "Compression method used for image cluster compression",
              "zlib"),
          CreateOption.of("size", CreateOption.Type.SIZE, "Virtual disk size"),
          CreateOption.of(
              "compat", CreateOption.Type.STRING, "Compatibility level (v2 [0.10] or v3 [1.1])"),
          CreateOption.of("backing_file", CreateOption.Type.STRING, "File name of a base image"),
          CreateOption.of(
              "backing_fmt", CreateOption.Type.STRING, "Image format of the base image"),
          CreateOption.of(
              "data_file", CreateOption.Type.STRING, "File name of an external data file"),
          CreateOption.of(
              "data_file_raw",
              CreateOption.Type.BOOL,
              "The external data file must stay valid as a raw image"),
          CreateOption.of(
              "lazy_refcounts", CreateOption.Type.BOOL, "Postpone refcount updates", "off"),
          CreateOption.of(
              "refcount_bits",
              CreateOption.Type.NUMBER,
              "Width of a reference count entry in bits",
              "16"));

  /** Driver names that {@code backing_fmt} may have, whether there is such a driver here or not. */
  static final List<String> DRIVERS =
      List.of(
          "blkdebug",
          "blklogwrites",
          "blkreplay",
          "blkverify",
          "bochs",
          "cloop",
          "compress",
          "copy-before-write",
          "copy-on-read",
          "dmg",
          "file",
          "snapshot-access",
          "ftp",
          "ftps",
          "gluster",
          "host_cdrom",
          "host_device",
          "http",
          "https",
          "iscsi",
          "luks",
          "nbd",
          "nfs",
          "null-aio",
          "null-co",
          "nvme",
          "parallels",
          "preallocate",
          "qcow",
          "qcow2",
          "qed",
          "quorum",
          "raw",
          "rbd",
          "replication",
          "ssh",
          "throttle",
          "vdi",
          "vhdx",
          "vmdk",
          "vpc",
          "vvfat");

  private CreationOptions() {}
}
