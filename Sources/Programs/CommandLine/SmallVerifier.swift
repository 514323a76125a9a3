import Glibc

/// The program `interlock-verify`, in the folder of this one, with which it shares no code.
package enum SmallVerifier {
    package static let path: String = {
        let own = File.realPath("/proc/self/exe") ?? "/interlock"
        return own.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" }
            + "/interlock-verify"
    }()

    /// Replaces this process by the verifier with these arguments; returns only if it cannot be run.
    package static func replaceProcess(_ arguments: [String]) -> Failure {
        let words = [path] + arguments
        var pointers = unsafe words.map { unsafe strdup($0) } + [nil]
        _ = unsafe execv(path, &pointers)
        return Failure(.notFound, "`\(path)` cannot be run: it belongs beside this program")
    }
}
