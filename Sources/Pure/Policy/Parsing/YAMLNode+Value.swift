extension YAMLNode {
    /// Returns true if both have the same value: the same texts in the same styles, in the same order. Positions and
    /// indentation do not count.
    package func hasSameValue(as other: YAMLNode) -> Bool {
        switch (content, other.content) {
        case (.scalar(let one), .scalar(let two)):
            one.style == two.style && one.text.utf8.elementsEqual(two.text.utf8)
        case (.sequence(let one), .sequence(let two)):
            one.count == two.count && zip(one, two).allSatisfy { $0.hasSameValue(as: $1) }
        case (.mapping(let one), .mapping(let two)):
            one.count == two.count
                && zip(one, two).allSatisfy {
                    $0.key.utf8.elementsEqual($1.key.utf8) && $0.value.hasSameValue(as: $1.value)
                }
        default: false
        }
    }
}
