import InterlockApprovals
import InterlockJSON
import InterlockMarkup

/// The arguments of a call, those with a declared unit in it. Pages of requests, records and runs use this code, so
/// that an amount has the same text on each of them.
struct CallArguments {
    let arguments: JSONValue
    /// The arguments with a declared unit.
    let amounts: [ReviewedAmount]
    /// The names of the numbers without a declared unit.
    let undeclared: [String]

    /// - Parameter facts: the facts of a review, or an object with the amounts alone.
    init(_ arguments: JSONValue, facts: JSONValue) {
        self.arguments = arguments
        amounts = ReviewFacts.amounts(in: facts)
        undeclared = ReviewFacts.undeclared(in: arguments, facts)
    }

    /// Adds all arguments as they are sent, then their amounts: nothing is folded where a person signs.
    func add(to facts: inout Facts) {
        facts.add("Arguments") { SafeText.value(arguments) }
        for amount in amounts {
            facts.add("Amount") { Self.html(of: amount) }
        }
        if !undeclared.isEmpty {
            facts.add("Unit not declared") { names }
        }
    }

    /// The amounts, then the other arguments, and folded all of them as they were sent. Without an amount, the
    /// arguments as they were sent alone.
    @HTMLBuilder var content: [HTML] {
        if amounts.isEmpty {
            SafeText.value(arguments)
        } else {
            element(.ul, .style(.tree)) {
                for amount in amounts { element(.li) { Self.html(of: amount) } }
                for (name, value) in others {
                    element(.li) {
                        element(.strong, .style(.key)) { SafeText.text(name) }
                        ": "
                        SafeText.value(value)
                    }
                }
            }
        }
        if !undeclared.isEmpty {
            element(.p, .style(.muted)) {
                "Unit not declared: "
                names
            }
        }
        if !amounts.isEmpty {
            element(.details) {
                element(.summary) { "Raw arguments" }
                SafeText.value(arguments)
            }
        }
    }

    /// The arguments that no amount shows. An amount that is no number is shown without its raw value, so its argument
    /// remains; so does one whose name has a dot, because amounts have paths.
    private var others: [(key: String, value: JSONValue)] {
        let shown = Set(amounts.filter { $0.raw != nil }.map { ExactText($0.argument) })
        return (arguments.object?.members ?? []).filter { name, _ in
            name.utf8.contains(UInt8(ascii: ".")) || !shown.contains(ExactText(name))
        }
    }

    @HTMLBuilder private var names: [HTML] {
        for (place, name) in undeclared.enumerated() {
            if place > 0 { ", " }
            SafeText.text(name)
        }
    }

    /// The amount in its unit with the raw value, or the raw value with the reason.
    @HTMLBuilder private static func html(of amount: ReviewedAmount) -> [HTML] {
        if let shown = amount.shown {
            element(.strong) { SafeText.own(shown) }
            ", "
        }
        element(.code) {
            SafeText.text(amount.argument)
            if let raw = amount.raw {
                ": "
                SafeText.value(raw)
            }
        }
        if let reason = amount.reason {
            " not shown in its unit: "
            SafeText.text(reason)
        }
    }
}
