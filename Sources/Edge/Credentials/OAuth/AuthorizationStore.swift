package import InterlockModel
import Synchronization

/// The stored authorizations of this deployment: one file of mode 0600 per server and agent, in a folder of mode 0700
/// that child processes do not see. Only one process writes.
package final class AuthorizationStore: Sendable {
    /// The server and agent that an authorization is for.
    package struct Holder: Hashable, Sendable, Comparable {
        package let server: ServerName
        package let agent: AgentName

        /// The file name is unambiguous because neither name contains a dot.
        var file: String { "\(server.text).\(agent.text).json" }

        package static func < (a: Holder, b: Holder) -> Bool {
            (a.server.text, a.agent.text) < (b.server.text, b.agent.text)
        }
    }

    private let path: String
    /// Serializes changes, so that the file that was read is the one replaced. Counts for each holder how often its
    /// authorization was removed.
    private let writing = Mutex<[Holder: Int]>([:])

    package init(_ path: String) { self.path = path }

    /// - Returns: nil if no person has signed in.
    /// - Throws: `exposed`, `malformed`, `io`.
    package func read(_ holder: Holder) throws(KeyFailure) -> StoredAuthorization? {
        guard let bytes = try GuardedFile.ifPresent(try found(holder)) else { return nil }
        do throws(FormError) { return try StoredAuthorization(parsing: bytes) } catch {
            throw KeyFailure(
                .malformed, "`\(path)/\(holder.file)`: \(error)",
                help: "remove it, then sign in again")
        }
    }

    private func found(_ holder: Holder) throws(KeyFailure) -> [UInt8] {
        try GuardedFile.checkFolder(path)
        return try GuardedFile.read(
            path + "/" + holder.file, limit: StoredAuthorization.largest, rules: .secret)
    }

    /// The number of removals of the holder's authorization in this process.
    func generation(of holder: Holder) -> Int { writing.withLock { $0[holder, default: 0] } }

    /// Stores an authorization; durable on return.
    ///
    /// - Parameter generation: the holder's generation when the sign-in began.
    /// - Throws: `missing` if the holder's authorization was removed since.
    func keep(_ grant: StoredAuthorization, of holder: Holder, since generation: Int)
        throws(KeyFailure)
    {
        try writing.withLock { forgotten throws(KeyFailure) in
            guard forgotten[holder, default: 0] == generation else { throw Self.signedOut }
            try write(grant, holder)
        }
    }

    static let signedOut = KeyFailure(
        .missing, "a person has signed out meanwhile", help: "begin anew")

    /// Stores an authorization if `old` is still the stored one, that is, without a sign-in or sign-out in between.
    func replace(_ old: StoredAuthorization, with grant: StoredAuthorization, of holder: Holder)
        throws(KeyFailure)
    {
        try writing.withLock { _ throws(KeyFailure) in
            guard try read(holder) == old else {
                throw KeyFailure(.missing, "another person has signed in or out meanwhile")
            }
            try write(grant, holder)
        }
    }

    private func write(_ grant: StoredAuthorization, _ holder: Holder) throws(KeyFailure) {
        let bytes = try grant.readable()
        try GuardedFile.makeFolder(path)
        try GuardedFile.replace(path + "/" + holder.file, bytes, mode: 0o600)
    }

    /// Removes the file; durable on return.
    func forget(_ holder: Holder) throws(KeyFailure) {
        try writing.withLock { forgotten throws(KeyFailure) in
            forgotten[holder, default: 0] += 1
            // A draft that an interrupted change left behind.
            GuardedFile.remove(path + "/" + holder.file + ".part")
            guard try GuardedFile.ifPresent(try found(holder)) != nil else { return }
            GuardedFile.remove(path + "/" + holder.file)
            guard try GuardedFile.ifPresent(try found(holder)) == nil else {
                throw KeyFailure(.io, "`\(path)/\(holder.file)` cannot be removed")
            }
        }
    }
}
