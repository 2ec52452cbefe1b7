"""Files for commissioning: finalised codings, as the data sets of England and Wales name things."""
