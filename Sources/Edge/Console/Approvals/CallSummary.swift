import InterlockApprovals
import InterlockJSON

/// A call in one line of a list: the quantity and the target that its reviewer's template states, or its amounts in their
/// units; otherwise its first three arguments. Names and values are cut here; the review shows them whole.
struct CallSummary {
    struct Part: Equatable {
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

    init(_ review: ReviewDocument) {
        func fact(_ name: String) -> [String] {
            review.facts[name]?.string.flatMap { $0.isEmpty ? nil : [$0] } ?? []
        }
        let quantity = fact("quantity")
        let amounts = ReviewFacts.amounts(in: review.facts).compactMap(\.shown)
        let stated = (quantity.isEmpty ? amounts : quantity) + fact("target")
        guard stated.isEmpty else {
            parts = stated.map { Part(name: nil, value: Self.cut($0)) }
            omitted = 0
            return
        }
        let arguments = review.call.arguments.object?.members ?? []
        parts = arguments.prefix(Self.mostArguments).map { argument in
            Part(name: Self.cut(argument.key), value: Self.cut(Self.text(argument.value)))
        }
        omitted = max(0, arguments.count - Self.mostArguments)
    }

    /// One line of plain text, in which invisible characters are visible.
    var text: String {
        let written = parts.map { part in
            [part.name, part.value].compactMap { $0 }.map(SafeLine.text).joined(separator: ": ")
        }
        return (written + (omitted > 0 ? ["and \(omitted) more"] : [])).joined(separator: ", ")
    }

    @HTMLBuilder var html: [HTML] {
        if parts.isEmpty { "No arguments" }
        for (place, part) in parts.enumerated() {
            if place > 0 { ", " }
            if let name = part.name {
                SafeText.text(name)
                ": "
                SafeText.text(part.value)
            } else {
                SafeText.own(part.value)
            }
        }
        if omitted > 0 { ", and \(omitted) more" }
    }

    private static func text(_ value: JSONValue) -> String {
        value.string ?? String(decoding: value.serialized(), as: UTF8.self)
    }

    private static func cut(_ text: String) -> String {
        guard text.unicodeScalars.dropFirst(longest).first != nil else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.prefix(longest))) + "…"
    }
}
