import InterlockAdministration
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
    ]
}

extension OperationServices {
    fileprivate func recordDiff(_ call: APIMutation) async throws(Problem) -> JSONValue {
        let service = try part(sources.sandboxes)
        let diff: WorkspaceDiffRequest
        do throws(FormError) { diff = try WorkspaceDiffRequest(call.body) } catch {
            throw Problem(error)
        }
        do throws(SandboxRefusal) {
            try await service.record(diff, of: try call.sandboxedRun())
        } catch { throw Problem(error) }
        return [:]
    }

    fileprivate func recordApply(_ call: APIMutation) async throws(Problem) -> JSONValue {
        let service = try part(sources.sandboxes)
        let decision: WorkspaceApplyRequest
        do throws(FormError) { decision = try WorkspaceApplyRequest(call.body) } catch {
            throw Problem(error)
        }
        do throws(SandboxRefusal) {
            try await service.record(decision, of: try call.sandboxedRun())
        } catch { throw Problem(error) }
        return [:]
    }

    fileprivate func recordDiscard(_ call: APIMutation) async throws(Problem) -> JSONValue {
        let service = try part(sources.sandboxes)
        let discard: WorkspaceDiscardRequest
        do throws(FormError) { discard = try WorkspaceDiscardRequest(call.body) } catch {
            throw Problem(error)
        }
        do throws(SandboxRefusal) {
            try await service.record(discard, of: try call.sandboxedRun())
        } catch { throw Problem(error) }
        return [:]
    }
}
