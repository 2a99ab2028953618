"""How the admin writes times: to the second, because a timeline is read in seconds."""

DATE_FORMAT = "Y-m-d"
DATETIME_FORMAT = "Y-m-d H:i:s"
