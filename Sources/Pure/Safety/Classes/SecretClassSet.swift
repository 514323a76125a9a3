/// A set of classes of values, for decisions and policies that are about classes alone.
package struct SecretClassSet: OptionSet, Sendable, Hashable {
    /// A bit for each class, in the order of `SecretClass.allCases`.
    package let rawValue: UInt16

    package init(rawValue: UInt16) { self.rawValue = rawValue }

    package init(_ secretClass: SecretClass) {
        self.init(rawValue: 1 << UInt16(secretClass.rank))
    }

    package init(of classes: [SecretClass]) {
        var bits: UInt16 = 0
        for secretClass in classes { bits |= SecretClassSet(secretClass).rawValue }
        self.init(rawValue: bits)
    }

    package func contains(_ secretClass: SecretClass) -> Bool {
        contains(SecretClassSet(secretClass))
    }

    /// The classes in their order.
    package var classes: [SecretClass] { SecretClass.allCases.filter { contains($0) } }

    /// The names of the classes, in their order.
    package var names: [String] { classes.map(\.rawValue) }

    /// Parses names as `names` has them: at least one, each once, in the order of the classes.
    package init?(names: [String]) {
        let classes = names.compactMap { SecretClass(rawValue: $0) }
        guard !names.isEmpty, classes.count == names.count else { return nil }
        self.init(of: classes)
        guard self.classes == classes else { return nil }
    }
}

/// The consequences of the classes that no policy changes (docs/specs/output-safety.md, section 4).
extension SecretClassSet {
    /// The numbers that are denied in arguments unless a tool accepts them, and replaced in results unless they are kept.
    package static let numbers = SecretClassSet(of: [.card, .iban, .nationalID])
    /// The classes that are recorded alone unless a policy raises them.
    package static let marked = SecretClassSet(of: [.generic, .personal])
    /// The classes about which a decision takes facts of its own; others deny in any case.
    package static let decided = numbers.union(marked)
    /// The classes that a waiver of the policy may name. Nothing lowers canaries and values of the broker.
    package static let waivable = decided.union(SecretClassSet(of: [.privateKey, .token]))
}
