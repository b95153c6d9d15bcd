from claims.wording.service_names import unmapped_name


def test_a_name_that_nobody_has_mapped_is_marked():
    assert unmapped_name("telegram-messenger") == "“telegram-messenger” (unknown service)"
