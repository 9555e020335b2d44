  FROM busybox  
	RUN  x   y	


   # comment
  CMD  [ "a" , "b" ]  
