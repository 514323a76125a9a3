import InterlockAdministration
import InterlockHookDecisions
import InterlockJSON
import InterlockModel
import InterlockPorts
import InterlockSchemas

extension Operation {
    /// The operation of `interlock hook install` and `uninstall`.
    static let hooks: [Operation] = [
        Operation(
            name: "recordHookInstallation", method: .post, path: "/hooks/installed",
            body: .object, answer: .object, isOfCommands: true,
            handler: .answer { api, call throws(Problem) in
                try await api.recordHookInstallation(call)
            })
    ]
}

extension OperationServices {
    fileprivate func recordHookInstallation(
        _ call: APIMutation
    ) async throws(Problem) -> JSONValue {
        let service = try part(sources.hooks)
        let request = try call.stated(HookInstallation.init)
        do throws(LedgerRefusal) {
            return ["record": .string(try await service.record(request).hex)]
        } catch { throw Problem(.notRecorded, "the change cannot be recorded: \(error.code)") }
    }
}
