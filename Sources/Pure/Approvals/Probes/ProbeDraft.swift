package import InterlockJSON

/// The arguments of a real call with one visible error introduced.
package struct ProbeDraft: Hashable, Sendable {
    package let arguments: JSONValue
    package let flaw: ProbeFlaw

    /// The limit of values that are examined, which bounds the time for a large call.
    static let mostValues = 256

    /// All drafts that can be made of this call, in the order of its arguments; empty if it has only flags and numbers
    /// without a recognisable meaning. The caller must check that the policy and the tool would accept such a call,
    /// because a request that could never reach people would reveal the probe.
    package static func all(of arguments: JSONValue) -> [ProbeDraft] {
        var drafts: [ProbeDraft] = []
        var left = mostValues
        collect(arguments, name: "", left: &left) { changed, flaw in
            drafts.append(ProbeDraft(arguments: changed, flaw: flaw))
        }
        return drafts
    }

    /// - Parameters:
    ///   - name: the name of the member that contains the value or its list.
    ///   - put: receives the whole with this value replaced.
    private static func collect(
        _ value: JSONValue, name: String, left: inout Int, _ put: (JSONValue, ProbeFlaw) -> Void
    ) {
        guard left > 0 else { return }
        left -= 1
        switch value {
        case .object(let object):
            for (key, member) in object.members {
                collect(member, name: key, left: &left) { changed, flaw in
                    var whole = object
                    whole[key] = changed
                    put(.object(whole), flaw)
                }
            }
        case .array(let items):
            for (place, item) in items.enumerated() {
                collect(item, name: name, left: &left) { changed, flaw in
                    var whole = items
                    whole[place] = changed
                    put(.array(whole), flaw)
                }
            }
        case .string(let text):
            for (changed, flaw) in ProbeText.all(of: text, named: name) {
                put(.string(changed), flaw)
            }
        case .integer(let number):
            if let (changed, flaw) = amount(number, named: name) { put(.integer(changed), flaw) }
        case .null, .bool, .number: break
        }
    }

    private static let amounts = [
        "amount", "cents", "price", "total", "sum", "value", "quantity", "count", "credit",
    ]

    /// Changes a number only if its name suggests an amount: an order number times a hundred is merely another order
    /// number.
    private static func amount(_ number: Int64, named name: String) -> (Int64, ProbeFlaw)? {
        guard number > 0, number <= JSONValue.largestInteger / 100,
            amounts.contains(where: name.lowercased().contains)
        else { return nil }
        return (
            number * 100,
            ProbeFlaw(
                .amount,
                "`\(name.short)` is \(number * 100), a hundred times the \(number) that was really asked for"
            )
        )
    }
}

extension String {
    /// The text, cut to its first 200 bytes, for use in a sentence.
    var short: String {
        utf8.count > 200 ? String(decoding: utf8.prefix(200), as: UTF8.self) + "..." : self
    }
}
