"""Tables as people have them: CSV, XLSX, XML, folders and ZIP files, read and written in streams.

Knows files and their formats, and neither database nor settings. `source_open` begins a reading,
`formats.recognise` says which shop a header comes from.
"""
