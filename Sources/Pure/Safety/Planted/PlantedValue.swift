package import InterlockJSON

/// The name of a canary: 1 to 64 of `a-z`, `0-9` and `-`. People choose it, and agents never get it.
package struct PlantedValueName: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let text: ExactText

    package init?(_ text: String) {
        guard let rule = RuleID(text) else { return nil }
        self.text = rule.text
    }

    package var description: String { text.text }
    package static func < (a: Self, b: Self) -> Bool { a.text < b.text }
}

/// A canary: a value that has no legitimate use and that people plant where only an intruder finds it
/// (docs/specs/output-safety.md, section 4).
package struct PlantedValue: Hashable, Sendable {
    package let name: PlantedValueName
    package let bytes: [UInt8]

    package init(name: PlantedValueName, bytes: [UInt8]) {
        (self.name, self.bytes) = (name, bytes)
    }
}

/// The canaries of a deployment at one time.
package struct PlantedValues: Sendable {
    package let values: [PlantedValue]
    /// Bytes that change if the values do; empty if there never were any.
    package let revision: [UInt8]

    package static let none = PlantedValues([], revision: [])

    package init(_ values: [PlantedValue], revision: [UInt8]) {
        (self.values, self.revision) = (values, revision)
    }
}
