"""`interlock init FILE` at a terminal: its questions, its output, and the effect of a closed terminal."""

from newcomer import ADDRESS, CANARY, Newcomer, variables
from terminal import at_terminal


def typed(new: Newcomer, path, *answers: tuple[str, str]) -> tuple[int, str]:
    """Runs `interlock init` at a terminal of its own; types each answer when its question appears."""
    words = [str(new.binary), "init", str(path), "--segment", "8MiB", "--agents", f"127.0.0.1:{new.port}"]
    return at_terminal(words, *answers, cwd=new.shop, env=new.environment, **new.user)


def test_at_a_terminal_each_step_is_asked_and_the_default_is_no(new):
    path = new.servers(good=variables(), bad=variables(X="1"), shut=variables(X="2"))
    code, shown = typed(
        new, path, ("E-mail address:", ""), ("Start it, in a sandbox? [y/N]", "y"), ("Start it, in a sandbox? [y/N]", ""),
        ("Start it, in a sandbox? [y/N]", "y"), ("Grant the 1 marked read? [y/N]", ""),
        ("Which others only read", "get_nothing delete_it"),
        ("Grant the 1 marked read? [y/N]", "y"), ("Which others only read", ""))
    assert code == 1, shown
    assert "`delete_it` is not one of them" in shown
    policy = (new.deployment / "policy" / "servers" / "good.yaml").read_text()
    assert '"get_nothing": {class: read}' in policy
    assert '"read_variables": {class: write, effects: [irreversible]}' in policy
    assert "bad (" in shown and "not started, as you said" in shown
    assert not (new.deployment / "policy" / "servers" / "bad.yaml").exists()
    assert '"read_variables": {class: read}' in (new.deployment / "policy" / "servers" / "shut.yaml").read_text()
    assert ADDRESS in (new.deployment / "policy" / "org.yaml").read_text()


def test_at_a_terminal_a_server_of_which_nothing_is_shown_is_left_open_with_the_remedy(new):
    path = new.servers(good=variables())
    code, shown = typed(
        new, path, ("E-mail address:", ""), ("Start it, in a sandbox? [y/N]", "y"), ("Grant the 1 marked read? [y/N]", ""),
        ("Which others only read", ""))
    assert code == 1, shown
    assert "good: 0 of " in shown and "hidden, as not confirmed as read: " in shown
    assert "good: all of it is hidden, since none of its tools is confirmed as read (--read good.TOOL)" in shown


def test_at_a_terminal_what_a_server_is_lent_is_shown_and_no_name_moves_the_cursor(new):
    lent = variables(X_ID="${SHOP_SECRET}", TZ="${SHOP_SECRET}", ASKED="${input:\x1b[2Jk}")
    path = new.servers(**{"\x1b[1Agood": lent})
    new.environment["SHOP_SECRET"] = CANARY
    code, shown = typed(
        new, path, ("E-mail address:", ""), ("ASKED needs ${input:⟦U+001B⟧[2Jk}:", "typed"),
        ("Start it, in a sandbox? [y/N]", ""))
    assert code == 1, shown
    assert "X_ID, from secrets/1agood-X_ID, with your $SHOP_SECRET" in shown
    assert "secret:  TZ, from secrets/1agood-TZ, with your $SHOP_SECRET" in shown
    assert CANARY not in shown and "\x1b" not in shown and "⟦U+001B⟧[1Agood" in shown


def test_a_terminal_that_goes_away_changes_nothing(new):
    path = new.servers(good=variables())
    before = path.read_bytes()
    code, shown = typed(new, path, ("E-mail address:", ""), ("Start it, in a sandbox?", "\x04\x04"))
    assert code == 1 and "nothing" in shown
    assert path.read_bytes() == before and not new.deployment.exists()
