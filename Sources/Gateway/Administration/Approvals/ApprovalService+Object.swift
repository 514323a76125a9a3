package import InterlockApprovals
import InterlockJSON
import InterlockLedger
package import InterlockModel
import InterlockPorts
import Synchronization

extension ApprovalService {
    /// Counts a person's unsigned denial. The caller must have authenticated the person. Durable on return; after an
    /// error nothing was counted.
    package func object(
        to id: ApprovalID, _ objection: Objection
    ) async throws(ApprovalRefusal) -> ApprovalAction {
        let action = await change(id, .object(objection))
        if case .refused(let refusal) = action { throw refusal }
        // A probe hides no real call that could be suspicious.
        if case .probed = action { return action }
        if objection.reason == .suspicious {
            ports.alarm("approval.suspicious", id.text)
            if let request = self[id] { ports.suspect(request) }
        }
        return action
    }

    func objected(_ objection: Objection, _ request: ApprovalRequest) -> RecordDraft {
        var fields: JSONObject = [
            "by": .string(objection.pseudonym.text), "via": .string(objection.means.rawValue),
            "bindc": .string(request.bind.base64),
            "need": .integer(Int64(request.decision.quorum)),
        ]
        fields["code"] = objection.reason.map {
            .string("approval." + $0.rawValue.hyphensAsUnderscores)
        }
        if request.revision > 1 { fields["rev"] = .integer(Int64(request.revision)) }
        return draft(.approvalDenied, request, fields, words(of: objection))
    }

    /// Returns the record of a grant that a person revoked without a signature.
    func takenBack(
        _ request: ApprovalRequest, _ cause: ApprovalCause, _ objection: Objection
    ) -> RecordDraft {
        draft(
            .approvalVoid, request,
            [
                "code": .string(cause.code),
                "by": .string(objection.pseudonym.text), "via": .string(objection.means.rawValue),
            ], words(of: objection))
    }

    private func words(of objection: Objection) -> [(field: String, plaintext: [UInt8])] {
        objection.text.isEmpty ? [] : [("note", Array(objection.text.utf8))]
    }

    /// Records that a person who may decide was shown the request. Does not wait until the record is durable.
    package func recordView(of request: ApprovalRequest, by viewer: Pseudonym) {
        let now = ports.clock.wall
        state.withLock { $0.history?.viewed(request.id, by: viewer, at: now) }
        ports.ledger.note(
            draft(
                .approvalViewed, request,
                ["by": .string(viewer.text), "rev": .integer(Int64(request.revision))], []))
    }
}
