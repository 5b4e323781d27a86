"""From signed documents to a threshold: labels, calibration, curves and drift. Pure: no Django.

labels       which words of the machine a signed document kept, by stated rules
kinds        classes of words
columns      the labels of one document as compact numbers
tables       what a calibration says, and how it is read
calibration  how it is fitted: isotonic regression
prior        what the bundled recordings say until enough is signed
judging      fits judged on documents signed after what they know
points       points of a curve, and choosing one
curves       errors caught against words flagged, with the random control and intervals
line         a chosen point as one cutoff for each class of words
drift        whether changed words have become more, or fewer, than usual
"""
