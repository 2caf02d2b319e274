from shop.price import with_tax


def test_tax_is_added():
    assert with_tax(100, 19) == 119


def test_half_a_cent_is_rounded_up():
    assert with_tax(50, 5) == 53
