import InterlockCommandLine
import InterlockEvals
import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockProvenanceCommands

/// The agents as another revision of the repository has them (`eval gate --base`).
struct BaseRevision {
    let name: String
    private let files: CommittedFiles
    /// Is nil if the revision has no policy that compiles: then every agent differs from it.
    private let input: EvalInput?

    /// The differences of an agent from the revision.
    struct Difference {
        /// The parts of the fingerprint that differ, and `suite`; empty if nothing does.
        let parts: [String]
        /// The reason that the revision has nothing to compare with; nil if it has.
        let note: String?

        var isNone: Bool { parts.isEmpty && note == nil }
    }

    /// Parts of a suite that do not shape its runs.
    private static let leftOut = ["results", "imports"]

    /// - Throws: exit 64 for an invalid revision; 65 if there is no such commit, or the policy is not in the repository.
    init(_ name: String, _ current: EvalInput) throws(Failure) {
        self.name = name
        let project = current.project
        var rest = current.path.utf8.dropFirst(project.utf8.count)
        while rest.last == UInt8(ascii: "/") { rest.removeLast() }
        let policy = String(decoding: rest, as: UTF8.self)
        guard current.path.hasPrefix(project), !policy.isEmpty else {
            throw Failure(
                .usage, "`--base` needs a policy below the current folder",
                help: "interlock eval gate --base REF --policy policy")
        }
        let files = try CommittedFiles(name, below: project)
        self.files = files
        do throws(Failure) {
            try files.copy { path in
                path == policy || path.hasPrefix(policy + "/") || path == PolicyLock.fileName
                    || Self.isOfSuite(path)
            }
            input = try EvalInput(policyAt: files.folder + "/" + policy, at: current.now)
        } catch {
            guard error.exit == .data || error.exit == .notFound else { throw error }
            input = nil
        }
    }

    private static func isOfSuite(_ path: String) -> Bool {
        let names = path.split(separator: "/", maxSplits: 3)
        return names.count > 2 && names[0] == "suites" && !leftOut.contains(String(names[2]))
    }

    /// - Parameters:
    ///   - parts: the current fingerprint of the agent.
    ///   - suite: the digest of its current suite; nil if it has none.
    func difference(
        of agent: AgentName, _ parts: AgentFingerprint, suite: Digest?
    ) throws(Failure) -> Difference {
        guard let input else {
            return Difference(parts: [], note: "has no policy that compiles")
        }
        guard input.policy.agents[agent] != nil else {
            return Difference(parts: [], note: "does not have the agent")
        }
        let folder = SuiteFolder(agent, in: input.root)
        let before: AgentFingerprint
        var suiteBefore: Digest?
        do throws(Failure) {
            if let manifest = try folder.fingerprint()?.manifest {
                try files.copy { path in
                    manifest.prompt.contains { sameBytes($0, path) }
                        || manifest.skills.contains { path.hasPrefix($0.path + "/") }
                }
            }
            before = try input.fingerprint(of: agent, manifest: nil)
            if folder.exists { suiteBefore = try folder.read().digest }
        } catch {
            guard error.exit == .data || error.exit == .notFound else { throw error }
            return Difference(parts: [], note: "has no readable fingerprint or suite of the agent")
        }
        let changed = parts.differences(from: before).map(\.rawValue)
        return Difference(parts: changed + (suiteBefore == suite ? [] : ["suite"]), note: nil)
    }
}
