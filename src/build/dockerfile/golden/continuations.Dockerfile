FROM busybox
RUN a \
    b \  	
    # comment in between
  # another
    c
RUN one && \
\
two
RUN not continued \\
ENV A=1 \
    B=2 \
    C="x \
y"
