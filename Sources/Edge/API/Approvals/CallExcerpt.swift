import InterlockApprovals
import InterlockJSON

/// A call in one line of a list: the quantity and the target that its reviewer's template states, or its amounts in
/// their units; otherwise its first three arguments. Names and values are cut here.
struct CallExcerpt: Hashable, Sendable {
    struct Part: Hashable, Sendable {
        /// The argument's name, or nil for a text of the template.
        let name: String?
        let value: String
    }

    let parts: [Part]
    /// The number of arguments that are left out.
    let omitted: Int

    static let mostArguments = 3
    /// The length of a name or a value, in Unicode scalars.
    static let longest = 60

    /// - Parameter facts: the facts of a review, or an object with the amounts alone.
    init(arguments: JSONValue, facts: JSONValue) {
        func fact(_ name: String) -> [String] {
            facts[name]?.string.flatMap { $0.isEmpty ? nil : [$0] } ?? []
        }
        let quantity = fact("quantity")
        let amounts = ReviewFacts.amounts(in: facts).compactMap(\.shown)
        let stated = (quantity.isEmpty ? amounts : quantity) + fact("target")
        guard stated.isEmpty else {
            parts = stated.map { Part(name: nil, value: Self.cut($0)) }
            omitted = 0
            return
        }
        let members = arguments.object?.members ?? []
        parts = members.prefix(Self.mostArguments).map { argument in
            Part(name: Self.cut(argument.key), value: Self.cut(Self.text(argument.value)))
        }
        omitted = max(0, members.count - Self.mostArguments)
    }

    private static func text(_ value: JSONValue) -> String {
        value.string ?? String(decoding: value.serialized(), as: UTF8.self)
    }

    private static func cut(_ text: String) -> String {
        guard text.unicodeScalars.dropFirst(longest).first != nil else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.prefix(longest))) + "…"
    }
}
