/// The edits of `interlock audit witness add` and `remove`, and of a change of the log's key or epoch.
extension TrustPolicy {
    /// The witnesses and their quorum without the logs: what counts for a log whose key is known otherwise.
    package var witnessesAlone: TrustPolicy {
        var policy = self
        policy.logs = []
        return policy
    }

    /// Returns the policy with a line for this key of a log, after the other keys of its origin. A file lists a key
    /// once: if the same key had a line under another origin, which an epoch before used, that line is replaced.
    ///
    /// - Returns: the policy unchanged if it has the line already.
    /// - Throws: the error that parsing the result would report.
    package func adding(log key: VerifierKey) throws(TrustPolicyError) -> TrustPolicy {
        guard !logs.contains(where: { $0.key == key }) else { return self }
        var policy = self
        if let place = logs.firstIndex(where: { $0.key.publicKey == key.publicKey }) {
            policy.logs[place] = Log(key: key, url: nil)
            return policy
        }
        guard logs.count < Self.maximumLogs else { throw Self.problem(.tooMany("logs")) }
        let known = logs.lastIndex { $0.key.name == key.name }
        policy.logs.insert(Log(key: key, url: nil), at: known.map { $0 + 1 } ?? 0)
        return policy
    }

    /// Returns the policy without the line of this public key.
    package func removing(log key: [UInt8]) -> TrustPolicy {
        var policy = self
        policy.logs.removeAll { $0.key.publicKey == key }
        return policy
    }

    /// Returns the policy with a witness added under the name of its key. If the quorum is a group, the witness joins
    /// it and the threshold stays the same. If there is no quorum, a new group `outside` with threshold 1 becomes the
    /// quorum.
    ///
    /// - Throws: the error that parsing the result would report.
    package func adding(
        _ key: CosignerKey, url: String?
    ) throws(TrustPolicyError) -> TrustPolicy {
        guard let name = TrustName(key.name) else { throw Self.problem(.badName(key.name)) }
        guard url.map({ TrustName($0) != nil }) ?? true else {
            throw Self.problem(.badName(url ?? ""))
        }
        guard !isDefined(name) else { throw Self.problem(.duplicateName(key.name)) }
        guard !witnesses.contains(where: { $0.key.publicKey == key.publicKey }) else {
            throw Self.problem(.duplicateKey)
        }
        guard witnesses.count < Self.maximumWitnesses else {
            throw Self.problem(.tooMany("witnesses"))
        }
        var policy = self
        policy.witnesses.append(Witness(name: name, key: key, url: url))
        if let place = groups.firstIndex(where: { $0.name == quorum }) {
            policy.groups[place].members.append(name)
        } else if quorum == nil, let outside = TrustName("outside"), !isDefined(outside),
            groups.count < Self.maximumGroups
        {
            policy.groups.append(Group(name: outside, threshold: 1, members: [name]))
            policy.quorum = outside
        }
        return policy
    }

    /// Returns the policy with a witness removed from the file and from its groups. A threshold above the number of
    /// remaining members is reduced to it, and an empty group is removed, with the quorum if it was that group.
    ///
    /// - Returns: nil if there is no such witness.
    package func removing(_ name: TrustName) -> TrustPolicy? {
        guard let place = witnesses.firstIndex(where: { $0.name == name }) else { return nil }
        var policy = self
        policy.witnesses.remove(at: place)
        var gone: Set<TrustName> = [name]
        policy.groups = groups.compactMap { group in
            var group = group
            group.members.removeAll(where: gone.contains)
            guard !group.members.isEmpty else {
                gone.insert(group.name)
                return nil
            }
            group.threshold = min(group.threshold, group.members.count)
            return group
        }
        if let quorum, gone.contains(quorum) { policy.quorum = nil }
        return policy
    }

    private func isDefined(_ name: TrustName) -> Bool {
        witnesses.contains { $0.name == name } || groups.contains { $0.name == name }
    }

    private static func problem(_ problem: TrustPolicyError.Problem) -> TrustPolicyError {
        TrustPolicyError(line: 0, problem: problem)
    }
}
