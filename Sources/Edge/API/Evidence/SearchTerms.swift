import InterlockAdministration
import InterlockEvidence
package import InterlockJSON
package import InterlockSchemas

/// The terms of the search field: `key:value` with the keys of `QueryForm`, and words that a record must have.
package struct SearchTerms {
    /// The values by key.
    let fields: [ExactText: String]
    let words: [String]

    package static let mostBytes = 1024
    static let mostWords = 8

    /// The keys, with what each finds.
    package static let keys = QueryForm.criteria

    /// The words of people for the decisions of records.
    private static let decisions = ["allowed": "allow", "approved": "approve", "denied": "deny"]

    /// - Throws: a sentence for the author.
    init(_ text: String) throws(QueryFault) {
        guard text.utf8.count <= Self.mostBytes else {
            throw QueryFault("the search has more than \(Self.mostBytes) bytes")
        }
        var fields: [ExactText: String] = [:]
        var words: [String] = []
        for term in text.split(whereSeparator: \.isWhitespace) {
            guard let colon = term.firstIndex(of: ":") else {
                words.append(String(term))
                continue
            }
            let key = ExactText(String(term[..<colon]))
            let value = String(term[term.index(after: colon)...])
            guard Self.keys.contains(where: { sameBytes($0.name, key.text) }) else {
                throw QueryFault(
                    "there is no key `\(key.text)`; the keys are "
                        + Self.keys.map(\.name).joined(separator: ", "))
            }
            guard !value.isEmpty else { throw QueryFault("`\(key.text):` has no value") }
            guard fields[key] == nil else { throw QueryFault("`\(key.text)` is there twice") }
            fields[key] = key == "decision" ? Self.decisions[value] ?? value : value
        }
        guard words.count <= Self.mostWords else {
            throw QueryFault("a search has at most \(Self.mostWords) words without a key")
        }
        self.fields = fields
        self.words = words
    }

    /// The text of the field after a fault: what was typed, and the other fields of the address.
    package static func typed(_ given: [ExactText: String]) -> String {
        let others = given.filter { $0.key != "q" && !$0.value.isEmpty }
            .sorted { $0.key < $1.key }.map { "\($0.key.text):\($0.value)" }
        return ((given["q"].map { [$0] } ?? []) + others).joined(separator: " ")
    }

    /// The text of the field for a query, in the order of the keys.
    package static func text(_ form: QueryForm) -> String {
        let terms = keys.compactMap { key in
            form.fields[key.name].map { value in
                let shown = decisions.first { key.name == "decision" && $0.value == value }?.key
                return "\(key.name):\(shown ?? value)"
            }
        }
        return (terms + form.query.words).joined(separator: " ")
    }
}
