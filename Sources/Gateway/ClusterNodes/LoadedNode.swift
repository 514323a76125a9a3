package import InterlockCluster
package import InterlockModel

/// A node that has read and verified its copy of the chain.
package struct LoadedNode: Sendable {
    package let node: ClusterNode
    /// The faults that ended the reading, and the revision that is to be loaded.
    let actions: [ClusterNode.Action]

    /// Reads the whole copy. A copy that was edited gives a node that halts the organisation and permits nothing.
    ///
    /// - Parameters:
    ///   - genesis: the digest of the first entry, as the node was given it.
    ///   - loaded: the revisions that the node has compiled.
    package init(
        _ name: NodeName, _ copy: any ChainCopy, genesis: Digest, settings: LeaseSettings,
        loaded: Set<Digest>, verifier: any EntryVerifier, clock: any Clock
    ) async throws(NodeStartFailure) {
        var page: [StoredEntry]
        do throws(ChainCopyFailure) { page = try await copy.entries(after: -1) } catch {
            throw .copy(error)
        }
        guard let first = page.first else { throw .noChain }
        var node: ClusterNode
        do throws(EntryRejection) {
            let entry = try ChainEntry(first, after: nil, hashing: verifier.hashing)
            node = ClusterNode(
                name: name,
                state: try ChainState(first: entry, genesis: genesis, verifier: verifier),
                settings: settings, verifier: verifier)
        } catch { throw .firstEntry(error) }
        for revision in loaded { _ = node.handle(.loaded(revision), at: clock.boot) }
        var actions: [ClusterNode.Action] = []
        page.removeFirst()
        while true {
            actions += node.handle(.rows(page), at: clock.boot).filter(\.isFault)
            guard node.follower.status == .following else { break }
            do throws(ChainCopyFailure) {
                page = try await copy.entries(after: node.follower.head.number)
            } catch .damaged(let number) {
                page = [Self.damaged(number, after: node.follower.head)]
            } catch { throw .copy(error) }
            if page.isEmpty { break }
        }
        if let revision = node.state.revision, !loaded.contains(revision) {
            actions.append(.chain(.drain(revision)))
        }
        self.node = node
        self.actions = actions
    }

    /// A row that nothing is known of but its number: the follower finds that it was changed.
    private static func damaged(_ number: Int64, after head: ChainHead) -> StoredEntry {
        StoredEntry(
            number: number, previous: head.digest, digest: nil, kind: "", subject: "", body: nil,
            node: "")
    }
}

extension ClusterNode.Action {
    /// True if the chain ended there.
    fileprivate var isFault: Bool {
        switch self {
        case .chain(.haltOrganisation), .chain(.stop): true
        case .chain, .generation, .lifecycle: false
        }
    }
}
