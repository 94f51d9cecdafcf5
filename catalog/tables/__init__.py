"""Tables as people have them: CSV, XLSX, XML, folders and ZIP files, read and written in streams.

Knows files and formats, no database and no settings. `source.Source` opens what a person named,
`formats.recognise` finds the shop that wrote a header.
"""
