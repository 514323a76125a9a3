import InterlockKeys
import InterlockModel

/// A person's key, ready to sign one statement. Nothing but the signature says who somebody is.
struct PersonSigner {
    let person: TrustedPerson
    let key: PublicKey
    private let signature: (_ message: [UInt8]) throws(KeyFailure) -> [UInt8]

    /// Finds the key that `--as` and `--key` name, among those enrolled for the person.
    static func open(_ invocation: Invocation, _ deployment: Deployment) throws(Failure)
        -> PersonSigner
    {
        let trust = try trustFile(of: deployment)
        let person = try person(invocation, trust)
        let choice = invocation["key"] ?? "agent"
        do throws(KeyFailure) {
            if choice != "agent" {
                let key = try PersonKeyFile.open(choice) { () throws(KeyFailure) in
                    try Terminal.readPassphrase(prompt: "passphrase of \(choice): ")
                }
                return PersonSigner(person: person, key: key.publicKey) {
                    message throws(KeyFailure) in
                    key.sign(message)
                }
            }
            let agent = try SSHAgent.ofSession()
            let held = try agent.identities().map(\.key)
            guard let key = person.keys.map(\.key).first(where: held.contains) else {
                throw KeyFailure(
                    .missing, "ssh-agent holds no key enrolled for `\(person.person.address)`",
                    help: "ssh-add the key that was named at `interlock init`")
            }
            return PersonSigner(person: person, key: key) { message throws(KeyFailure) in
                try agent.sign(message, with: key)
            }
        } catch {
            throw Failure(.notPermitted, error.reason, help: error.help)
        }
    }

    func sign(_ type: PayloadType, _ payload: [UInt8]) throws(Failure) -> Envelope {
        let message = Envelope(payloadType: type, payload: payload, signatures: []).message
        do throws(KeyFailure) {
            return Envelope(
                payloadType: type, payload: payload,
                signatures: [Envelope.Signature(keyID: key, bytes: try signature(message))])
        } catch {
            throw Failure(.notPermitted, error.reason, help: error.help)
        }
    }

    static func trustFile(of deployment: Deployment) throws(Failure) -> TrustFile {
        do {
            return try TrustFile(
                parsing: try File.read(deployment.trustFile, limit: TrustLimits.bytes))
        } catch let failure as FileFailure {
            throw Failure(.io, failure.message)
        } catch {
            throw Failure(.data, "`\(deployment.trustFile)` is unusable: \(error)")
        }
    }

    private static func person(
        _ invocation: Invocation, _ trust: TrustFile
    ) throws(Failure) -> TrustedPerson {
        let address = try invocation.require("as")
        guard let person = Person(address), let trusted = trust.person(person) else {
            throw Failure(
                .notPermitted, "`\(address)` is not enrolled here",
                help: "enrolled: " + trust.people.map(\.person.address).joined(separator: ", "))
        }
        return trusted
    }
}
