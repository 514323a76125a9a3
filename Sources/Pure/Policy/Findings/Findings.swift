package import InterlockModel

/// Collects findings; reading never stops at the first one.
package struct Findings: Sendable {
    /// More than this many are not reported: the reader mends the first ones first.
    package static let most = 200
    private var list: [Finding] = []
    package private(set) var hasErrors = false

    package init() {}

    package mutating func add(_ finding: Finding) {
        if finding.code.grade == .error { hasErrors = true }
        // Never cut short: a lint that is left out here would not hold its agent. The limits of
        // files and nodes bound the list.
        list.append(finding)
    }

    package mutating func add(
        _ code: FindingCode, at place: SourcePlace, path: String = "", subject: AgentName? = nil,
        _ message: String, help: String? = nil
    ) {
        add(Finding(code, at: place, path: path, subject: subject, message, help: help))
    }

    package mutating func add(contentsOf findings: some Sequence<Finding>) {
        for finding in findings { add(finding) }
    }

    /// Every finding, by file and position; at one position by code.
    package var all: [Finding] {
        // Places in the list are sorted, because moving a finding is not cheap.
        let order = list.indices.sorted { precedes(list[$0], list[$1]) }
        return order.map { list[$0] }
    }

    /// In the order in which they were found.
    var unsorted: [Finding] { list }

    /// What is printed: the first `most` of `all`.
    package var reported: [Finding] { Array(all.prefix(Findings.most)) }
}

private func precedes(_ a: Finding, _ b: Finding) -> Bool {
    if a.place.file != b.place.file { return a.place.file < b.place.file }
    if a.place.line != b.place.line { return a.place.line < b.place.line }
    if a.place.column != b.place.column { return a.place.column < b.place.column }
    if a.code != b.code { return a.code.rawValue < b.code.rawValue }
    if a.path != b.path { return a.path < b.path }
    return a.message < b.message
}
