import InterlockJSON
import InterlockKeys
import InterlockModel

extension Command {
    static let peopleKey = Command(
        path: ["people", "key"], summary: "make a person's key, encrypted under a passphrase",
        arguments: ["FILE"],
        exits: [.cannotCreate, .notPermitted],
        notes:
            "Prints the public key in the form that `interlock init --person` reads. The passphrase is asked on the terminal."
    ) { invocation in
        do throws(KeyFailure) {
            let first = try Terminal.readPassphrase(prompt: "new passphrase: ")
            guard try Terminal.readPassphrase(prompt: "again: ") == first else {
                throw KeyFailure(.passphrase, "the two passphrases differ")
            }
            let key = try PersonKeyFile.create(
                invocation.positional[0], passphrase: first, entropy: SystemEntropy())
            Output.line(SSHPublicKey.line(of: key.publicKey))
            return .ok
        } catch {
            let exit: Exit =
                error.code == .exists || error.code == .io ? .cannotCreate : .notPermitted
            throw Failure(exit, error.reason, help: error.help)
        }
    }
}

extension Command {
    static let peopleList = Command(
        path: ["people", "list"], summary: "list who decides: roles, and keys of the command line",
        options: [.directory, .json], exits: [.data, .notFound, .io],
        notes:
            "Reads the trust file, so that it answers while the gateway is down. A revoked key stays listed: what it signed stays verifiable."
    ) { invocation in
        let trust = try PersonSigner.trustFile(of: try Deployment.open(invocation))
        for person in trust.people {
            if invocation.has("json") {
                Output.json(line(of: person))
            } else {
                Output.text(text(of: person))
            }
        }
        return .ok
    }
}

private func line(of person: TrustedPerson) -> JSONValue {
    [
        "person": .string(person.person.address), "pseudonym": .string(person.pseudonym.text),
        "roles": .array(names(of: person.roles).map { .string($0) }),
        "keys": .array(
            person.keys.map { key in
                var object: JSONObject = [
                    "kind": "ed25519", "key": .string(key.key.base64),
                    "added": .string(key.added.rfc3339(fractionDigits: 0)),
                    "founding": .bool(key.founding),
                ]
                object["expires"] = key.expires.map { .string($0.rfc3339(fractionDigits: 0)) }
                object["revoked"] = key.revoked.map { .string($0.rfc3339(fractionDigits: 0)) }
                return .object(object)
            }),
    ]
}

private func text(of person: TrustedPerson) -> String {
    let roles = names(of: person.roles).joined(separator: ", ")
    let keys = person.keys.map { key in
        let end =
            key.revoked.map { ", revoked \($0.rfc3339(fractionDigits: 0))" }
            ?? key.expires.map { ", until \($0.rfc3339(fractionDigits: 0))" } ?? ""
        return "  \(key.key.base64)  since \(key.added.rfc3339(fractionDigits: 0))"
            + (key.founding ? ", founding" : "") + end + "\n"
    }
    return TerminalText.shown(person.person.address) + "  "
        + (roles.isEmpty ? "votes" : roles) + "\n" + keys.joined()
}

private func names(of roles: Set<Role>) -> [String] {
    Role.allCases.filter(roles.contains).map(\.rawValue)
}
