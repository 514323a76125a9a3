import Glibc

/// The program `interlock-verify`, in the folder of this one, with which it shares no code.
package enum SmallVerifier {
    package static let path: String = {
        let own = File.realPath("/proc/self/exe") ?? "/interlock"
        return own.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" }
            + "/interlock-verify"
    }()

    /// - Throws: exit 66 if there is no such program.
    package static func requirePresence() throws(Failure) {
        guard Child.isProgram(path) else {
            throw Failure(.notFound, "`\(path)` cannot be run: it belongs beside this program")
        }
    }

    /// Runs the verifier with these arguments, and waits for it.
    ///
    /// - Parameter errors: the stream of what it says of a fault and of what it left unverified; all else is not shown.
    /// - Returns: its exit code, or nil if it cannot be run.
    package static func run(_ arguments: [String], errors: Int32?) -> Int32? {
        let none = unsafe open("/dev/null", O_RDWR | O_CLOEXEC)
        guard none >= 0 else { return nil }
        defer { close(none) }
        do throws(SpawnFailure) {
            let process = try Child.spawn(
                path, [path] + arguments, environment: nil, input: none, output: none,
                errors: errors ?? none)
            return Child.wait(for: process)
        } catch { return nil }
    }

    /// Replaces this process by the verifier with these arguments; returns only if it cannot be run.
    package static func replaceProcess(_ arguments: [String]) -> Failure {
        let words = [path] + arguments
        var pointers = unsafe words.map { unsafe strdup($0) } + [nil]
        _ = unsafe execv(path, &pointers)
        return Failure(.notFound, "`\(path)` cannot be run: it belongs beside this program")
    }
}
