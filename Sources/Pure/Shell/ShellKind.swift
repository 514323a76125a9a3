/// The kind of a command text, from the least to the most severe. A text has the kind of its worst part.
///
/// Kinds are no boundary: a program can do more than its name says. They decide how often people are asked
/// (docs/specs/coding-agents.md, section 3).
package enum ShellKind: String, Sendable, Hashable, CaseIterable, Comparable {
    /// Reads files or the state of the machine.
    case read
    /// Builds or tests the workspace, whose code it thereby runs.
    case test
    /// Changes files of the workspace.
    case write
    /// May be anything: the text or the program is not fully understood.
    case arbitrary
    /// Removes files or history, or discards changes.
    case delete
    /// Sends something away that cannot be called back.
    case push
    /// Puts something into operation.
    case deploy
    /// Changes running services or their data.
    case production

    package static func < (a: ShellKind, b: ShellKind) -> Bool { a.severity < b.severity }

    private var severity: Int {
        switch self {
        case .read: 0
        case .test: 1
        case .write: 2
        case .arbitrary: 3
        case .delete: 4
        case .push: 5
        case .deploy: 6
        case .production: 7
        }
    }

    /// Returns true if no allow list can hold a command of this kind: people always decide.
    package var isAlwaysDecided: Bool { self >= .deploy }
}
