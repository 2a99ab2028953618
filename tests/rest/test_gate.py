"""What the gate changes before Django sees a request, and what it leaves alone."""

from io import BytesIO

from rest.gate import Gate

MULTIPART = "multipart/form-data; boundary=x"


def passed_through(**environ) -> dict:
    """The environ as the application behind the gate gets it."""
    seen = {}
    Gate(lambda environ, start_response: seen.update(environ) or [])(environ, None)

    return seen


def test_api_request_keeps_its_media_type_alone():
    seen = passed_through(PATH_INFO="/api/user", CONTENT_TYPE="application/json ; charset=hex")

    assert seen["CONTENT_TYPE"] == "application/json"


def test_chunked_api_request_gets_the_length_it_has():
    seen = passed_through(
        **{
            "PATH_INFO": "/api/user",
            "HTTP_TRANSFER_ENCODING": "gzip, Chunked",
            "wsgi.input_terminated": True,
            "wsgi.input": BytesIO(b"12345"),
        }
    )

    assert (seen["CONTENT_LENGTH"], seen["wsgi.input"].read()) == ("5", b"12345")


def test_endless_chunked_body_is_read_to_one_byte_beyond_the_limit(settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    endless = BytesIO(b"x" * 1000)

    seen = passed_through(
        **{
            "PATH_INFO": "/api/user",
            "HTTP_TRANSFER_ENCODING": "chunked",
            "wsgi.input_terminated": True,
            "wsgi.input": endless,
        }
    )

    assert (seen["CONTENT_LENGTH"], endless.tell()) == ("11", 11)


def test_chunked_body_of_a_server_that_does_not_end_it_is_not_read():
    body = BytesIO(b"5\r\n12345\r\n0\r\n\r\n")

    seen = passed_through(
        **{"PATH_INFO": "/api/user", "HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input": body}
    )

    assert "CONTENT_LENGTH" not in seen
    assert body.tell() == 0


def test_request_beside_the_api_is_left_alone():
    sent = {"PATH_INFO": "/admin/", "CONTENT_TYPE": MULTIPART, "HTTP_TRANSFER_ENCODING": "chunked"}

    assert passed_through(**sent) == sent


def test_form_keeps_its_boundary_alone():
    seen = passed_through(
        PATH_INFO="/api/brands/1/logo", CONTENT_TYPE='Multipart/Form-Data; charset=hex; boundary="a-b_c"'
    )

    assert seen["CONTENT_TYPE"] == 'multipart/form-data; boundary="a-b_c"'


def test_form_with_a_broken_boundary_keeps_none():
    seen = passed_through(PATH_INFO="/api/user", CONTENT_TYPE="multipart/form-data; boundary=<>")

    assert seen["CONTENT_TYPE"] == "multipart/form-data"
