/// Names and values in lists of at most eight (docs/specs/console.md, section 3), in the order in which they are added.
package struct Facts {
    /// The most facts of one list.
    package static let mostInList = 8

    private struct Group {
        let name: String?
        var facts: [[HTML]] = []
    }

    /// INVARIANT: is never empty.
    private var groups = [Group(name: nil)]

    package init() {}

    /// Begins a group. Its name is displayed only if there are more facts than one list has; a group without facts is
    /// left out.
    ///
    /// - Parameter name: a literal of this program.
    package mutating func group(_ name: String) { groups.append(Group(name: name)) }

    /// - Parameter name: a literal of this program.
    package mutating func add(_ name: String, @HTMLBuilder _ content: () -> [HTML]) {
        groups[groups.count - 1].facts.append([
            element(.dt) { name }, element(.dd) { content() },
        ])
    }

    /// Adds a text of any origin; omitted if it is nil or empty.
    package mutating func add(_ name: String, text: String?) {
        guard let text, !text.isEmpty else { return }
        add(name) { SafeText.text(text) }
    }

    /// Adds a text of the gateway with amounts; omitted if it is nil or empty.
    package mutating func add(_ name: String, own text: String?) {
        guard let text, !text.isEmpty else { return }
        add(name) { SafeText.own(text) }
    }

    /// One list, or one of each group if there are more than eight facts. A group of more has several lists.
    package var html: HTML {
        let all = groups.flatMap(\.facts)
        guard all.count > Self.mostInList else { return Self.list(all) }
        return .group(
            groups.filter { !$0.facts.isEmpty }.flatMap { group in
                Self.heading(group.name) + Self.lists(group.facts)
            })
    }

    private static func heading(_ name: String?) -> [HTML] {
        name.map { name in [element(.h3) { name }] } ?? []
    }

    private static func lists(_ facts: [[HTML]]) -> [HTML] {
        stride(from: 0, to: facts.count, by: mostInList).map { start in
            list(Array(facts[start..<min(start + mostInList, facts.count)]))
        }
    }

    private static func list(_ facts: [[HTML]]) -> HTML {
        element(.dl, .style(.facts)) { facts.flatMap { $0 } }
    }
}
