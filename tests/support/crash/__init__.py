"""The crash test: real processes, killed at named places while people buy, and the money counted.

`python -m tests.support.crash` runs it. A nursery that has everything loaded forks each new life
of the web and of the workers; a life dies by SIGKILL at a failpoint whose turn it is. PostgreSQL
falls at once a few times too. The provider's sandbox never dies: its journal is the truth that
our books are compared with once the faults have stopped.

Nothing of it is in the product: failpoints are wrapped around an application that was built as
always, in processes of the test.
"""
