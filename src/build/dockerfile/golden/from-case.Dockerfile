from busybox as one
FrOm one As TWO
from 0
