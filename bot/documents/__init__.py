"""Word and Excel files: templates that the county can change, filled by docxtpl; sheets by openpyxl."""
