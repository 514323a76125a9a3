import InterlockJSON
import InterlockModel
import InterlockSandboxes

/// The questions about a call that waits for people (docs/specs/coding-agents.md, section 8).
extension RunGateway {
    /// Returns the deferred call of a run, or nil if it has none.
    ///
    /// - Parameter known: the request of an earlier answer, which the gateway finds after a restart too.
    func deferredCall(
        of run: RunID, known: ApprovalID? = nil
    ) throws(Refusal) -> DeferredCallView? {
        var body: JSONObject = [:]
        body["approval"] = (known?.shown).map(JSONValue.string)
        let answer = try post("/v1/sandboxes/\(run.text)/deferred", .object(body))
        guard answer["approval"] != nil else { return nil }
        do throws(FormError) { return try DeferredCallView(answer) } catch {
            throw Refusal(code: nil, message: "the answer is not readable: \(error)", help: nil)
        }
    }

    /// Says that the session is about to be resumed.
    ///
    /// - Throws: also if the run was halted or ended meanwhile, or people have not decided.
    func resume(_ run: RunID, after approval: ApprovalID) throws(Refusal) {
        _ = try post(
            "/v1/sandboxes/\(run.text)/resume", ["approval": .string(approval.shown)])
    }
}
