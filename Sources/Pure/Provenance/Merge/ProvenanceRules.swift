package import InterlockModel

/// The rules about what commits say of agents: a file whose content a run wrote is in the extent of a run, and each
/// extent is true.
package struct ProvenanceRules: Sendable {
    private let contents: WrittenContents
    /// The runs that a person named, whose changes need not be readable.
    private let without: Set<RunID>

    /// The most files of one commit that are reported one by one.
    private static let mostReported = 20

    package init(_ contents: WrittenContents, without: Set<RunID> = []) {
        self.contents = contents
        self.without = without
    }

    /// Findings about the log itself: a run whose changes cannot be read may have written anything.
    package var ofLog: [GateFinding] {
        contents.unread.map { unread in
            without.contains(unread.run)
                ? GateFinding(
                    .unreadRun, .warning, at: .run(unread.run),
                    "left out by `--without`: \(unread.reason)")
                : GateFinding(
                    .unreadRun, .unknown, at: .run(unread.run),
                    "the changes of the run cannot be read: \(unread.reason)")
        }
    }

    /// The number of files of the commit whose content the log knows from a run.
    package func writtenFiles(of commit: CommitChange) -> Int {
        commit.files.count { !contents.writers(of: $0).isEmpty }
    }

    package func findings(of change: CommitChange) -> [GateFinding] {
        let written = change.files.filter { !contents.writers(of: $0).isEmpty }
        let groups: [AgentTrailers]
        do throws(TrailerFault) { groups = try CommitMessage(change.message).trailers } catch {
            return [GateFinding(.malformedTrailers, at: .commit(change.commit), "\(error)")]
        }
        var findings: [GateFinding] = []
        for group in groups { findings += self.findings(of: group, in: change) }
        for file in written where !groups.contains(where: { covers($0, file) }) {
            guard findings.count < Self.mostReported else { break }
            let run = contents.writers(of: file).last
            let agent = run.flatMap { contents.runs[$0]?.agent.text } ?? "an agent"
            findings.append(
                GateFinding(
                    groups.isEmpty ? .unmarked : .otherExtent,
                    at: .changed(file.path, in: change.commit),
                    groups.isEmpty
                        ? "written by `\(agent)` in run \(run?.text ?? "-"), and the commit has no trailers that say so"
                        : "written by `\(agent)` in run \(run?.text ?? "-"), and no Agent-Extent has it"
                ))
        }
        return findings
    }

    /// Returns true if the extent may have the file: a shortened list may have any.
    private func covers(_ group: AgentTrailers, _ file: ChangedFile) -> Bool {
        group.extent.listed.contains(file.path)
            || !group.extent.isWhole && contents.writers(of: file).contains(group.run)
    }

    private func findings(
        of group: AgentTrailers, in change: CommitChange
    ) -> [GateFinding] {
        func finding(_ code: GateFinding.Code, _ text: String) -> GateFinding {
            GateFinding(code, at: .commit(change.commit), text)
        }
        guard let run = contents.runs[group.run], run.agent == group.agent else {
            return [
                finding(
                    .unknownRun,
                    "the log has no run \(group.run.text) of `\(group.agent)` with changes")
            ]
        }
        var findings: [GateFinding] = []
        if run.record != group.record {
            findings.append(
                finding(.otherRecord, "Agent-Record is not the record of run \(group.run.text)"))
        }
        let byPath = Dictionary(
            change.files.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        let extent = group.extent
        if let absent = extent.listed.first(where: { byPath[$0] == nil }) {
            findings.append(
                finding(
                    .otherExtent,
                    "Agent-Extent has `\(absent.shown)`, which the commit does not change"))
        }
        if let problem = numbers(of: group, in: change, byPath) {
            findings.append(finding(.otherExtent, problem))
        }
        return findings
    }

    /// Compares the numbers of an extent with the commit. A shortened list states at least what the log knows, and at most
    /// the whole commit.
    private func numbers(
        of group: AgentTrailers, in change: CommitChange, _ byPath: [ChangedPath: ChangedFile]
    ) -> String? {
        let stated = group.extent
        let least = ChangeExtent(
            stated.isWhole
                ? stated.listed.compactMap { byPath[$0] }
                : change.files.filter { contents.writers(of: $0).contains(group.run) })
        let most = stated.isWhole ? least : ChangeExtent(change.files)
        let found = (least?.files ?? 0, least?.added ?? 0, least?.removed ?? 0)
        let limit = (most?.files ?? 0, most?.added ?? 0, most?.removed ?? 0)
        let isWithin =
            found.0 <= stated.files && stated.files <= limit.0 && found.1 <= stated.added
            && stated.added <= limit.1 && found.2 <= stated.removed && stated.removed <= limit.2
        guard !isWithin else { return nil }
        return
            "Agent-Extent states files=\(stated.files) lines=+\(stated.added)/-\(stated.removed), and the commit has files=\(found.0) lines=+\(found.1)/-\(found.2)"
    }
}
