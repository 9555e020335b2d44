FROM busybox
EXPOSE 80
EXPOSE 80/tcp 53/udp  8000-8010 $PORT/sctp "9 9"
