import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockModel

/// The person who sets up a deployment with `interlock init FILE`, and an available key. The lock is signed before
/// the first start.
struct Founder {
    /// All roles, because there is no other person yet.
    private static let roles = "kill,resume,security"

    let person: Person
    let key: PersonKey
    /// The bytes of a key file that was generated here, which `keep` writes.
    private let sealed: [UInt8]?

    /// Asks for key and person before anything is written or started. Without `--key` and without a key in ssh-agent,
    /// uses the key that an earlier run left in `directory`, or generates one under a passphrase typed at the
    /// terminal.
    init(_ invocation: Invocation, _ questions: Questions, directory: String) throws(Failure) {
        do {
            let wanted = invocation["as"]
            let choice = invocation["key"] ?? "agent"
            guard choice == "agent" else {
                key = try PersonSigner.keys(named: choice)[0]
                sealed = nil
                person = try Self.person(wanted, "", questions)
                return
            }
            switch Self.identity(wanted) {
            case .success(let held):
                key = .agent(held.agent, held.identity.key)
                sealed = nil
                person = try Self.person(wanted, held.identity.comment, questions)
            case .failure(let failure):
                guard !invocation.has("key"), !questions.isAnsweredYes else { throw failure }
                person = try Self.person(wanted, "", questions)
                let left = Deployment.founderKey(in: directory)
                guard !File.exists(left) else {
                    key = try PersonSigner.keys(named: left)[0]
                    sealed = nil
                    return
                }
                let made = try Self.newKey(because: failure.reason)
                key = .file(made.key)
                sealed = made.sealed
            }
        } catch let failure as KeyFailure {
            throw Failure(.notPermitted, failure.reason, help: failure.help)
        } catch let failure as Failure {
            throw failure
        } catch { throw Failure(.notPermitted, "the key cannot be used") }
    }

    /// Writes a generated key, before anything is signed with it.
    func keep(in deployment: Deployment) throws(Failure) {
        guard let sealed else { return }
        try KeyFailure.exits(
            .cannotCreate, try PersonKeyFile.write(sealed, to: deployment.founderKey))
    }

    /// Prints where the key is and what else can use it.
    func tellKey(of deployment: Deployment) {
        switch key {
        case .agent:
            Output.line(
                "  key:    in ssh-agent, where every program of yours can use it; `ssh-add -c` asks "
                    + "each time")
        case .file:
            guard sealed != nil else { return }
            Output.line("  key:    \(deployment.founderKey), under your passphrase: --key names it")
        }
    }

    private static func identity(
        _ wanted: String?
    ) -> Result<(agent: SSHAgent, identity: SSHAgent.Identity), KeyFailure> {
        let help = "ssh-keygen -t ed25519; ssh-add; or interlock people key FILE, then --key FILE"
        do throws(KeyFailure) {
            let agent = try SSHAgent.ofSession()
            let identities = try agent.identities()
            guard
                let identity = identities.first(where: { $0.comment == wanted }) ?? identities.first
            else { throw KeyFailure(.agent, "ssh-agent holds no Ed25519 key", help: help) }
            return .success((agent, identity))
        } catch { return .failure(KeyFailure(error.code, error.reason, help: error.help ?? help)) }
    }

    private static func newKey(
        because reason: String
    ) throws(KeyFailure) -> (key: Ed25519PrivateKey, sealed: [UInt8]) {
        Output.line(
            "\(reason): a new key is made for you. With its passphrase you sign what agents may do."
        )
        let first = try Terminal.readPassphrase(prompt: "new passphrase: ")
        guard try Terminal.readPassphrase(prompt: "again: ") == first else {
            throw KeyFailure(.passphrase, "the two passphrases differ")
        }
        return try PersonKeyFile.make(passphrase: first, entropy: SystemEntropy())
    }

    /// Writes the public key and returns the value of `--person` that names it.
    func publicKeyFile(in folder: String) throws(Failure) -> String {
        let path = folder + "/founder.pub"
        try FileFailure.exits(
            .cannotCreate,
            try File.write(Array((SSHPublicKey.line(of: key.publicKey) + "\n").utf8), to: path))
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
                    ? "no owner"
                    : "`\(TerminalEscaping.shown(text))` is no e-mail address",
                help: "--as YOU@YOUR.EXAMPLE")
        }
        return person
    }
}
