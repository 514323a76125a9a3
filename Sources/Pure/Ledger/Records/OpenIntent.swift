import InterlockJSON
package import InterlockModel

/// A call that was admitted and has not ended.
package struct OpenIntent: Sendable, Hashable {
    package let hash: Digest
    package let run: RunContext?
    package let call: String
    package let tool: String?
    /// True if the policy required approval, in which case nothing was sent without `approval.used`.
    package let needsApproval: Bool
    package var approvalUsed = false

    init(
        hash: Digest, run: RunContext?, call: String, tool: String?, needsApproval: Bool,
        approvalUsed: Bool
    ) {
        self.hash = hash
        self.run = run
        self.call = call
        self.tool = tool
        self.needsApproval = needsApproval
        self.approvalUsed = approvalUsed
    }

    init(_ record: StoredRecord, hash: Digest) {
        let run = record.text("run").flatMap { RunID($0) }
        let agent = record.text("agent").flatMap { AgentName($0) }
        let subject = record.text("subj").map { Pseudonym(text: $0) }
        var context: RunContext?
        if let run, let agent { context = RunContext(run: run, agent: agent, subject: subject) }
        self.init(run: context, fields: record.object, hash: hash)
    }

    package init(_ draft: RecordDraft, hash: Digest) {
        self.init(run: draft.run, fields: draft.fields, hash: hash)
    }

    private init(run: RunContext?, fields: JSONObject, hash: Digest) {
        self.hash = hash
        self.run = run
        call = fields["call"]?.string ?? ""
        tool = fields["tool"]?.string
        needsApproval = fields["dec"]?.string == "approve"
    }

    /// The record that ends the call after a restart (docs/specs/ledger.md, section 9, step 6): a call that waited for
    /// approval was not sent; the result of any other call is unknown.
    package var afterRestart: RecordDraft {
        if needsApproval && !approvalUsed { return denied(code: "audit.restart") }
        var draft = closing(.callUnknown)
        draft.fields["why"] = "crash"
        draft.fields["last"] = approvalUsed ? "approval.used" : "intent"
        return draft
    }

    /// Returns the record for a call whose intent became durable too late to be executed; it was never sent.
    package func denied(code: String) -> RecordDraft {
        var draft = closing(.callDenied)
        draft.fields["dec"] = "deny"
        draft.fields["code"] = .string(code)
        draft.fields["cnt"] = 1
        return draft
    }

    private func closing(_ type: RecordType) -> RecordDraft {
        var draft = RecordDraft(type, run: run)
        draft.fields["call"] = .string(call)
        if let tool { draft.fields["tool"] = .string(tool) }
        draft.fields["intent"] = .string(hash.base64)
        return draft
    }
}
