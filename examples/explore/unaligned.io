# Requests of odd lengths: copy-on-write at both ends, reads before writes.
write -P 1 1000 3000
write -P 2 65000 2000
flush
write -P 3 65100 100
write -P 4 200000 131072
flush
