"""How a process speaks to PostgreSQL: what every role's connection has."""

from django.db import connection

from accounts.models import User


def test_statement_used_again_is_prepared_on_the_server(db):
    for _ in range(3):
        list(User.objects.filter(email="nobody@example.com").values_list("pk"))

    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        prepared = [statement for (statement,) in cursor.fetchall() if '"users"."email"' in statement]
    assert len(prepared) == 1
    assert "$1" in prepared[0]
