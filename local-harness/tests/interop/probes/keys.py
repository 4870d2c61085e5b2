"""Keys that a file system, a URL, or XML could change on their way."""

from answers import probe

HEAD = ("ETag", "ContentLength")


def stored(peer, key):
    """What becomes of a key: the answers to a write and a read, and the key in the listing."""
    put = peer.ask("put_object", "ETag", Key=key, Body=key.encode())
    get = peer.ask("get_object", "Body", Key=key)
    listed = peer.ask("list_objects_v2", "Contents.Key")
    delete = peer.ask("delete_object", Key=key)
    return {"put": put, "get": get, "list": listed, "delete": delete}


@probe
def two_dots(peer):
    return stored(peer, "..")


@probe
def dots_that_lead_upwards(peer):
    return stored(peer, "a/../../b")


@probe
def one_dot(peer):
    return stored(peer, "./a")


@probe
def two_slashes(peer):
    return stored(peer, "a//b")


@probe
def a_slash_first(peer):
    return stored(peer, "/lead")


@probe
def a_slash_last(peer):
    return stored(peer, "folder/")


@probe
def _1024_bytes(peer):
    return stored(peer, "k" * 1024)


@probe
def _1025_bytes(peer):
    return peer.ask("put_object", Key="k" * 1025, Body=b"")


@probe
def _512_letters_of_two_bytes(peer):
    return stored(peer, "é" * 512)


@probe
def plus_and_percent(peer):
    return stored(peer, "a+b%2Fc%20d")


@probe
def spaces(peer):
    return stored(peer, " a  b ")


@probe
def an_emoji(peer):
    return stored(peer, "holiday 🏖️.jpg")


@probe
def query_and_fragment(peer):
    return stored(peer, "a?b=c&d#e")


@probe
def markup(peer):
    return stored(peer, "<a>&\"'")


@probe
def a_line_feed(peer):
    peer.put("a\nb")
    return peer.ask("list_objects_v2", "Contents.Key")


@probe
def a_key_and_keys_below_it(peer):
    peer.put("x", b"1")
    peer.put("x/y", b"2")
    first = peer.ask("get_object", "Body", Key="x")
    return {"x": first, "x/y": peer.ask("get_object", "Body", Key="x/y")}


@probe
def upper_and_lower_case(peer):
    peer.put("A", b"1")
    peer.put("a", b"2")
    return peer.ask("get_object", "Body", Key="A")


@probe
def composed_and_decomposed_letters(peer):
    peer.put("\u00e9", b"1")
    peer.put("e\u0301", b"2")
    return peer.ask("get_object", "Body", Key="\u00e9")
