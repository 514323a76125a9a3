"""`interlock init FILE` in a folder that an attacker filled, and for a host that requests too much."""

from newcomer import variables


def test_links_beside_the_hosts_file_are_not_followed(new):
    """A repository cannot cause files of the home folder to be overwritten."""
    known = new.write("authorized_keys", "mine\n", mode=0o600, folder=new.home / ".ssh")
    profile = new.write(".profile", "mine too\n", folder=new.home)
    path = new.servers(good=variables())
    before = path.read_bytes()
    for name, target in ((".mcp.json.part", known), (".mcp.json.before-interlock", profile)):
        (new.shop / name).symlink_to(target)
    new.init(path, "--yes")
    assert known.read_text() == "mine\n" and profile.read_text() == "mine too\n"
    assert not path.is_symlink() and b"stdio" in path.read_bytes()
    (backup,) = (new.deployment / "state" / "backups").iterdir()
    assert not backup.is_symlink() and backup.read_bytes() == before
    new.run("init", "--undo")
    assert path.read_bytes() == before


def test_arguments_do_not_open_what_other_programs_keep_in_the_home(new):
    new.write("credentials", "aws\n", mode=0o600, folder=new.home / ".aws")
    new.write("notes.txt", "mine\n", folder=new.home / "work")
    path = new.servers(good=variables("--config=${HOME}/.aws", "${HOME}/work"))
    done = new.init(path, "--yes")
    assert f"it is not shown {new.home}/.aws" in done.stdout + done.stderr
    policy = next((new.deployment / "policy" / "servers").glob("*.yaml")).read_text()
    assert f"{new.home}/work" in policy and f"{new.home}/.aws\"]" not in policy
    reads = [line for line in (done.stdout + done.stderr).splitlines() if line.strip().startswith("reads:")]
    assert reads and all(".aws" not in line for line in reads)
