# Zeroes over data, with and without giving the clusters back.
write -P 1 0 256k
flush
write -z 0 64k
write -z -u 64k 64k
write -z 130k 10k
flush
write -P 2 64k 4k
flush
