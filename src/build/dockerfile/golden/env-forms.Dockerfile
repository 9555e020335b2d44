FROM busybox
ENV A=1
ENV A=1 B="two words" C='single' D=es\ caped E= F=$A G="a\"b"
ENV old form  with "quotes" and   blanks
ENV old=x y=z
ENV K "v"
ENV a=b\
 c=d
ENV trailing=\
