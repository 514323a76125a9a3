import Glibc
import InterlockWorkspace

/// The reason why an operation on the trees of a workspace did not succeed.
package struct WorkspaceFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// The project is not as it was at the start of the run; exit 72.
        case changed
        /// A component of a path of the project became a symbolic link; exit 73.
        case link
        /// There is no such run, or it has no workspace; exit 66.
        case notFound = "not_found"
        /// The run is not over, or another command works on it; exit 75.
        case busy
        /// More entries or bytes than are read; exit 65.
        case tooLarge = "too_large"
        /// A file of the run's folder is not as it was written, or a configuration cannot be read; exit 65.
        case invalid
        /// A system call failed; exit 74.
        case system
    }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// - Parameter number: the errno.
    static func system(_ call: String, _ path: WorkspacePath, _ number: Int32) -> WorkspaceFailure {
        let place = path.isRoot ? "." : path.escaped
        return WorkspaceFailure(.system, "\(call) of `\(place)` failed: \(describe(number))")
    }

    package static func == (a: WorkspaceFailure, b: WorkspaceFailure) -> Bool { a.code == b.code }
    package func hash(into hasher: inout Hasher) { hasher.combine(code) }
    package var description: String { message }
}

/// Returns the description of an errno in lower case, for messages.
func describe(_ number: Int32) -> String { unsafe String(cString: strerror(number)).lowercased() }
