  # syntax=docker/dockerfile:1.4.0
FROM busybox
