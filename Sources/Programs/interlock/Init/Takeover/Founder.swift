import InterlockKeys
import InterlockModel

/// The person who sets a deployment up by `interlock init FILE`, with a key that is at hand: the lock is signed
/// before the first start.
struct Founder {
    /// All of them: there is nobody else yet.
    private static let roles = "kill,resume,security"

    let person: Person
    let key: PersonKey

    /// Asked before anything is written or started.
    init(_ invocation: Invocation, _ questions: Questions) throws(Failure) {
        let choice = invocation["key"] ?? "agent"
        do {
            if choice == "agent" {
                let agent = try SSHAgent.ofSession()
                let identities = try agent.identities()
                let wanted = invocation["as"]
                guard
                    let identity = identities.first(where: { $0.comment == wanted })
                        ?? identities.first
                else {
                    throw KeyFailure(
                        .agent, "ssh-agent holds no Ed25519 key",
                        help:
                            "ssh-keygen -t ed25519; ssh-add; or interlock people key FILE, then --key FILE"
                    )
                }
                key = .agent(agent, identity.key)
                person = try Self.person(wanted, identity.comment, questions)
            } else {
                let opened = try PersonKeyFile.open(choice) { () throws(KeyFailure) in
                    try Terminal.readPassphrase(prompt: "passphrase of \(choice): ")
                }
                key = .file(opened)
                person = try Self.person(invocation["as"], "", questions)
            }
        } catch let failure as KeyFailure {
            throw Failure(.notPermitted, failure.reason, help: failure.help)
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(.notPermitted, "the key cannot be used")
        }
    }

    /// A file as `--person` reads it.
    func publicKeyFile(in folder: String) throws(Failure) -> String {
        let path = folder + "/founder.pub"
        do throws(FileFailure) {
            try File.write(Array((SSHPublicKey.line(of: key.publicKey) + "\n").utf8), to: path)
        } catch {
            throw Failure(.cannotCreate, error.message)
        }
        return "\(person.address)=\(path):\(Self.roles)"
    }

    private static func person(
        _ named: String?, _ comment: String, _ questions: Questions
    ) throws -> Person {
        let standIn = Person(comment)?.address ?? ""
        let text =
            try named ?? questions.text("Who answers for this? E-mail address:", standIn: standIn)
        guard let person = Person(text) else {
            throw Failure(
                .usage,
                text.isEmpty
                    ? "nobody answers for it"
                    : "`\(TerminalText.shown(text))` is no e-mail address",
                help: "--as YOU@YOUR.EXAMPLE")
        }
        return person
    }
}
