package import InterlockJSON

/// Arguments of a real call with one thing made wrong, so that whoever reads them can see it.
package struct ProbeDraft: Hashable, Sendable {
    package let arguments: JSONValue
    package let flaw: ProbeFlaw

    /// Values that are looked at, so that a call with very many takes no time.
    static let mostValues = 256

    /// Every way in which this call can be made wrong, in the order of its arguments; none where it has nothing
    /// but flags and numbers that could mean anything. Whether the policy and the tool would take such a call at
    /// all is for the caller to find out: what people would never be asked gives itself away.
    package static func all(of arguments: JSONValue) -> [ProbeDraft] {
        var drafts: [ProbeDraft] = []
        var left = mostValues
        collect(arguments, name: "", left: &left) { changed, flaw in
            drafts.append(ProbeDraft(arguments: changed, flaw: flaw))
        }
        return drafts
    }

    /// - Parameters:
    ///   - name: of the member that the value is of, or that its list is of.
    ///   - put: takes the whole with this value in its place.
    private static func collect(
        _ value: JSONValue, name: String, left: inout Int,
        _ put: (JSONValue, ProbeFlaw) -> Void
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

    /// Only where the name says that it is an amount: a hundred times a number of an order is just another one.
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
    /// For a sentence: its first 200 bytes.
    var short: String {
        utf8.count > 200 ? String(decoding: utf8.prefix(200), as: UTF8.self) + "..." : self
    }
}
