package import InterlockJSON
package import InterlockModel

/// Sign-offs and locks in the control log: the newest entry is the accepted one.
extension SignOffStore where Self: ControlLog {
    package func acceptedRevision() async throws(StoreFailure) -> JSONValue? {
        try await newest(of: [.revision]).last.map { .object($0.body) }
    }

    package func accept(revision: JSONValue) async throws(StoreFailure) {
        try await append([ControlDraft(.revision, "policy", try revision.changing("revision"))])
    }

    package func acceptedLock() async throws(StoreFailure) -> JSONValue? {
        try await newest(of: [.lock]).last.map { .object($0.body) }
    }

    package func accept(lock: JSONValue) async throws(StoreFailure) {
        try await append([ControlDraft(.lock, "lock", try lock.changing("lock"))])
    }
}

/// Quarantines in the control log: a server is quarantined if its newest entry says so.
extension QuarantineStore where Self: ControlLog {
    package func quarantines() async throws(StoreFailure) -> [(server: ServerName, body: JSONValue)]
    {
        var found: [(server: ServerName, body: JSONValue)] = []
        for entry in try await newest(of: [.quarantine, .quarantineEnd])
        where entry.kind == .quarantine {
            guard let server = ServerName(entry.subject) else {
                throw StoreFailure(reason: "a quarantined server has no name")
            }
            found.append((server, .object(entry.body)))
        }
        return found.sorted { $0.server < $1.server }
    }

    package func keep(quarantine server: ServerName, body: JSONValue) async throws(StoreFailure) {
        try await append([
            ControlDraft(.quarantine, server.text, try body.changing("quarantine"))
        ])
    }

    package func remove(quarantine server: ServerName) async throws(StoreFailure) {
        try await append([ControlDraft(.quarantineEnd, server.text, [:])])
    }
}

extension JSONValue {
    /// The members of the body of an entry.
    fileprivate func changing(_ what: String) throws(StoreFailure) -> JSONObject {
        guard let object else { throw StoreFailure(reason: "the \(what) is not a JSON object") }
        return object
    }
}
