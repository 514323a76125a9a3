import InterlockCommandLine
import InterlockCredentials
import InterlockModel
import InterlockPolicy

extension PolicySnapshot {
    /// The policy of trials and its lock, which has no instructions of servers. A lock has only the digest of instructions,
    /// so that no fake server can send the reviewed ones, and a server that sends others is withheld as a whole. Agents get
    /// no instructions of servers from a gateway.
    ///
    /// - Throws: exit 65 if there is no lock.
    func ofTrials(at now: Timestamp) throws(Failure) -> (policy: PolicySnapshot, lock: PolicyLock) {
        guard let lock else {
            throw Failure(
                .data, "agent cases need the reviewed tools of their servers: there is no lock",
                help: "interlock servers pin, or --lock FILE")
        }
        guard lock.servers.values.contains(where: { $0.instructions != nil }) else {
            return (policy: self, lock: lock)
        }
        var servers = lock.servers
        for name in lock.servers.keys { servers[name]?.instructions = nil }
        let hashing = OpenSSLHashing()
        do {
            let changed = try PolicyLock(servers: servers, hashing: hashing)
            let governing = try PolicySnapshot(
                compiling: document, lock: .read(changed), with: maker.engines, at: now,
                hashing: hashing, templates: templates)
            return (policy: governing, lock: changed)
        } catch {
            throw Failure(.internalError, "the policy of trials cannot be compiled: \(error)")
        }
    }
}
