import InterlockJSON

/// The meaning, durability and fields of a record type. The schemas are the single source from which the ledger checks
/// drafts and from which `docs/records.md` is generated (docs/specs/ledger.md, section 5). Schemas and their fields are
/// classes because the call path passes them on.
///
/// INVARIANT: a record has the fields of its type and no others; no leaf has an address, a token, an argument. Kept
/// by `RecordSchemaTests`, `test_records.py`.
package final class RecordSchema: Sendable {
    /// The required durability. `W`: durable before what the record describes takes effect. `A`: may be written right
    /// after.
    package enum Timing: String, Sendable {
        case before = "W"
        case after = "A"
    }

    package enum Chain: Sendable {
        case inRun
        case outside
        /// The record is in the run's chain if it concerns one run, otherwise outside.
        case either
    }

    package let moment: Timing
    package let chain: Chain
    package let about: String
    package let fields: [RecordField]
    /// The name head of each field, in order: a record has few fields, so comparing numbers is faster than hashing
    /// strings.
    private let heads: [NameHead]
    private let requiredCount: Int

    init(_ moment: Timing, _ chain: Chain, _ about: String, _ fields: [RecordField]) {
        self.moment = moment
        self.chain = chain
        self.about = about
        precondition(
            fields.allSatisfy { !Self.chained.contains($0.name) }, "a field of the ledger's own")
        var fields = fields
        if fields.contains(where: \.isPayload) { fields.append(Self.seal) }
        self.fields = fields.sorted { $0.name < $1.name }
        heads = self.fields.map { NameHead($0.name) }
        precondition(Set(fields.map(\.name)).count == fields.count, "a field is listed once")
        requiredCount = fields.count(where: \.isRequired)
    }

    package static func of(_ type: RecordType) -> RecordSchema { all[type] ?? described(type) }

    private static let all = Dictionary(
        uniqueKeysWithValues: RecordType.allCases.map { ($0, described($0)) })

    private static let seal = RecordField.optional(
        PayloadName.sealField, .id,
        "names the keys of its payloads where the call does not; its time is their day")

    /// The fields with which a record joins a run's chain. A type may declare other fields of `placed`, for instance
    /// the agent that a record outside a run concerns, but none of these.
    private static let chained: Set<String> = ["prev", "rs", "subj"]

    /// The fields that the ledger adds to every record or to those of a run; a draft must not set them.
    package static let placed: Set<String> = [
        "v", "t", "ts", "mono", "boot", "node", "run", "rs", "prev", "agent", "subj",
    ]
}

extension RecordSchema {
    /// Rejects a draft that has an undeclared field or a field of another kind, or lacks a required field.
    package func check(_ draft: RecordDraft) throws(LeafError) {
        guard draft.run == nil ? chain != .inRun : chain != .outside else { throw .wrongChain }
        var missing = requiredCount
        let members = draft.fields.members.span
        for place in members.indices {
            let field = try field(members[place].key)
            guard field.kind.holds(members[place].value) else { throw .badValue(field.name) }
            if field.isRequired { missing -= 1 }
        }
        for payload in draft.payloads {
            let field = try field(payload.field)
            guard case .payload = field.kind else { throw .badValue(payload.field) }
            if field.isRequired { missing -= 1 }
        }
        // A repeated field is rejected when the leaf is written.
        guard missing == 0 else { throw .missingField(firstMissing(draft)) }
    }

    private func field(_ name: String) throws(LeafError) -> RecordField {
        if let field = declared(name) { return field }
        throw Self.placed.contains(name) ? .ledgersField(name) : .undeclaredField(name)
    }

    private func declared(_ name: String) -> RecordField? {
        let head = NameHead(name)
        for place in heads.indices where heads[place] == head && fields[place].name == name {
            return fields[place]
        }
        return nil
    }

    private func firstMissing(_ draft: RecordDraft) -> String {
        let present = Set(draft.fields.members.map(\.key) + draft.payloads.map(\.field))
        return fields.first { $0.isRequired && !present.contains($0.name) }?.name ?? ""
    }

    /// Returns the differences between a stored record and its schema, sorted; readers keep the record nevertheless. A
    /// payload that could not be stored counts as present.
    package func deviations(of record: StoredRecord) -> [String] {
        var found: [String] = []
        for (name, value) in record.object.members {
            if let field = declared(name) {
                if !field.kind.holds(value) { found.append("`\(name)` is no \(field.kind.text)") }
            } else if !Self.placed.contains(name) {
                found.append("`\(name)` is not declared")
            }
        }
        for field in fields where field.isRequired && record[field.name] == nil {
            found.append("`\(field.name)` is missing")
        }
        return found.sorted()
    }
}
