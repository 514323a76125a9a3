import InterlockCommandLine
import InterlockCredentials
import InterlockModel
import InterlockPolicy
import InterlockPolicyCommands
import InterlockPolicyReview
import InterlockReview
import InterlockYAML

/// The policy whose grants a review compares with their use, with the texts of its files.
struct ReviewedPolicy {
    let snapshot: PolicySnapshot
    /// The digest with the lock of its folder, as the gateway and sign-offs state it.
    let digest: Digest
    private let files: [PolicyFile]
    private let now: Timestamp

    /// - Throws: exit 66 if there is no policy, 65 if it does not compile.
    init(_ path: String, at now: Timestamp) throws(Failure) {
        self.now = now
        do throws(PolicyFolderError) { files = try PolicyFolder.read(path).files } catch {
            throw Failure(.notFound, "\(error)")
        }
        let lock = try LockFile.read(LockFile.path(beside: path))
        do throws(PolicyRefusal) {
            snapshot = try Self.snapshot(of: files, at: now)
            digest = try Self.snapshot(of: files, lock: lock, at: now).digest
        } catch {
            throw Failure(.data, findings: error.findings)
        }
    }

    private static func snapshot(
        of files: [PolicyFile], lock: LockUse = .ignored, at now: Timestamp
    ) throws(PolicyRefusal) -> PolicySnapshot {
        try LoadedPolicy(PolicyReader.read(files), lock: lock, at: now).snapshot
    }

    /// The tools that the scopes of an agent grant, with the bounds of guards that are about one tool alone.
    func granted(to agent: AgentName) -> [GrantedTool] { granted(to: agent, in: snapshot) }

    private func granted(to agent: AgentName, in snapshot: PolicySnapshot) -> [GrantedTool] {
        guard let spec = snapshot.agents[agent]?.spec else { return [] }
        let compiler = CellCompiler(
            document: snapshot.document, table: snapshot.table, at: now)
        var tools: [GrantedTool] = []
        for cell in compiler.cells(of: spec) where cell.isReachable && cell.isStanding {
            var caps: [GrantedTool.Cap] = []
            if cell.grants.count == 1, let grant = cell.grants.first,
                case .tool = grant.selector, let guardText = grant.when
            {
                caps = GuardCap.caps(of: guardText.source).map {
                    GrantedTool.Cap(argument: $0.argument, most: $0.most)
                }
            }
            for tool in cell.tools {
                tools.append(
                    GrantedTool(
                        agent: agent, tool: snapshot.table.rows[tool].address, caps: caps))
            }
        }
        return tools
    }

    /// The most items of a proposal that are tried one by one.
    private static let mostTried = 100

    /// Returns the differences that carry out a proposal, one for each file, and the items that they leave out because the
    /// policy's text has a form that is not edited here.
    func differences(
        _ proposal: RetireProposal
    ) -> (files: [FileDiff], left: [RetireProposal.Item]) {
        if let files = edited(proposal) { return (files, []) }
        var taken = RetireProposal(items: [])
        var files: [FileDiff] = []
        for item in proposal.items.prefix(Self.mostTried) {
            let more = RetireProposal(items: taken.items + [item])
            guard let found = edited(more) else { continue }
            (taken, files) = (more, found)
        }
        return (files, proposal.items.filter { !taken.items.contains($0) })
    }

    /// The result was read again: it has less by the items, only narrows, and changes nothing else.
    ///
    /// - Returns: nil if one of the items is not edited.
    private func edited(_ proposal: RetireProposal) -> [FileDiff]? {
        var edited = files
        for agent in Set(proposal.items.map(\.agent)).sorted() {
            let narrowing = ScopeNarrowing(
                proposal.items.filter { $0.agent == agent }, in: snapshot)
            guard apply(narrowing, of: agent, to: &edited) else { return nil }
        }
        guard let new = try? Self.snapshot(of: edited, at: now), isMeant(new, proposal) else {
            return nil
        }
        return zip(files, edited).filter { $0.0.bytes != $0.1.bytes }.map { old, new in
            FileDiff(Self.name(of: old), from: old.bytes, to: new.bytes, OpenSSLHashing())
        }
    }

    private func apply(
        _ narrowing: ScopeNarrowing, of agent: AgentName, to files: inout [PolicyFile]
    ) -> Bool {
        for (place, file) in files.enumerated() {
            guard let root = readYAML(file.bytes, file: file.path).root,
                let edit = ScopeEdit(file.bytes, root: root, agent: agent),
                let bytes = edit.applying(narrowing)
            else { continue }
            files[place] = PolicyFile(path: file.path, role: file.role, bytes: bytes)
            return true
        }
        return false
    }

    private func isMeant(_ new: PolicySnapshot, _ proposal: RetireProposal) -> Bool {
        for agent in snapshot.agents.keys {
            var wanted = Set(snapshot.scopedTools(of: agent))
            for item in proposal.items where item.agent == agent && item.change == .remove {
                wanted.remove(item.tool)
            }
            guard Set(new.scopedTools(of: agent)) == wanted else { return false }
        }
        for item in proposal.items {
            guard case .lower(let argument, _, let most) = item.change else { continue }
            let cap = GrantedTool.Cap(argument: argument, most: most)
            let isLower = granted(to: item.agent, in: new).contains {
                $0.tool == item.tool && $0.caps.contains(cap)
            }
            guard isLower else { return false }
        }
        let comparison = PolicyComparison.compare(snapshot, new, at: now)
        return comparison.differences.allSatisfy { $0.direction == .narrows }
    }

    private static func name(of file: PolicyFile) -> String {
        guard file.role == .single else { return file.path }
        return file.path.split(separator: "/").last.map(String.init) ?? file.path
    }
}

extension ScopeNarrowing {
    /// - Parameter items: those of one agent.
    fileprivate init(_ items: [RetireProposal.Item], in policy: PolicySnapshot) {
        var removed: Set<ToolAddress> = []
        var bounds: [Bound] = []
        for item in items {
            switch item.change {
            case .remove: removed.insert(item.tool)
            case .lower(let argument, _, let most):
                bounds.append(Bound(tool: item.tool, argument: argument, most: most))
            }
        }
        self.init(removed: removed, bounds: bounds, in: policy)
    }
}
