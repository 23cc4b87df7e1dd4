"""What schemathesis is told before it sends requests one by one."""

import schemathesis

# Lines of JSON are sent as they stand in the document.
schemathesis.serializer.alias("application/x-ndjson", "text/plain")
