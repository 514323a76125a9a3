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
    /// The paths of the revision that an agent needs and that are links or otherwise not copied.
    private let refused: [String]

    /// The differences of an agent from the revision.
    struct Difference {
        /// The parts of the fingerprint that differ, and `suite`; empty if nothing does.
        let parts: [String]
        /// The reason that the revision has nothing to compare with; nil if it has.
        let note: String?

        var isNone: Bool { parts.isEmpty && note == nil }
    }

    /// The agents of the revision's policy; none if it has no policy that compiles.
    var agents: [AgentName] { input?.policy.agents.keys.sorted() ?? [] }

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
        var refused: [String] = []
        var loaded: EvalInput?
        do throws(Failure) {
            func isOfPolicy(_ path: String) -> Bool {
                path == policy || path.hasPrefix(policy + "/") || path == PolicyLock.fileName
            }
            refused = try files.copy { isOfPolicy($0) || Self.isOfSuite($0) }
            let base = try EvalInput(policyAt: files.folder + "/" + policy, at: current.now)
            let named = NamedFiles(base)
            let others = try files.copy { named.have($0) }
            if !refused.contains(where: isOfPolicy) { loaded = base }
            refused += others
        } catch {
            guard error.exit == .data || error.exit == .notFound else { throw error }
        }
        input = loaded
        self.refused = refused
    }

    /// The prompt files and skills that the lists of all agents name.
    private struct NamedFiles {
        private var prompts: Set<ExactText> = []
        private var skills: Set<ExactText> = []

        init(_ input: EvalInput) {
            for agent in input.policy.agents.keys {
                // A list that cannot be read is noticed when the agent is compared.
                let files = try? SuiteFolder(agent, in: input.root).fingerprint()
                guard let manifest = files?.manifest else { continue }
                prompts.formUnion(manifest.prompt.map { ExactText($0) })
                skills.formUnion(manifest.skills.map { ExactText($0.path) })
            }
        }

        func have(_ path: String) -> Bool {
            if prompts.contains(ExactText(path)) { return true }
            var folder = path[...]
            while let slash = folder.lastIndex(of: "/") {
                folder = folder[..<slash]
                if skills.contains(ExactText(String(folder))) { return true }
            }
            return false
        }
    }

    /// The keys of `eval.signers` of the revision; none if its policy does not compile.
    var signers: [EvalKey] { input?.policy.document.eval.signers ?? [] }

    /// Returns the owner of an agent in the revision; nil if it has none.
    func owner(of agent: AgentName) -> Person? { input?.policy.agents[agent]?.owner }

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
            let manifest = try folder.fingerprint()?.manifest
            let isRefused = refused.contains { path in
                path.hasPrefix("suites/\(agent)/")
                    || manifest?.prompt.contains { sameBytes($0, path) } == true
                    || manifest?.skills.contains { path.hasPrefix($0.path + "/") } == true
            }
            guard !isRefused else {
                throw Failure(.data, "a file of \(agent) is no regular file in `\(name)`")
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
