package import InterlockJSON

/// One edition of a framework: which controls speak to which of its items, by ids and in Interlock's own reading.
///
/// A mapping is an aid for finding, not an opinion on law. A new edition is a new value; packs keep theirs.
package struct FrameworkMap: Sendable, Hashable {
    package enum Status: String, Sendable, Hashable {
        /// The ids are as in the publisher's own repository.
        case checked
        case notVerified = "not verified"
    }

    package enum Coverage: String, Sendable, Hashable {
        case strong, partial
        case uncovered = "none"
        case outOfScope = "out of scope"
    }

    package struct Item: Sendable, Hashable {
        package let id: String
        /// A few words of our own.
        package let subject: String
        package let coverage: Coverage
        package let controls: [ControlID]
    }

    package let id: String
    package let title: String
    package let edition: String
    /// The day, month or year of publication as far as it is known.
    package let published: String
    package let status: Status
    /// Further facts about the edition for readers.
    package let note: String
    package let items: [Item]

    package func items(of control: ControlID) -> [String] {
        items.filter { $0.controls.contains(control) }.map(\.id)
    }

    package var json: JSONValue {
        [
            "edition": .string(edition), "id": .string(id), "items": .array(items.map(\.json)),
            "note": .string(note), "published": .string(published),
            "status": .string(status.rawValue), "title": .string(title),
        ]
    }

    /// All maps of this version, by id.
    package static let all: [FrameworkMap] = [
        atlas, aicm, aiACT, iso42001, aiRMF, cosais, owaspAgentic, owaspLLM, owaspMCP, soc2,
    ]
}

extension FrameworkMap.Item {
    init(
        _ id: String, _ subject: String, _ controls: ControlID...,
        coverage: FrameworkMap.Coverage = .strong
    ) {
        self.init(id: id, subject: subject, coverage: coverage, controls: controls)
    }

    fileprivate var json: JSONValue {
        [
            "controls": .array(controls.map { .string($0.rawValue) }),
            "coverage": .string(coverage.rawValue), "id": .string(id),
            "subject": .string(subject),
        ]
    }
}
