import InterlockAdministration
import InterlockApprovals
import InterlockChangeReview
import InterlockJSON
import InterlockModel
import InterlockSandboxes
import InterlockSchemas

extension Operation {
    /// Operations of `interlock workspace`, and of `interlock run` where the policy discards changes. Each answers once
    /// its record is durable.
    static let workspaces: [Operation] = [
        Operation(
            name: "recordWorkspaceDiff", method: .post, path: "/sandboxes/{run}/diff",
            body: .object, answer: .object, isOfCommands: true,
            handler: .answer { api, call throws(Problem) in try await api.recordDiff(call) }),
        Operation(
            name: "recordWorkspaceApply", method: .post, path: "/sandboxes/{run}/apply",
            body: .object, answer: .object, isOfCommands: true,
            handler: .answer { api, call throws(Problem) in try await api.recordApply(call) }),
        Operation(
            name: "recordWorkspaceDiscard", method: .post, path: "/sandboxes/{run}/discard",
            body: .object, answer: .object, isOfCommands: true,
            handler: .answer { api, call throws(Problem) in try await api.recordDiscard(call) }),
        Operation(
            name: "recordWorkspaceExport", method: .post, path: "/sandboxes/{run}/export",
            body: .object, answer: .object, isOfCommands: true,
            handler: .answer { api, call throws(Problem) in try await api.recordExport(call) }),
        Operation(
            name: "listTaintedWorkspaces", method: .get, path: "/tainted-workspaces",
            answer: .object, isOfCommands: true,
            handler: .reading { api, _ throws(Problem) in
                let known = try api.part(api.sources.sandboxes).taintedWorkspaces
                return ["workspaces": .array(known.map(\.json))]
            }),
        Operation(
            name: "declareWorkspaceClean", method: .post, path: "/tainted-workspaces/clean",
            body: .object, answer: .object, isOfCommands: true,
            handler: .answer { api, call throws(Problem) in try await api.declareClean(call) }),
    ]
}

extension OperationServices {
    fileprivate func recordDiff(_ call: APIMutation) async throws(Problem) -> JSONValue {
        let service = try part(sources.changes)
        let (run, diff) = (try call.reviewedRun(), try call.stated(WorkspaceDiffRequest.init))
        return try await noted { () async throws(WorkspaceApprovalRefusal) in
            try await service.record(diff, of: run)
        }
    }

    fileprivate func recordApply(_ call: APIMutation) async throws(Problem) -> JSONValue {
        let service = try part(sources.changes)
        let (run, decision) = (try call.reviewedRun(), try call.stated(WorkspaceApplyRequest.init))
        return try await noted { () async throws(WorkspaceApprovalRefusal) in
            try await service.decide(decision, of: run)
        }
    }

    fileprivate func recordDiscard(_ call: APIMutation) async throws(Problem) -> JSONValue {
        let service = try part(sources.changes)
        let (run, discard) = (
            try call.reviewedRun(), try call.stated(WorkspaceDiscardRequest.init)
        )
        return try await noted { () async throws(WorkspaceApprovalRefusal) in
            try await service.record(discard, of: run)
        }
    }

    fileprivate func recordExport(_ call: APIMutation) async throws(Problem) -> JSONValue {
        let service = try part(sources.changes)
        let (run, export) = (try call.reviewedRun(), try call.stated(WorkspaceExportRequest.init))
        return try await noted { () async throws(WorkspaceApprovalRefusal) in
            try await service.record(export, of: run)
        }
    }

    fileprivate func declareClean(_ call: APIMutation) async throws(Problem) -> JSONValue {
        let service = try part(sources.sandboxes)
        let request = try call.stated(WorkspaceCleanRequest.init)
        do throws(SandboxRefusal) {
            let count = try await service.declareClean(request)
            return ["cleaned": .integer(Int64(count))]
        } catch { throw Problem(error) }
    }

    private func noted(
        _ work: () async throws(WorkspaceApprovalRefusal) -> Void
    ) async throws(Problem) -> JSONValue {
        do throws(WorkspaceApprovalRefusal) { try await work() } catch { throw Problem(error) }
        return [:]
    }
}

extension APIMutation {
    /// Returns what the body states.
    ///
    /// - Throws: the problem of a body that is not of its form.
    func stated<Statement>(
        _ read: (JSONValue) throws(FormError) -> Statement
    ) throws(Problem) -> Statement {
        do throws(FormError) { return try read(body) } catch { throw Problem(error) }
    }
}
