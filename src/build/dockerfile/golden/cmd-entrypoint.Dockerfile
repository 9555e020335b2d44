FROM busybox
CMD ["a", "b"]
CMD a b
CMD []
CMD
ENTRYPOINT ["sh", "-c"]
ENTRYPOINT exec top -b
ENTRYPOINT []
