import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockEvidence
import InterlockJSON
import InterlockLedger
import InterlockLogReading
import InterlockModel
import InterlockPolicy
import InterlockPolicyCommands
import InterlockPolicyReview
import InterlockYAML

extension Command {
    static let policyAdvise = Command(
        "policy advise", "propose the narrowest hosts and secrets for what one run did",
        example: "interlock policy advise --run 01kag0q9m2c4e6g8j0k2n4p6r8 --patch narrow.patch",
        options: Option.logSource + [
            .json, .ofRun,
            Option("--policy PATH", "file or folder (default: the deployment's)"),
            Option("--patch FILE", "write the proposal as a patch; nothing is applied"),
        ],
        exits: [.no, .data, .notFound, .unavailable, .cannotCreate, .io, .tryAgain],
        notes: """
            Exit 0: nothing to narrow. 1: advice was given. It only narrows: refused connections are listed and \
            never proposed. Files that a run read, and secrets that it used, are not recorded. That you look is \
            recorded first. Apply a patch with `patch -p1` in the folder that has the policy.
            """
    ) { invocation in
        guard let text = invocation["run"] else {
            throw Failure(
                .usage, "name a run with `--run`",
                help: "advice on tools and arguments is not available in this version")
        }
        let run = try Invocation.parsed(text, "no run's id", .usage) { RunID($0) }
        if let file = invocation["patch"] { try OutputFile.requireFree(file) }
        let log = try AuditLog(invocation)
        let observed = try ObservedRun(run, in: log)
        let deployment = log.deployment
        guard let path = invocation["policy"] ?? deployment?.policy else {
            throw Failure(.usage, "name the policy with `--policy`")
        }
        let policy = try AdvisedPolicy(path, agent: observed.agent, at: SystemClock().now.wall)
        let advice = SandboxAdvice(policy.settings, observed.use)
        try AuditExport.record(
            kind: .query, count: observed.count, query: invocation.query, from: log)
        let patch = advice.isEmpty ? nil : policy.patch(advice)
        show(advice, of: observed, patch, policy, invocation)
        if let file = invocation["patch"], !advice.isEmpty {
            guard let patch else { throw Failure(.data, AdvisedPolicy.noPatch) }
            let lines = patch.unified.joined(separator: "\n") + "\n"
            try OutputFile.write(Array(lines.utf8), to: file)
        }
        return advice.isEmpty ? .ok : .no
    }
}

private func show(
    _ advice: SandboxAdvice, of observed: ObservedRun, _ patch: FileDiff?,
    _ policy: AdvisedPolicy, _ invocation: Invocation
) {
    var notes = advice.notes
    if observed.policy != policy.digest {
        notes.append("the run was decided by another revision of the policy")
    }
    if !advice.isEmpty, patch == nil { notes.append(AdvisedPolicy.noPatch) }
    let lines = patch?.unified ?? []
    guard !invocation.isJSON else {
        return Output.json([
            "run": .string(observed.run.text), "agent": .string(observed.agent.text),
            "advice": .array(advice.changes.map(\.json)),
            "refused": .array(advice.refused.map(\.json)),
            "notes": .array(notes.map(JSONValue.string)),
            "patch": lines.isEmpty ? .null : .string(lines.joined(separator: "\n") + "\n"),
        ])
    }
    for line in (advice.changes.map(\.text) + advice.refused.map(\.text)) { Output.line(line) }
    if advice.isEmpty { Output.line("nothing to narrow: the run used what its policy names") }
    for note in notes { Output.error("note: \(note)") }
    if invocation["patch"] == nil { for line in lines { Output.line(line) } }
    Output.error("note: this is one run; another one of the agent may need more")
}

/// The facts in the log about the permissions that one run used.
private struct ObservedRun {
    let run: RunID
    let agent: AgentName
    private(set) var use = RunUse()
    /// The number of records that were read.
    let count: Int
    /// The digest of the policy that was in force at its start.
    let policy: String?

    /// The most records of a run that are read.
    private static let most = 100_000

    /// - Throws: exit 66 without such a run, 75 while it is under way, 65 if its records are damaged or too many.
    init(_ run: RunID, in log: AuditLog) throws {
        self.run = run
        var search = try RecordSearch.telling(log)
        var filter = RecordFilter()
        filter.run = run.text
        let found = try search.newest(filter, limit: Self.most)
        count = found.count
        guard found.count < Self.most else {
            throw Failure(.data, "the run has more than \(Self.most) records")
        }
        guard let start = found.first?.record, start.type == RecordType.runStart.rawValue,
            let agent = start.text("agent").flatMap({ AgentName($0) })
        else { throw Failure(.notFound, "the log has no start of a run `\(run)`") }
        guard start.commitment("setup") != nil else {
            throw Failure(.notFound, "`\(run)` is no run of `interlock run`")
        }
        guard found.contains(where: { $0.record.type == RecordType.runEnd.rawValue }) else {
            throw Failure(.tryAgain, "the run has not ended, so what it does not use is not known")
        }
        let faults = RunContinuity.faults(in: found, isWhole: true)
        guard faults.isEmpty, search.unproved.isEmpty else {
            throw Failure(
                .data, faults.first ?? "records of the run have no proof",
                help: "interlock audit gaps")
        }
        self.agent = agent
        policy = start.text("pol")
        use.secrets = try log.payload("setup", of: start).json?["secrets"]?.array?.compactMap(
            \.string)
        for proved in found where proved.record.type == RecordType.netConnect.rawValue {
            try add(proved.record, log)
        }
    }

    private mutating func add(_ record: StoredRecord, _ log: AuditLog) throws {
        let host = try log.payload("dst", of: record).json?["host"]?.string
        let isPermitted = record.text("dec") == "allow"
        use.add(
            RunUse.Connections(
                host: host, port: Int(clamping: record["port"]?.integer ?? 0),
                rule: isPermitted ? record.text("rule") : nil,
                code: isPermitted ? nil : record.text("code") ?? "refused"),
            count: record["cnt"]?.integer ?? 1)
    }
}

/// The policy for which advice is given, with the texts of its files.
private struct AdvisedPolicy {
    static let noPatch =
        "the policy's text has a form that is not edited here: write the lists by hand"

    private let folder: PolicyFolderReading
    private let snapshot: PolicySnapshot
    private let agent: AgentName
    private let now: Timestamp
    let settings: SandboxSettings
    var digest: String { snapshot.digestText }

    init(_ path: String, agent: AgentName, at now: Timestamp) throws(Failure) {
        do throws(PolicyFolderError) { folder = try PolicyFolder.read(path) } catch {
            throw Failure(.notFound, "\(error)")
        }
        self.agent = agent
        self.now = now
        do throws(PolicyRefusal) { snapshot = try Self.snapshot(of: folder.files, at: now) } catch {
            throw Failure(.data, findings: error.findings)
        }
        guard let entry = snapshot.agents[agent] else {
            throw Failure(.notFound, "the policy has no agent `\(agent)`")
        }
        settings = entry.spec.sandbox?.settings ?? .isolated
    }

    private static func snapshot(
        of files: [PolicyFile], at now: Timestamp
    ) throws(PolicyRefusal) -> PolicySnapshot {
        try LoadedPolicy(PolicyReader.read(files), lock: .ignored, at: now).snapshot
    }

    /// Returns the difference that writes the advice into the policy's text. The result was read again: it has the
    /// advised lists, and nothing else of the policy has changed.
    func patch(_ advice: SandboxAdvice) -> FileDiff? {
        for (place, file) in folder.files.enumerated() {
            guard let root = readYAML(file.bytes, file: file.path).root,
                let edit = SandboxEdit(file.bytes, root: root, agent: agent),
                let edited = edit.applying(advice)
            else { continue }
            var files = folder.files
            files[place] = PolicyFile(path: file.path, role: file.role, bytes: edited)
            guard let new = try? Self.snapshot(of: files, at: now), isMeant(new, advice) else {
                return nil
            }
            let path =
                file.role == .single
                ? file.path.split(separator: "/").last.map(String.init) ?? file.path : file.path
            return FileDiff(path, from: file.bytes, to: edited, OpenSSLHashing())
        }
        return nil
    }

    private func isMeant(_ new: PolicySnapshot, _ advice: SandboxAdvice) -> Bool {
        var wanted = settings
        wanted.egress = advice.egress
        wanted.secrets = advice.secrets
        guard let found = new.agents[agent]?.spec.sandbox?.settings, found == wanted else {
            return false
        }
        // `policy diff` takes a host in place of a wildcard for a wider one; the lists are compared above.
        let lists = SandboxAdvice.Part.allCases.map { "sandbox.\($0.rawValue)" }
        return PolicyComparison.compare(snapshot, new, at: now).differences.allSatisfy { one in
            lists.contains { one.subject.contains($0) }
        }
    }
}
