"""What models are made to write: answers at levels of quality, samples, and answers written anew after feedback.

Knows how to ask for answers and what came back; knows no judge, no factor and no file of logs.
"""
