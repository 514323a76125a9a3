import InterlockJSON
import InterlockLedger
import InterlockModel
import Testing

@testable import InterlockStore

/// A row contains the values that a JSON parser finds in the record, whichever way it was read.
@Suite struct IndexColumnsTests {
    private static let odd = [
        "{}", "no record", "[1]",
        #"{"agent":"a\"b","call":"short","intent":"no base64","run":"","t":"x","ts":-5}"#,
        #"{"agent":"é","intent":"AAA=","rs":9223372036854775807,"subj":"AAAA====","t":"x"}"#,
        #"{"agent":1,"call":"zzzzzzzzzzzzzzzzzzzzzzzzzz","rs":false,"t":"x","ts":true}"#,
        #"{"rs":00012,"run":"0123456789abcdefghjkmnpqrs","t":"x","ts":1.5}"#,
        #"{"agent":"a","ofrun":"0123456789abcdefghjkmnpqrs","t":"alarm.raised"}"#,
        #"{"ofrun":"0123456789abcdefghjkmnpqrs","rs":3,"run":"short","t":"x"}"#,
        #"{"run":"0123456789ABCDEFGHJKMNPQRS","t":""}"#,
    ]

    /// The records of a log.
    private func written() async throws -> [String] {
        let test = try TestLog()
        try test.create()
        let log = try test.open()
        let intent = try await log.append(try Draft.intent(payload: 900))
        _ = try await log.append(try Draft.used(intent, 0))
        _ = try await log.append(try Draft.outcome(of: intent, payload: 90))
        _ = try await log.append(try Draft.denied(1))
        log.close()
        return try test.reader.tail(100).map { String(decoding: $0.leaf.bytes, as: UTF8.self) }
    }

    @Test func `a row is what a parser finds`() async throws {
        var columns = IndexColumns()
        var words: [String] = []
        for text in try await written() + Self.odd {
            let leaf = Leaf(stored: Array(text.utf8)[...], hashing: TestLog.hashing)
            try columns.take(LedgerEntry(index: 7, leaf: leaf)) { word in
                words.append(String(decoding: word, as: UTF8.self))
                return Int64(words.count - 1)
            }
            let limits = JSONLimits(depth: 16, bytes: 65_535)
            let record = (try? JSONValue(parsing: Array(text.utf8), limits: limits))?.object ?? [:]
            // Numbers in a spelling that JSON does not have are left to the reader of the record.
            if record.isEmpty, text.hasPrefix(#"{"rs"#) { continue }
            func word(_ name: String) -> Database.Value {
                record[name]?.string.map(Database.Value.text) ?? .null
            }
            func id(_ name: String) -> Database.Value {
                record[name]?.string.map { .blob(IndexRow.packed($0)) } ?? .null
            }
            func base64(_ name: String) -> Database.Value {
                record[name]?.string.map { .blob(IndexRow.unwrapped($0)) } ?? .null
            }
            let expected: [Database.Value] = [
                .integer(7), .blob(leaf.hash.bytes), .integer(record["ts"]?.integer ?? 0),
                .text(record["t"]?.string ?? ""), word("agent"),
                id(record["run"]?.string == nil ? "ofrun" : "run"),
                record["rs"]?.integer.map(Database.Value.integer) ?? .null, word("tool"),
                word("dec"), word("rule"), base64("subj"), id("call"), id("appr"),
                base64("intent"),
            ]
            let found = columns.columns.enumerated().map { place, column -> Database.Value in
                switch column {
                case .null: .null
                case .blob(let range): .blob(Array(columns.bytes[range]))
                case .integer(let number):
                    [3, 4, 7, 8, 9].contains(place) ? .text(words[Int(number)]) : .integer(number)
                }
            }
            #expect(found == expected, "\(text)")
        }
    }

    @Test func `a word has one number, however many there are`() throws {
        var numbers = WordNumbers()
        var made: [String] = []
        for round in 0..<3 {
            for word in 0..<1000 {
                let number = try numbers.number(of: Array("word-\(word)".utf8)[...]) { text, new in
                    made.append(text)
                    #expect(new == made.count && round == 0)
                }
                #expect(number == word + 1)
            }
        }
        #expect(made.count == 1000 && numbers.count == 1000)
    }
}
