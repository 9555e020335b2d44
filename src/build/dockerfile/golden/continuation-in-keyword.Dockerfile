FROM busybox
RU\
N echo
\
CMD x
