package import InterlockEvidence
package import InterlockGovernor
package import InterlockJSON
import InterlockLedger
package import InterlockModel
import InterlockPolicy
package import InterlockPorts
import InterlockProvenance

/// Answers what a check of commits must know of this deployment, and records its answer (docs/specs/coding-agents.md,
/// sections 12 and 13). Only the local socket serves it, apart from the report of reviewers: a job that checks merges runs as
/// the gateway's user.
///
/// INVARIANT: no check passes while a record of changes is unread. Kept by `MergeCheckTests`.
package struct MergeCheckService: Sendable {
    let gateway: Gateway
    let people: AuthorizedKeysHolder
    private let contents: AgentContents
    let history: MergeHistory
    let pseudonyms: any Pseudonyms

    package init(
        gateway: Gateway, people: AuthorizedKeysHolder, contents: AgentContents,
        history: MergeHistory, pseudonyms: any Pseudonyms
    ) {
        self.gateway = gateway
        self.people = people
        self.contents = contents
        self.history = history
        self.pseudonyms = pseudonyms
    }

    /// The runs that wrote the contents. Reads the log.
    package func contents(
        _ request: WrittenContentsRequest
    ) async throws(MergeCheckRefusal) -> JSONValue {
        try await contents.answer(request).json
    }

    /// The people among these whom this deployment knows, the limit of open changes of the policy in force, and what the
    /// log says of earlier changes. The policy's list of people decides; without one, everyone who is enrolled is known.
    /// Reads the log if the request names a change.
    package func facts(
        of request: MergeFactsRequest
    ) async throws(MergeCheckRefusal) -> JSONValue {
        let snapshot = gateway.policy.snapshot
        let trust = people.trust
        let known = request.people.filter { person in
            snapshot.people?.contains(person) ?? (trust?.person(person) != nil)
        }
        var answer: JSONObject = [
            "known": .array(known.map { .string($0.address) }),
            "policy": .string(snapshot.digest.prefixed),
        ]
        if let limit = snapshot.document.mergeLimit {
            var object: JSONObject = ["over": .string(limit.over.rawValue)]
            object["changes"] = limit.changes.map { .integer(Int64($0)) }
            object["lines"] = limit.lines.map { .integer(Int64($0)) }
            answer["wip_limit"] = .object(object)
        }
        if let change = request.change {
            answer["counted"] = try await counted(change, known)
        }
        return .object(answer)
    }

    /// Records the answer of a check; durable on return.
    ///
    /// - Returns: the hash of the record.
    package func record(
        _ checked: MergeCheckedRequest
    ) async throws(MergeCheckRefusal) -> Digest {
        var fields: JSONObject = [
            "verdict": .string(checked.result.rawValue), "head": .string(checked.head.text),
            "since": .string(checked.base.text), "cnt": .integer(checked.commits),
            "files": .integer(checked.files), "agents": .integer(checked.assisted),
            "gate": .integer(checked.gateFiles), "approvals": .integer(checked.approvals),
            "codes": .array(checked.codes.map(JSONValue.string)),
        ]
        fields["by"] = checked.merger.map { .string(pseudonyms.pseudonym(of: $0).text) }
        var payloads: [(field: String, plaintext: [UInt8])] = [
            (field: "findings", plaintext: checked.payload)
        ]
        if let change = checked.change {
            let named = change.json { pseudonyms.pseudonym(of: $0).text }
            payloads.append((field: "change", plaintext: named.serialized()))
        }
        do throws(LedgerRefusal) {
            return try await gateway.ledger.append(
                gateway.records.record(
                    .mergeChecked, run: nil, fields: fields, sealing: payloads)
            ).leafHash
        } catch { throw .notRecorded(error.code) }
    }
}

/// The reason why a check cannot be answered or recorded.
package enum MergeCheckRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// The log is read for another check.
    case busy
    case notRead(String)
    /// The code of the log's refusal.
    case notRecorded(String)

    init(_ refusal: EvidenceRefusal) {
        switch refusal {
        case .busy, .tooMany: self = .busy
        case .noSuchRecord, .noSuchRun, .tooLarge, .unreadable, .notRecorded:
            self = .notRead("\(refusal)")
        }
    }

    package var description: String {
        switch self {
        case .busy: "the log is read for another check; try again"
        case .notRead(let reason): "the log cannot be read whole: \(reason)"
        case .notRecorded(let code): "the check cannot be recorded: \(code)"
        }
    }
}
