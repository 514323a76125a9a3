import InterlockCommandLine
import InterlockDeployment
import InterlockJSON
import InterlockModel

extension Command {
    static let peopleList = Command(
        "people list", "list who decides: roles, keys, passkeys, what waits",
        example: "interlock people list",
        options: [.directory, .json],
        exits: [.data, .notFound, .io],
        notes: """
            People and keys are read from the trust file, so that it answers while the gateway is down; passkeys and
            what waits for somebody only the running gateway tells. A revoked credential stays listed: what it signed
            stays verifiable.
            """
    ) { invocation in
        let deployment = try Deployment.open(invocation)
        let trust = try PersonSigner.trustFile(of: deployment)
        let told = try RunningPeople(deployment)
        let people = trust.people.map { line(of: $0, told) }
        if invocation.isJSON {
            for person in people { Output.json(person) }
        } else {
            invocation.print(table: people.flatMap(credentials), Column.people)
        }
        return invocation.print(rows: told.waiting, text(waiting:))
    }
}

/// The data that only the running gateway has; empty if it is down.
private struct RunningPeople {
    let isThere: Bool
    let passkeys: [JSONValue]
    let waiting: [JSONValue]

    init(_ deployment: Deployment) throws(Failure) {
        let answer: JSONValue?
        do throws(Failure) { answer = try GatewayClient(deployment).get("/v1/people") } catch {
            guard error.exit == .unavailable else { throw error }
            answer = nil
        }
        isThere = answer != nil
        passkeys = answer?.rows("passkeys") ?? []
        waiting = (answer?.rows("waiting") ?? []).map(Self.digested)
    }

    func passkeys(of person: TrustedPerson) -> [JSONValue] {
        passkeys.filter { $0["holder"]?.string == person.pseudonym.text }
    }

    /// Adds the digest that a second person confirms.
    private static func digested(_ line: JSONValue) -> JSONValue {
        guard case .object(var object) = line,
            let id = object["id"]?.string.flatMap({ OrderID($0) }),
            let waiting = try? Unconfirmed(line, id)
        else { return line }
        object["digest"] = .string(waiting.digest.prefixed)
        return .object(object)
    }
}

private func line(of person: TrustedPerson, _ told: RunningPeople) -> JSONValue {
    var object: JSONObject = [
        "person": .string(person.person.address), "pseudonym": .string(person.pseudonym.text),
        "roles": .strings(names(of: person.roles)),
        "keys": .array(
            person.keys.map { key in
                var object: JSONObject = [
                    "kind": "ed25519", "key": .string(key.key.base64),
                    "added": .string(day(key.added)),
                    "founding": .bool(key.founding),
                ]
                object["expires"] = key.expires.map { .string(day($0)) }
                object["revoked"] = key.revoked.map { .string(day($0)) }
                return .object(object)
            }),
    ]
    if told.isThere { object["passkeys"] = .array(told.passkeys(of: person)) }
    return .object(object)
}

private func day(_ time: Timestamp) -> String { time.rfc3339(fractionDigits: 0) }

/// A row for each credential of a person; one for a person without any.
private func credentials(of person: JSONValue) -> [JSONValue] {
    let keys = person.rows("keys").map { ($0.text("key"), $0) }
    let passkeys = person.rows("passkeys").map { (CredentialText.text($0), $0) }
    let rows = (keys + passkeys).map { name, credential in
        var row = credential.object ?? [:]
        row["credential"] = .string(name)
        (row["person"], row["roles"]) = (person["person"], person["roles"])
        return JSONValue.object(row)
    }
    return rows.isEmpty ? [person] : rows
}

private func text(waiting line: JSONValue) -> String {
    guard let id = line["id"]?.string.flatMap({ OrderID($0) }),
        let waiting = try? Unconfirmed(line, id)
    else {
        let by = line["by"]?.string == nil ? "" : " by \(line.text("by"))"
        let founding = line.flag("founding") ? ", founding" : ""
        return "invited: \(line.text("person"))\(by)\(founding), until \(line.text("expires"))"
    }
    let rows = waiting.text.split(separator: "\n").map { "\n  \($0)" }.joined()
    return "waits for a second person: interlock people confirm \(id.text)\(rows)"
}

private func names(of roles: Set<Role>) -> [String] {
    Role.allCases.filter(roles.contains).map(\.rawValue)
}
