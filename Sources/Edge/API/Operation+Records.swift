import InterlockAdministration
import InterlockEvidence
import InterlockJSON
import InterlockModel
import InterlockSchemas

extension Operation {
    /// Operations on the records of the log. Access is recorded before a response is sent.
    static let records: [Operation] = [
        Operation(
            name: "searchRecords", method: .get, path: "/records",
            summary: "Finds records, the newest first, each read from the log and proved.",
            query: QueryForm.members + [QueryForm.beforeMember, limit],
            answer: RecordFinding.form.shape, problems: fromLog,
            handler: .reading { api, call throws(Problem) in
                let form = try QueryForm(asked: call)
                let most = Int(call.query["limit"]?.integer ?? Int64(LogPage.size))
                return try await api.read(\.records, call) { log, reader throws(EvidenceRefusal) in
                    try await log.search(form.query, before: form.before, limit: most, for: reader)
                }.inResponse
            }),
        Operation(
            name: "followRecords", method: .get, path: "/records/tail",
            summary:
                "As a search for the newest records, and opens a tail of it, which is recorded.",
            query: QueryForm.members + [limit], answer: RecordFinding.form.shape,
            problems: fromLog,
            handler: .reading { api, call throws(Problem) in
                let form = try QueryForm(asked: call)
                let most = Int(call.query["limit"]?.integer ?? Int64(LogPage.size))
                return try await api.read(\.records, call) { log, reader throws(EvidenceRefusal) in
                    try await log.follow(form.query, limit: most, for: reader)
                }.inResponse
            }),
        Operation(
            name: "countNewRecords", method: .get, path: "/records/newer",
            summary: "How many records a tail of the same search has since a record; without a "
                + "record of its own, for an hour after the tail was opened.",
            query: [.maybe("after", .count, "The newest record that is known.")]
                + QueryForm.members,
            answer: newRecords.shape, problems: fromLog + [.noSuchRecord],
            handler: .reading { api, call throws(Problem) in
                let form = try QueryForm(asked: call)
                let known = call.query["after"]?.integer.flatMap { UInt64(exactly: $0) }
                return newRecords.json(
                    try await api.read(\.records, call) { log, reader throws(EvidenceRefusal) in
                        try await log.newer(than: known, form.query, for: reader)
                    })
            }),
        Operation(
            name: "getRecordProofs", method: .get, path: "/records.tar",
            summary:
                "All that a search finds, each with its proof, as a tar for `interlock-verify`.",
            query: QueryForm.members, problems: fromLog + [.noSuchRecord, .tooLarge],
            handler: .file { api, call throws(Problem) in
                let form = try QueryForm(asked: call)
                return try await api.read(\.records, call) { log, reader throws(EvidenceRefusal) in
                    try await log.proofs(of: form.query, for: reader)
                }
            }),
        Operation(
            name: "getRecord", method: .get, path: "/records/{index}",
            summary: "One record with its proof, its payloads and the rest of its call.",
            answer: RecordEvidence.form.shape, problems: fromLog + [.noSuchRecord],
            handler: .reading { api, call throws(Problem) in
                let index = try call.index()
                return try await api.read(\.records, call) { log, reader throws(EvidenceRefusal) in
                    try await log.record(at: index, for: reader)
                }.inResponse
            }),
        part(
            "getRecordLeaf", "/records/{index}/leaf", .leaf,
            "The bytes of a record as they are stored and hashed."),
        part(
            "getRecordProof", "/records/{index}/proof", .proof,
            "The proof of a record: a C2SP tlog-proof."),
    ]

    private static let newRecords = ResponseSchema<Int>(
        "NewRecords",
        .init(
            "count", .whole(0...Int64(RecordFinding.mostNewer)), "Of new records, at most 51."
        ) { $0 })

    static let limit = JSONSchemaType.Member(
        "limit", .whole(1...Int64(RecordFinding.mostRows)), "Rows of a page; else 50.",
        isOptional: true)

    /// The problems that every operation on the log can return.
    static let fromLog: [ProblemKind] = [.notRead, .notRecorded, .tooMany]

    private static func part(
        _ name: String, _ path: PathPattern, _ part: ProofPart, _ summary: String
    ) -> Operation {
        Operation(
            name: name, method: .get, path: path,
            summary: summary, problems: fromLog + [.noSuchRecord],
            handler: .file { api, call throws(Problem) in
                let index = try call.index()
                return try await api.read(\.records, call) { log, reader throws(EvidenceRefusal) in
                    try await log.proof(of: index, part, for: reader)
                }
            })
    }
}

extension APIRequestContext {
    func index() throws(Problem) -> UInt64 {
        guard let text = places["index"], let index = UInt64(text), String(index) == text else {
            throw Problem(.noSuchRecord, "\(EvidenceRefusal.noSuchRecord)")
        }
        return index
    }

    /// The text members of the query.
    var texts: [ExactText: String] { query.compactMapValues(\.string) }
}

extension QueryForm {
    fileprivate init(asked call: APIQuery) throws(Problem) {
        do throws(QueryFault) { try self.init(call.texts) } catch { throw Problem(error) }
    }
}
