FROM busybox
RUN echo "a  b" | cat
RUN ["/bin/echo", "a b", "\u00e9", "\"q\""]
RUN [ "a", 'b' ]
RUN ["a"] && b
RUN []
RUN
run   lower
