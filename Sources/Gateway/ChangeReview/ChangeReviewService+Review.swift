package import InterlockAdministration
package import InterlockApprovals
package import InterlockEvidence
import InterlockJSON
package import InterlockModel
import InterlockPolicyReview
import InterlockPorts
import InterlockSandboxes
package import InterlockWorkspace

/// The reading of changes for a page. The record of a reading is durable before anything is shown.
extension ChangeReviewService {
    /// The most selected changes of one page. A selection with more is reviewed on the command line.
    package static let mostShown = 200
    /// The most files whose text is on one page, and the most bytes of one side.
    private static let mostTexts = 50
    private static let mostTextBytes = 256 << 10

    /// - Parameter paths: select the changes; all are selected if there is none.
    /// - Throws: `noSuchRun` also if the person may not see the changes.
    package func review(
        of run: RunID, _ paths: [WorkspacePath], for viewer: PersonSession,
        _ visibility: Visibility
    ) async throws(WorkspaceApprovalRefusal) -> ChangeReview {
        let agent = try agent(of: run, for: viewer.person, visibility)
        let diff = try read(run)
        let chosen = diff.changes.filter { change in
            paths.isEmpty || paths.contains { $0.contains(change.path) }
        }
        // Changes that are never applied come last and take no room from the texts of the others.
        let selected = chosen.gitLast
        let shown = Array(selected.prefix(selected.reviewed))
        let texts = shown.count <= Self.mostShown ? try texts(of: shown, of: run) : [:]
        try await recorded { () async throws(SandboxRefusal) in
            try await sandboxes.record(
                WorkspaceDiffRequest(diff, hashing), of: run, for: viewer.pseudonym)
        }
        var (refusal, approval): (ApplyRefusal?, ChangeReview.Approval?) = (nil, nil)
        do throws(ApplyRefusal) {
            let plan = try ApplyPlan(diff, ApplySelection(reviewing: paths))
            approval = try self.approval(of: plan, diff, agent, for: viewer)
        } catch { refusal = error }
        return ChangeReview(
            run: run, agent: agent, base: diff.base, count: diff.changes.count,
            flaggedCount: diff.flagged, paths: paths, selected: selected, texts: texts,
            refusal: refusal, approval: approval)
    }

    private func approval(
        of plan: ApplyPlan, _ diff: WorkspaceDiff, _ agent: AgentName, for viewer: PersonSession
    ) throws(ApplyRefusal) -> ChangeReview.Approval? {
        let flagged = plan.flagged
        guard !flagged.isEmpty else { return nil }
        let approvers = approvers(of: agent)
        let stated = StatedFlagged(count: flagged.count, digest: flagged.digest(hashing))
        let counting = counting(
            (try? store.approvals(of: diff.run)) ?? [], of: diff.run, base: diff.base, stated,
            plan.flags.map(\.rawValue), by: approvers)
        return ChangeReview.Approval(
            entries: stated.digest, count: stated.count, flags: plan.flags,
            signed: counting.count, need: approvers.need,
            until: counting.map(\.order.content.until).min(),
            isByViewer: counting.contains { $0.signer == viewer.pseudonym },
            exclusion: approvers.exclusion(of: viewer.person))
    }

    private func texts(
        of changes: [WorkspaceChange], of run: RunID
    ) throws(WorkspaceApprovalRefusal) -> [WorkspacePath: ChangeReview.Text] {
        // Flagged files first: where not all texts are shown, theirs are.
        let files = changes.filter { $0.kind == .file || $0.kindBefore == .file }
        let shown = (files.filter { !$0.flags.isEmpty } + files.filter(\.flags.isEmpty))
            .prefix(Self.mostTexts)
        var contents: [ChangedContent] = []
        do throws(ChangeReadFailure) {
            contents = try store.contents(of: Array(shown), of: run, most: Self.mostTextBytes)
        } catch { throw WorkspaceApprovalRefusal(error) }
        var texts: [WorkspacePath: ChangeReview.Text] = [:]
        for (change, content) in zip(shown, contents) {
            switch content {
            case .bytes(let old, let new):
                texts[change.path] = .diff(
                    FileDiff(change.path.escaped, from: old, to: new, hashing))
            case .changedProject: texts[change.path] = .changedProject
            case .tooLarge: texts[change.path] = .tooLarge
            case .notFile: break
            }
        }
        return texts
    }

    /// - Throws: `noSuchRun` if the person may not see the changes of its agent's runs.
    func agent(
        of run: RunID, for person: Person, _ visibility: Visibility
    ) throws(WorkspaceApprovalRefusal) -> AgentName {
        let agent = try agent(of: run)
        guard visibility.reads(agent) || approvers(of: agent).eligible.contains(person) else {
            throw .noSuchRun
        }
        return agent
    }

    /// Returns true if the run has ended here with a workspace, and the person may review it. Reads one small file.
    package func mayReview(_ run: RunID, _ person: Person, _ visibility: Visibility) -> Bool {
        (try? agent(of: run, for: person, visibility)) != nil && store.hasChanges(of: run)
    }

    func agent(of run: RunID) throws(WorkspaceApprovalRefusal) -> AgentName {
        do throws(SandboxRefusal) { return try sandboxes.reviewedAgent(of: run) } catch {
            throw WorkspaceApprovalRefusal(error)
        }
    }

    func read(_ run: RunID) throws(WorkspaceApprovalRefusal) -> WorkspaceDiff {
        do throws(ChangeReadFailure) { return try store.changes(of: run) } catch {
            throw WorkspaceApprovalRefusal(error)
        }
    }

    func stored(_ run: RunID) throws(WorkspaceApprovalRefusal) -> [Envelope] {
        do throws(StoreFailure) { return try store.approvals(of: run) } catch {
            throw .notRead(error.reason)
        }
    }

    func keep(_ envelopes: [Envelope], of run: RunID) throws(WorkspaceApprovalRefusal) {
        do throws(StoreFailure) { try store.setApprovals(envelopes, of: run) } catch {
            throw .notRead(error.reason)
        }
    }

    func recorded(
        _ work: () async throws(SandboxRefusal) -> Void
    ) async throws(WorkspaceApprovalRefusal) {
        do throws(SandboxRefusal) { try await work() } catch {
            throw WorkspaceApprovalRefusal(error)
        }
    }
}

extension WorkspaceApprovalRefusal {
    init(_ failure: ChangeReadFailure) {
        switch failure {
        case .noWorkspace: self = .noSuchRun
        case .busy: self = .notOver
        case .failed(let reason): self = .notRead(reason)
        }
    }

    init(_ refusal: SandboxRefusal) {
        switch refusal {
        case .notRecorded(let code): self = .notRecorded(code)
        case .notStored(let reason): self = .notRead(reason)
        case .notOver: self = .notOver
        case .unapproved: self = .unapproved(have: 0, need: 1)
        case .unknownAgent, .noOwner, .overdue, .halted, .noPurpose, .otherPolicy, .tooMany,
            .noSuchRun, .noWorkspace, .notWidened, .belowMinimum, .productionSecret, .evals,
            .undecided, .unknownTask, .notTainted:
            self = .noSuchRun
        }
    }
}
