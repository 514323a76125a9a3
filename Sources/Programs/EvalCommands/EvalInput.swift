import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockEvals
import InterlockModel
import InterlockPolicy
import InterlockPolicyCommands

/// The input that the commands on suites share: the policy with its lock, and the folder of suites.
struct EvalInput: Sendable {
    let policy: PolicySnapshot
    /// The file or folder of the policy, as shown in messages.
    let path: String
    let root: String
    let now: Timestamp

    static let options: [Option] = [
        .directory, .json,
        Option("--policy PATH", "file or folder (default: the deployment's, else policy)"),
        Option("--lock FILE", "reviewed tools (default: interlock.lock beside the policy)"),
    ]

    /// - Throws: exit 65 if the policy cannot be compiled, 66 if it does not exist.
    init(_ invocation: Invocation) throws(Failure) {
        // A deployment in the current folder is found without `--dir`, as other commands find it.
        let isImplied =
            !invocation.has("policy") && !Deployment.isNamed(invocation)
            && Deployment.isAtHand(invocation)
        let input = try PolicyInput(
            invocation, named: isImplied ? Deployment.open(invocation).policy : nil)
        policy = try input.load()
        path = input.path
        root = SuiteFolder.root(beside: input.path)
        now = SystemClock().now.wall
    }

    /// The input of another revision of the same files, with the lock in the folder of the policy.
    ///
    /// - Throws: exit 65 if the policy cannot be compiled, 66 if it does not exist.
    init(policyAt path: String, at now: Timestamp) throws(Failure) {
        let lock = try LockFile.read(LockFile.path(beside: path))
        policy = try LoadedPolicy.load(path, lock: lock, at: now).snapshot
        self.path = path
        root = SuiteFolder.root(beside: path)
        self.now = now
    }

    /// - Throws: exit 77 unless the policy names the person.
    func checkPerson(_ person: Person) throws(Failure) {
        var people = Set(policy.agents.values.compactMap(\.owner)).union(policy.owners)
        for group in policy.groups.values { people.formUnion(group.members) }
        people.formUnion(policy.people ?? [])
        guard people.contains(person) else {
            throw Failure(
                .notPermitted, "`\(person)` is no person of the policy",
                help: "an owner, a member of a group of approvers, or one of `people`")
        }
    }

    /// The folder that has the policy and `suites`: empty, or with a slash at its end.
    var project: String { String(root.dropLast("suites".utf8.count)) }

    /// The suite of the agent that is named, or all suites.
    ///
    /// - Throws: exit 66 if the policy does not have an agent, or there is no suite.
    func suites(_ invocation: Invocation) throws(Failure) -> [SuiteFolder] {
        guard let name = invocation.positional.first else {
            let all = try SuiteFolder.all(in: root)
            for folder in all where policy.agents[folder.agent] == nil {
                throw Failure(
                    .notFound,
                    "the policy has no agent `\(folder.agent)`, which has a suite",
                    help: "remove `\(TerminalEscaping.shown(folder.path))`, or name an agent")
            }
            guard !all.isEmpty else {
                throw Failure(
                    .notFound, "there is no suite in `\(TerminalEscaping.shown(root))`",
                    help: "interlock eval run AGENT --starter")
            }
            return all
        }
        let folder = SuiteFolder(try PolicyInput.agent(name, in: policy), in: root)
        guard folder.exists else {
            throw Failure(
                .notFound, "agent `\(folder.agent)` has no suite",
                help: "interlock eval run \(folder.agent) --starter")
        }
        return [folder]
    }

    /// Returns the errors and flags of a suite.
    ///
    /// - Parameters:
    ///   - lastBlame: the last incident or denial of the last 90 days; nil if there is none, or no log is read.
    ///   - mutants: nil if no changed policies were run, so that T15 is not raised.
    /// - Throws: exit 66 if the policy does not have the agent.
    func lint(
        _ contents: SuiteFolder.Contents, lastBlame: Timestamp? = nil,
        mutants: LintFacts.PolicyMutants? = nil
    ) throws(Failure) -> SuiteLint {
        let suite = contents.suite
        let found = LintFacts(
            of: suite.agent, in: policy, at: now, lastBlame: lastBlame, mutants: mutants)
        guard let facts = found else {
            throw Failure(.notFound, "the policy has no agent `\(suite.agent)`")
        }
        let kept = PolicyCopies(of: SuiteFolder(suite.agent, in: root))
        return SuiteLint(
            suite, facts: facts, worlds: contents.worlds,
            probes: LintProbes(
                passes: { $0.passes(suite) },
                fails: { one, digest in kept.fails(one, on: digest, at: now) }))
    }

    /// Returns the files that shape an agent: those of the list at `manifest`, or of the list of its suite; nil without
    /// either.
    func files(
        of agent: AgentName, manifest: String?
    ) throws(Failure) -> FingerprintFiles? {
        if let manifest { return try FingerprintFiles(manifest) }
        return try SuiteFolder(agent, in: root).fingerprint()
    }

    /// The current fingerprint of an agent.
    ///
    /// - Parameter manifest: the path of the file that lists prompt, skills and models; nil for the list of the agent's
    ///   suite. Without either, the three parts are of nothing.
    /// - Throws: exit 65 if the files cannot be read, or name a model that the tier does not accept.
    func fingerprint(
        of agent: AgentName, manifest: String?
    ) throws(Failure) -> AgentFingerprint {
        let hashing = OpenSSLHashing()
        let sources = try files(of: agent, manifest: manifest)?.sources()
        if let tier = policy.agents[agent]?.tier, tier > .low,
            let alias = sources?.models.first(where: \.isMovingAlias)
        {
            throw Failure(
                .data,
                "model `\(TerminalEscaping.shown(alias.id))` is a moving alias, which tier "
                    + "`\(tier.rawValue)` does not accept", help: "name the exact version")
        }
        guard let policyPart = policy.sliceDigest(of: agent, hashing: hashing),
            let tools = policy.toolsDigest(of: agent, hashing: hashing),
            let made = try? (sources ?? FingerprintSources()).fingerprint(
                of: agent, policy: policyPart, tools: tools, hashing: hashing)
        else {
            throw Failure(.internalError, "the fingerprint of `\(agent)` cannot be made")
        }
        return made
    }
}
