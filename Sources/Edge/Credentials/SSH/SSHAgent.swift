import Glibc
package import InterlockModel

/// Lists and signs with keys that ssh-agent holds (draft-ietf-sshm-ssh-agent). Each request has its own connection
/// and deadline; responses are bounded.
package struct SSHAgent: Sendable {
    package struct Identity: Hashable, Sendable {
        package let key: PublicKey
        package let comment: String
    }

    /// The maximum message size in bytes, as in OpenSSH.
    static let largestMessage = 256 * 1024
    static let mostIdentities = 1024
    private static let listDeadline = Duration.seconds(5)
    /// The deadline for a signature; the agent may ask its user first (`ssh-add -c`).
    private static let signDeadline = Duration.seconds(60)

    private enum Message {
        static let listRequest: UInt8 = 11
        static let listAnswer: UInt8 = 12
        static let signRequest: UInt8 = 13
        static let signAnswer: UInt8 = 14
    }

    private let path: String

    package init(path: String) { self.path = path }

    /// The agent of this session, from `SSH_AUTH_SOCK`.
    package static func ofSession() throws(KeyFailure) -> SSHAgent {
        guard let path = unsafe getenv("SSH_AUTH_SOCK").map({ unsafe String(cString: $0) }),
            !path.isEmpty
        else {
            throw KeyFailure(
                .agent, "there is no ssh-agent", help: "eval $(ssh-agent); ssh-add KEY")
        }
        return SSHAgent(path: path)
    }

    /// The Ed25519 identities; other kinds of keys are omitted.
    package func identities() throws(KeyFailure) -> [Identity] {
        var answer = SSHWire(try ask([Message.listRequest], within: SSHAgent.listDeadline))
        guard answer.byte() == Message.listAnswer, let count = answer.number(),
            count <= SSHAgent.mostIdentities
        else { throw refused("list its keys") }
        var identities: [Identity] = []
        for _ in 0..<count {
            guard let blob = answer.string(), let comment = answer.string() else {
                throw refused("list its keys")
            }
            if let key = SSHPublicKey.key(of: blob) {
                identities.append(
                    Identity(key: key, comment: String(decoding: comment, as: UTF8.self)))
            }
        }
        return identities
    }

    /// Returns a signature of 64 bytes, verified before return.
    package func sign(_ message: [UInt8], with key: PublicKey) throws(KeyFailure) -> [UInt8] {
        let request =
            [Message.signRequest] + SSHWire.encoded(SSHPublicKey.blob(of: key))
            + SSHWire.encoded(message) + SSHWire.encoded(0)
        guard request.count <= SSHAgent.largestMessage else {
            throw KeyFailure(.argument, "the statement is too large for ssh-agent")
        }
        var answer = SSHWire(try ask(request, within: SSHAgent.signDeadline))
        guard answer.byte() == Message.signAnswer, let blob = answer.string(), answer.isAtEnd
        else { throw refused("sign") }
        var signature = SSHWire(blob)
        guard signature.string() == Array(SSHPublicKey.algorithm.utf8),
            let bytes = signature.string(), signature.isAtEnd,
            OpenSSLVerifier().verifies(bytes, of: message, by: key.bytes)
        else { throw refused("sign") }
        return bytes
    }

    private func refused(_ action: String) -> KeyFailure {
        KeyFailure(.agent, "ssh-agent refuses to \(action)")
    }

    /// Sends one request and returns the response without its length prefix.
    private func ask(_ request: [UInt8], within limit: Duration) throws(KeyFailure) -> [UInt8] {
        let connection = try UnixConnection(path: path, limit: limit)
        try connection.send(SSHWire.encoded(request))
        let count = SSHWire.decodedCount(try connection.receive(4))
        guard (1...SSHAgent.largestMessage).contains(count) else {
            throw KeyFailure(.agent, "ssh-agent answers with a message of \(count) bytes")
        }
        return try connection.receive(count)
    }
}

extension SSHWire {
    fileprivate static func decodedCount(_ bytes: [UInt8]) -> Int {
        bytes.reduce(0) { $0 << 8 | Int($1) }
    }
}
