# first

# second
FROM busybox
#no blank
RUN echo # not a comment
   # indented comment
CMD x # y
# last
