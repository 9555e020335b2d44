FROM busybox
CMD ["a", \
  # comment
  "b", \
  "c"]
ENTRYPOINT [ \
"x" \
]
