package import InterlockCommandLine
package import InterlockCredentials
package import InterlockModel

/// A person's key, ready to sign statements. Only the signature identifies the person.
package struct PersonSigner {
    package let person: TrustedPerson
    private let key: PersonKey

    /// - Parameter key: should be enrolled for the person; not checked here.
    package init(person: TrustedPerson, key: PersonKey) {
        self.person = person
        self.key = key
    }

    /// Opens the key that `--key` names for the person of `--as`, both else of `interlock login`: a file, or the first key in ssh-agent that is
    /// enrolled for the person. The key of a file is not compared with the enrolled ones.
    package static func open(_ invocation: Invocation, _ deployment: Deployment) throws(Failure)
        -> PersonSigner
    {
        let trust = try trustFile(of: deployment)
        let preset = invocation.has("as") ? nil : try DefaultPerson.read()
        let address = if let preset { preset.person.address } else { try invocation.require("as") }
        let person = try person(named: address, trust)
        do throws(KeyFailure) {
            let choice = invocation["key"] ?? preset?.key ?? "agent"
            return PersonSigner(person: person, key: try key(named: choice, of: person))
        } catch { throw Failure(.notPermitted, error.reason, help: error.help) }
    }

    /// Finds the person who holds the key that `choice` names: a file, or the first enrolled key in ssh-agent.
    ///
    /// - Parameter address: selects one person's key; the signature remains the identity.
    package static func open(
        key choice: String, as address: String? = nil, _ deployment: Deployment
    ) throws(Failure) -> PersonSigner {
        let trust = try trustFile(of: deployment)
        do throws(KeyFailure) {
            for key in try keys(named: choice) {
                if let (person, _) = trust.holder(of: key.publicKey),
                    address.map({ Person($0) == person.person }) ?? true
                {
                    return PersonSigner(person: person, key: key)
                }
            }
        } catch { throw Failure(.notPermitted, error.reason, help: error.help) }
        throw Failure(
            .notPermitted,
            "no such key is enrolled for \(address.map { "`\($0)`" } ?? "anybody") here",
            help: "enrolled: " + trust.people.map(\.person.address).joined(separator: ", "))
    }

    package func sign(_ type: PayloadType, _ payload: [UInt8]) throws(Failure) -> Envelope {
        return try KeyFailure.exits(.notPermitted, try key.envelope(type, payload))
    }

    private static func key(
        named choice: String, of person: TrustedPerson
    ) throws(KeyFailure) -> PersonKey {
        guard choice == "agent" else { return try fileKey(choice) }
        let agent = try SSHAgent.ofSession()
        let held = try agent.identities().map(\.key)
        guard let key = person.keys.map(\.key).first(where: held.contains) else {
            throw KeyFailure(
                .missing, "ssh-agent holds no key enrolled for `\(person.person.address)`",
                help: "ssh-add the key that was named at `interlock init`")
        }
        return .agent(agent, key)
    }

    private static func fileKey(_ path: String) throws(KeyFailure) -> PersonKey {
        .file(
            try PersonKeyFile.open(path) { () throws(KeyFailure) in
                try Terminal.readPassphrase(prompt: "passphrase of \(path): ")
            })
    }

    /// All keys of ssh-agent, or the key of a file, whose passphrase is requested.
    package static func keys(named choice: String) throws(KeyFailure) -> [PersonKey] {
        guard choice == "agent" else { return [try fileKey(choice)] }
        let agent = try SSHAgent.ofSession()
        return try agent.identities().map { .agent(agent, $0.key) }
    }

    package static func trustFile(of deployment: Deployment) throws(Failure) -> AuthorizedKeys {
        do {
            return try AuthorizedKeys(parsing: try HaltFolder.trustBytes(in: deployment.kill))
        } catch let failure as KeyFailure {
            throw Failure(.io, failure.reason, help: failure.help)
        } catch { throw Failure(.data, "`\(deployment.trustFile)` is unusable: \(error)") }
    }

    /// - Throws: exit 77 if the address is not that of an enrolled person.
    @discardableResult
    package static func person(
        named address: String, _ trust: AuthorizedKeys
    ) throws(Failure) -> TrustedPerson {
        guard let person = Person(address), let trusted = trust.person(person) else {
            throw Failure(
                .notPermitted, "`\(address)` is not enrolled here",
                help: "enrolled: " + trust.people.map(\.person.address).joined(separator: ", "))
        }
        return trusted
    }
}
