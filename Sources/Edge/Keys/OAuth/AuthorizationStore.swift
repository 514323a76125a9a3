package import InterlockModel
import Synchronization

/// The grants of this deployment: a file of mode 0600 for each server and agent, in a folder of 0700 that no
/// child sees. One process writes.
package final class AuthorizationStore: Sendable {
    /// Whose grant it is.
    package struct Holder: Hashable, Sendable, Comparable {
        package let server: ServerName
        package let agent: AgentName

        package init(server: ServerName, agent: AgentName) {
            self.server = server
            self.agent = agent
        }

        /// Neither name has a dot.
        var file: String { "\(server.text).\(agent.text).json" }

        package static func < (a: Holder, b: Holder) -> Bool {
            (a.server.text, a.agent.text) < (b.server.text, b.agent.text)
        }
    }

    private let path: String
    /// One change at a time, so that what was read is what is replaced; how often each holder's was forgotten.
    private let writing = Mutex<[Holder: Int]>([:])

    package init(_ path: String) { self.path = path }

    /// - Returns: nil where nobody has signed in.
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

    /// Raised whenever the holder's grant is forgotten.
    func generation(of holder: Holder) -> Int { writing.withLock { $0[holder, default: 0] } }

    /// Durable on return.
    ///
    /// - Parameter generation: when the sign-in began.
    /// - Throws: `missing` where somebody has signed out since.
    func keep(_ grant: StoredAuthorization, of holder: Holder, since generation: Int)
        throws(KeyFailure)
    {
        try writing.withLock { forgotten throws(KeyFailure) in
            guard forgotten[holder, default: 0] == generation else { throw Self.signedOut }
            try write(grant, holder)
        }
    }

    static let signedOut = KeyFailure(
        .missing, "somebody has signed out meanwhile", help: "begin anew")

    /// The same, where `old` is still what is kept: nobody has signed in anew or out in between.
    func replace(_ old: StoredAuthorization, with grant: StoredAuthorization, of holder: Holder)
        throws(KeyFailure)
    {
        try writing.withLock { _ throws(KeyFailure) in
            guard try read(holder) == old else {
                throw KeyFailure(.missing, "somebody else has signed in or out meanwhile")
            }
            try write(grant, holder)
        }
    }

    private func write(_ grant: StoredAuthorization, _ holder: Holder) throws(KeyFailure) {
        let bytes = try grant.readable()
        try GuardedFile.makeFolder(path)
        try GuardedFile.replace(path + "/" + holder.file, bytes, mode: 0o600)
    }

    /// Durable on return: it is not there any more.
    func forget(_ holder: Holder) throws(KeyFailure) {
        try writing.withLock { forgotten throws(KeyFailure) in
            forgotten[holder, default: 0] += 1
            // Of a change that was broken off.
            GuardedFile.remove(path + "/" + holder.file + ".part")
            guard try GuardedFile.ifPresent(try found(holder)) != nil else { return }
            GuardedFile.remove(path + "/" + holder.file)
            guard try GuardedFile.ifPresent(try found(holder)) == nil else {
                throw KeyFailure(.io, "`\(path)/\(holder.file)` cannot be removed")
            }
        }
    }
}
