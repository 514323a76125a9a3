package import InterlockLedger
import InterlockModel
import InterlockSigning

/// Asks the process that holds the log's key. Each request has a connection and a deadline of its own, so an answer never
/// belongs to another request.
package struct SignerClient: LogSigner {
    private let path: String

    /// The time for one request and its answer.
    package static let deadline = Duration.seconds(2)

    /// - Parameter path: the signer's socket.
    package init(path: String) { self.path = path }

    package func status() throws(LogSigningFailure) -> LogSignerStatus {
        let (response, user) = try ask(.status)
        guard case .status(let head, let key, let wasTreeDamaged) = response else {
            throw Self.otherAnswer
        }
        return LogSignerStatus(
            head: head, key: key, user: user, wasTreeDamaged: wasTreeDamaged)
    }

    package func sign(_ growth: TreeGrowth) throws(LogSigningFailure) -> [UInt8] {
        try note(.growth(growth))
    }

    package func sign(_ heads: SignedHeads.Statement) throws(LogSigningFailure) -> [UInt8] {
        try note(.heads(heads))
    }

    /// Returns the signature of the statement's pre-authentication encoding, which the caller must verify.
    func sign(_ type: PayloadType, _ payload: [UInt8]) throws(LogSigningFailure) -> [UInt8] {
        let statement: NodeStatement
        do throws(SignerRefusal) { statement = try NodeStatement(type, payload) } catch {
            throw LogSigningFailure(error.reason)
        }
        guard case .signature(let signature) = try ask(.statement(statement)).response else {
            throw Self.otherAnswer
        }
        return signature
    }

    private func note(_ request: SignerRequest) throws(LogSigningFailure) -> [UInt8] {
        guard case .note(let note) = try ask(request).response else { throw Self.otherAnswer }
        return note
    }

    private static var otherAnswer: LogSigningFailure {
        LogSigningFailure("the signer answers another request")
    }

    /// - Throws: also if the signer refuses, with its reason.
    private func ask(
        _ request: SignerRequest
    ) throws(LogSigningFailure) -> (response: SignerResponse, user: UInt32) {
        let (bytes, user) = try exchanged(request.bytes)
        guard let response = SignerResponse(parsing: bytes) else {
            throw LogSigningFailure("the signer's answer is malformed")
        }
        if case .refused(let refusal) = response {
            throw LogSigningFailure("the signer refuses: \(refusal.reason)")
        }
        return (response, user)
    }

    private func exchanged(
        _ request: [UInt8]
    ) throws(LogSigningFailure) -> (bytes: [UInt8], user: UInt32) {
        do throws(KeyFailure) {
            let connection = try UnixConnection(
                path: path, name: "the signer", limit: Self.deadline)
            guard let user = connection.listener else {
                throw KeyFailure(.io, "the kernel does not name the signer's user")
            }
            try connection.send(SignerMessage.framed(request))
            let head = try connection.receive(SignerMessage.headBytes)
            guard
                let count = SignerMessage.length(head, most: SignerMessage.maximumResponseBytes)
            else { throw KeyFailure(.agent, "the signer's answer has no valid length") }
            return (try connection.receive(count), user)
        } catch { throw LogSigningFailure(error.reason) }
    }
}
