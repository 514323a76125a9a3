package import InterlockJSON
package import InterlockModel

/// The stored form, of a probe that waits. One that is over is in the log alone.
extension Probe {
    package var json: JSONValue { ["v": 1, "type": "probe", "form": form.json, "flaw": flaw.json] }

    /// - Throws: `malformed` too for a form that has votes or does not wait: no probe has.
    package init(
        json: JSONValue, judge: VoteVerifier, hashing: some Hashing
    ) throws(ApprovalRefusal) {
        let flaw: ProbeFlaw
        let form: JSONValue
        do throws(FormError) {
            let fields = try StrictFields(json, required: ["v", "type", "form", "flaw"])
            try fields.expectVersion1()
            try fields.expect("type", "probe")
            flaw = try ProbeFlaw(json: try fields.value("flaw"), at: "flaw")
            form = try fields.value("form")
        } catch { throw .malformed(error) }
        let request = try ApprovalRequest(json: form, judge: judge, hashing: hashing)
        guard request.state == .pending, request.votes.isEmpty else {
            throw .malformed(.badMember("form", "a request that waits"))
        }
        self.init(request, flaw: flaw)
    }
}
