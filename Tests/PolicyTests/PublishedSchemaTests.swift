import InterlockJSON
import Testing

@testable import InterlockPolicy

@Suite struct PublishedSchemaTests {
    /// Definitions are found by name, so if two share one, the first would silently replace the second.
    @Test func `No two parts of the format share the name of a definition`() {
        var keys: [String: [String]] = [:]
        for record in Everything.found.records {
            let own = record.fields.map(\.key)
            #expect(keys[record.definitionName, default: own] == own, "\(record.name)")
            keys[record.definitionName] = own
        }
        var schemas: [String: JSONValue] = [:]
        for scalar in Everything.found.scalars {
            guard let name = scalar.definitionName else { continue }
            #expect(keys[name] == nil, "\(name)")
            #expect(schemas[name, default: scalar.jsonSchema] == scalar.jsonSchema, "\(name)")
            schemas[name] = scalar.jsonSchema
        }
        #expect(keys.count > 30 && schemas.count > 15)
    }

    @Test func `The reference has a row for every key and a section for every mapping`() {
        for record in Everything.found.records {
            for field in record.fields {
                #expect(PolicyReference.text.contains("\n| `\(field.key)` | "), "\(field.key)")
            }
        }
        let sections = PolicyReference.text.split(separator: "\n").filter { $0.hasPrefix("## ") }
        #expect(Set(sections).count == sections.count)
        #expect(sections.count == Set(Everything.found.records.map(\.name)).count)
    }

    @Test func `Every sentence of the reference is one sentence`() {
        for record in Everything.found.records {
            for field in record.fields {
                let about = field.about
                #expect(about.hasSuffix("."), "\(field.key)")
                #expect(!about.contains("|") && !about.contains("\n"), "\(field.key)")
            }
        }
    }

    @Test func `Every code says what it means and what mends it, on one line`() {
        for code in FindingCode.allCases {
            let (says, remedy) = code.meaning
            for text in [says, remedy] {
                #expect(!text.isEmpty && text.last != "." && !text.contains("\n"), "\(code)")
            }
            #expect(FindingReference.text.contains("| \(code.rawValue) | \(says) |"), "\(code)")
        }
    }
}

/// All records and scalars of the format.
private struct Everything {
    var records: [Record] = []
    var scalars: [ScalarType] = []

    static let found: Everything = {
        var all = Everything()
        all.add(.record(PolicySchema.policy))
        return all
    }()

    private mutating func add(_ shape: Shape) {
        switch shape {
        case .json: break
        case .scalar(let type): scalars.append(type)
        case .list(let element, _, _): add(element)
        case .map(let keys, let value):
            scalars.append(.name(keys))
            add(value)
        case .shorthand(let kind, let inner):
            if case .egress = kind { add(.record(PolicySchema.egressRule)) }
            add(inner)
        case .record(let record): add(record)
        }
    }

    private mutating func add(_ record: Record) {
        if records.contains(where: { $0.name == record.name && $0.sameKeys(as: record) }) { return }
        records.append(record)
        for field in record.fields { add(field.shape) }
        if let others = record.others { add(others.shape) }
    }
}

extension Record {
    fileprivate func sameKeys(as other: Record) -> Bool {
        fields.map(\.key) == other.fields.map(\.key)
    }
}
