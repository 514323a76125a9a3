"""Who decides: listed from the trust file, whether the gateway runs or not."""

import json


def test_founding_people_are_listed_with_their_roles_and_keys(organisation):
    made = organisation(servers=("tickets",))
    people = made.gateway.people
    found = {line["person"]: line for line in made.gateway.json("people", "list")}
    assert set(found) == set(people.roles)
    for email, roles in people.roles.items():
        line = found[email]
        assert set(line["roles"]) == set(roles)
        [key] = line["keys"]
        assert key["founding"] is True and key["kind"] == "ed25519" and "revoked" not in key
    shown = made.gateway.run("people", "list").stdout
    assert all(email in shown for email in people.roles) and "founding" in shown
    made.gateway.stop()
    assert made.gateway.run("people", "list").stdout == shown
    trust = made.gateway.folder / "state" / "kill" / "trust.json"
    value = json.loads(trust.read_bytes())
    value["people"][0]["keys"][0]["revoked"] = "2026-11-20T10:00:00Z"
    trust.write_text(json.dumps(value))
    assert "revoked 2026-11-20T10:00:00Z" in made.gateway.run("people", "list").stdout
    trust.write_text("{}")
    assert made.gateway.run("people", "list", check=False).returncode == 65
