# escape=\
FROM busybox
RUN a \
  b
COPY <<EOF /x
one
EOF
CMD ["x"]
