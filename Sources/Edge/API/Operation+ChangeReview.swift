import InterlockAdministration
package import InterlockApprovals
import InterlockChangeReview
import InterlockJSON
import InterlockModel
import InterlockSchemas
import InterlockWorkspace

extension Operation {
    /// Operations by which people review what a sandboxed run changed, and approve changes with a flag. Only a command
    /// applies them.
    static let changeReview: [Operation] = [
        Operation(
            name: "readRunChanges", method: .get, path: "/runs/{run}/changes",
            summary:
                "What a sandboxed run changed in its workspace, and who must approve the changes with a flag. For the "
                + "owner of its agent, its approvers and the role `security`. Each reading is recorded.",
            query: [
                .maybe("selection", selected, "One entry and all below it; all changes if absent.")
            ],
            answer: ChangeReview.form.shape,
            problems: [.notRead, .noSuchRun, .otherState, .notRecorded],
            handler: .answer { api, call throws(Problem) in try await api.readRunChanges(call) }),
        Operation(
            name: "draftRunChangesApproval", method: .post, path: "/runs/{run}/changes/draft",
            summary:
                "An approval of the selected changes with a flag, in the name of the signed-in person, for a passkey "
                + "to sign and `approveRunChanges` to take. It counts for an hour. For the agent's approvers.",
            body: .record(
                "RunChangesDraftRequest",
                .maybe("selection", selected, "One entry and all below it; all changes if absent."),
                recordedReason),
            answer: OrderDraft.form.shape,
            problems: [.notRead, .noSuchRun, .notEligible, .otherState],
            handler: .answer { api, call throws(Problem) in try api.draftRunChangesApproval(call) }),
        Operation(
            name: "approveRunChanges", method: .post, path: "/runs/{run}/changes",
            summary:
                "Takes a signed approval of changes with a flag, which names the run itself: a DSSE envelope of "
                + "`\(PayloadType.workspace.text)`. It applies nothing.",
            body: signed("WorkspaceEnvelope", .workspace), isSigned: true,
            answer: .record(
                "RunChangesApproval", .init("run", .text(.id), "Of the approval."),
                .init("until", .text(.time), "When it ends.")),
            problems: [
                .badSignature, .badAssertion, .staleOrder, .notRead, .noSuchRun, .notEligible,
                .otherState, .notRecorded,
            ], isLocal: true,
            handler: .answer { api, call throws(Problem) in try await api.approveRunChanges(call) }),
    ]

    /// Longer ones, which no request line has room for, are selected on the command line.
    private static let selected = JSONSchemaType.text(.plain(1...256))
}

extension OperationServices {
    fileprivate func readRunChanges(_ call: APIMutation) async throws(Problem) -> JSONValue {
        let (service, session) = (try part(sources.changes), try call.person())
        let (run, paths) = (try call.reviewedRun(), try call.selection(call.query["selection"]))
        let visibility = try visibility(call)
        do throws(WorkspaceApprovalRefusal) {
            return ChangeReview.form.json(
                try await service.review(of: run, paths, for: session, visibility))
        } catch { throw Problem(error) }
    }

    fileprivate func draftRunChangesApproval(
        _ call: APIMutation
    ) throws(Problem) -> JSONValue {
        let (service, session) = (try part(sources.changes), try call.person())
        let (run, paths) = (try call.reviewedRun(), try call.selection(call.body["selection"]))
        let visibility = try visibility(call)
        return try drafted(Problem.init(_:)) { () throws(WorkspaceApprovalRefusal) in
            try service.draft(
                of: run, paths, lasting: WorkspaceApprovalContent.usual, because: call.reason,
                by: session, visibility)
        }
    }

    fileprivate func approveRunChanges(_ call: APIMutation) async throws(Problem) -> JSONValue {
        let (service, envelope) = (try part(sources.changes), try call.envelope())
        do throws(WorkspaceApprovalRefusal) {
            let order = try await service.take(envelope)
            return [
                "run": .string(order.content.run.text),
                "until": .string(order.content.until.rfc3339(fractionDigits: 0)),
            ]
        } catch { throw Problem(error) }
    }
}

extension APIMutation {
    func reviewedRun() throws(Problem) -> RunID {
        guard let run = places["run"].flatMap({ RunID($0) }) else {
            throw Problem(WorkspaceApprovalRefusal.noSuchRun)
        }
        return run
    }

    fileprivate func selection(_ value: JSONValue?) throws(Problem) -> [WorkspacePath] {
        guard let text = value?.string else { return [] }
        guard let path = WorkspacePath(escaped: text) else {
            throw Problem(.malformed, "`selection` must be the path of an entry, as it is listed")
        }
        return [path]
    }
}

extension Problem {
    package init(_ refusal: WorkspaceApprovalRefusal) {
        switch refusal {
        case .order(let order): self.init(order)
        case .staleOrder: self.init(.staleOrder, "\(refusal)")
        case .noSuchRun: self.init(.noSuchRun, "\(refusal)")
        case .notOver, .nothingToApprove: self.init(.otherState, "\(refusal)")
        case .notApprover, .tooNew, .unapproved, .needsPasskey:
            self.init(.notEligible, "\(refusal)")
        case .tooMany: self.init(.tooMany, "\(refusal)")
        case .notRead: self.init(.notRead, "\(refusal)")
        case .notRecorded: self.init(.notRecorded, "\(refusal)")
        }
    }
}
