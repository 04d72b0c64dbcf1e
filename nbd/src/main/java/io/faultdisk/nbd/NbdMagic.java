package io.faultdisk.nbd;

/** The numbers that each part of a session starts with. */
public final class NbdMagic {
  /** The server's first eight bytes, {@code NBDMAGIC}. */
  public static final long INIT = 0x4e42444d41474943L;

  /** The server's next eight bytes, newstyle, and the start of every option: {@code IHAVEOPT}. */
  public static final long OPTION = 0x49484156454f5054L;

  /** The server's next eight bytes, oldstyle (one export, no options). */
  public static final long OLDSTYLE = 0x00420281861253L;

  /** The start of a server's reply to an option. */
  public static final long OPTION_REPLY = 0x3e889045565a9L;

  public static final int REQUEST = 0x25609513;
  public static final int EXTENDED_REQUEST = 0x21e41c71;
  public static final int SIMPLE_REPLY = 0x67446698;
  public static final int STRUCTURED_REPLY = 0x668e33ef;
  public static final int EXTENDED_REPLY = 0x6e8a278c;

  private NbdMagic() {}
}
